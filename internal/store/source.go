package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

type sourceRow struct {
	bun.BaseModel `bun:"table:sources,alias:s"`
	ID            string  `bun:"id,pk"`
	Name          string  `bun:"name"`
	Kind          string  `bun:"kind"`
	Address       string  `bun:"address"`
	State         string  `bun:"state"`
	Message       string  `bun:"message"`
	ScannedAt     instant `bun:"scanned_at"`
	CreatedAt     instant `bun:"created_at"`
	Assets        int     `bun:"assets,scanonly"`
}

func (r sourceRow) source() dam.Source {
	return dam.Source{
		ID: r.ID, Name: r.Name, Kind: dam.SourceKind(r.Kind), Address: r.Address, State: dam.SourceState(r.State),
		Message: r.Message, Assets: r.Assets, ScannedAt: r.ScannedAt.Time, CreatedAt: r.CreatedAt.Time,
	}
}

// Sources lists the external sources by name, with the number of their assets.
func (r Reader) Sources(ctx context.Context) ([]dam.Source, error) {
	var rows []sourceRow
	err := r.db.NewSelect().Model(&rows).ColumnExpr("s.*, (SELECT count(*) FROM assets a WHERE a.source = s.id AND a.trashed_at IS NULL) AS assets").
		OrderExpr("s.name, s.id").Scan(ctx)
	return each(rows, sourceRow.source), err
}

// Source reads an external source. Errors: NotFound.
func (r Reader) Source(ctx context.Context, id string) (dam.Source, error) {
	var row sourceRow
	err := r.db.NewSelect().Model(&row).ColumnExpr("s.*, (SELECT count(*) FROM assets a WHERE a.source = s.id AND a.trashed_at IS NULL) AS assets").
		Where("s.id = ?", id).Scan(ctx)
	return row.source(), found(err, "source")
}

// SaveSource adds a source. Errors: Conflict for an id, name or address that another one has.
func (tx *Tx) SaveSource(ctx context.Context, s dam.Source) error {
	_, err := tx.db.NewInsert().Model(&sourceRow{
		ID: s.ID, Name: s.Name, Kind: string(s.Kind), Address: s.Address, State: string(s.State), Message: s.Message,
		ScannedAt: instant{s.ScannedAt}, CreatedAt: instant{s.CreatedAt},
	}).Exec(ctx)
	return err
}

// RenameSource changes the name of a source. Errors: NotFound, Conflict for a name that another one has.
func (tx *Tx) RenameSource(ctx context.Context, id, name string) error {
	res, err := tx.db.NewRaw("UPDATE sources SET name = ? WHERE id = ?", name, id).Exec(ctx)
	return hit(res, err, "source")
}

// MarkSource says how a source stands and when it was last looked through. Errors: NotFound.
func (tx *Tx) MarkSource(ctx context.Context, id string, state dam.SourceState, message string, scannedAt time.Time) error {
	res, err := tx.db.NewRaw("UPDATE sources SET state = ?, message = ?, scanned_at = ? WHERE id = ?",
		string(state), message, instant{scannedAt}, id).Exec(ctx)
	return hit(res, err, "source")
}

// HoldSource keeps a source from being deleted until the transaction ends. Errors: NotFound.
func (tx *Tx) HoldSource(ctx context.Context, id string) error {
	sel := tx.db.NewSelect().Model(&sourceRow{}).Column("id").Where("s.id = ?", id)
	if tx.dialect.lock != "" {
		sel = sel.For(tx.dialect.lock)
	}
	return found(sel.Scan(ctx), "source")
}

// DeleteSource forgets a source without assets. Errors: NotFound.
func (tx *Tx) DeleteSource(ctx context.Context, id string) error {
	res, err := tx.db.NewRaw("DELETE FROM sources WHERE id = ?", id).Exec(ctx)
	return hit(res, err, "source")
}

