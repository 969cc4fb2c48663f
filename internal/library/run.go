package library

import (
	"context"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

// stretch is how many assets one step of a run works on before it looks whether it is paused.
const stretch = 20

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

// startRun begins a run, or gives back the one that is about the same.
func (l *Library) startRun(ctx context.Context, v dam.Viewer, run dam.Run) (dam.Run, error) {
	run.ID, run.State, run.ByID, run.CreatedAt = newID(), dam.RunRunning, v.ID, l.now()
	err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		live, err := tx.LiveRun(ctx, run.Kind, run.Subject)
		if err == nil {
			run = live
			return nil
		}
		if dam.KindOf(err) != dam.NotFound {
			return err
		}
		if err := tx.InsertRun(ctx, run); err != nil {
			return err
		}
		announceRun(tx, run)
		if err := l.note(ctx, tx, v, "run."+string(run.Kind), run.Subject, nil); err != nil {
			return err
		}
		return l.Queue.Enqueue(ctx, tx, dam.Job{Kind: dam.JobRun, ID: run.ID})
	})
	return run, err
}

func announceRun(tx *store.Tx, r dam.Run) {
	tx.Announce(store.Event{Run: &store.RunEvent{ID: r.ID, State: r.State, Total: r.Total, Done: r.Done, Failed: r.Failed}})
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

// PauseRun halts a run after the assets it is at. Errors: Unauthenticated, NotFound, Conflict.
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
		if r, err = tx.Run(ctx, id); err != nil {
			return err
		}
		r.State = to
		if to.Ended() {
			r.EndedAt = l.now()
		}
		if err := tx.UpdateRun(ctx, r, from); err != nil {
			return err
		}
		announceRun(tx, r)
		if to != dam.RunRunning {
			return nil
		}
		return l.Queue.Enqueue(ctx, tx, dam.Job{Kind: dam.JobRun, ID: id})
	})
	return r, err
}

// StepRun works on a run until it ends, is paused or cancelled. It writes down how far it came after every
// asset, so that a process that dies loses one at most. Errors: any is worth another attempt.
func (l *Library) StepRun(ctx context.Context, job dam.Job) error {
	for {
		r, err := l.Store.Run(ctx, job.ID)
		if dam.KindOf(err) == dam.NotFound || err == nil && r.State != dam.RunRunning {
			return nil
		}
		if err != nil {
			return err
		}
		if err := l.step(ctx, r); err != nil {
			return err
		}
	}
}

func (l *Library) step(ctx context.Context, r dam.Run) error {
	switch r.Kind {
	case dam.RunRebuild:
		return l.stepRebuild(ctx, r)
	case dam.RunRescan:
		return l.stepRescan(ctx, r)
	case dam.RunImport:
		return l.stepImport(ctx, r)
	}
	return dam.Errorf(dam.Invalid, "This program does not know runs of this kind.")
}

func (l *Library) stepRebuild(ctx context.Context, r dam.Run) error {
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
	for _, id := range ids {
		err := l.rebuild(ctx, recipe, id)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if goesOn, err := l.counted(ctx, &r, id, err); err != nil || !goesOn {
			return err
		}
	}
	if len(ids) == 0 {
		return l.endRun(ctx, r, dam.RunDone)
	}
	return nil
}

// counted notes that a run is done with one of its things. It says whether the run goes on.
func (l *Library) counted(ctx context.Context, r *dam.Run, cursor string, failure error) (goesOn bool, err error) {
	r.Done++
	r.Total = max(r.Total, r.Done)
	r.Cursor = cursor
	if failure != nil {
		r.Failed++
		r.Message = dam.Sentence(failure)
		l.Log.Warn("a run failed with one of its things", "run", r.ID, "thing", cursor, "error", failure)
	}
	err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		err := tx.UpdateRun(ctx, *r, dam.RunRunning)
		announceRun(tx, *r)
		return err
	})
	if dam.KindOf(err) != dam.NotFound {
		return err == nil, err
	}
	return false, l.halted(ctx, *r) // paused or cancelled meanwhile
}

// halted writes how far a run came that was paused or cancelled while it worked.
func (l *Library) halted(ctx context.Context, r dam.Run) error {
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now, err := tx.Run(ctx, r.ID)
		if err != nil {
			return err
		}
		now.Done, now.Failed, now.Total, now.Cursor, now.Message = r.Done, r.Failed, r.Total, r.Cursor, r.Message
		announceRun(tx, now)
		return tx.UpdateRun(ctx, now, now.State)
	})
}

func (l *Library) endRun(ctx context.Context, r dam.Run, state dam.RunState) error {
	r.State, r.EndedAt = state, l.now()
	err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		announceRun(tx, r)
		return tx.UpdateRun(ctx, r, dam.RunRunning)
	})
	if dam.KindOf(err) == dam.NotFound {
		return nil
	}
	return err
}

// RunFailed ends a run that could not go on.
func (l *Library) RunFailed(ctx context.Context, job dam.Job, reason string) error {
	r, err := l.Store.Run(ctx, job.ID)
	if err != nil || r.State.Ended() {
		return nil //nolint:nilerr // gone, and nobody waits for it
	}
	r.Message = reason
	return l.endRun(ctx, r, dam.RunFailed)
}
