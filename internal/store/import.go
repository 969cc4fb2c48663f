package store

import "context"

// OwnsCopy says whether somebody has another asset than this one, outside the trash, with these bytes. In a
// transaction that has taken the bytes into use it holds until its end: another one would wait for them.
func (r Reader) OwnsCopy(ctx context.Context, ownerID, sha256, butID string) (bool, error) {
	var n int
	err := r.db.NewRaw("SELECT count(*) FROM assets WHERE sha256 = ? AND owner_id = ? AND id <> ? AND trashed_at IS NULL",
		sha256, ownerID, butID).Scan(ctx, &n)
	return n > 0, err
}
