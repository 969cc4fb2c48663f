package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

type renditionRow struct {
	bun.BaseModel `bun:"table:renditions,alias:r"`
	AssetID       string `bun:"asset_id,pk"`
	Name          string `bun:"name,pk"`
	MIME          string `bun:"mime"`
	Width         int    `bun:"width"`
	Height        int    `bun:"height"`
	Size          int64  `bun:"size"`
	Key           string `bun:"blob_key"`
	CRC32         int64  `bun:"crc32"`
	Listed        bool   `bun:"listed"`
}

func rowOfRendition(r dam.Rendition) *renditionRow {
	return &renditionRow{
		AssetID: r.AssetID, Name: r.Name, MIME: r.MIME, Width: r.Width, Height: r.Height,
		Size: r.Size, Key: r.Key, CRC32: int64(r.CRC32), Listed: dam.Listed(r.Name),
	}
}

func (r renditionRow) rendition() dam.Rendition {
	return dam.Rendition{
		AssetID: r.AssetID, Name: r.Name, MIME: r.MIME, Width: r.Width, Height: r.Height,
		Size: r.Size, Key: r.Key, CRC32: uint32(r.CRC32),
	}
}

// DropRenditions forgets the renditions of the present original, with all that was made of them.
func (tx *Tx) DropRenditions(ctx context.Context, assetID string) error {
	_, err := tx.db.NewRaw("DELETE FROM renditions WHERE asset_id = ? AND "+present, assetID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("drop renditions: %w", err)
	}
	return nil
}

// present is true of renditions of the present original.
const present = "name NOT LIKE '%@r%'"

// SaveRenditions adds renditions to an asset, in place of those with the same names.
func (tx *Tx) SaveRenditions(ctx context.Context, list ...dam.Rendition) error {
	for _, r := range list {
		_, err := tx.db.NewInsert().Model(rowOfRendition(r)).On("CONFLICT (asset_id, name) DO UPDATE").
			Set("mime = EXCLUDED.mime, width = EXCLUDED.width, height = EXCLUDED.height").
			Set("size = EXCLUDED.size, blob_key = EXCLUDED.blob_key, crc32 = EXCLUDED.crc32").Exec(ctx)
		if err != nil {
			return fmt.Errorf("save rendition %s: %w", r.Name, err)
		}
	}
	return nil
}

// DropMarked forgets what was made of a rendition that is made anew: its marked pictures.
func (tx *Tx) DropMarked(ctx context.Context, assetID, name string) error {
	_, err := tx.db.NewRaw("DELETE FROM renditions WHERE asset_id = ? AND name LIKE ?", assetID, dam.MarkedName(name, "w%")).Exec(ctx)
	return err
}

// Rendition reads one rendition by its stored name. Errors: NotFound.
func (r Reader) Rendition(ctx context.Context, assetID, name string) (dam.Rendition, error) {
	var row renditionRow
	err := r.db.NewSelect().Model(&row).Where("asset_id = ? AND name = ?", assetID, name).Scan(ctx)
	return row.rendition(), found(err, "version")
}

// DropMarks forgets all marked renditions but those of one version of the watermark.
func (tx *Tx) DropMarks(ctx context.Context, but string) error {
	sel := "DELETE FROM renditions WHERE listed = FALSE AND name LIKE '%@w%'"
	if but != "" {
		sel += " AND name NOT LIKE '%@w" + but + "%'"
	}
	_, err := tx.db.NewRaw(sel).Exec(ctx)
	return err
}

// DropRecipe forgets the renditions of a recipe, with all that was made of them.
func (tx *Tx) DropRecipe(ctx context.Context, name string) error {
	_, err := tx.db.NewRaw("DELETE FROM renditions WHERE name = ? OR name LIKE ?", name, name+"@%").Exec(ctx)
	return err
}

// UnwantedCleaned lists the originals without metadata that no link gives any more, by asset and name.
func (r Reader) UnwantedCleaned(ctx context.Context) (list []dam.Rendition, err error) {
	for _, c := range []dam.Cleaning{dam.CleanGPS, dam.CleanAll} {
		var rows []renditionRow
		// The name stands in JSON as a whole word.
		err := r.db.NewRaw("SELECT asset_id, name FROM renditions r WHERE listed = FALSE AND name LIKE ? AND NOT EXISTS (SELECT 1 FROM links l "+
			"WHERE l.terms LIKE ? AND (l.asset_id = r.asset_id OR EXISTS (SELECT 1 FROM collection_assets ca "+
			"WHERE ca.collection_id = l.collection_id AND ca.asset_id = r.asset_id)))",
			dam.CleanedName("%", c), `%"files":"`+string(c)+`"%`).Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("read cleaned originals: %w", err)
		}
		list = append(list, each(rows, renditionRow.rendition)...)
	}
	return list, nil
}

// Traced lists the renditions that bear the text of a link, by asset and name.
func (r Reader) Traced(ctx context.Context) ([]dam.Rendition, error) {
	var rows []renditionRow
	err := r.db.NewRaw("SELECT asset_id, name FROM renditions WHERE listed = FALSE AND name LIKE '%@w%-%'").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("read traces: %w", err)
	}
	return each(rows, renditionRow.rendition), nil
}

// TracedLinks lists the links whose pictures bear a text of their own.
func (r Reader) TracedLinks(ctx context.Context) ([]dam.Link, error) {
	var rows []linkRow
	err := r.db.NewSelect().Model(&rows).Where(`l.terms LIKE '%"trace":true%'`).Scan(ctx)
	return each(rows, linkRow.link), err
}

// DropMade forgets renditions by asset and name.
func (tx *Tx) DropMade(ctx context.Context, list ...dam.Rendition) error {
	for _, r := range list {
		if _, err := tx.db.NewRaw("DELETE FROM renditions WHERE asset_id = ? AND name = ?", r.AssetID, r.Name).Exec(ctx); err != nil {
			return fmt.Errorf("drop rendition %s: %w", r.Name, err)
		}
	}
	return nil
}
