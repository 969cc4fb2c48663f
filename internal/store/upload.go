package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

// Upload is a resumable upload in progress: Offset of Size bytes are safe. AssetID is set when it
// has become an asset.
type Upload struct {
	ID          string
	OwnerID     string
	Name        string
	Title       string
	Description string
	Size        int64
	Offset      int64
	AssetID     string
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

// Part is a run of bytes of an upload, kept as a blob.
type Part struct {
	Start int64  `bun:"start"`
	Size  int64  `bun:"size"`
	Key   string `bun:"blob_key"`
	CRC32 uint32 `bun:"crc32"`
}

type uploadRow struct {
	bun.BaseModel `bun:"table:uploads,alias:up"`
	ID            string  `bun:"id,pk"`
	OwnerID       string  `bun:"owner_id"`
	Name          string  `bun:"name"`
	Title         string  `bun:"title"`
	Description   string  `bun:"description"`
	Size          int64   `bun:"size"`
	Received      int64   `bun:"received"`
	AssetID       string  `bun:"asset_id"`
	CreatedAt     instant `bun:"created_at"`
	ExpiresAt     instant `bun:"expires_at"`
}

// InsertUpload begins an upload.
func (tx *Tx) InsertUpload(ctx context.Context, u Upload) error {
	_, err := tx.db.NewInsert().Model(&uploadRow{
		ID: u.ID, OwnerID: u.OwnerID, Name: u.Name, Title: u.Title, Description: u.Description, Size: u.Size,
		Received: u.Offset, AssetID: u.AssetID, CreatedAt: instant{u.CreatedAt}, ExpiresAt: instant{u.ExpiresAt},
	}).Exec(ctx)
	return classify(err)
}

// Upload reads an upload that is not over yet. Errors: NotFound.
func (r Reader) Upload(ctx context.Context, id string, now time.Time) (Upload, error) {
	var row uploadRow
	err := r.db.NewSelect().Model(&row).Where("up.id = ? AND up.expires_at > ?", id, instant{now}).Scan(ctx)
	return Upload{
		ID: row.ID, OwnerID: row.OwnerID, Name: row.Name, Title: row.Title, Description: row.Description,
		Size: row.Size, Offset: row.Received, AssetID: row.AssetID,
		CreatedAt: row.CreatedAt.Time, ExpiresAt: row.ExpiresAt.Time,
	}, found(err, "upload")
}

// AppendPart adds bytes to an upload at its end. Errors: Conflict when it does not end at Start.
func (tx *Tx) AppendPart(ctx context.Context, uploadID string, p Part) error {
	res, err := tx.db.NewRaw("UPDATE uploads SET received = received + ? WHERE id = ? AND received = ?", p.Size, uploadID, p.Start).Exec(ctx)
	if dam.KindOf(hit(res, err, "upload")) == dam.NotFound {
		return &dam.Error{Kind: dam.Conflict, Msg: "The upload does not end there. Ask for its offset."}
	}
	if err != nil {
		return err
	}
	_, err = tx.db.NewRaw("INSERT INTO upload_parts (upload_id, start, size, blob_key) VALUES (?, ?, ?, ?)",
		uploadID, p.Start, p.Size, p.Key).Exec(ctx)
	return err
}

// Parts lists the parts of an upload in order.
func (r Reader) Parts(ctx context.Context, uploadID string) (parts []Part, err error) {
	err = r.db.NewRaw("SELECT p.start, p.size, p.blob_key, b.crc32 FROM upload_parts p "+
		"JOIN blobs b ON b.key = p.blob_key WHERE p.upload_id = ? ORDER BY p.start", uploadID).Scan(ctx, &parts)
	return parts, err
}

// FinishUpload notes which asset an upload became and lets its parts go. Errors: Conflict when
// another request has finished it.
func (tx *Tx) FinishUpload(ctx context.Context, id, assetID string) error {
	res, err := tx.db.NewRaw("UPDATE uploads SET asset_id = ? WHERE id = ? AND asset_id = ''", assetID, id).Exec(ctx)
	if dam.KindOf(hit(res, err, "upload")) == dam.NotFound {
		return &dam.Error{Kind: dam.Conflict, Msg: "This upload is finished already."}
	}
	if err != nil {
		return err
	}
	_, err = tx.db.NewRaw("DELETE FROM upload_parts WHERE upload_id = ?", id).Exec(ctx)
	return err
}

// DeleteUpload forgets an upload and its parts. Errors: NotFound.
func (tx *Tx) DeleteUpload(ctx context.Context, id string) error {
	res, err := tx.db.NewRaw("DELETE FROM uploads WHERE id = ?", id).Exec(ctx)
	return hit(res, err, "upload")
}

// DropUploads forgets uploads that ended before an instant.
func (tx *Tx) DropUploads(ctx context.Context, before time.Time) error {
	if _, err := tx.db.NewRaw("DELETE FROM uploads WHERE expires_at < ?", instant{before}).Exec(ctx); err != nil {
		return fmt.Errorf("drop uploads: %w", err)
	}
	return nil
}
