package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

type watermarkRow struct {
	bun.BaseModel `bun:"table:watermarks,alias:w"`
	Version       string  `bun:"version,pk"`
	Key           string  `bun:"blob_key"`
	ImageSize     int64   `bun:"image_size"`
	ImageWidth    int     `bun:"image_width"`
	ImageHeight   int     `bun:"image_height"`
	Position      string  `bun:"position"`
	Tiled         bool    `bun:"tiled"`
	Size          int     `bun:"size"`
	Opacity       int     `bun:"opacity"`
	CreatedAt     instant `bun:"created_at"`
}

// Watermark reads the watermark; the zero value when there is none.
func (r Reader) Watermark(ctx context.Context) (dam.Watermark, error) {
	var row watermarkRow
	err := found(r.db.NewSelect().Model(&row).OrderExpr("w.created_at DESC").Limit(1).Scan(ctx), "watermark")
	if dam.KindOf(err) == dam.NotFound {
		return dam.Watermark{}, nil
	}
	return dam.Watermark{
		Version: row.Version, Key: row.Key, ImageSize: row.ImageSize, ImageWidth: row.ImageWidth, ImageHeight: row.ImageHeight,
		Position: dam.Position(row.Position), Tiled: row.Tiled, Size: row.Size, Opacity: row.Opacity, CreatedAt: row.CreatedAt.Time,
	}, err
}

// ReplaceWatermark makes this the watermark, or with the zero value takes it away, and forgets what
// bears an older one.
func (tx *Tx) ReplaceWatermark(ctx context.Context, w dam.Watermark) error {
	if _, err := tx.db.NewRaw("DELETE FROM watermarks").Exec(ctx); err != nil {
		return fmt.Errorf("replace the watermark: %w", err)
	}
	if err := tx.DropMarks(ctx, w.Version); err != nil {
		return fmt.Errorf("drop old marks: %w", err)
	}
	if !w.Configured() {
		return nil
	}
	row := &watermarkRow{
		Version: w.Version, Key: w.Key, ImageSize: w.ImageSize, ImageWidth: w.ImageWidth, ImageHeight: w.ImageHeight,
		Position: string(w.Position), Tiled: w.Tiled, Size: w.Size, Opacity: w.Opacity, CreatedAt: instant{w.CreatedAt},
	}
	_, err := tx.db.NewInsert().Model(row).Exec(ctx)
	return err
}
