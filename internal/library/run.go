package library

import (
	"context"
	"fmt"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

const (
	// stretch is how many assets of a run are listed at once.
	stretch = 20
	// slice is how long one job works on a run; the next one goes on, so that no run is too long for a job.
	slice = 10 * time.Minute
)

// Rebuild makes the renditions of a recipe for all assets that lack them, as a run. A run that is under
// way is given back. Errors: Unauthenticated, Forbidden, NotFound, Conflict for a recipe that is off.
func (l *Library) Rebuild(ctx context.Context, v dam.Viewer, recipe string) (dam.Run, error) {
	r, err := l.recipe(ctx, v, recipe)
	if err != nil {
		return dam.Run{}, err
	}
	if !r.Enabled {
		return dam.Run{}, &dam.Error{Kind: dam.Conflict, Msg: "This recipe is switched off. Switch it on first."}
	}
	total, err := l.Store.CountLacking(ctx, served(r), r.Name)
	if err != nil {
		return dam.Run{}, err
	}
	return l.startRun(ctx, v, dam.Run{Kind: dam.RunRebuild, Subject: r.Name, Total: total})
}

// startRun begins a run, over some assets if it is not told by its subject which, or gives back the one that
// is about the same.
func (l *Library) startRun(ctx context.Context, v dam.Viewer, run dam.Run, assetIDs ...string) (dam.Run, error) {
	run.ID, run.State, run.ByID, run.CreatedAt = newID(), dam.RunRunning, v.ID, l.now()
	err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		begun, err := tx.InsertRun(ctx, run, assetIDs)
		if err != nil {
			return err
		}
		if !begun {
			run, err = tx.LiveRun(ctx, run.Kind, run.Subject)
			return err
		}
		announceRun(tx, run)
		if err := l.note(ctx, tx, v, "run."+string(run.Kind), run.Subject, nil); err != nil {
			return err
		}
		return l.Queue.Enqueue(ctx, tx, run.Job())
	})
	return run, err
}

func announceRun(tx *store.Tx, r dam.Run) {
	tx.Announce(store.Event{Run: &store.RunEvent{ID: r.ID, ByID: r.ByID, State: r.State, Total: r.Total, Done: r.Done, Failed: r.Failed}})
}

// Runs lists the last runs: all of them for administrators, else the viewer's own.
// Errors: Unauthenticated.
func (l *Library) Runs(ctx context.Context, v dam.Viewer) ([]dam.Run, error) {
	if err := v.Require(dam.AssetView); err != nil {
		return nil, err
	}
	all, err := l.Store.Runs(ctx)
	var out []dam.Run
	for _, r := range all {
		if maySeeRun(v, r) {
			out = append(out, r)
		}
	}
	return out, err
}

func maySeeRun(v dam.Viewer, r dam.Run) bool { return v.Has(dam.Admin) || r.ByID == v.ID }

// Run reads one run. Errors: Unauthenticated, NotFound.
func (l *Library) Run(ctx context.Context, v dam.Viewer, id string) (dam.Run, error) {
	if err := v.Require(dam.AssetView); err != nil {
		return dam.Run{}, err
	}
	r, err := l.Store.Run(ctx, id)
	if err == nil && !maySeeRun(v, r) {
		err = &dam.Error{Kind: dam.NotFound, Msg: "There is no such run."}
	}
	return r, err
}

// PauseRun halts a run once it is done with the asset it is at, a rescan some files later: that begins anew
// when it goes on, past what it has done. Errors: Unauthenticated, NotFound, Conflict.
func (l *Library) PauseRun(ctx context.Context, v dam.Viewer, id string) (dam.Run, error) {
	return l.turnRun(ctx, v, id, dam.RunRunning, dam.RunPaused)
}

// ResumeRun goes on with a run that is paused. Errors: Unauthenticated, NotFound, Conflict.
func (l *Library) ResumeRun(ctx context.Context, v dam.Viewer, id string) (dam.Run, error) {
	return l.turnRun(ctx, v, id, dam.RunPaused, dam.RunRunning)
}

// CancelRun ends a run; what it made stays. Errors: Unauthenticated, NotFound, Conflict.
func (l *Library) CancelRun(ctx context.Context, v dam.Viewer, id string) (dam.Run, error) {
	r, err := l.Run(ctx, v, id)
	if err != nil {
		return r, err
	}
	return l.turnRun(ctx, v, id, r.State, dam.RunCancelled)
}

func (l *Library) turnRun(ctx context.Context, v dam.Viewer, id string, from, to dam.RunState) (dam.Run, error) {
	r, err := l.Run(ctx, v, id)
	if err != nil {
		return r, err
	}
	if r.State != from || r.State.Ended() {
		return r, dam.Errorf(dam.Conflict, "This run is %s.", r.State)
	}
	err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if r, err = tx.TurnRun(ctx, id, from, to, l.now()); err != nil {
			return err
		}
		announceRun(tx, r)
		if to != dam.RunRunning {
			return nil
		}
		return l.Queue.Enqueue(ctx, tx, r.Job())
	})
	return r, err
}

