package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

type collectionRow struct {
	bun.BaseModel `bun:"table:collections,alias:c"`
	ID            string  `bun:"id,pk"`
	Name          string  `bun:"name"`
	Kind          string  `bun:"kind"`
	OwnerID       string  `bun:"owner_id"`
	MadeForLink   bool    `bun:"made_for_link"`
	CreatedAt     instant `bun:"created_at"`
}

func (r collectionRow) collection() dam.Collection {
	return dam.Collection{
		ID: r.ID, Name: r.Name, Kind: dam.CollectionKind(r.Kind), OwnerID: r.OwnerID,
		MadeForLink: r.MadeForLink, CreatedAt: r.CreatedAt.Time,
	}
}

func rowOfCollection(c dam.Collection) *collectionRow {
	return &collectionRow{
		ID: c.ID, Name: c.Name, Kind: string(c.Kind), OwnerID: c.OwnerID,
		MadeForLink: c.MadeForLink, CreatedAt: instant{c.CreatedAt},
	}
}

// CollectionQuery asks for a list of collections, the newest first.
type CollectionQuery struct {
	Words string
	Page
}

// Collections lists the collections a viewer sees, with counts and covers of what that viewer sees.
// Errors: Invalid with field cursor.
func (r Reader) Collections(ctx context.Context, v dam.Viewer, q CollectionQuery) ([]dam.Collection, string, int, error) {
	matching := func(sel *bun.SelectQuery) *bun.SelectQuery {
		if !v.Has(dam.Admin) {
			sel = sel.Where("(c.kind = ? OR c.owner_id = ?)", string(dam.CollectionShared), v.ID)
		}
		if q.Words != "" {
			sel = sel.Where("lower(c.name) LIKE ? ESCAPE '!'", likeWords(q.Words))
		}
		return sel
	}
	list, next, total, err := listPage(ctx, r.db, q.Page, newestCollections, matching, collectionRow.collection)
	if err != nil {
		return nil, "", 0, fmt.Errorf("list collections: %w", err)
	}
	for i := range list {
		if err := r.fillCollection(ctx, v, &list[i]); err != nil {
			return nil, "", 0, err
		}
	}
	return list, next, total, nil
}

var newestCollections = order[dam.Collection]{
	name: "newest collections", column: "c.created_at", id: "c.id", down: true,
	place: func(c dam.Collection) (any, string) { return c.CreatedAt.UnixMicro(), c.ID },
}

// Collection reads one collection as a viewer sees its content; whether the viewer may see it at
// all is the caller's question to dam. Errors: NotFound.
func (r Reader) Collection(ctx context.Context, v dam.Viewer, id string) (dam.Collection, error) {
	var row collectionRow
	if err := r.db.NewSelect().Model(&row).Where("c.id = ?", id).Scan(ctx); err != nil {
		return dam.Collection{}, found(err, "collection")
	}
	c := row.collection()
	err := r.fillCollection(ctx, v, &c)
	return c, err
}

func (r Reader) fillCollection(ctx context.Context, v dam.Viewer, c *dam.Collection) error {
	err := r.db.NewRaw("SELECT u.name, (SELECT count(*) FROM links l WHERE l.collection_id = ?) FROM users u WHERE u.id = ?",
		c.ID, c.OwnerID).Scan(ctx, &c.OwnerName, &c.Links)
	if err != nil {
		return fmt.Errorf("read collection: %w", err)
	}
	if c.Count, err = r.CollectionCount(ctx, v, c.ID); err != nil {
		return err
	}
	members := r.members(v, c.ID).Column("a.id").OrderExpr("ca.position, a.id").Limit(4)
	if err := members.Scan(ctx, &c.Covers); err != nil {
		return fmt.Errorf("read covers: %w", err)
	}
	return nil
}

// members selects the assets of a collection that the viewer sees, outside the trash.
func (r Reader) members(v dam.Viewer, id string) *bun.SelectQuery {
	sel := r.db.NewSelect().TableExpr("collection_assets AS ca").
		Join("JOIN assets AS a ON a.id = ca.asset_id").
		Where("ca.collection_id = ? AND a.trashed_at IS NULL", id)
	return reach(sel, v)
}

// CollectionCount counts the assets of a collection that the viewer sees.
func (r Reader) CollectionCount(ctx context.Context, v dam.Viewer, id string) (int, error) {
	n, err := r.members(v, id).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count a collection: %w", err)
	}
	return int(n), nil
}

// CollectionSize counts all assets of a collection outside the trash, whoever sees them.
func (r Reader) CollectionSize(ctx context.Context, id string) (n int, err error) {
	err = r.db.NewRaw("SELECT count(*) FROM collection_assets ca JOIN assets a ON a.id = ca.asset_id "+
		"WHERE ca.collection_id = ? AND a.trashed_at IS NULL", id).Scan(ctx, &n)
	return n, err
}

