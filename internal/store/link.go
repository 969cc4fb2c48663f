package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

type linkRow struct {
	bun.BaseModel `bun:"table:links,alias:l"`
	ID            string  `bun:"id,pk"`
	Kind          string  `bun:"kind"`
	Name          string  `bun:"name"`
	OwnerID       string  `bun:"owner_id"`
	AssetID       text    `bun:"asset_id"`
	CollectionID  text    `bun:"collection_id"`
	Digest        []byte  `bun:"digest"`
	SealedToken   []byte  `bun:"sealed_token"`
	Terms         string  `bun:"terms"`
	ExpiresAt     instant `bun:"expires_at"`
	TimeZone      string  `bun:"time_zone"`
	PasswordHash  string  `bun:"password_hash"`
	PasswordEpoch int64   `bun:"password_epoch"`
	CreatedAt     instant `bun:"created_at"`
	UpdatedAt     instant `bun:"updated_at"`
	Views         int64   `bun:"views"`
	Downloads     int64   `bun:"downloads"`
	LastUsedAt    instant `bun:"last_used_at"`
}

// link reads a row. Terms that this program does not understand break the link: it allows nothing.
func (r linkRow) link() dam.Link {
	terms, err := dam.ParseTerms([]byte(r.Terms))
	return dam.Link{
		ID: r.ID, Kind: dam.LinkKind(r.Kind), Name: r.Name, OwnerID: r.OwnerID,
		AssetID: string(r.AssetID), CollectionID: string(r.CollectionID), Terms: terms, Broken: err != nil,
		ExpiresAt: r.ExpiresAt.Time, TimeZone: r.TimeZone,
		PasswordHash: r.PasswordHash, PasswordEpoch: r.PasswordEpoch, SealedToken: r.SealedToken,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
		Views: r.Views, Downloads: r.Downloads, LastUsedAt: r.LastUsedAt.Time,
	}
}

// LinkQuery asks for a list of links, the newest first. Status is one of active and expired; Now
// is needed for it. Owner limits the list to one creator.
type LinkQuery struct {
	Status     string
	Kind       string
	Owner      string
	Words      string
	Asset      string
	Collection string
	Now        time.Time
	Page
}

// Links lists links. Whose links may be listed is the caller's decision, said by Owner.
// Errors: Invalid with field cursor or status.
func (r Reader) Links(ctx context.Context, q LinkQuery) ([]dam.Link, string, int, error) {
	if q.Status != "" && q.Status != string(dam.LinkActive) && q.Status != string(dam.LinkExpired) {
		return nil, "", 0, dam.InvalidField("status", "Ask for active or expired links.")
	}
	list, next, total, err := listPage(ctx, r.db, q.Page, newestLinks, q.filter, linkRow.link)
	if err != nil {
		return nil, "", 0, fmt.Errorf("list links: %w", err)
	}
	return list, next, total, nil
}

var newestLinks = order[dam.Link]{
	name: "newest links", column: "l.created_at", id: "l.id", down: true,
	place: func(l dam.Link) (any, string) { return l.CreatedAt.UnixMicro(), l.ID },
}

func (q LinkQuery) filter(sel *bun.SelectQuery) *bun.SelectQuery {
	if q.Owner != "" {
		sel = sel.Where("l.owner_id = ?", q.Owner)
	}
	if q.Kind != "" {
		sel = sel.Where("l.kind = ?", q.Kind)
	}
	if q.Asset != "" {
		sel = sel.Where("l.asset_id = ?", q.Asset)
	}
	if q.Collection != "" {
		sel = sel.Where("l.collection_id = ?", q.Collection)
	}
	if q.Words != "" {
		sel = sel.Where("lower(l.name) LIKE ? ESCAPE '!'", likeWords(q.Words))
	}
	switch dam.LinkStatus(q.Status) {
	case dam.LinkActive:
		sel = sel.Where("(l.expires_at IS NULL OR l.expires_at > ?)", instant{q.Now})
	case dam.LinkExpired:
		sel = sel.Where("l.expires_at <= ?", instant{q.Now})
	}
	return sel
}

