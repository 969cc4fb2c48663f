package library

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/store"
)

// Transcode makes what plays of an asset: the proxies of its film or sound, and the storyboard. It is
// safe to run twice. Errors: Invalid for a file that will never play; any other is worth another
// attempt.
func (l *Library) Transcode(ctx context.Context, job dam.Job) error {
	next, err := l.film(ctx)
	if err != nil {
		return err
	}
	defer next()
	a, err := l.unfinished(ctx, job)
	if err != nil || a.ID == "" {
		return err
	}
	d, done, err := l.derivation(ctx, a)
	if err != nil {
		return err
	}
	defer done()
	note := ""
	var refusal *dam.Error
	err = d.moving(ctx, d.recipes)
	if errors.Is(err, media.ErrRefused) && errors.As(err, &refusal) {
		note, err = refusal.Msg, nil // its still pictures are there: it is shown without a player
	}
	if err == nil {
		err = d.ready(ctx, note)
	}
	if errors.Is(err, errReplaced) {
		return nil
	}
	return err
}

// ready says that all is made of an original that can be.
func (d *derivation) ready(ctx context.Context, note string) error {
	return d.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now, err := d.same(ctx, tx)
		if err != nil {
			return err
		}
		now.Status, now.Work, now.Note = dam.StatusReady, dam.WorkNone, note
		tx.Announce(store.Event{AssetID: now.ID, Status: now.Status, Progress: 1})
		return tx.UpdateAsset(ctx, now)
	})
}

// moving makes the proxies that some recipes ask for, each of use as soon as it is made. The
// storyboard is cut from the proxy, whose key frames stand close.
func (d *derivation) moving(ctx context.Context, recipes []dam.Recipe) error {
	found, err := d.Tools.Probe(ctx, d.path)
	if err != nil {
		return err
	}
	todo := slices.DeleteFunc(slices.Clone(recipes), func(r dam.Recipe) bool {
		return !r.Moving() || !r.Serves(d.asset.Kind) || r.Name == dam.Storyboard
	})
	proxy := ""
	for i, recipe := range todo {
		share := func(p float64) { d.tell(ctx, (float64(i)+p)/float64(len(todo)+1)) }
		r, err := d.transcode(ctx, found, recipe, often(share))
		if err != nil {
			return err
		}
		if err := d.save(ctx, r); err != nil {
			return err
		}
		if recipe.Name == dam.Video720 {
			proxy = r.Path
		}
	}
	if _, wanted := dam.FindRecipe(recipes, dam.Storyboard); !wanted || d.asset.Kind != dam.KindVideo {
		return nil
	}
	return d.storyboard(ctx, proxy, found)
}

func (d *derivation) transcode(ctx context.Context, found media.VideoFacts, r dam.Recipe, tell func(float64)) (media.Rendition, error) {
	if r.Kind == dam.RecipeAudio {
		return d.Tools.TranscodeAudio(ctx, d.path, found, r, d.out, tell)
	}
	return d.Tools.Transcode(ctx, d.path, found, r, d.out, tell)
}

func (d *derivation) storyboard(ctx context.Context, proxy string, found media.VideoFacts) error {
	if proxy == "" {
		r, ok := d.asset.Rendition(dam.Video720)
		if !ok {
			return nil // without a proxy there is no player to seek in
		}
		path, release, err := blob.Local(ctx, d.Blobs, r.Key, d.Scratch)
		if err != nil {
			return err
		}
		defer release()
		proxy = path
	}
	r, err := d.Tools.Storyboard(ctx, proxy, found, d.out)
	if err != nil {
		return err
	}
	r.Name = dam.Storyboard
	return d.save(ctx, r)
}

// save keeps one rendition and adds it to the asset at once. Errors: errReplaced.
func (d *derivation) save(ctx context.Context, r media.Rendition) error {
	kept, err := d.keep(ctx, r.Path)
	if err != nil {
		return fmt.Errorf("keep rendition %s: %w", r.Name, err)
	}
	return d.renew(ctx, renditionOf(d.asset.ID, r, kept))
}

// renew adds renditions to the asset in place of older ones, with what was made of those. Errors: errReplaced.
func (d *derivation) renew(ctx context.Context, list ...dam.Rendition) error {
	return d.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now, err := d.same(ctx, tx)
		if err != nil {
			return err
		}
		if list, err = d.wanted(ctx, tx, list); err != nil {
			return err
		}
		for _, r := range list {
			if err := tx.DropMarked(ctx, now.ID, r.Name); err != nil {
				return err
			}
		}
		tx.Announce(store.Event{AssetID: now.ID, Status: now.Status, Work: now.Work})
		return d.useRenditions(ctx, tx, list...)
	})
}

// often keeps a flood of progress down to a few words a second.
func often(tell func(float64)) func(float64) {
	last := -1.0
	return func(p float64) {
		if p-last >= 0.01 {
			last = p
			tell(p)
		}
	}
}
