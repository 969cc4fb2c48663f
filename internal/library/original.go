package library

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/store"
)

// ReplaceOriginal gives an asset a new original. Its id, number and links stay; the earlier original
// and what was made of it are kept. Live links give the new one, pinned ones the one of their day.
// Errors: Unauthenticated, NotFound, Forbidden, Invalid for another kind of file, Conflict while the
// original is archived, StorageFull; errors of the body come back as they are.
func (l *Library) ReplaceOriginal(ctx context.Context, v dam.Viewer, id string, f NewFile) (dam.Asset, error) {
	a, err := l.Asset(ctx, v, id)
	if err != nil {
		return dam.Asset{}, err
	}
	if err := dam.May(v, dam.AssetEdit, a); err != nil {
		return dam.Asset{}, err
	}
	body := bufio.NewReaderSize(f.Body, headSize)
	head, err := body.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return dam.Asset{}, fmt.Errorf("read the file: %w", err)
	}
	if len(head) == 0 {
		return dam.Asset{}, dam.InvalidField("file", "The file is empty.")
	}
	name := fileName(f.Name)
	what := media.Sniff(head, name)
	if dam.AssetKind(what.Kind) != a.Kind {
		return dam.Asset{}, dam.InvalidField("file", "The new file must be of the same kind as the one it replaces.")
	}
	kept, err := l.Blobs.Put(ctx, body)
	if err != nil {
		return dam.Asset{}, fmt.Errorf("keep the file: %w", err)
	}
	fresh := dam.Revision{Name: name, Kind: a.Kind, MIME: what.MIME, Size: kept.Size, SHA256: kept.SHA256, Key: kept.Key}
	return l.revise(ctx, v, a.ID, "asset.replace", fresh, kept, what.Work != "")
}

// Originals lists the originals of an asset, the present one first. Errors: Unauthenticated, NotFound.
func (l *Library) Originals(ctx context.Context, v dam.Viewer, id string) ([]dam.Revision, error) {
	a, err := l.Asset(ctx, v, id)
	if err != nil {
		return nil, err
	}
	earlier, err := l.Store.Earlier(ctx, a.ID)
	return append([]dam.Revision{present(a)}, earlier...), err
}

// RestoreOriginal makes the bytes of an earlier original the newest one again.
// Errors: Unauthenticated, NotFound, Forbidden, Conflict, OriginalUnavailable when its bytes are gone.
func (l *Library) RestoreOriginal(ctx context.Context, v dam.Viewer, id string, revision int) (dam.Asset, error) {
	all, err := l.Originals(ctx, v, id)
	if err != nil {
		return dam.Asset{}, err
	}
	if err := l.mayEdit(ctx, v, id); err != nil {
		return dam.Asset{}, err
	}
	for _, r := range all[1:] {
		if r.Number != revision {
			continue
		}
		place, err := l.Store.Place(ctx, r.Key)
		if err != nil {
			return dam.Asset{}, err
		}
		body, _, err := l.Blobs.Open(ctx, r.Key)
		if err != nil {
			return dam.Asset{}, &dam.Error{Kind: dam.OriginalUnavailable, Msg: "File is temporarily unavailable.", Err: err}
		}
		defer body.Close()
		head := make([]byte, headSize)
		n, err := io.ReadFull(body, head)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return dam.Asset{}, err
		}
		kept := blob.Blob{Key: r.Key, Size: r.Size, SHA256: r.SHA256, CRC32: uint32(place.CRC32)}
		return l.revise(ctx, v, r.AssetID, "asset.restore_original", r, kept, media.Sniff(head[:n], r.Name).Work != "")
	}
	return dam.Asset{}, &dam.Error{Kind: dam.NotFound, Msg: "There is no such original."}
}

func (l *Library) mayEdit(ctx context.Context, v dam.Viewer, id string) error {
	a, err := l.Asset(ctx, v, id)
	if err != nil {
		return err
	}
	return dam.May(v, dam.AssetEdit, a)
}

// revise sets the present original aside and puts another in its place, in one transaction.
func (l *Library) revise(ctx context.Context, v dam.Viewer, id, action string, fresh dam.Revision, kept blob.Blob, work bool) (dam.Asset, error) {
	return l.changeAsset(ctx, v, id, dam.AssetEdit, action, func(ctx context.Context, tx *store.Tx, a *dam.Asset) error {
		if err := outOfTrash(*a); err != nil {
			return err
		}
		switch {
		case a.External():
			return &dam.Error{Kind: dam.Forbidden, Msg: "The files of an external source are changed where they lie."}
		case a.Original == dam.OriginalArchived:
			return &dam.Error{Kind: dam.Conflict, Msg: "The original is archived. Bring it back first."}
		case a.Key == fresh.Key:
			return dam.InvalidField("file", "This is the same file as the present original.")
		}
		if err := tx.UseBlob(ctx, kept.Key, kept.Size, kept.CRC32, l.now()); err != nil {
			return err
		}
		if err := tx.SetAside(ctx, present(*a)); err != nil {
			return err
		}
		fresh.Number, fresh.Since = max(a.Revision, 1)+1, l.now()
		*a = a.As(fresh)
		a.Earlier, a.RevisedBy, a.RevisedByName = false, v.ID, v.Name
		a.Original = dam.OriginalAvailable
		if !work {
			return nil
		}
		a.Status, a.Work = dam.StatusProcessing, dam.WorkDeriving
		return l.Queue.Enqueue(ctx, tx, dam.OriginalJob(dam.JobDerive, *a))
	})
}

// present is the asset's present original among its originals.
func present(a dam.Asset) dam.Revision {
	r := dam.Revision{
		AssetID: a.ID, Number: max(a.Revision, 1), Name: a.Name, Kind: a.Kind, MIME: a.MIME, Size: a.Size, SHA256: a.SHA256,
		Key: a.Key, Width: a.Width, Height: a.Height, Duration: a.Duration, Pages: a.Pages,
		Since: a.RevisedAt, ByID: a.RevisedBy, ByName: a.RevisedByName, Current: true,
	}
	if r.Since.IsZero() {
		r.Since, r.ByID, r.ByName = a.CreatedAt, a.OwnerID, a.OwnerName
	}
	return r
}

// asOf is the asset as it was at an instant, with the renditions of that time; the asset itself when
// its original has not changed since.
func (l *Library) asOf(ctx context.Context, a dam.Asset, link dam.Link) (dam.Asset, error) {
	pinned := link.Terms.Pinned()
	if pinned.IsZero() || !a.RevisedAt.After(pinned) {
		return a, nil
	}
	r, err := l.Store.EarlierAt(ctx, a.ID, pinned)
	if err != nil {
		return a, err
	}
	a = a.As(r)
	a.Renditions, err = l.Store.EarlierRenditions(ctx, a.ID, r.Number)
	return a, err
}
