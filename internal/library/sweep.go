package library

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

const (
	// sweepBatch is how many things one transaction of the sweeper is about.
	sweepBatch = 500
	// sweepBatches is how many of them one sweep removes bytes in; the next goes on.
	sweepBatches = 200
)

// grace is how old unused bytes must be before they are removed, so that bytes whose row is about
// to be written are never touched.
const grace = 24 * time.Hour

// Sweep removes what is over: trash after 30 days, unfinished uploads, ended sessions, collections
// of ended links where the settings say so, and bytes that no row knows. It is safe to run twice.
func (l *Library) Sweep(ctx context.Context, _ dam.Job) error {
	if err := l.sweepRows(ctx); err != nil {
		return fmt.Errorf("sweep rows: %w", err)
	}
	if err := l.sweepMarks(ctx); err != nil {
		return fmt.Errorf("sweep what was made for links: %w", err)
	}
	if err := l.sweepBlobs(ctx); err != nil {
		return fmt.Errorf("sweep bytes: %w", err)
	}
	if err := l.sweepArchive(ctx); err != nil {
		return fmt.Errorf("sweep the archive: %w", err)
	}
	return nil
}

// sweepMarks forgets what was made for links that are gone or ask for something else now.
func (l *Library) sweepMarks(ctx context.Context) error {
	unwanted, err := l.Store.UnwantedCleaned(ctx)
	if err != nil {
		return err
	}
	traced, err := l.Store.Traced(ctx)
	if err != nil {
		return err
	}
	// The links are read last: what was made for one that is new was not there yet.
	links, err := l.Store.TracedLinks(ctx)
	if err != nil {
		return err
	}
	w, err := l.Store.Watermark(ctx)
	if err != nil {
		return err
	}
	marks := map[string]bool{}
	for _, link := range links {
		if m, err := w.Mark(link); err == nil {
			marks[m.Name] = true
		}
	}
	for _, r := range traced {
		if !marks[r.Name[strings.LastIndexByte(r.Name, '@')+1:]] {
			unwanted = append(unwanted, r)
		}
	}
	for part := range slices.Chunk(unwanted, sweepBatch) {
		err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.DropMade(ctx, part...) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *Library) sweepRows(ctx context.Context) error {
	now := l.now()
	general, err := l.General(ctx)
	if err != nil {
		return err
	}
	old, err := l.Store.TrashedBefore(ctx, now.Add(-trashTime))
	if err != nil {
		return err
	}
	var ended []string
	if general.CleanCollections {
		if ended, err = l.Store.EndedLinkCollections(ctx, now); err != nil {
			return err
		}
	}
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, a := range old {
			if err := tx.DeleteAsset(ctx, a); dam.KindOf(err) == dam.NotFound {
				continue // restored this moment
			} else if err != nil {
				return err
			}
			if err := l.note(ctx, tx, dam.Viewer{}, "asset.delete", a.ID, nil); err != nil {
				return err
			}
		}
		for _, id := range ended {
			if err := tx.DeleteCollection(ctx, id); err != nil {
				return err
			}
		}
		return firstError(tx.DropUploads(ctx, now), tx.DropSessions(ctx, now), tx.DropBudgets(ctx, now.Add(-guessWindow)))
	})
}