// CollectionAssets lists the assets of a collection that the viewer sees, in the collection's
// order, and the cursor of the next page. Only shareable keeps what links may show (R84).
// Errors: Invalid with field cursor.
func (r Reader) CollectionAssets(ctx context.Context, v dam.Viewer, id string, page Page) ([]dam.Asset, string, error) {
	sel := r.members(v, id).ColumnExpr("a.id, ca.position").Where("a.source = ?", dam.SourceUpload)
	if page.Cursor != "" {
		at, err := readMark(page.Cursor, id, false)
		if err != nil {
			return nil, "", err
		}
		sel = sel.Where("(ca.position, a.id) > (?, ?)", at.Value, at.ID)
	}
	var places []struct {
		ID       string `bun:"id"`
		Position int64  `bun:"position"`
	}
	if err := sel.OrderExpr("ca.position, a.id").Limit(int64(page.size())+1).Scan(ctx, &places); err != nil {
		return nil, "", fmt.Errorf("list a collection: %w", err)
	}
	next := ""
	if len(places) > page.size() {
		places = places[:page.size()]
		last := places[len(places)-1]
		next = mark{Sort: id, Value: last.Position, ID: last.ID}.cursor()
	}
	ids := make([]string, len(places))
	for i, p := range places {
		ids[i] = p.ID
	}
	assets, err := r.AssetsByID(ctx, ids)
	return assets, next, err
}

// Neighbours finds the ids before and after an asset in a collection as the viewer sees it, and
// the place of the asset counted from one; empty and zero where there is none.
func (r Reader) Neighbours(ctx context.Context, v dam.Viewer, id, assetID string) (before, after string, place int, err error) {
	var position int64
	err = r.members(v, id).Column("ca.position").Where("a.id = ? AND a.source = ?", assetID, dam.SourceUpload).Scan(ctx, &position)
	if err != nil {
		return "", "", 0, found(err, "item")
	}
	own := func() *bun.SelectQuery {
		return r.members(v, id).Column("a.id").Where("a.source = ?", dam.SourceUpload)
	}
	var ids []string
	err = own().Where("(ca.position, a.id) < (?, ?)", position, assetID).OrderExpr("ca.position DESC, a.id DESC").Limit(1).Scan(ctx, &ids)
	if err == nil && len(ids) == 1 {
		before = ids[0]
	}
	ids = nil
	if err == nil {
		err = own().Where("(ca.position, a.id) > (?, ?)", position, assetID).OrderExpr("ca.position, a.id").Limit(1).Scan(ctx, &ids)
	}
	if err == nil && len(ids) == 1 {
		after = ids[0]
	}
	if err != nil {
		return "", "", 0, fmt.Errorf("find neighbours: %w", err)
	}
	n, err := own().Where("(ca.position, a.id) <= (?, ?)", position, assetID).Count(ctx)
	return before, after, int(n), err
}

// InsertCollection adds a collection.
func (tx *Tx) InsertCollection(ctx context.Context, c dam.Collection) error {
	_, err := tx.db.NewInsert().Model(rowOfCollection(c)).Exec(ctx)
	return classify(err)
}

// RenameCollection gives a collection another name. Errors: NotFound.
func (tx *Tx) RenameCollection(ctx context.Context, id, name string) error {
	res, err := tx.db.NewRaw("UPDATE collections SET name = ? WHERE id = ?", name, id).Exec(ctx)
	return hit(res, err, "collection")
}

// DeleteCollection removes a collection and its links; assets stay. Errors: NotFound.
func (tx *Tx) DeleteCollection(ctx context.Context, id string) error {
	res, err := tx.db.NewRaw("DELETE FROM collections WHERE id = ?", id).Exec(ctx)
	return hit(res, err, "collection")
}

type memberRow struct {
	bun.BaseModel `bun:"table:collection_assets"`
	CollectionID  string `bun:"collection_id,pk"`
	AssetID       string `bun:"asset_id,pk"`
	Position      int64  `bun:"position"`
}

// AddMembers appends assets to a collection in their order; those already in it keep their place.
func (tx *Tx) AddMembers(ctx context.Context, id string, assetIDs []string) error {
	var last int64
	err := tx.db.NewRaw("SELECT coalesce(max(position), 0) FROM collection_assets WHERE collection_id = ?", id).Scan(ctx, &last)
	if err != nil {
		return fmt.Errorf("add to collection: %w", err)
	}
	for part := range chunks(assetIDs) {
		rows := make([]memberRow, len(part))
		for i, asset := range part {
			last++
			rows[i] = memberRow{CollectionID: id, AssetID: asset, Position: last}
		}
		if _, err := tx.db.NewInsert().Model(&rows).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("add to collection: %w", err)
		}
	}
	return nil
}

// RemoveMembers takes assets out of a collection.
func (tx *Tx) RemoveMembers(ctx context.Context, id string, assetIDs []string) error {
	for part := range chunks(assetIDs) {
		_, err := tx.db.NewRaw("DELETE FROM collection_assets WHERE collection_id = ? AND asset_id IN (?)", id, bun.List(part)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("remove from collection: %w", err)
		}
	}
	return nil
}
