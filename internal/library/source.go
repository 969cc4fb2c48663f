package library

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/source"
	"vitrine/internal/store"
)

// Sources lists the external sources; where they lie only administrators are told.
// Errors: Unauthenticated.
func (l *Library) Sources(ctx context.Context, v dam.Viewer) ([]dam.Source, error) {
	if err := v.Require(dam.AssetView); err != nil {
		return nil, err
	}
	list, err := l.Store.Sources(ctx)
	for i, s := range list {
		if !v.Has(dam.Admin) {
			list[i].Address = ""
		}
		if _, err := l.Store.LiveRun(ctx, dam.RunRescan, s.ID); err == nil && s.State == dam.SourceOK {
			list[i].State = dam.SourceScanning
		}
	}
	return list, err
}

// NewSource is an external source to be shown.
type NewSource struct {
	Name    string
	Kind    dam.SourceKind
	Address string
}

// AddSource begins to show an external source, and looks through it.
// Errors: Unauthenticated, Forbidden, Invalid with the field, Conflict for a name or address that is taken.
func (l *Library) AddSource(ctx context.Context, v dam.Viewer, n NewSource) (dam.Source, error) {
	if err := v.Require(dam.Admin); err != nil {
		return dam.Source{}, err
	}
	name, err := line("name", n.Name)
	if err != nil {
		return dam.Source{}, err
	}
	if _, err := source.At(n.Kind, n.Address, l.SourceRoots); err != nil {
		return dam.Source{}, err
	}
	s := dam.Source{ID: newID(), Name: name, Kind: n.Kind, Address: n.Address, State: dam.SourceOK, CreatedAt: l.now()}
	err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SaveSource(ctx, s); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "source.add", s.ID, map[string]string{"name": s.Name})
	})
	if err != nil {
		return dam.Source{}, err
	}
	if _, err := l.Rescan(ctx, v, s.ID); err != nil {
		return s, err
	}
	return l.Store.Source(ctx, s.ID)
}

// RenameSource changes the name of a source. Errors: Unauthenticated, Forbidden, NotFound, Invalid, Conflict.
func (l *Library) RenameSource(ctx context.Context, v dam.Viewer, id, name string) (dam.Source, error) {
	s, err := l.source(ctx, v, id)
	if err != nil {
		return s, err
	}
	if s.Name, err = line("name", name); err != nil {
		return s, err
	}
	return s, l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SaveSource(ctx, s); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "source.rename", id, map[string]string{"name": s.Name})
	})
}

// DeleteSource ends the showing of a source: its assets leave the library, its files stay where they
// lie, imported copies stay. Errors: Unauthenticated, Forbidden, NotFound.
func (l *Library) DeleteSource(ctx context.Context, v dam.Viewer, id string) error {
	s, err := l.source(ctx, v, id)
	if err != nil {
		return err
	}
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.DeleteSource(ctx, id); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "source.delete", id, map[string]string{"name": s.Name})
	})
}

func (l *Library) source(ctx context.Context, v dam.Viewer, id string) (dam.Source, error) {
	if err := v.Require(dam.Admin); err != nil {
		return dam.Source{}, err
	}
	return l.Store.Source(ctx, id)
}

// Rescan looks through a source for what is new, changed or gone, as a run.
// Errors: Unauthenticated, Forbidden, NotFound.
func (l *Library) Rescan(ctx context.Context, v dam.Viewer, id string) (dam.Run, error) {
	s, err := l.source(ctx, v, id)
	if err != nil {
		return dam.Run{}, err
	}
	return l.startRun(ctx, v, dam.Run{Kind: dam.RunRescan, Subject: id, Total: s.Assets})
}

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
		if _, err := l.scan(ctx, s); err != nil && dam.KindOf(err) != dam.Unavailable {
			failures = append(failures, fmt.Errorf("scan source %s: %w", s.ID, err))
		}
	}
	return errors.Join(failures...)
}

func (l *Library) stepRescan(ctx context.Context, r dam.Run) error {
	s, err := l.Store.Source(ctx, r.Subject)
	if dam.KindOf(err) == dam.NotFound {
		r.Message = "The source was deleted."
		return l.endRun(ctx, r, dam.RunCancelled)
	}
	if err != nil {
		return err
	}
	n, err := l.scan(ctx, s)
	if dam.KindOf(err) == dam.Unavailable {
		r.Message = dam.Sentence(err)
		return l.endRun(ctx, r, dam.RunFailed)
	}
	if err != nil {
		return err
	}
	r.Done, r.Total = n, n
	return l.endRun(ctx, r, dam.RunDone)
}

