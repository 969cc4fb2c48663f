package library

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"vitrine/internal/dam"
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
	var todo work
	for _, a := range found {
		if a.External() && v.Sees(a) && !a.Trashed() && (sourceID == "" || a.Source == sourceID) {
			todo.IDs = append(todo.IDs, a.ID)
		}
	}
	if len(todo.IDs) == 0 {
		return dam.Run{}, dam.InvalidField("asset_ids", "There are no assets of an external source to import.")
	}
	run := dam.Run{Kind: dam.RunImport, Subject: sourceID, Total: len(todo.IDs), Cursor: todo.cursor()}
	if sourceID == "" {
		run.Subject = newID() // runs over named assets do not stand in each other's way
	}
	return l.startRun(ctx, v, run)
}

func (l *Library) stepImport(ctx context.Context, r dam.Run) error {
	todo, err := readWork(r)
	if err != nil {
		return err
	}
	owner, err := l.Store.User(ctx, r.ByID)
	if err != nil {
		return err
	}
	for len(todo.IDs) > 0 {
		err := l.importCopy(ctx, owner.Viewer(), todo.IDs[0])
		if ctx.Err() != nil {
			return ctx.Err()
		}
		todo.IDs = todo.IDs[1:]
		if goesOn, err := l.counted(ctx, &r, todo.cursor(), err); err != nil || !goesOn {
			return err
		}
	}
	return l.endRun(ctx, r, dam.RunDone)
}

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
	if twin, err := l.Store.AssetByHash(ctx, v, kept.SHA256); err == nil && twin.OwnerID == v.ID {
		return nil
	}
	fresh, err := l.draft(v, NewAsset{Name: a.Name, Title: a.Title, Description: a.Description})
	if err != nil {
		return err
	}
	fresh.Tags, fresh.Rights = a.Tags, a.Rights
	_, _, err = l.enter(ctx, v, fresh, head, kept, nil)
	return err
}

// work is what a run over named assets has still to do.
type work struct {
	IDs []string `json:"ids"`
}

func (w work) cursor() string {
	text, _ := json.Marshal(w) // plain fields always have a JSON form
	return string(text)
}

func readWork(r dam.Run) (work, error) {
	var w work
	if err := json.Unmarshal([]byte(r.Cursor), &w); err != nil {
		return w, fmt.Errorf("read what run %s has to do: %w", r.ID, err)
	}
	return w, nil
}