// StepRun works on a run for a slice of time, then has another job go on; it ends earlier when the run ends,
// is paused, cancelled or given to another job. Of rebuilds and imports it writes down how far they came after
// every asset, so that a process that dies loses one at most; a rescan is a single stretch and begins anew.
// Errors: any is worth another attempt.
func (l *Library) StepRun(ctx context.Context, job dam.Job) error {
	id, generation := job.Run()
	until := l.now().Add(slice)
	for {
		r, err := l.Store.Run(ctx, id)
		if dam.KindOf(err) == dam.NotFound || err == nil && (r.State != dam.RunRunning || r.Generation != generation) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := l.step(ctx, r, until); err != nil {
			return err
		}
	}
}

func (l *Library) step(ctx context.Context, r dam.Run, until time.Time) error {
	switch r.Kind {
	case dam.RunRebuild:
		return l.stepRebuild(ctx, r, until)
	case dam.RunRescan:
		return l.stepRescan(ctx, r)
	case dam.RunImport:
		return l.stepImport(ctx, r, until)
	}
	return dam.Errorf(dam.Invalid, "This program does not know runs of this kind.")
}

func (l *Library) stepRebuild(ctx context.Context, r dam.Run, until time.Time) error {
	recipes, err := l.Store.Recipes(ctx)
	if err != nil {
		return err
	}
	recipe, known := dam.FindRecipe(recipes, r.Subject)
	if !known || !recipe.Enabled {
		r.Message = "The recipe was switched off or deleted."
		return l.endRun(ctx, r, dam.RunCancelled)
	}
	ids, err := l.Store.Lacking(ctx, served(recipe), recipe.Name, r.Cursor, stretch)
	if err != nil {
		return err
	}
	return l.work(ctx, r, until, ids, func(id string) error { return l.rebuild(ctx, recipe, id) })
}

// work does what a run does to some assets, one after the other. Without any the run is done.
func (l *Library) work(ctx context.Context, r dam.Run, until time.Time, ids []string, do func(id string) error) error {
	if len(ids) == 0 {
		return l.endRun(ctx, r, dam.RunDone)
	}
	for _, id := range ids {
		err := do(id)
		if ctx.Err() != nil {
			return firstError(err, ctx.Err())
		}
		r.Done++
		r.Total, r.Cursor = max(r.Total, r.Done), id
		if err != nil {
			r.Failed++
			r.Message = dam.Sentence(err)
			l.Log.Warn("a run failed with one of its assets", "run", r.ID, "asset", id, "error", err)
		}
		if goesOn, err := l.noted(ctx, r, until); err != nil || !goesOn {
			return err
		}
	}
	return nil
}

// noted writes how far a run came, and asks for its next job when the time of this one is over. It says
// whether this one goes on.
func (l *Library) noted(ctx context.Context, r dam.Run, until time.Time) (goesOn bool, err error) {
	over := !l.now().Before(until)
	err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if r.State, err = tx.NoteRun(ctx, r); err != nil {
			return err
		}
		announceRun(tx, r)
		if r.State != dam.RunRunning || !over {
			return nil
		}
		if r, err = tx.TurnRun(ctx, r.ID, dam.RunRunning, dam.RunRunning, l.now()); err != nil {
			return err
		}
		return l.Queue.Enqueue(ctx, tx, r.Job())
	})
	if dam.KindOf(err) == dam.NotFound {
		return false, nil // another job works on it
	}
	return r.State == dam.RunRunning && !over, err
}

// endRun ends a run, unless it was paused or cancelled or given to another job meanwhile.
func (l *Library) endRun(ctx context.Context, r dam.Run, state dam.RunState) error {
	err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now, err := tx.NoteRun(ctx, r)
		if err == nil && now == dam.RunRunning {
			now = state
			_, err = tx.TurnRun(ctx, r.ID, dam.RunRunning, state, l.now())
		}
		r.State = now
		announceRun(tx, r)
		return err
	})
	if dam.KindOf(err) == dam.NotFound {
		return nil
	}
	return err
}

// RunFailed ends a run whose job could not go on.
func (l *Library) RunFailed(ctx context.Context, job dam.Job, reason string) error {
	id, generation := job.Run()
	r, err := l.Store.Run(ctx, id)
	if err != nil || r.State.Ended() || r.Generation != generation {
		return nil //nolint:nilerr // gone, and nobody waits for it
	}
	r.Message = reason
	return l.endRun(ctx, r, dam.RunFailed)
}

// film waits until no other film is made ready for playing on this machine: one takes all the cores there
// are. Done must be called in the end.
func (l *Library) film(ctx context.Context) (done func(), err error) {
	select {
	case l.films <- struct{}{}:
		return func() { <-l.films }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for another film: %w", ctx.Err())
	}
}
