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

// SaveSource adds a source or replaces its name and state. Errors: Conflict for a name or address that
// another one has.
func (tx *Tx) SaveSource(ctx context.Context, s dam.Source) error {
	row := &sourceRow{
		ID: s.ID, Name: s.Name, Kind: string(s.Kind), Address: s.Address, State: string(s.State), Message: s.Message,
		ScannedAt: instant{s.ScannedAt}, CreatedAt: instant{s.CreatedAt},
	}
	_, err := tx.db.NewInsert().Model(row).On("CONFLICT (id) DO UPDATE").
		Set("name = EXCLUDED.name, state = EXCLUDED.state, message = EXCLUDED.message, scanned_at = EXCLUDED.scanned_at").Exec(ctx)
	return err
}

// DeleteSource forgets a source with its assets. Errors: NotFound.
func (tx *Tx) DeleteSource(ctx context.Context, id string) error {
	if tx.dialect.dropWords != "" {
		_, err := tx.db.NewRaw("DELETE FROM asset_words WHERE rowid IN (SELECT number FROM assets WHERE source = ?)", id).Exec(ctx)
		if err != nil {
			return fmt.Errorf("drop the words of a source: %w", err)
		}
	}
	if _, err := tx.db.NewRaw("DELETE FROM assets WHERE source = ?", id).Exec(ctx); err != nil {
		return fmt.Errorf("delete the assets of a source: %w", err)
	}
	res, err := tx.db.NewRaw("DELETE FROM sources WHERE id = ?", id).Exec(ctx)
	return hit(res, err, "source")
}

// Indexed is a file of a source as its row knows it. Tag is what the source says of its content
// without reading it; it stands where other assets have their hash.
type Indexed struct {
	ID   string `bun:"id"`
	Path string `bun:"path"`
	Tag  string `bun:"sha256"`
}

// IndexedFiles lists the files of a source after a path, at most 500, in order of path.
func (r Reader) IndexedFiles(ctx context.Context, source, after string) ([]Indexed, error) {
	var rows []Indexed
	err := r.db.NewRaw("SELECT id, path, sha256 FROM assets WHERE source = ? AND path > ? AND trashed_at IS NULL ORDER BY path LIMIT ?",
		source, after, MaxLimit).Scan(ctx, &rows)
	return rows, err
}

// AssetAtPath finds the asset of a file in a source. Errors: NotFound.
func (r Reader) AssetAtPath(ctx context.Context, source, path string) (dam.Asset, error) {
	var row assetRow
	err := r.db.NewSelect().Model(&row).Where("a.source = ? AND a.path = ?", source, path).Limit(1).Scan(ctx)
	if err != nil {
		return dam.Asset{}, found(err, "asset")
	}
	list := []dam.Asset{row.asset()}
	err = r.fill(ctx, list)
	return list[0], err
}

// UseExternal makes a row for bytes that lie in an external source.
func (tx *Tx) UseExternal(ctx context.Context, key string, size int64, now time.Time) error {
	_, err := tx.db.NewRaw("INSERT INTO blobs (key, size, crc32, touched_at, kept, external) VALUES (?, ?, 0, ?, FALSE, TRUE) "+
		"ON CONFLICT (key) DO UPDATE SET size = excluded.size, touched_at = excluded.touched_at, doomed = FALSE", key, size, instant{now}).Exec(ctx)
	return err
}

// SetSourceState says how the originals of a source's assets are: available or missing.
func (tx *Tx) SetSourceState(ctx context.Context, source string, state dam.OriginalState) error {
	_, err := tx.db.NewRaw("UPDATE assets SET original = ? WHERE source = ?", string(state), source).Exec(ctx)
	return err
}