// LinksThrough lists the links of collections that hold an asset, the newest first.
func (r Reader) LinksThrough(ctx context.Context, assetID string) ([]dam.Link, error) {
	var rows []linkRow
	err := r.db.NewSelect().Model(&rows).
		Where("l.collection_id IN (SELECT collection_id FROM collection_assets WHERE asset_id = ?)", assetID).
		OrderExpr("l.created_at DESC, l.id DESC").Limit(MaxLimit).Scan(ctx)
	return each(rows, linkRow.link), found(err, "link")
}

// Link reads one link. Errors: NotFound.
func (r Reader) Link(ctx context.Context, id string) (dam.Link, error) {
	var row linkRow
	err := r.db.NewSelect().Model(&row).Where("l.id = ?", id).Scan(ctx)
	return row.link(), found(err, "link")
}

// InsertLink adds a link known by the digest of its token.
func (tx *Tx) InsertLink(ctx context.Context, l dam.Link, digest []byte) error {
	row := rowOfLink(l)
	row.Digest = digest
	_, err := tx.db.NewInsert().Model(row).Exec(ctx)
	return classify(err)
}

// UpdateLink replaces what can be edited of a link, if nobody edited it since it was read (seen is
// its UpdatedAt then). Errors: Conflict.
func (tx *Tx) UpdateLink(ctx context.Context, l dam.Link, seen time.Time) error {
	res, err := tx.db.NewUpdate().Model(rowOfLink(l)).WherePK().
		Column("name", "terms", "expires_at", "time_zone", "password_hash", "password_epoch", "updated_at").
		Where("updated_at = ?", instant{seen}).Exec(ctx)
	if dam.KindOf(hit(res, err, "link")) == dam.NotFound {
		return &dam.Error{Kind: dam.Conflict, Msg: "Somebody else changed this link meanwhile. Load it again."}
	}
	return err
}

// DeleteLink removes a link and its visits. Errors: NotFound.
func (tx *Tx) DeleteLink(ctx context.Context, id string) error {
	res, err := tx.db.NewRaw("DELETE FROM links WHERE id = ?", id).Exec(ctx)
	return hit(res, err, "link")
}

// EndedLinkCollections lists collections that links made for themselves and whose links have all
// expired before an instant (R104).
func (r Reader) EndedLinkCollections(ctx context.Context, before time.Time) (ids []string, err error) {
	err = r.db.NewRaw("SELECT c.id FROM collections c WHERE c.made_for_link = TRUE "+
		"AND EXISTS (SELECT 1 FROM links l WHERE l.collection_id = c.id) "+
		"AND NOT EXISTS (SELECT 1 FROM links l WHERE l.collection_id = c.id AND (l.expires_at IS NULL OR l.expires_at > ?))",
		instant{before}).Scan(ctx, &ids)
	return ids, err
}

func rowOfLink(l dam.Link) *linkRow {
	terms, _ := document[dam.Terms]{l.Terms}.Value() // a struct of plain fields always has a JSON form
	return &linkRow{
		ID: l.ID, Kind: string(l.Kind), Name: l.Name, OwnerID: l.OwnerID,
		AssetID: text(l.AssetID), CollectionID: text(l.CollectionID), SealedToken: l.SealedToken,
		Terms: terms.(string), ExpiresAt: instant{l.ExpiresAt}, TimeZone: l.TimeZone,
		PasswordHash: l.PasswordHash, PasswordEpoch: l.PasswordEpoch,
		CreatedAt: instant{l.CreatedAt}, UpdatedAt: instant{l.UpdatedAt},
	}
}

// likeWords makes a LIKE pattern that finds the text anywhere, with ! as the escape character.
func likeWords(s string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(s)) + "%"
}

// SaveTerms replaces the terms of a link and nothing else. Errors: NotFound.
func (tx *Tx) SaveTerms(ctx context.Context, id string, t dam.Terms) error {
	res, err := tx.db.NewRaw("UPDATE links SET terms = ? WHERE id = ?", document[dam.Terms]{t}, id).Exec(ctx)
	return hit(res, err, "link")
}
