package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

type originalRow struct {
	bun.BaseModel `bun:"table:originals,alias:o"`
	AssetID       string  `bun:"asset_id,pk"`
	Revision      int     `bun:"revision,pk"`
	Name          string  `bun:"name"`
	Kind          string  `bun:"kind"`
	MIME          string  `bun:"mime"`
	Size          int64   `bun:"size"`
	SHA256        string  `bun:"sha256"`
	Key           string  `bun:"blob_key"`
	Width         int     `bun:"width"`
	Height        int     `bun:"height"`
	Duration      float64 `bun:"duration"`
	Pages         int     `bun:"pages"`
	Since         instant `bun:"since"`
	ByID          string  `bun:"by_id"`
	ByName        string  `bun:"by_name"`
}

func (r originalRow) revision() dam.Revision {
	return dam.Revision{
		AssetID: r.AssetID, Number: r.Revision, Name: r.Name, Kind: dam.AssetKind(r.Kind), MIME: r.MIME, Size: r.Size,
		SHA256: r.SHA256, Key: r.Key, Width: r.Width, Height: r.Height, Duration: r.Duration, Pages: r.Pages,
		Since: r.Since.Time, ByID: r.ByID, ByName: r.ByName,
	}
}

// SetAside keeps the present original of an asset, and its renditions, as an earlier one.
func (tx *Tx) SetAside(ctx context.Context, r dam.Revision) error {
	row := &originalRow{
		AssetID: r.AssetID, Revision: r.Number, Name: r.Name, Kind: string(r.Kind), MIME: r.MIME, Size: r.Size,
		SHA256: r.SHA256, Key: r.Key, Width: r.Width, Height: r.Height, Duration: r.Duration, Pages: r.Pages,
		Since: instant{r.Since}, ByID: r.ByID, ByName: r.ByName,
	}
	if _, err := tx.db.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("set an original aside: %w", err)
	}
	// What was made of renditions is made again when somebody asks.
	if _, err := tx.db.NewRaw("DELETE FROM renditions WHERE asset_id = ? AND name LIKE '%@%' AND "+present, r.AssetID).Exec(ctx); err != nil {
		return fmt.Errorf("set renditions aside: %w", err)
	}
	_, err := tx.db.NewRaw("UPDATE renditions SET name = name || '@r"+strconv.Itoa(r.Number)+"', listed = FALSE WHERE asset_id = ? AND "+present,
		r.AssetID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("set renditions aside: %w", err)
	}
	return nil
}

// Earlier lists the earlier originals of an asset, the latest first.
func (r Reader) Earlier(ctx context.Context, assetID string) ([]dam.Revision, error) {
	var rows []originalRow
	err := r.db.NewSelect().Model(&rows).Where("o.asset_id = ?", assetID).OrderExpr("o.revision DESC").Scan(ctx)
	return each(rows, originalRow.revision), found(err, "original")
}

// EarlierAt reads the earlier original that an asset had at an instant; of before the first one, the
// first. Errors: NotFound when the asset had no other original than the present one.
func (r Reader) EarlierAt(ctx context.Context, assetID string, at time.Time) (dam.Revision, error) {
	var row originalRow
	err := r.db.NewSelect().Model(&row).Where("o.asset_id = ?", assetID).
		OrderExpr("CASE WHEN o.since <= ? THEN 0 ELSE 1 END, CASE WHEN o.since <= ? THEN -o.revision ELSE o.revision END",
			instant{at}, instant{at}).Limit(1).Scan(ctx)
	return row.revision(), found(err, "original")
}

// EarlierRenditions lists what was made of an earlier original, under the names it had then, but no
// pages and nothing marked.
func (r Reader) EarlierRenditions(ctx context.Context, assetID string, revision int) ([]dam.Rendition, error) {
	var rows []renditionRow
	suffix := dam.EarlierName("", revision)
	err := r.db.NewSelect().Model(&rows).Where("r.asset_id = ? AND r.name LIKE ?", assetID, "%"+suffix).
		OrderExpr("r.width, r.name").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read earlier renditions: %w", err)
	}
	var out []dam.Rendition
	for _, row := range rows {
		row.Name = row.Name[:len(row.Name)-len(suffix)]
		if dam.Listed(row.Name) {
			out = append(out, row.rendition())
		}
	}
	return out, nil
}
