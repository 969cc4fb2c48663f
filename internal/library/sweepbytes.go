package library

import (
	"context"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/store"
)

// sweepBlobs removes from our storage what no row needs there. It dooms it first and removes it in a second
// step, so that an upload of the same content between the two is told to come again instead of losing its
// bytes.
func (l *Library) sweepBlobs(ctx context.Context) error {
	before := l.now().Add(-grace)
	left, err := l.Store.Doomed(ctx)
	if err != nil {
		return err
	}
	if err := l.remove(ctx, left, before); err != nil {
		return err
	}
	err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.DropExternal(ctx, before) })
	if err != nil {
		return err
	}
	var last store.IdleBlob
	for range sweepBatches {
		idle, err := l.Store.IdleBlobs(ctx, before, last)
		if err != nil {
			return err
		}
		if len(idle) == 0 {
			break
		}
		last = idle[len(idle)-1]
		keys := make([]string, len(idle))
		for i, b := range idle {
			keys[i] = b.Key
		}
		var doomed []string
		err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			doomed, err = tx.DoomBlobs(ctx, before, keys)
			return err
		})
		if err != nil {
			return err
		}
		if err := l.remove(ctx, doomed, before); err != nil {
			return err
		}
	}
	return walkOld(ctx, l.Blobs, before, func(keys []string) error { return l.sweepStrays(ctx, keys, before) })
}

// sweepStrays removes those of some old entries of our storage that no row knows, or that should lie in the
// archive alone.
func (l *Library) sweepStrays(ctx context.Context, keys []string, before time.Time) error {
	places, err := l.Store.Places(ctx, keys)
	if err != nil {
		return err
	}
	var unknown, copies, doomed []string
	for _, key := range keys {
		if row, known := places[key]; !known {
			unknown = append(unknown, key)
		} else if !row.Kept && row.Archived {
			copies = append(copies, key)
		}
	}
	if len(unknown)+len(copies) == 0 {
		return nil
	}
	err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		doomed, err = tx.DoomCopies(ctx, before, copies)
		for _, key := range unknown {
			if err != nil {
				return err
			}
			var mine bool
			if mine, err = tx.DoomStray(ctx, key, l.now()); mine {
				doomed = append(doomed, key)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return l.remove(ctx, doomed, before)
}

// remove takes doomed bytes out of our storage, and then their rows.
func (l *Library) remove(ctx context.Context, doomed []string, before time.Time) error {
	if len(doomed) == 0 {
		return nil
	}
	for _, key := range doomed {
		if err := l.Blobs.Delete(ctx, key, before); err != nil {
			return err
		}
	}
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.ForgetBlob(ctx, doomed...) })
}

// sweepArchive removes the archive's copies that no archived original needs, and what no row says is there.
func (l *Library) sweepArchive(ctx context.Context) error {
	if l.Archive == nil {
		return nil
	}
	before := l.now().Add(-grace)
	for range sweepBatches {
		keys, err := l.Store.ArchiveLeftovers(ctx, before)
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			break
		}
		// First the word, then the deed: a copy that no row knows is put again by the next archiving.
		err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			for _, key := range keys {
				if err := tx.SetArchived(ctx, key, false, l.now()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := l.removeArchived(ctx, keys, before); err != nil {
			return err
		}
	}
	return walkOld(ctx, l.Archive, before, func(keys []string) error {
		places, err := l.Store.Places(ctx, keys)
		if err != nil {
			return err
		}
		var strays []string
		for _, key := range keys {
			if !places[key].Archived {
				strays = append(strays, key)
			}
		}
		// One that is being archived this moment was put again, and stays.
		return l.removeArchived(ctx, strays, before)
	})
}

func (l *Library) removeArchived(ctx context.Context, keys []string, before time.Time) error {
	for _, key := range keys {
		if err := l.Archive.Delete(ctx, key, before); err != nil {
			return err
		}
	}
	return nil
}

// walkOld hands on the keys of what was last put before an instant, many at a time.
func walkOld(ctx context.Context, s blob.Store, before time.Time, fn func(keys []string) error) error {
	var keys []string
	err := s.Walk(ctx, func(e blob.Entry) error {
		if !e.Modified.Before(before) {
			return nil
		}
		if keys = append(keys, e.Key); len(keys) < sweepBatch {
			return nil
		}
		part := keys
		keys = nil
		return fn(part)
	})
	if err != nil || len(keys) == 0 {
		return err
	}
	return fn(keys)
}