// scan compares a source with what is known of it, and says how many files it has. Errors: Unavailable
// when it can't be reached: then it is marked as offline, and nothing is taken for gone.
func (l *Library) scan(ctx context.Context, s dam.Source) (int, error) {
	place, err := source.At(s.Kind, s.Address, l.SourceRoots)
	if err != nil {
		return 0, l.offline(ctx, s, &dam.Error{Kind: dam.Unavailable, Msg: dam.Sentence(err), Err: err})
	}
	known, err := l.indexed(ctx, s.ID)
	if err != nil {
		return 0, err
	}
	owner, err := l.Store.FirstAdmin(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	err = place.List(ctx, func(f source.File) error {
		n++
		was, there := known[f.Path]
		delete(known, f.Path)
		if there && was.Tag == f.Tag {
			return nil
		}
		return l.index(ctx, s, owner, place, f)
	})
	if dam.KindOf(err) == dam.Unavailable {
		return n, l.offline(ctx, s, err)
	}
	if err != nil {
		return n, err
	}
	return n, l.online(ctx, s, known)
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

// offline notes that a source can't be reached, once.
func (l *Library) offline(ctx context.Context, s dam.Source, cause error) error {
	if s.State == dam.SourceOffline {
		return cause
	}
	s.State, s.Message = dam.SourceOffline, dam.Sentence(cause)
	l.Log.Warn("an external source is offline", "source", s.ID, "error", cause)
	err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SetSourceState(ctx, s.ID, dam.OriginalMissing); err != nil {
			return err
		}
		return tx.SaveSource(ctx, s)
	})
	return firstError(err, cause)
}

// online notes that a source was looked through. What is gone from it leaves the library.
func (l *Library) online(ctx context.Context, s dam.Source, gone map[string]store.Indexed) error {
	wasOffline := s.State == dam.SourceOffline
	s.State, s.Message, s.ScannedAt = dam.SourceOK, "", l.now()
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, row := range gone {
			a, err := tx.Asset(ctx, row.ID)
			if err != nil {
				return err
			}
			a.TrashedAt = l.now()
			if err := firstError(tx.UpdateAsset(ctx, a), tx.DeleteAsset(ctx, a)); err != nil {
				return err
			}
		}
		if wasOffline {
			if err := tx.SetSourceState(ctx, s.ID, dam.OriginalAvailable); err != nil {
				return err
			}
		}
		return tx.SaveSource(ctx, s)
	})
}

const externalPrefix = "external/"

// externalKey names the bytes of a file in a source.
func externalKey(sourceID, path string) string {
	return externalPrefix + uuid.NewSHA1(uuid.NameSpaceURL, []byte(sourceID+"/"+path)).String()
}

// external says whether a key is of bytes that lie in a source.
func external(key string) bool { return strings.HasPrefix(key, externalPrefix) }

// index makes or renews the asset of a file in a source. Its bytes stay where they are.
func (l *Library) index(ctx context.Context, s dam.Source, owner dam.User, place source.Place, f source.File) error {
	head, err := headOf(ctx, place, f.Path)
	if dam.KindOf(err) == dam.NotFound {
		return nil // gone this moment
	}
	if err != nil {
		return err
	}
	name := fileName(path.Base(f.Path))
	what := media.Sniff(head, name)
	key := externalKey(s.ID, f.Path)
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.UseExternal(ctx, key, f.Size, l.now()); err != nil {
			return err
		}
		// The row of the bytes is locked now: another scan that found the same file waits here.
		a := dam.Asset{ID: newID(), OwnerID: owner.ID, OwnerName: owner.Name, Source: s.ID, Path: f.Path, CreatedAt: l.now()}
		save := tx.InsertAsset
		known, err := tx.AssetAtPath(ctx, s.ID, f.Path)
		switch {
		case err == nil && known.SHA256 == f.Tag:
			return nil
		case err == nil:
			a, save = known, tx.UpdateAsset
		case dam.KindOf(err) != dam.NotFound:
			return err
		default:
			if a.Number, err = tx.NextNumber(ctx); err != nil {
				return err
			}
		}
		a.Name, a.Kind, a.MIME, a.Size = name, dam.AssetKind(what.Kind), what.MIME, f.Size
		a.SHA256, a.Key, a.Original = f.Tag, key, dam.OriginalAvailable
		a.Status, a.Work, a.Failure = dam.StatusReady, dam.WorkNone, ""
		if what.Work != "" {
			a.Status, a.Work = dam.StatusProcessing, dam.WorkDeriving
		}
		if err := save(ctx, a); err != nil {
			return err
		}
		tx.Announce(store.Event{AssetID: a.ID, Status: a.Status, Work: a.Work})
		if what.Work == "" {
			return nil
		}
		return l.Queue.Enqueue(ctx, tx, dam.Job{Kind: dam.JobDerive, ID: a.ID})
	})
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
		return nil, &dam.Error{Kind: dam.Unavailable, Msg: "The file can't be read from its source.", Err: err}
	}
	return head[:n], nil
}

