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
}

func (r renditionRow) rendition() dam.Rendition {
	return dam.Rendition{
		AssetID: r.AssetID, Name: r.Name, MIME: r.MIME, Width: r.Width, Height: r.Height,
		Size: r.Size, Key: r.Key, CRC32: uint32(r.CRC32),
	}
}

// ReplaceRenditions makes these the renditions of an asset.
func (tx *Tx) ReplaceRenditions(ctx context.Context, assetID string, list []dam.Rendition) error {
	if _, err := tx.db.NewDelete().Model((*renditionRow)(nil)).Where("asset_id = ?", assetID).Exec(ctx); err != nil {
		return fmt.Errorf("replace renditions: %w", err)
	}
	for _, r := range list {
		row := &renditionRow{
			AssetID: assetID, Name: r.Name, MIME: r.MIME, Width: r.Width, Height: r.Height,
			Size: r.Size, Key: r.Key, CRC32: int64(r.CRC32),
		}
		if _, err := tx.db.NewInsert().Model(row).Exec(ctx); err != nil {
			return fmt.Errorf("replace renditions: %w", err)
		}
	}
	return nil
}
