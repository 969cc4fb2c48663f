package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

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

// sweepBatch is how many blobs the sweeper takes at a time.
const sweepBatch = 500

// IdleBlob is a blob that nothing needs in our storage. Its time is that of its last use, in
// microseconds since 1970.
type IdleBlob struct {
	Key       string `bun:"key"`
	TouchedAt int64  `bun:"touched_at"`
}

// IdleBlobs lists up to 500 blobs that nothing has needed in our storage since before an instant, those
// longest unused first, after one that was listed before. The zero value begins.
func (r Reader) IdleBlobs(ctx context.Context, before time.Time, after IdleBlob) (list []IdleBlob, err error) {
	err = r.db.NewRaw("SELECT key, touched_at FROM blobs WHERE touched_at < ? AND (touched_at, key) > (?, ?) AND doomed = FALSE AND "+
		"external = FALSE AND (kept OR NOT archived) AND "+unused+" ORDER BY touched_at, key LIMIT ?",
		instant{before}, after.TouchedAt, after.Key, sweepBatch).Scan(ctx, &list)
	return list, err
}

// Doomed lists the blobs that are marked: those that an earlier sweep did not come to remove.
func (r Reader) Doomed(ctx context.Context) (keys []string, err error) {
	err = r.db.NewRaw("SELECT key FROM blobs WHERE doomed = TRUE AND external = FALSE").Scan(ctx, &keys)
	return keys, err
}

// DoomBlobs marks those of some blobs that nothing has needed in our storage since before an instant, and
// lists them. From then on UseBlob refuses them, until ForgetBlob.
func (tx *Tx) DoomBlobs(ctx context.Context, before time.Time, keys []string) (doomed []string, err error) {
	if len(keys) == 0 {
		return nil, nil
	}
	err = tx.db.NewRaw("UPDATE blobs SET doomed = TRUE WHERE key IN (?) AND touched_at < ? AND external = FALSE AND "+
		"(kept OR NOT archived) AND "+unused+" RETURNING key", bun.List(keys), instant{before}).Scan(ctx, &doomed)
	if err != nil {
		return nil, fmt.Errorf("doom blobs: %w", err)
	}
	return doomed, nil
}

// DoomCopies marks those of some blobs that should lie in the archive alone, and lists them: what our
// storage holds of them is left over.
func (tx *Tx) DoomCopies(ctx context.Context, before time.Time, keys []string) (doomed []string, err error) {
	if len(keys) == 0 {
		return nil, nil
	}
	err = tx.db.NewRaw("UPDATE blobs SET doomed = TRUE WHERE key IN (?) AND touched_at < ? AND kept = FALSE AND archived = TRUE RETURNING key",
		bun.List(keys), instant{before}).Scan(ctx, &doomed)
	if err != nil {
		return nil, fmt.Errorf("doom leftover copies: %w", err)
	}
	return doomed, nil
}

// DropExternal forgets the bytes of external files whose asset has been gone since before an instant.
func (tx *Tx) DropExternal(ctx context.Context, before time.Time) error {
	_, err := tx.db.NewRaw("DELETE FROM blobs WHERE external = TRUE AND touched_at < ? AND "+unused, instant{before}).Exec(ctx)
	return err
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

// ForgetBlob removes the rows of doomed blobs whose bytes are gone; those with a copy in the archive stay
// known as such.
func (tx *Tx) ForgetBlob(ctx context.Context, keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	if _, err := tx.db.NewRaw("DELETE FROM blobs WHERE key IN (?) AND doomed = TRUE AND archived = FALSE", bun.List(keys)).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.db.NewRaw("UPDATE blobs SET doomed = FALSE, kept = FALSE WHERE key IN (?) AND doomed = TRUE", bun.List(keys)).Exec(ctx)
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

// Places reads where the bytes of some keys are; of a key without a row it says nothing.
func (r Reader) Places(ctx context.Context, keys []string) (map[string]BlobRow, error) {
	places := make(map[string]BlobRow, len(keys))
	if len(keys) == 0 {
		return places, nil
	}
	var rows []BlobRow
	err := r.db.NewRaw("SELECT "+blobColumns+" FROM blobs WHERE key IN (?)", bun.List(keys)).Scan(ctx, &rows)
	for _, row := range rows {
		places[row.Key] = row
	}
	return places, err
}

// AssetsOfBlob lists the numbers of the assets that need a blob, as original or as rendition.
func (r Reader) AssetsOfBlob(ctx context.Context, key string) (numbers []int64, err error) {
	err = r.db.NewRaw("SELECT number FROM assets WHERE blob_key = ?"+
		" UNION SELECT a.number FROM renditions r JOIN assets a ON a.id = r.asset_id WHERE r.blob_key = ?"+
		" UNION SELECT a.number FROM attachments t JOIN assets a ON a.id = t.asset_id WHERE t.blob_key = ?"+
		" UNION SELECT a.number FROM originals o JOIN assets a ON a.id = o.asset_id WHERE o.blob_key = ?"+
		" ORDER BY 1", key, key, key, key).Scan(ctx, &numbers)
	return numbers, err
}

// SaidMissing lists those of some keys that are the original of an asset of which it is said that the
// original is missing, or that it is available.
func (r Reader) SaidMissing(ctx context.Context, keys []string, missing bool) (list []string, err error) {
	if len(keys) == 0 {
		return nil, nil
	}
	state := dam.OriginalAvailable
	if missing {
		state = dam.OriginalMissing
	}
	err = r.db.NewRaw("SELECT DISTINCT blob_key FROM assets WHERE blob_key IN (?) AND original = ?", bun.List(keys), string(state)).Scan(ctx, &list)
	return list, err
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
