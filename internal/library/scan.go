package library

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/source"
	"vitrine/internal/store"
)

// ScanSources looks through all sources, or the one that the job names, as is done now and then. A
// source that is offline is a state, told once.
func (l *Library) ScanSources(ctx context.Context, job dam.Job) error {
	all, err := l.Store.Sources(ctx)
	if err != nil {
		return err
	}
	var failures []error
	for _, s := range all {
		if job.ID != "" && job.ID != s.ID {
			continue
		}
		err := l.scan(ctx, &scan{source: s, step: func(int, int) error { return nil }})
		if kind := dam.KindOf(err); err != nil && kind != dam.Unavailable && kind != dam.NotFound {
			failures = append(failures, fmt.Errorf("scan source %s: %w", s.ID, err))
		}
	}
	return errors.Join(failures...)
}

// errHalted ends work of a run that was paused or cancelled meanwhile.
var errHalted = errors.New("the run was paused or cancelled")

func (l *Library) stepRescan(ctx context.Context, r dam.Run) error {
	s, err := l.Store.Source(ctx, r.Subject)
	if err == nil {
		err = l.scan(ctx, &scan{source: s, byHand: true, step: func(done, total int) error { return l.scanned(ctx, &r, done, total) }})
	}
	switch {
	case err == nil:
		return l.endRun(ctx, r, dam.RunDone)
	case errors.Is(err, errHalted):
		return nil
	case dam.KindOf(err) == dam.NotFound:
		r.Message = "The source was deleted."
		return l.endRun(ctx, r, dam.RunCancelled)
	case dam.KindOf(err) == dam.Unavailable:
		r.Message = dam.Sentence(err)
		return l.endRun(ctx, r, dam.RunFailed)
	}
	return err
}

// scanned writes how far a run came in its source. Errors: errHalted.
func (l *Library) scanned(ctx context.Context, r *dam.Run, done, total int) error {
	r.Done, r.Total = done, total
	err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		r.State, err = tx.NoteRun(ctx, *r)
		announceRun(tx, *r)
		return err
	})
	if dam.KindOf(err) == dam.NotFound || err == nil && r.State != dam.RunRunning {
		return errHalted
	}
	return err
}

const (
	// Between that many files a scan asks whether to go on: those that are as they were cost next to nothing.
	stepsOfLook, stepsOfIndex = 1000, 50
	// mayGo is how many files may go from a source in any case.
	mayGo = 10
)

// shrunk is told of a source whose drive is perhaps not there: its folder then is empty, without an error.
const shrunk = "The source is empty or lost most of its files, so nothing was changed. Connect it again, or rescan it to accept this."

// scan is one look through a source. Step is told how many files of how many are done, and may end it.
// What looks like a drive that is not there is accepted only by hand, by somebody who was told.
type scan struct {
	source  dam.Source
	byHand  bool
	step    func(done, total int) error
	place   source.Place
	owner   dam.User
	seen    int
	done    int
	unread  int
	changed []source.File
	gone    []string
}

// scan compares a source with what is known of it, and brings the assets up to it. Errors: Unavailable
// when it can't be reached: then it is marked as offline, and nothing is taken for gone; NotFound when it
// was deleted meanwhile.
func (l *Library) scan(ctx context.Context, c *scan) error {
	var err error
	if c.place, err = source.At(c.source.Kind, c.source.Address, l.SourceRoots); err != nil {
		return l.offline(ctx, c.source, &dam.Error{Kind: dam.Unavailable, Msg: dam.Sentence(err), Err: err})
	}
	if c.owner, err = l.Store.FirstAdmin(ctx); err != nil {
		return fmt.Errorf("find who owns the files: %w", err)
	}
	if err := l.compare(ctx, c); err != nil {
		return err
	}
	for i, f := range c.changed {
		if i%stepsOfIndex == 0 {
			if err := c.step(c.done, c.seen); err != nil {
				return err
			}
		}
		if err := l.renew(ctx, c, f); err != nil {
			return err
		}
		c.done++
	}
	if err := l.online(ctx, c); err != nil {
		return err
	}
	return c.step(c.done, c.seen)
}

