package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

type assetRow struct {
	bun.BaseModel `bun:"table:assets,alias:a"`
	ID            string                 `bun:"id,pk"`
	Number        int64                  `bun:"number"`
	Name          string                 `bun:"name"`
	Title         string                 `bun:"title"`
	Description   string                 `bun:"description"`
	Kind          string                 `bun:"kind"`
	MIME          string                 `bun:"mime"`
	Size          int64                  `bun:"size"`
	Width         int                    `bun:"width"`
	Height        int                    `bun:"height"`
	Duration      float64                `bun:"duration"`
	SHA256        string                 `bun:"sha256"`
	Key           string                 `bun:"blob_key"`
	Original      string                 `bun:"original"`
	Source        string                 `bun:"source"`
	Status        string                 `bun:"status"`
	Failure       string                 `bun:"failure"`
	OwnerID       string                 `bun:"owner_id"`
	Placeholder   []byte                 `bun:"placeholder"`
	Metadata      document[dam.Metadata] `bun:"metadata"`
	Restricted    bool                   `bun:"restricted"`
	CreatedAt     instant                `bun:"created_at"`
	TakenAt       instant                `bun:"taken_at"`
	TrashedAt     instant                `bun:"trashed_at"`
	Pages         int                    `bun:"pages"`
	Tags          document[[]string]     `bun:"tags"`
	Rights        document[dam.Rights]   `bun:"rights"`
	Codec         document[dam.Codec]    `bun:"codec"`
	Revision      int                    `bun:"revision"`
	RevisedAt     instant                `bun:"revised_at"`
	RevisedBy     string                 `bun:"revised_by"`
	RevisedByName string                 `bun:"revised_by_name"`
	Path          string                 `bun:"path"`
	Note          string                 `bun:"note"`
	Work          string                 `bun:"work"`
}

func (r assetRow) asset() dam.Asset {
	return dam.Asset{
		ID: r.ID, Number: r.Number, Name: r.Name, Title: r.Title, Description: r.Description,
		Kind: dam.AssetKind(r.Kind), MIME: r.MIME, Size: r.Size, Width: r.Width, Height: r.Height,
		Duration: r.Duration, SHA256: r.SHA256, Key: r.Key, Original: dam.OriginalState(r.Original),
		Source: r.Source, Status: dam.AssetStatus(r.Status), Failure: r.Failure, OwnerID: r.OwnerID,
		Placeholder: r.Placeholder, Metadata: r.Metadata.V, Restricted: r.Restricted,
		CreatedAt: r.CreatedAt.Time, TakenAt: r.TakenAt.Time, TrashedAt: r.TrashedAt.Time,
		Pages: r.Pages, Tags: r.Tags.V, Rights: r.Rights.V, Codec: r.Codec.V, Revision: r.Revision,
		RevisedAt: r.RevisedAt.Time, RevisedBy: r.RevisedBy, RevisedByName: r.RevisedByName,
		Path: r.Path, Note: r.Note, Work: dam.Work(r.Work),
	}
}

func rowOfAsset(a dam.Asset) *assetRow {
	return &assetRow{
		ID: a.ID, Number: a.Number, Name: a.Name, Title: a.Title, Description: a.Description,
		Kind: string(a.Kind), MIME: a.MIME, Size: a.Size, Width: a.Width, Height: a.Height,
		Duration: a.Duration, SHA256: a.SHA256, Key: a.Key, Original: string(a.Original), Source: a.Source,
		Status: string(a.Status), Failure: a.Failure, OwnerID: a.OwnerID, Placeholder: a.Placeholder,
		Metadata: document[dam.Metadata]{a.Metadata}, Restricted: a.Restricted,
		CreatedAt: instant{a.CreatedAt}, TakenAt: instant{a.TakenAt}, TrashedAt: instant{a.TrashedAt},
		Pages: a.Pages, Tags: document[[]string]{listOrEmpty(a.Tags)}, Rights: document[dam.Rights]{a.Rights},
		Codec: document[dam.Codec]{a.Codec}, Revision: max(a.Revision, 1), RevisedAt: instant{a.RevisedAt},
		RevisedBy: a.RevisedBy, RevisedByName: a.RevisedByName, Path: a.Path, Note: a.Note, Work: string(a.Work),
	}
}

// AssetQuery asks for a list of assets. Words are words, a number or an id; Sort is one of newest,
// oldest, name, number, size. Number is set by the caller when the words are a number.
type AssetQuery struct {
	Words      string
	Number     int64
	Sort       string
	Kind       string
	Collection string
	Owner      string
	Status     string
	Source     string // the id of one, or "external" for all
	Archived   bool
	Trash      bool
	Page
}

