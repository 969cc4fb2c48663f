package library

import (
	"context"
	"fmt"
	"io"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/store"
)

// ArchiveAsset archives the original: from that moment no link and no download gives it, while
// renditions and supporting files stay. Where there is an archive, a job copies the bytes there and
// the sweeper frees our storage a day later.
// Errors: Unauthenticated, NotFound, Forbidden, Conflict.
func (l *Library) ArchiveAsset(ctx context.Context, v dam.Viewer, id string) (dam.Asset, error) {
	return l.changeAsset(ctx, v, id, dam.AssetEdit, "asset.archive", func(ctx context.Context, tx *store.Tx, a *dam.Asset) error {
		if err := movable(*a, dam.OriginalAvailable); err != nil {
			return err
		}
		a.Original = dam.OriginalArchived
		if l.Archive == nil {
			return nil
		}
		if a.Status == dam.StatusReady {
			a.Work = dam.WorkArchiving
		}
		return l.Queue.Enqueue(ctx, tx, dam.OriginalJob(dam.JobArchive, *a))
	})
}

// UnarchiveAsset brings an archived original back: at once where its bytes are still in our storage,
// else as a job. Errors: Unauthenticated, NotFound, Forbidden, Conflict, Unavailable without an archive.
func (l *Library) UnarchiveAsset(ctx context.Context, v dam.Viewer, id string) (dam.Asset, error) {
	return l.changeAsset(ctx, v, id, dam.AssetEdit, "asset.unarchive", func(ctx context.Context, tx *store.Tx, a *dam.Asset) error {
		if err := movable(*a, dam.OriginalArchived); err != nil {
			return err
		}
		place, err := tx.Place(ctx, a.Key)
		if err != nil {
			return err
		}
		if place.Kept {
			// Renews its time, so that the sweeper leaves it; refused while it is being removed.
			a.Original, a.Work = dam.OriginalAvailable, workAfterMove(*a)
			return tx.UseBlob(ctx, a.Key, place.Size, uint32(place.CRC32), l.now())
		}
		if l.Archive == nil {
			return &dam.Error{Kind: dam.Unavailable, Msg: "The server was started without the archive that holds this original. Start it with --archive-storage."}
		}
		if a.Status == dam.StatusReady {
			a.Work = dam.WorkRestoring
		}
		return l.Queue.Enqueue(ctx, tx, dam.OriginalJob(dam.JobRestore, *a))
	})
}

func movable(a dam.Asset, from dam.OriginalState) error {
	if err := outOfTrash(a); err != nil {
		return err
	}
	if a.External() {
		return &dam.Error{Kind: dam.Forbidden, Msg: "The files of an external source are changed where they lie."}
	}
	if a.Original != from {
		return &dam.Error{Kind: dam.Conflict, Msg: "The original is " + string(a.Original) + "."}
	}
	return nil
}

// workAfterMove is what still happens with an asset whose original has been moved.
func workAfterMove(a dam.Asset) dam.Work {
	if a.Work == dam.WorkArchiving || a.Work == dam.WorkRestoring {
		return dam.WorkNone
	}
	return a.Work
}

// MoveToArchive copies an archived original into the archive. It is safe to run twice. Errors: any is
// worth another attempt, but for Invalid.
func (l *Library) MoveToArchive(ctx context.Context, job dam.Job) error {
	a, err := l.archived(ctx, job)
	if err != nil || a.ID == "" {
		return err
	}
	if err := copyBlob(ctx, l.Blobs, l.Archive, a.Key); err != nil {
		return fmt.Errorf("archive the original: %w", err)
	}
	return l.moved(ctx, a, func(ctx context.Context, tx *store.Tx, _ *dam.Asset) error {
		return tx.SetArchived(ctx, a.Key, true, l.now())
	})
}

// MoveFromArchive brings an archived original back. It is safe to run twice. Errors: any is worth another
// attempt, but for Invalid.
func (l *Library) MoveFromArchive(ctx context.Context, job dam.Job) error {
	a, err := l.archived(ctx, job)
	if err != nil || a.ID == "" {
		return err
	}
	if err := copyBlob(ctx, l.Archive, l.Blobs, a.Key); err != nil {
		return fmt.Errorf("bring the original back: %w", err)
	}
	return l.moved(ctx, a, func(ctx context.Context, tx *store.Tx, now *dam.Asset) error {
		place, err := tx.Place(ctx, a.Key)
		if err != nil {
			return err
		}
		now.Original = dam.OriginalAvailable
		return tx.UseBlob(ctx, a.Key, place.Size, uint32(place.CRC32), l.now())
	})
}

// archived reads the asset of a job; the zero asset when its original is no longer archived.
func (l *Library) archived(ctx context.Context, job dam.Job) (dam.Asset, error) {
	id, content := job.Original()
	a, err := l.Store.Asset(ctx, id)
	if dam.KindOf(err) == dam.NotFound || err == nil && (a.Original != dam.OriginalArchived || !about(a, content)) {
		return dam.Asset{}, nil
	}
	if err == nil && l.Archive == nil {
		err = dam.Errorf(dam.Invalid, "The server was started without the archive that holds this original. Start it with --archive-storage.")
	}
	return a, err
}

// moved writes down where the bytes of an archived original are now.
func (l *Library) moved(ctx context.Context, a dam.Asset, change func(context.Context, *store.Tx, *dam.Asset) error) error {
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now, err := tx.Asset(ctx, a.ID)
		if err != nil || now.Original != dam.OriginalArchived || now.Key != a.Key {
			return err
		}
		if err := change(ctx, tx, &now); err != nil {
			return err
		}
		now.Work = workAfterMove(now)
		tx.Announce(store.Event{AssetID: a.ID, Status: now.Status, Work: now.Work})
		return tx.UpdateAsset(ctx, now)
	})
}

// NotMoved ends the waiting for an original that could not be moved: it stays where it was.
func (l *Library) NotMoved(ctx context.Context, job dam.Job, reason string) error {
	err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		id, _ := job.Original()
		a, err := tx.Asset(ctx, id)
		if err != nil {
			return err
		}
		a.Work, a.Note = workAfterMove(a), reason
		tx.Announce(store.Event{AssetID: a.ID, Status: a.Status})
		return tx.UpdateAsset(ctx, a)
	})
	if dam.KindOf(err) == dam.NotFound {
		return nil
	}
	return err
}

// copyBlob puts the bytes of a key into another store, where they get the same key.
func copyBlob(ctx context.Context, from, to blob.Store, key string) error {
	body, _, err := from.Open(ctx, key)
	if err != nil {
		return err
	}
	defer body.Close()
	kept, err := to.Put(ctx, io.Reader(body))
	if err == nil && kept.Key != key {
		err = fmt.Errorf("blob %s is damaged: its bytes hash to %s", key, kept.SHA256)
	}
	return err
}

// missing notes that the bytes of originals are gone, so that lists and windows say so before
// anybody asks for them again. It never fails a request.
func (l *Library) missing(ctx context.Context, key string) {
	if err := l.setMissing(context.WithoutCancel(ctx), key, true); err != nil {
		l.Log.Error("a missing original can't be written down", "key", key, "error", err)
	}
}

func (l *Library) setMissing(ctx context.Context, key string, missing bool) error {
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		ids, err := tx.SetMissing(ctx, key, missing)
		for _, id := range ids {
			tx.Announce(store.Event{AssetID: id})
		}
		return err
	})
}