// compare lists a source, and finds what is new, changed or gone. All of it is known before anything is
// written: half a drive must not look like a change.
func (l *Library) compare(ctx context.Context, c *scan) error {
	known, err := l.indexed(ctx, c.source.ID)
	if err != nil {
		return err
	}
	present := 0
	for _, row := range known {
		if !row.Trashed {
			present++
		}
	}
	var stop error
	unread, err := c.place.List(ctx, func(f source.File) error {
		was, there := known[f.Path]
		delete(known, f.Path)
		if there && was.Tag == f.Tag && !was.Gone {
			c.done++
		} else {
			c.changed = append(c.changed, f)
		}
		if c.seen++; c.seen%stepsOfLook == 0 {
			stop = c.step(c.done, max(c.seen, c.source.Assets))
		}
		return stop
	})
	if err := firstError(stop, ctx.Err()); err != nil {
		return err
	}
	if err != nil {
		return l.offline(ctx, c.source, err)
	}
	c.unread = len(unread)
	c.gone = gone(known, unread)
	told := c.source.State == dam.SourceOffline && c.source.Message == shrunk
	if c.shrunk(present) && (!c.byHand || !told) {
		return l.offline(ctx, c.source, &dam.Error{Kind: dam.Unavailable, Msg: shrunk})
	}
	return nil
}

func (c *scan) shrunk(present int) bool {
	n := len(c.gone)
	return n > 0 && c.seen == 0 || n > mayGo && 2*n > present
}

func (l *Library) indexed(ctx context.Context, id string) (map[string]store.Indexed, error) {
	known := map[string]store.Indexed{}
	for after := ""; ; {
		rows, err := l.Store.IndexedFiles(ctx, id, after)
		if err != nil || len(rows) == 0 {
			return known, err
		}
		for _, row := range rows {
			known[row.Path] = row
			after = row.Path
		}
	}
}

// gone lists the assets whose files a source does not have, where it could look.
func gone(missed map[string]store.Indexed, unread []string) (ids []string) {
	hidden := map[string]bool{}
	for _, name := range unread {
		hidden[name] = true
	}
	for name, row := range missed {
		for name != "." && !hidden[name] {
			name = path.Dir(name)
		}
		if name == "." && !row.Trashed {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

// offline notes that a source can't be reached. It gives the cause back.
func (l *Library) offline(ctx context.Context, s dam.Source, cause error) error {
	err := l.setOriginals(ctx, s.ID, dam.OriginalMissing)
	if message := dam.Sentence(cause); err == nil && (s.State != dam.SourceOffline || s.Message != message) {
		l.Log.Warn("an external source is offline", "source", s.ID, "error", cause)
		err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.MarkSource(ctx, s.ID, dam.SourceOffline, message, s.ScannedAt)
		})
	}
	return firstError(err, cause)
}

// online notes that a source was looked through. What is gone from it goes into the trash, from where it
// comes back with its file.
func (l *Library) online(ctx context.Context, c *scan) error {
	for part := range slices.Chunk(c.gone, piece) {
		err := l.inSource(ctx, c.source.ID, func(ctx context.Context, tx *store.Tx) error {
			return tx.TrashGone(ctx, c.source.ID, part, l.now())
		})
		if err != nil {
			return err
		}
	}
	if err := l.setOriginals(ctx, c.source.ID, dam.OriginalAvailable); err != nil {
		return err
	}
	message := ""
	if c.unread > 0 {
		message = dam.Sentence(dam.Errorf(dam.Unavailable, "Files and folders that can't be read: %d.", c.unread))
	}
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.MarkSource(ctx, c.source.ID, dam.SourceOK, message, l.now())
	})
}