const anyExternal = "external"

func assetOrder(name, column string, down bool, value func(dam.Asset) any) order[dam.Asset] {
	return order[dam.Asset]{
		name: name, column: column, id: "a.id", down: down,
		place: func(a dam.Asset) (any, string) { return value(a), a.ID },
	}
}

func created(a dam.Asset) any { return a.CreatedAt.UnixMicro() }

var namedOrder = order[dam.Asset]{
	name: "name", column: "a.name", id: "a.id", byText: true,
	place: func(a dam.Asset) (any, string) { return a.Name, a.ID },
}

var assetOrders = map[string]order[dam.Asset]{
	"newest": assetOrder("newest", "a.created_at", true, created),
	"oldest": assetOrder("oldest", "a.created_at", false, created),
	"name":   namedOrder,
	"number": assetOrder("number", "a.number", false, func(a dam.Asset) any { return a.Number }),
	"size":   assetOrder("size", "a.size", true, func(a dam.Asset) any { return a.Size }),
}

// Assets lists the assets a viewer sees: one page, the cursor of the next, and the number of all.
// Errors: Invalid with field sort or cursor.
func (r Reader) Assets(ctx context.Context, v dam.Viewer, q AssetQuery) ([]dam.Asset, string, int, error) {
	if q.Sort == "" {
		q.Sort = "newest"
	}
	by, ok := assetOrders[q.Sort]
	if !ok {
		return nil, "", 0, dam.InvalidField("sort", "Sort by newest, oldest, name, number or size.")
	}
	matching := func(sel *bun.SelectQuery) *bun.SelectQuery { return r.matching(sel, v, q) }
	assets, next, total, err := listPage(ctx, r.db, q.Page, by, matching, assetRow.asset)
	if err != nil {
		return nil, "", 0, fmt.Errorf("list assets: %w", err)
	}
	return assets, next, total, r.fill(ctx, assets)
}

// matching adds the conditions of a query and of reach.
func (r Reader) matching(sel *bun.SelectQuery, v dam.Viewer, q AssetQuery) *bun.SelectQuery {
	sel = reach(sel, v)
	sel = sel.Where(ifElse(q.Trash, "a.trashed_at IS NOT NULL", "a.trashed_at IS NULL"))
	if q.Kind != "" {
		sel = sel.Where("a.kind = ?", q.Kind)
	}
	if q.Owner != "" {
		sel = sel.Where("a.owner_id = ?", q.Owner)
	}
	if q.Status != "" {
		sel = sel.Where("a.status = ?", q.Status)
	}
	switch q.Source {
	case "":
	case anyExternal:
		sel = sel.Where("a.source <> ?", dam.SourceUpload)
	default:
		sel = sel.Where("a.source = ?", q.Source)
	}
	if q.Archived {
		sel = sel.Where("a.original = ?", string(dam.OriginalArchived))
	}
	if q.Collection != "" {
		sel = sel.Where("EXISTS (SELECT 1 FROM collection_assets ca WHERE ca.collection_id = ? AND ca.asset_id = a.id)", q.Collection)
	}
	if q.Number > 0 {
		return sel.Where("a.number = ?", q.Number)
	}
	if id, err := uuid.Parse(strings.TrimSpace(q.Words)); err == nil {
		return sel.Where("a.id = ?", id.String())
	}
	if strings.TrimSpace(q.Words) == "" {
		return sel
	}
	list := words(q.Words, maxQueryWords)
	if len(list) == 0 {
		return sel.Where("1 = 0")
	}
	return sel.Where(r.dialect.matchWords, r.dialect.wordsQuery(list))
}

// Asset reads one asset with its renditions, readers and links count, whoever may see it: the
// caller asks dam. Errors: NotFound.
func (r Reader) Asset(ctx context.Context, id string) (dam.Asset, error) {
	return r.oneAsset(ctx, "a.id = ?", id)
}

// AssetByNumber is Asset by the running number.
func (r Reader) AssetByNumber(ctx context.Context, number int64) (dam.Asset, error) {
	return r.oneAsset(ctx, "a.number = ?", number)
}

// Asset reads one asset to change it: until the transaction ends nobody else does. Errors: NotFound.
func (tx *Tx) Asset(ctx context.Context, id string) (dam.Asset, error) {
	sel := tx.db.NewSelect()
	if tx.dialect.lock != "" {
		sel = sel.For(tx.dialect.lock)
	}
	return tx.pickAsset(ctx, sel, "a.id = ?", id)
}