// openExternal opens the original of an external asset in its source.
func (l *Library) openExternal(ctx context.Context, a dam.Asset) (io.ReadSeekCloser, source.File, error) {
	s, err := l.Store.Source(ctx, a.Source)
	if err != nil {
		return nil, source.File{}, err
	}
	place, err := source.At(s.Kind, s.Address, l.SourceRoots)
	if err != nil {
		return nil, source.File{}, &dam.Error{Kind: dam.Unavailable, Msg: dam.Sentence(err), Err: err}
	}
	return place.Open(ctx, a.Path)
}

func (l *Library) externalOriginal(ctx context.Context, a dam.Asset, c *Content) (*Content, error) {
	body, f, err := l.openExternal(ctx, a)
	if err != nil {
		return nil, &dam.Error{Kind: dam.OriginalUnavailable, Msg: "File is temporarily unavailable.", Err: err}
	}
	c.ReadSeekCloser, c.Size, c.ETag = body, f.Size, l.Keys.ETag(a.Key+f.Tag)
	return c, nil
}

// localOriginal gives an original as a file of this machine. Release must be called in the end.
func (l *Library) localOriginal(ctx context.Context, a dam.Asset) (file string, release func(), err error) {
	if !a.External() {
		return blob.Local(ctx, l.Blobs, a.Key, l.Scratch)
	}
	body, _, err := l.openExternal(ctx, a)
	if err != nil {
		return "", nil, err
	}
	if f, ok := body.(*os.File); ok {
		// By its descriptor: what the name means may change meanwhile.
		return fmt.Sprintf("/proc/self/fd/%d", f.Fd()), func() { f.Close() }, nil
	}
	defer body.Close()
	copied, err := os.CreateTemp(l.Scratch, "external-*")
	if err != nil {
		return "", nil, fmt.Errorf("copy from the source: %w", err)
	}
	defer copied.Close()
	release = func() { os.Remove(copied.Name()) }
	if _, err := io.Copy(copied, body); err != nil {
		release()
		return "", nil, &dam.Error{Kind: dam.Unavailable, Msg: "The file can't be read from its source.", Err: err}
	}
	return copied.Name(), release, nil
}

const (
	// watchEvery is how often it is looked whether there are other sources to watch.
	watchEvery = time.Minute
	// settleTime lets a copy of many files come to its end before it is looked at.
	settleTime = 3 * time.Second
)

// WatchSources has folders looked through soon after something changed in them, until ctx ends. It is a
// hint: what it misses is found by the next scan.
func (l *Library) WatchSources(ctx context.Context) {
	watched := map[string]context.CancelFunc{}
	defer func() {
		for _, stop := range watched {
			stop()
		}
	}()
	for {
		all, err := l.Store.Sources(ctx)
		if err == nil {
			l.watchThese(ctx, all, watched)
		}
		select {
		case <-time.After(watchEvery):
		case <-ctx.Done():
			return
		}
	}
}

func (l *Library) watchThese(ctx context.Context, all []dam.Source, watched map[string]context.CancelFunc) {
	there := map[string]bool{}
	for _, s := range all {
		there[s.ID] = s.State != dam.SourceOffline
		if !there[s.ID] || watched[s.ID] != nil {
			continue
		}
		place, err := source.At(s.Kind, s.Address, l.SourceRoots)
		if err != nil {
			continue // the scan says so
		}
		run, stop := context.WithCancel(ctx)
		watched[s.ID] = stop
		if changes := place.Changes(run); changes != nil {
			go l.follow(run, s.ID, changes)
		}
	}
	for id, stop := range watched {
		if !there[id] {
			stop()
			delete(watched, id)
		}
	}
}

func (l *Library) follow(ctx context.Context, id string, changes <-chan struct{}) {
	for range changes {
		select {
		case <-time.After(settleTime):
		case <-ctx.Done():
			return
		}
		err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			return l.Queue.Enqueue(ctx, tx, dam.Job{Kind: dam.JobScan, ID: id})
		})
		if err != nil && ctx.Err() == nil {
			l.Log.Warn("a change in a source waits for the next scan", "source", id, "error", err)
		}
	}
}
