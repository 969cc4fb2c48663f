package library

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

// ImportCopies brings copies of external assets into our own storage, as a run: all of a source, or the
// named ones. The copies are ordinary assets of whoever asks.
// Errors: Unauthenticated, Forbidden, NotFound, Invalid with field asset_ids.
func (l *Library) ImportCopies(ctx context.Context, v dam.Viewer, sourceID string, ids []string) (dam.Run, error) {
	if err := v.Require(dam.AssetUpload); err != nil {
		return dam.Run{}, err
	}
	if len(ids) == 0 {
		if _, err := l.Store.Source(ctx, sourceID); err != nil {
			return dam.Run{}, err
		}
		known, err := l.indexed(ctx, sourceID)
		if err != nil {
			return dam.Run{}, err
		}
		for _, row := range known {
			ids = append(ids, row.ID)
		}
	}
	found, err := l.Store.AssetsByID(ctx, ids)
	if err != nil {
		return dam.Run{}, err
	}
	ids = nil
	for _, a := range found {
		if a.External() && v.Sees(a) && !a.Trashed() && (sourceID == "" || a.Source == sourceID) {
			ids = append(ids, a.ID)
		}
	}
	if len(ids) == 0 {
		return dam.Run{}, dam.InvalidField("asset_ids", "There are no assets of an external source to import.")
	}
	run := dam.Run{Kind: dam.RunImport, Subject: sourceID, Total: len(ids)}
	if sourceID == "" {
		run.Subject = newID() // runs over named assets do not stand in each other's way
	}
	return l.startRun(ctx, v, run, ids...)
}

func (l *Library) stepImport(ctx context.Context, r dam.Run, until time.Time) error {
	owner, err := l.Store.User(ctx, r.ByID)
	if err != nil {
		return err
	}
	ids, err := l.Store.RunItems(ctx, r.ID, r.Cursor, stretch)
	if err != nil {
		return err
	}
	return l.work(ctx, r, until, ids, func(id string) error { return l.importCopy(ctx, owner.Viewer(), id) })
}

// errCopied ends the import of a file whose copy is there already.
var errCopied = errors.New("the copy is there already")

// importCopy brings one external asset in, with what people said of it. A copy that is there already is
// not made twice.
func (l *Library) importCopy(ctx context.Context, v dam.Viewer, id string) error {
	a, err := l.Asset(ctx, v, id)
	if err != nil {
		return err
	}
	body, _, err := l.openExternal(ctx, a)
	if err != nil {
		return err
	}
	defer body.Close()
	buffered := bufio.NewReaderSize(body, headSize)
	head, err := buffered.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return &dam.Error{Kind: dam.Unavailable, Msg: "The file can't be read from its source.", Err: err}
	}
	kept, err := l.Blobs.Put(ctx, buffered)
	if err != nil {
		return fmt.Errorf("keep the file: %w", err)
	}
	fresh, err := l.draft(v, NewAsset{Name: a.Name, Title: a.Title, Description: a.Description})
	if err != nil {
		return err
	}
	fresh.Tags, fresh.Rights = a.Tags, a.Rights
	_, _, err = l.enter(ctx, v, fresh, head, kept, func(ctx context.Context, tx *store.Tx) error {
		if twin, err := tx.OwnsCopy(ctx, v.ID, kept.SHA256, fresh.ID); err != nil || !twin {
			return err
		}
		return errCopied
	})
	if errors.Is(err, errCopied) {
		return nil
	}
	return err
}