func (r Reader) oneAsset(ctx context.Context, where string, arg any) (dam.Asset, error) {
	return r.pickAsset(ctx, r.db.NewSelect(), where, arg)
}

func (r Reader) pickAsset(ctx context.Context, sel *bun.SelectQuery, where string, arg any) (dam.Asset, error) {
	var row assetRow
	if err := sel.Model(&row).Where(where, arg).Scan(ctx); err != nil {
		return dam.Asset{}, found(err, "asset")
	}
	list := []dam.Asset{row.asset()}
	err := r.fill(ctx, list)
	return list[0], err
}

// AssetsByID reads assets in the order of the ids; unknown ids are left out.
func (r Reader) AssetsByID(ctx context.Context, ids []string) ([]dam.Asset, error) {
	byID := make(map[string]dam.Asset, len(ids))
	for part := range chunks(ids) {
		var rows []assetRow
		if err := r.db.NewSelect().Model(&rows).Where("a.id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, fmt.Errorf("read assets: %w", err)
		}
		for _, row := range rows {
			byID[row.ID] = row.asset()
		}
	}
	out := make([]dam.Asset, 0, len(byID))
	for _, id := range ids {
		if a, ok := byID[id]; ok {
			out = append(out, a)
			delete(byID, id)
		}
	}
	return out, r.fill(ctx, out)
}

// AssetByHash finds the oldest asset outside the trash with these bytes. Errors: NotFound.
func (r Reader) AssetByHash(ctx context.Context, v dam.Viewer, sha256 string) (dam.Asset, error) {
	var row assetRow
	err := reach(r.db.NewSelect().Model(&row), v).Where("a.sha256 = ? AND a.trashed_at IS NULL", sha256).
		OrderExpr("a.number").Limit(1).Scan(ctx)
	return row.asset(), found(err, "asset")
}

// fill completes assets with their renditions, readers, owner's name and number of links, in a
// few queries for all of them.
func (r Reader) fill(ctx context.Context, assets []dam.Asset) error {
	at := make(map[string]*dam.Asset, len(assets))
	ids := make([]string, len(assets))
	for i := range assets {
		ids[i] = assets[i].ID
		at[assets[i].ID] = &assets[i]
	}
	for part := range chunks(ids) {
		if err := r.fillPart(ctx, part, at); err != nil {
			return fmt.Errorf("read what belongs to assets: %w", err)
		}
	}
	return nil
}

func (r Reader) fillPart(ctx context.Context, ids []string, at map[string]*dam.Asset) error {
	var renditions []renditionRow
	err := r.db.NewSelect().Model(&renditions).Where("r.asset_id IN (?) AND r.listed = TRUE", bun.List(ids)).
		OrderExpr("r.asset_id, r.width, r.name").Scan(ctx)
	if err != nil {
		return err
	}
	for _, row := range renditions {
		at[row.AssetID].Renditions = append(at[row.AssetID].Renditions, row.rendition())
	}
	var files []attachmentRow
	err = r.db.NewSelect().Model(&files).Where("t.asset_id IN (?)", bun.List(ids)).OrderExpr("t.asset_id, t.created_at, t.id").Scan(ctx)
	if err != nil {
		return err
	}
	for _, row := range files {
		at[row.AssetID].Attachments = append(at[row.AssetID].Attachments, row.attachment())
	}
	var facts []struct {
		ID    string `bun:"id"`
		Name  string `bun:"name"`
		Links int    `bun:"links"`
	}
	err = r.db.NewRaw("SELECT a.id, u.name, (SELECT count(*) FROM links l WHERE l.asset_id = a.id) AS links "+
		"FROM assets a JOIN users u ON u.id = a.owner_id WHERE a.id IN (?)", bun.List(ids)).Scan(ctx, &facts)
	if err != nil {
		return err
	}
	for _, f := range facts {
		at[f.ID].OwnerName, at[f.ID].Links = f.Name, f.Links
	}
	var readers []readerRow
	err = r.db.NewSelect().Model(&readers).Where("ar.asset_id IN (?)", bun.List(ids)).OrderExpr("ar.asset_id, ar.user_id").Scan(ctx)
	for _, row := range readers {
		at[row.AssetID].Readers = append(at[row.AssetID].Readers, row.UserID)
	}
	return err
}

type readerRow struct {
	bun.BaseModel `bun:"table:asset_readers,alias:ar"`
	AssetID       string `bun:"asset_id,pk"`
	UserID        string `bun:"user_id,pk"`
}

