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
}

// UseBlob takes bytes into use that lie in the blob store. When the sweeper has just doomed the
// same content the upload must be sent again. Errors: Unavailable.
func (tx *Tx) UseBlob(ctx context.Context, key string, size int64, crc32 uint32, now time.Time) error {
	res, err := tx.db.NewRaw("INSERT INTO blobs (key, size, crc32, touched_at) VALUES (?, ?, ?, ?) "+
		"ON CONFLICT (key) DO UPDATE SET touched_at = excluded.touched_at WHERE blobs.doomed = FALSE",
		key, size, int64(crc32), instant{now}).Exec(ctx)
	if dam.KindOf(hit(res, err, "blob")) == dam.NotFound {
		return &dam.Error{Kind: dam.Unavailable, Msg: "These bytes are being cleaned up this moment. Send them again."}
	}
	return err
}

// unused says of a blob that no row needs it.
const unused = `NOT EXISTS (SELECT 1 FROM assets a WHERE a.blob_key = blobs.key)
	AND NOT EXISTS (SELECT 1 FROM renditions r WHERE r.blob_key = blobs.key)
	AND NOT EXISTS (SELECT 1 FROM upload_parts p WHERE p.blob_key = blobs.key)`

// DoomBlobs marks up to 500 blobs that nothing has needed since before an instant, and lists all
// that are marked. From then on UseBlob refuses them, until ForgetBlob.
func (tx *Tx) DoomBlobs(ctx context.Context, before time.Time) ([]string, error) {
	// The age is asked for once more outside: a statement that waited for an upload looks again at the
	// row it waited for, but at no other.
	_, err := tx.db.NewRaw("UPDATE blobs SET doomed = TRUE WHERE touched_at < ? AND key IN (SELECT key FROM blobs WHERE touched_at < ? AND "+
		unused+" LIMIT 500) AND "+unused, instant{before}, instant{before}).Exec(ctx)
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

// ForgetBlob removes the row of a doomed blob whose bytes are gone.
func (tx *Tx) ForgetBlob(ctx context.Context, key string) error {
	_, err := tx.db.NewRaw("DELETE FROM blobs WHERE key = ? AND doomed = TRUE", key).Exec(ctx)
	return err
}

// Blobs lists the blobs in use after a key, at most 500, in order of key.
func (r Reader) Blobs(ctx context.Context, after string) ([]BlobRow, error) {
	var rows []BlobRow
	err := r.db.NewRaw("SELECT key, size, crc32 FROM blobs WHERE key > ? AND doomed = FALSE ORDER BY key LIMIT 500", after).Scan(ctx, &rows)
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
		"WHERE a.blob_key = ? OR r.blob_key = ? ORDER BY a.number", key, key).Scan(ctx, &numbers)
	return numbers, err
}