func (l *Library) setOriginals(ctx context.Context, id string, state dam.OriginalState) error {
	for n := piece; n == piece; {
		err := l.inSource(ctx, id, func(ctx context.Context, tx *store.Tx) (err error) {
			n, err = tx.SetSourceState(ctx, id, state, piece)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// renew makes or renews the asset of a file, if it can be read.
func (l *Library) renew(ctx context.Context, c *scan, f source.File) error {
	head, err := headOf(ctx, c.place, f.Path)
	switch {
	case err == nil:
		return l.index(ctx, c, f, head)
	case ctx.Err() != nil:
		return ctx.Err()
	case dam.KindOf(err) == dam.NotFound:
		return nil // gone this moment
	case dam.KindOf(err) == dam.Forbidden:
		c.unread++
		return nil
	}
	return l.offline(ctx, c.source, err)
}

// index writes the asset of a file in a source. Its bytes stay where they are.
func (l *Library) index(ctx context.Context, c *scan, f source.File, head []byte) error {
	key := externalKey(c.source.ID, f.Path)
	return l.inSource(ctx, c.source.ID, func(ctx context.Context, tx *store.Tx) error {
		// It locks the row of the bytes: another scan that found the same file waits here.
		if err := tx.UseExternal(ctx, key, f.Size, l.now()); err != nil {
			return err
		}
		a, err := tx.AssetAtPath(ctx, c.source.ID, f.Path)
		if dam.KindOf(err) == dam.NotFound {
			return l.indexNew(ctx, tx, c, f, head)
		}
		if err != nil {
			return err
		}
		back := a.Trashed() && a.Original == dam.OriginalMissing
		if a.SHA256 == f.Tag && !back {
			return nil // another scan was here
		}
		if back {
			a.TrashedAt = time.Time{}
		}
		if a.SHA256 != f.Tag || a.Status != dam.StatusReady {
			hold(&a, f, head)
		}
		a.Original = dam.OriginalAvailable
		return firstError(tx.UpdateAsset(ctx, a), l.deriveExternal(ctx, tx, a))
	})
}

func (l *Library) indexNew(ctx context.Context, tx *store.Tx, c *scan, f source.File, head []byte) error {
	number, err := tx.NextNumber(ctx)
	if err != nil {
		return err
	}
	a := dam.Asset{
		ID: newID(), Number: number, OwnerID: c.owner.ID, OwnerName: c.owner.Name, Source: c.source.ID, Path: f.Path,
		Key: externalKey(c.source.ID, f.Path), Original: dam.OriginalAvailable, CreatedAt: l.now(),
	}
	hold(&a, f, head)
	return firstError(tx.InsertAsset(ctx, a), l.deriveExternal(ctx, tx, a))
}

// hold gives an asset the content of a file, of which nothing is made yet.
func hold(a *dam.Asset, f source.File, head []byte) {
	a.Name = fileName(path.Base(f.Path))
	what := media.Sniff(head, a.Name)
	a.Kind, a.MIME, a.Size, a.SHA256 = dam.AssetKind(what.Kind), what.MIME, f.Size, f.Tag
	a.Status, a.Work, a.Failure = dam.StatusReady, dam.WorkNone, ""
	if what.Work != "" {
		a.Status, a.Work = dam.StatusProcessing, dam.WorkDeriving
	}
}

// deriveExternal announces an asset of a source, and has made of it what is to be made.
func (l *Library) deriveExternal(ctx context.Context, tx *store.Tx, a dam.Asset) error {
	tx.Announce(store.Event{AssetID: a.ID, Status: a.Status, Work: a.Work})
	if a.Status != dam.StatusProcessing {
		return nil
	}
	return l.Queue.Enqueue(ctx, tx, dam.OriginalJob(dam.JobDerive, a))
}

func headOf(ctx context.Context, place source.Place, name string) ([]byte, error) {
	body, _, err := place.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	head := make([]byte, headSize)
	n, err := io.ReadFull(body, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, &dam.Error{Kind: dam.Forbidden, Msg: "The file can't be read from its source.", Err: err}
	}
	return head[:n], nil
}
