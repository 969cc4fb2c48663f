package library

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/store"
)

// newVersion tells versions of the watermark apart.
func newVersion() string { return strings.ReplaceAll(newID(), "-", "") }

// firstView is how long a guest waits for a rendition that is made for them before they are told to
// come again.
const firstView = 2 * time.Second

// smallOriginal is the largest original that is cleaned before anybody asks for it.
const smallOriginal = 64 << 20

// madeFor gives the rendition that a delivery names: as it is kept, or made now for its link.
// Errors: NotReady while it is being made, NotFound, and those of making it.
func (l *Library) madeFor(ctx context.Context, a dam.Asset, d dam.Delivery) (dam.Rendition, error) {
	r, err := l.Store.Rendition(ctx, a.ID, d.Rendition())
	if dam.KindOf(err) != dam.NotFound {
		return r, err
	}
	_, mark := d.Mark()
	if mark.Name == "" && d.Cleaning() == dam.CleanNothing {
		return r, err
	}
	done := l.making.same.DoChan(a.ID+" "+d.Rendition(), func() (any, error) {
		return l.makeFor(context.WithoutCancel(ctx), a, d, l.making.forGuests(d))
	})
	wait := time.NewTimer(firstView)
	defer wait.Stop()
	select {
	case made := <-done:
		if made.Err != nil {
			return dam.Rendition{}, made.Err
		}
		return made.Val.(dam.Rendition), nil
	case <-wait.C:
		return dam.Rendition{}, beingMade()
	case <-ctx.Done():
		return dam.Rendition{}, ctx.Err()
	}
}

// makeFor makes what a delivery names and keeps it under that name, when its turn in a lane has come.
// Errors: NotReady at once when the lane is full, and those of making it; what was refused lately is
// refused again without a try.
func (l *Library) makeFor(ctx context.Context, a dam.Asset, d dam.Delivery, turns lane) (dam.Rendition, error) {
	if known, err := l.Store.Rendition(ctx, a.ID, d.Rendition()); dam.KindOf(err) != dam.NotFound {
		return known, err
	}
	what := a.Key + " " + d.Rendition()
	if err := l.making.refusal(what); err != nil {
		return dam.Rendition{}, err
	}
	if l.Marks == nil {
		return dam.Rendition{}, beingMade()
	}
	leave, err := turns.enter(ctx)
	if err != nil {
		return dam.Rendition{}, err
	}
	defer leave()
	ctx, stop := context.WithTimeoutCause(ctx, makeTime, errMakeTime)
	defer stop()
	r, err := l.makeNow(ctx, a, d)
	if err != nil && errors.Is(context.Cause(ctx), errMakeTime) {
		err = tookTooLong(d)
	}
	l.making.note(what, err)
	return r, err
}

// tookTooLong keeps closed what can't be made in time.
func tookTooLong(d dam.Delivery) error {
	if d.Cleaning() != dam.CleanNothing {
		return &dam.Error{Kind: dam.NotAllowed, Msg: "Metadata can't be taken out of this file, so it stays closed.", Err: errMakeTime}
	}
	return &dam.Error{Kind: dam.NotAllowed, Msg: "This version can't bear the watermark that the link demands.", Err: errMakeTime}
}

func (l *Library) makeNow(ctx context.Context, a dam.Asset, d dam.Delivery) (dam.Rendition, error) {
	out, err := os.MkdirTemp(l.Scratch, "render-*")
	if err != nil {
		return dam.Rendition{}, fmt.Errorf("make a scratch folder: %w", err)
	}
	defer os.RemoveAll(out)
	if d.Cleaning() != dam.CleanNothing {
		return l.cleaned(ctx, a, d, out)
	}
	return l.marked(ctx, a, d, out)
}

// marked lays the watermark upon a rendition. It is kept only if watermark and rendition are still the
// ones it was made from.
func (l *Library) marked(ctx context.Context, a dam.Asset, d dam.Delivery, out string) (dam.Rendition, error) {
	upon, mark := d.Mark()
	clean, err := l.Store.Rendition(ctx, a.ID, upon)
	if err != nil {
		return dam.Rendition{}, err
	}
	w, err := l.Store.Watermark(ctx)
	if err != nil {
		return dam.Rendition{}, err
	}
	recipes, err := l.Store.Recipes(ctx)
	if err != nil {
		return dam.Rendition{}, err
	}
	version, _, _ := strings.Cut(upon, "@")
	recipe, known := dam.FindRecipe(recipes, version)
	if !known {
		recipe.Quality = 82 // the page of a document
	}
	recipe.MIME = clean.MIME
	path, release, err := blob.Local(ctx, l.Blobs, clean.Key, l.Scratch)
	if err != nil {
		return dam.Rendition{}, fmt.Errorf("fetch the rendition: %w", err)
	}
	defer release()
	r, err := l.lay(ctx, w, mark, path, recipe, out)
	if err != nil {
		return dam.Rendition{}, err
	}
	r.Name, r.Width, r.Height, r.MIME = d.Rendition(), clean.Width, clean.Height, clean.MIME
	return l.keepFor(ctx, a, r, func(ctx context.Context, tx *store.Tx) error {
		now, err := tx.Watermark(ctx)
		if err != nil {
			return err
		}
		still, err := tx.Rendition(ctx, a.ID, upon)
		if err == nil && (now.Version != w.Version || !strings.HasPrefix(mark.Name, "w"+w.Version) || still.Key != clean.Key) {
			err = beingMade()
		}
		return err
	})
}