// NextNumber counts up the running number of assets.
func (tx *Tx) NextNumber(ctx context.Context) (int64, error) {
	var n int64
	err := tx.db.NewRaw("UPDATE counters SET value = value + 1 WHERE name = 'asset' RETURNING value").Scan(ctx, &n)
	return n, found(err, "counter")
}

// InsertAsset adds an asset and its words.
func (tx *Tx) InsertAsset(ctx context.Context, a dam.Asset) error {
	if _, err := tx.db.NewInsert().Model(rowOfAsset(a)).Exec(ctx); err != nil {
		return fmt.Errorf("insert asset: %w", err)
	}
	return tx.indexAsset(ctx, a)
}

// UpdateAsset replaces an asset's own columns, its words and its readers. Errors: NotFound.
func (tx *Tx) UpdateAsset(ctx context.Context, a dam.Asset) error {
	res, err := tx.db.NewUpdate().Model(rowOfAsset(a)).WherePK().Exec(ctx)
	if err := hit(res, err, "asset"); err != nil {
		return err
	}
	if err := tx.replaceReaders(ctx, a); err != nil {
		return err
	}
	return tx.indexAsset(ctx, a)
}

func (tx *Tx) replaceReaders(ctx context.Context, a dam.Asset) error {
	if _, err := tx.db.NewDelete().Model((*readerRow)(nil)).Where("asset_id = ?", a.ID).Exec(ctx); err != nil {
		return fmt.Errorf("replace readers: %w", err)
	}
	for _, id := range a.Readers {
		if _, err := tx.db.NewInsert().Model(&readerRow{AssetID: a.ID, UserID: id}).Exec(ctx); err != nil {
			return fmt.Errorf("replace readers: %w", err)
		}
	}
	return nil
}

func (tx *Tx) indexAsset(ctx context.Context, a dam.Asset) error {
	_, body, err := tx.Facts(ctx, a.ID)
	if err != nil {
		return err
	}
	all := strings.Join([]string{a.Name, a.Title, a.Description, strconv.FormatInt(a.Number, 10),
		a.Metadata.Camera, a.Metadata.Creator, strings.Join(a.Metadata.Keywords, " "), strings.Join(a.Tags, " "),
		a.Rights.Licence, a.Rights.Credit, a.Path, body}, " ")
	query, args := tx.dialect.indexWords(a.Number, strings.Join(words(all, maxIndexWords), " "))
	if _, err := tx.db.NewRaw(query, args...).Exec(ctx); err != nil {
		return fmt.Errorf("index asset: %w", err)
	}
	return nil
}

// DeleteAsset removes an asset that is still in the trash and, by foreign keys, all that belongs to
// it. Errors: NotFound.
func (tx *Tx) DeleteAsset(ctx context.Context, a dam.Asset) error {
	res, err := tx.db.NewDelete().Model((*assetRow)(nil)).Where("id = ? AND trashed_at IS NOT NULL", a.ID).Exec(ctx)
	if err := hit(res, err, "asset"); err != nil || tx.dialect.dropWords == "" {
		return err
	}
	if _, err := tx.db.NewRaw(tx.dialect.dropWords, a.Number).Exec(ctx); err != nil {
		return fmt.Errorf("drop the words of an asset: %w", err)
	}
	return nil
}

// TrashedBefore lists assets that were trashed before an instant, at most 500.
func (r Reader) TrashedBefore(ctx context.Context, at time.Time) ([]dam.Asset, error) {
	var rows []assetRow
	err := r.db.NewSelect().Model(&rows).Where("a.trashed_at < ?", instant{at}).Limit(MaxLimit).Scan(ctx)
	return each(rows, assetRow.asset), found(err, "asset")
}

// SetStatus says how far the renditions of an asset are, on which no work goes on.
func (tx *Tx) SetStatus(ctx context.Context, id string, status dam.AssetStatus, failure string) error {
	res, err := tx.db.NewRaw("UPDATE assets SET status = ?, failure = ?, work = '' WHERE id = ?", string(status), failure, id).Exec(ctx)
	return hit(res, err, "asset")
}

func listOrEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func ifElse(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

// chunks cuts ids into parts that fit into one statement.
func chunks(ids []string) func(func([]string) bool) {
	return func(yield func([]string) bool) {
		for len(ids) > 0 {
			n := min(len(ids), MaxLimit)
			if !yield(ids[:n]) {
				return
			}
			ids = ids[n:]
		}
	}
}
