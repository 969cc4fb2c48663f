package library

import (
	"context"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/source"
	"vitrine/internal/store"
)

const (
	// watchEvery is how often it is looked whether there are other sources to watch.
	watchEvery = time.Minute
	// settleTime lets a copy of many files come to its end before it is looked at.
	settleTime = 3 * time.Second
	// lostLook is after how long a look that was asked for is taken for lost.
	lostLook = 15 * time.Minute
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

// follow asks for a look at a source after changes in it, once they have settled and the look it asked
// for last is over, so that looks never pile up.
func (l *Library) follow(ctx context.Context, id string, changes <-chan struct{}) {
	var asked time.Time
	for range changes {
		if !l.settled(ctx, id, asked) {
			return
		}
		select {
		case <-changes: // the look will see this one too
		default:
		}
		asked = l.now()
		err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			return l.Queue.Enqueue(ctx, tx, dam.Job{Kind: dam.JobScan, ID: id})
		})
		if err != nil && ctx.Err() == nil {
			l.Log.Warn("a change in a source waits for the next scan", "source", id, "error", err)
		}
	}
}

// settled waits until a source may be looked at. False means nobody wants to know any more.
func (l *Library) settled(ctx context.Context, id string, asked time.Time) bool {
	for {
		select {
		case <-time.After(settleTime):
		case <-ctx.Done():
			return false
		}
		s, err := l.Store.Source(ctx, id)
		if dam.KindOf(err) == dam.NotFound {
			return false
		}
		if err == nil && !s.ScannedAt.Before(asked) || l.now().Sub(asked) > lostLook {
			return true
		}
	}
}
