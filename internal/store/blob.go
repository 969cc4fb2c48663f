package store

import (
	"context"
	"fmt"
	"time"

	"vitrine/internal/dam"
)

// BlobRow is what the rows know of some bytes.
type BlobRow struct {
	Key   string `bun:"key"`
	Size  int64  `bun:"size"`
	CRC32 int64  `bun:"crc32"`
	// Where the bytes are: in our storage, in the archive's, or in an external source.
	Kept     bool `bun:"kept"`
	Archived bool `bun:"archived"`
	External bool `bun:"external"`
}

const blobColumns = "key, size, crc32, kept, archived, external"

// UseBlob takes bytes into use that lie in the blob store. When the sweeper has just doomed the
// same content the upload must be sent again. Errors: Unavailable.
func (tx *Tx) UseBlob(ctx context.Context, key string, size int64, crc32 uint32, now time.Time) error {
	res, err := tx.db.NewRaw("INSERT INTO blobs (key, size, crc32, touched_at) VALUES (?, ?, ?, ?) "+
		"ON CONFLICT (key) DO UPDATE SET touched_at = excluded.touched_at, kept = TRUE, size = excluded.size, crc32 = excluded.crc32 "+
		"WHERE blobs.doomed = FALSE",
		key, size, int64(crc32), instant{now}).Exec(ctx)
	if dam.KindOf(hit(res, err, "blob")) == dam.NotFound {
		return &dam.Error{Kind: dam.Unavailable, Msg: "These bytes are being cleaned up this moment. Send them again."}
	}
	return err
}

// unused says of a blob that no row needs it where it lies in our storage: the originals of archived
// assets lie in the archive.
const unused = `NOT EXISTS (SELECT 1 FROM assets a WHERE a.blob_key = blobs.key AND NOT (blobs.archived AND a.original = 'archived'))
	AND NOT EXISTS (SELECT 1 FROM renditions r WHERE r.blob_key = blobs.key)
	AND NOT EXISTS (SELECT 1 FROM attachments t WHERE t.blob_key = blobs.key)
	AND NOT EXISTS (SELECT 1 FROM originals o WHERE o.blob_key = blobs.key)
	AND NOT EXISTS (SELECT 1 FROM watermarks w WHERE w.blob_key = blobs.key)
	AND NOT EXISTS (SELECT 1 FROM upload_parts p WHERE p.blob_key = blobs.key)`

// DoomBlobs marks up to 500 blobs that nothing has needed in our storage since before an instant, and
// lists all that are marked. From then on UseBlob refuses them, until ForgetBlob.
func (tx *Tx) DoomBlobs(ctx context.Context, before time.Time) ([]string, error) {
	// The age is asked for once more outside: a statement that waited for an upload looks again at the
	// row it waited for, but at no other.
	_, err := tx.db.NewRaw("UPDATE blobs SET doomed = TRUE WHERE touched_at < ? AND key IN (SELECT key FROM blobs WHERE touched_at < ? AND "+
		"(kept OR NOT archived) AND "+unused+" LIMIT 500) AND "+unused, instant{before}, instant{before}).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("doom blobs: %w", err)
	}
	var keys []string
	err = tx.db.NewRaw("SELECT key FROM blobs WHERE doomed = TRUE").Scan(ctx, &keys)
	return keys, err
}

// DoomStray marks a key that lies in the blob store without a row. False means a row exists.
func (tx *Tx) DoomStray(ctx context.Context, key string, now time.Time) (bool, error) {
	res, err := tx.db.NewRaw("INSERT INTO blobs (key, size, crc32, touched_at, doomed) VALUES (?, 0, 0, ?, TRUE) "+
		"ON CONFLICT (key) DO NOTHING", key, instant{now}).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("doom stray blob: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// ForgetBlob removes the row of a doomed blob whose bytes are gone; one with a copy in the archive stays
// known as such.
func (tx *Tx) ForgetBlob(ctx context.Context, key string) error {
	if _, err := tx.db.NewRaw("DELETE FROM blobs WHERE key = ? AND doomed = TRUE AND archived = FALSE", key).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.db.NewRaw("UPDATE blobs SET doomed = FALSE, kept = FALSE WHERE key = ? AND doomed = TRUE", key).Exec(ctx)
	return err
}

// Place reads where the bytes of a key are. Errors: NotFound.
func (r Reader) Place(ctx context.Context, key string) (BlobRow, error) {
	var row BlobRow
	err := r.db.NewRaw("SELECT "+blobColumns+" FROM blobs WHERE key = ?", key).Scan(ctx, &row)
	return row, found(err, "blob")
}

// SetArchived says whether the archive has a copy of the bytes.
func (tx *Tx) SetArchived(ctx context.Context, key string, archived bool, now time.Time) error {
	res, err := tx.db.NewRaw("UPDATE blobs SET archived = ?, touched_at = ? WHERE key = ?", archived, instant{now}, key).Exec(ctx)
	return hit(res, err, "blob")
}

// ArchiveLeftovers lists up to 500 keys whose copy in the archive no archived asset needs, while ours is there.
func (r Reader) ArchiveLeftovers(ctx context.Context, before time.Time) (keys []string, err error) {
	err = r.db.NewRaw("SELECT key FROM blobs WHERE archived AND touched_at < ? AND NOT EXISTS "+
		"(SELECT 1 FROM assets a WHERE a.blob_key = blobs.key AND a.original = 'archived') AND (kept OR NOT EXISTS "+
		"(SELECT 1 FROM assets a WHERE a.blob_key = blobs.key)) LIMIT 500", instant{before}).Scan(ctx, &keys)
	return keys, err
}

// Blobs lists the blobs in use after a key, at most 500, in order of key.
func (r Reader) Blobs(ctx context.Context, after string) ([]BlobRow, error) {
	var rows []BlobRow
	err := r.db.NewRaw("SELECT "+blobColumns+" FROM blobs WHERE key > ? AND doomed = FALSE ORDER BY key LIMIT 500", after).Scan(ctx, &rows)
	return rows, err
}

// BlobKnown says whether a row of the key exists.
func (r Reader) BlobKnown(ctx context.Context, key string) (bool, error) {
	var n int
	err := r.db.NewRaw("SELECT count(*) FROM blobs WHERE key = ?", key).Scan(ctx, &n)
	return n > 0, err
}

// AssetsOfBlob lists the numbers of the assets that need a blob, as original or as rendition.
func (r Reader) AssetsOfBlob(ctx context.Context, key string) (numbers []int64, err error) {
	err = r.db.NewRaw("SELECT DISTINCT a.number FROM assets a LEFT JOIN renditions r ON r.asset_id = a.id "+
		"LEFT JOIN attachments t ON t.asset_id = a.id LEFT JOIN originals o ON o.asset_id = a.id "+
		"WHERE a.blob_key = ? OR r.blob_key = ? OR t.blob_key = ? OR o.blob_key = ? ORDER BY a.number", key, key, key, key).Scan(ctx, &numbers)
	return numbers, err
}

// SetMissing says of all assets with these bytes that their original is gone, or there again, and
// lists them. Archived ones stay so.
func (tx *Tx) SetMissing(ctx context.Context, key string, missing bool) (ids []string, err error) {
	from, to := dam.OriginalAvailable, dam.OriginalMissing
	if !missing {
		from, to = to, from
	}
	err = tx.db.NewRaw("UPDATE assets SET original = ? WHERE blob_key = ? AND original = ? RETURNING id", string(to), key, string(from)).Scan(ctx, &ids)
	return ids, err
}