// cleaned takes metadata out of an original, in a child that reads the result again before it is kept.
func (l *Library) cleaned(ctx context.Context, a dam.Asset, d dam.Delivery, out string) (dam.Rendition, error) {
	path, release, err := blob.Local(ctx, l.Blobs, a.Key, l.Scratch)
	if err != nil {
		return dam.Rendition{}, fmt.Errorf("fetch the original: %w", err)
	}
	defer release()
	file, err := l.Tools.Strip(ctx, path, a.MIME, d.Cleaning(), out)
	if errors.Is(err, media.ErrRefused) {
		return dam.Rendition{}, &dam.Error{Kind: dam.NotAllowed, Msg: "Metadata can't be taken out of this file, so it stays closed.", Err: err}
	}
	if err != nil {
		return dam.Rendition{}, err
	}
	r := media.Rendition{Name: d.Rendition(), Path: file, MIME: a.MIME, Width: a.Width, Height: a.Height}
	return l.keepFor(ctx, a, r, func(ctx context.Context, tx *store.Tx) error {
		now, err := tx.Asset(ctx, a.ID)
		if err == nil && !a.Earlier && now.Key != a.Key {
			err = beingMade()
		}
		return err
	})
}

func (l *Library) keepFor(ctx context.Context, a dam.Asset, r media.Rendition, check func(context.Context, *store.Tx) error) (dam.Rendition, error) {
	kept, err := l.keep(ctx, r.Path)
	if err != nil {
		return dam.Rendition{}, fmt.Errorf("keep rendition %s: %w", r.Name, err)
	}
	out := renditionOf(a.ID, r, kept)
	return out, l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := check(ctx, tx); err != nil {
			return err
		}
		return l.useRenditions(ctx, tx, out)
	})
}

// MarkLink makes what the guests of a link will ask for first, so that they need not wait: the marked
// pictures and, on the first page, small originals without what the link takes out of them. It is safe to
// run twice; what it can't make is tried again when somebody asks.
func (l *Library) MarkLink(ctx context.Context, job dam.Job) error {
	link, err := l.Store.Link(ctx, job.ID)
	if dam.KindOf(err) == dam.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	owner, err := l.Store.User(ctx, link.OwnerID)
	if err != nil {
		return err
	}
	creator, cursor := owner.Viewer(), ""
	for {
		assets, next, err := l.linkAssets(ctx, creator, link, cursor)
		if err != nil {
			return err
		}
		for _, a := range assets {
			err := l.markAsset(ctx, creator, link, a, cursor == "")
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				l.Log.Warn("something of a link is not made ahead", "link", link.ID, "asset", a.ID, "error", err)
			}
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

func (l *Library) linkAssets(ctx context.Context, creator dam.Viewer, link dam.Link, cursor string) ([]dam.Asset, string, error) {
	if link.CollectionID != "" {
		return l.Store.CollectionAssets(ctx, creator, link.CollectionID, store.Page{Cursor: cursor, Limit: guestPageSize})
	}
	a, err := l.Store.Asset(ctx, link.AssetID)
	return []dam.Asset{a}, "", err
}

// markAsset makes the renditions of one asset that the page of a link shows and its downloads give; its
// original only if asked for, and small.
func (l *Library) markAsset(ctx context.Context, creator dam.Viewer, link dam.Link, a dam.Asset, original bool) error {
	a, err := l.asOf(ctx, a, link)
	if err != nil {
		return err
	}
	w, err := l.Store.Watermark(ctx)
	if err != nil {
		return err
	}
	var versions []string
	for _, r := range a.Renditions {
		if dam.InViewSet(r.Name) && link.ShowsVersion(r) {
			versions = append(versions, r.Name)
		}
	}
	var failed error
	for _, version := range append(versions, link.Offers(creator, a)...) {
		d, err := link.Release(creator, a, w, version, !dam.InViewSet(version))
		if err != nil || d.Rendition() == "" {
			continue // refused now, refused to the guest too
		}
		if d.Cleaning() != dam.CleanNothing && (!original || a.Size > smallOriginal) {
			continue
		}
		_, err = l.makeFor(ctx, a, d, l.making.ahead)
		if err != nil && dam.KindOf(err) != dam.NotAllowed && dam.KindOf(err) != dam.NotFound {
			failed = firstError(failed, err)
		}
	}
	return failed
}
