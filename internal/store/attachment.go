package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

type attachmentRow struct {
	bun.BaseModel `bun:"table:attachments,alias:t"`
	ID            string  `bun:"id,pk"`
	AssetID       string  `bun:"asset_id"`
	Name          string  `bun:"name"`
	MIME          string  `bun:"mime"`
	Size          int64   `bun:"size"`
	Key           string  `bun:"blob_key"`
	CRC32         int64   `bun:"crc32"`
	CreatedAt     instant `bun:"created_at"`
}

func (r attachmentRow) attachment() dam.Attachment {
	return dam.Attachment{
		ID: r.ID, AssetID: r.AssetID, Name: r.Name, MIME: r.MIME, Size: r.Size,
		Key: r.Key, CRC32: uint32(r.CRC32), CreatedAt: r.CreatedAt.Time,
	}
}

// InsertAttachment adds a supporting file.
func (tx *Tx) InsertAttachment(ctx context.Context, f dam.Attachment) error {
	row := &attachmentRow{
		ID: f.ID, AssetID: f.AssetID, Name: f.Name, MIME: f.MIME, Size: f.Size,
		Key: f.Key, CRC32: int64(f.CRC32), CreatedAt: instant{f.CreatedAt},
	}
	if _, err := tx.db.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("insert supporting file: %w", err)
	}
	return nil
}

// DeleteAttachment forgets a supporting file of an asset. Errors: NotFound.
func (tx *Tx) DeleteAttachment(ctx context.Context, assetID, id string) error {
	res, err := tx.db.NewRaw("DELETE FROM attachments WHERE id = ? AND asset_id = ?", id, assetID).Exec(ctx)
	return hit(res, err, "supporting file")
}

// Attachment reads a supporting file of an asset. Errors: NotFound.
func (r Reader) Attachment(ctx context.Context, assetID, id string) (dam.Attachment, error) {
	var row attachmentRow
	err := r.db.NewSelect().Model(&row).Where("t.id = ? AND t.asset_id = ?", id, assetID).Scan(ctx)
	return row.attachment(), found(err, "supporting file")
}