// DropSourceAssets forgets assets of a source, at most limit of them, and says of how many.
func (tx *Tx) DropSourceAssets(ctx context.Context, source string, limit int) (int, error) {
	var numbers []int64
	err := tx.db.NewRaw("SELECT number FROM assets WHERE source = ? ORDER BY number LIMIT ?", source, limit).Scan(ctx, &numbers)
	if err != nil || len(numbers) == 0 {
		return 0, err
	}
	if tx.dialect.dropWords != "" {
		if _, err := tx.db.NewRaw("DELETE FROM asset_words WHERE rowid IN (?)", bun.List(numbers)).Exec(ctx); err != nil {
			return 0, fmt.Errorf("drop the words of a source: %w", err)
		}
	}
	if _, err := tx.db.NewRaw("DELETE FROM assets WHERE number IN (?)", bun.List(numbers)).Exec(ctx); err != nil {
		return 0, fmt.Errorf("delete the assets of a source: %w", err)
	}
	return len(numbers), nil
}

// Indexed is a file of a source as its row knows it. Tag is what the source says of its content
// without reading it; it stands where other assets have their hash. Gone are those that the source had no
// more, and that lie in the trash since then.
type Indexed struct {
	ID      string `bun:"id"`
	Path    string `bun:"path"`
	Tag     string `bun:"sha256"`
	Trashed bool   `bun:"trashed"`
	Gone    bool   `bun:"gone"`
}

// IndexedFiles lists the files of a source after a path, at most 500, in order of path, with those in the
// trash.
func (r Reader) IndexedFiles(ctx context.Context, source, after string) ([]Indexed, error) {
	var rows []Indexed
	err := r.db.NewRaw("SELECT id, path, sha256, trashed_at IS NOT NULL AS trashed, trashed_at IS NOT NULL AND original = ? AS gone "+
		"FROM assets WHERE source = ? AND path > ? ORDER BY path LIMIT ?", string(dam.OriginalMissing), source, after, MaxLimit).Scan(ctx, &rows)
	return rows, err
}

// AssetAtPath reads the asset of a file in a source to change it, also from the trash. Errors: NotFound.
func (tx *Tx) AssetAtPath(ctx context.Context, source, path string) (dam.Asset, error) {
	var id string
	if err := tx.db.NewRaw("SELECT id FROM assets WHERE source = ? AND path = ? LIMIT 1", source, path).Scan(ctx, &id); err != nil {
		return dam.Asset{}, found(err, "asset")
	}
	return tx.Asset(ctx, id)
}

// TrashGone puts assets whose files are gone from their source into the trash, and announces it of those
// that were not there already.
func (tx *Tx) TrashGone(ctx context.Context, source string, ids []string, now time.Time) error {
	var events []struct{ ID, Status string }
	err := tx.db.NewRaw("UPDATE assets SET trashed_at = ?, original = ? WHERE source = ? AND id IN (?) AND trashed_at IS NULL RETURNING id, status",
		instant{now}, string(dam.OriginalMissing), source, bun.List(ids)).Scan(ctx, &events)
	if err != nil {
		return fmt.Errorf("trash what is gone: %w", err)
	}
	for _, e := range events {
		tx.Announce(Event{AssetID: e.ID, Status: dam.AssetStatus(e.Status)})
	}
	return nil
}

// UseExternal makes a row for bytes that lie in an external source.
func (tx *Tx) UseExternal(ctx context.Context, key string, size int64, now time.Time) error {
	_, err := tx.db.NewRaw("INSERT INTO blobs (key, size, crc32, touched_at, kept, external) VALUES (?, ?, 0, ?, FALSE, TRUE) "+
		"ON CONFLICT (key) DO UPDATE SET size = excluded.size, touched_at = excluded.touched_at, doomed = FALSE", key, size, instant{now}).Exec(ctx)
	return err
}

// SetSourceState says how the originals of a source's assets are, available or missing, for at most limit
// of those that are otherwise, and of how many. In the trash they stay as they were.
func (tx *Tx) SetSourceState(ctx context.Context, source string, state dam.OriginalState, limit int) (int, error) {
	res, err := tx.db.NewRaw("UPDATE assets SET original = ? WHERE id IN (SELECT id FROM assets WHERE source = ? AND original <> ? "+
		"AND trashed_at IS NULL LIMIT ?)", string(state), source, string(state), limit).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("write the originals of a source: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}
