package library

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/google/uuid"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
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
		if err := tx.RenameSource(ctx, id, s.Name); err != nil {
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
	// A source that lost a part of its assets would bring them back, as new ones, at the next scan.
	ctx = context.WithoutCancel(ctx)
	for over := false; !over && err == nil; {
		err = l.inSource(ctx, id, func(ctx context.Context, tx *store.Tx) error {
			n, err := tx.DropSourceAssets(ctx, id, piece)
			if over = n < piece; err != nil || !over {
				return err
			}
			return firstError(tx.DeleteSource(ctx, id), l.note(ctx, tx, v, "source.delete", id, map[string]string{"name": s.Name}))
		})
	}
	return err
}

// piece is how many assets of a source one transaction changes, so that others need not wait long.
const piece = 100

// inSource is a transaction in which the source is not deleted. Errors: NotFound.
func (l *Library) inSource(ctx context.Context, id string, fn func(ctx context.Context, tx *store.Tx) error) error {
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.HoldSource(ctx, id); err != nil {
			return err
		}
		return fn(ctx, tx)
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

const externalPrefix = "external/"

// externalKey names the bytes of a file in a source.
func externalKey(sourceID, path string) string {
	return externalPrefix + uuid.NewSHA1(uuid.NameSpaceURL, []byte(sourceID+"/"+path)).String()
}

// external says whether a key is of bytes that lie in a source.
func external(key string) bool { return strings.HasPrefix(key, externalPrefix) }

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
