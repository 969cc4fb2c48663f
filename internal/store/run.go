package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

type runRow struct {
	bun.BaseModel `bun:"table:runs,alias:n"`
	ID            string  `bun:"id,pk"`
	Kind          string  `bun:"kind"`
	Subject       string  `bun:"subject"`
	State         string  `bun:"state"`
	Total         int     `bun:"total"`
	Done          int     `bun:"done"`
	Failed        int     `bun:"failed"`
	Message       string  `bun:"message"`
	Work          string  `bun:"work"`
	Generation    int     `bun:"generation"`
	Live          string  `bun:"live"`
	ByID          string  `bun:"by_id"`
	CreatedAt     instant `bun:"created_at"`
	EndedAt       instant `bun:"ended_at"`
}

func (r runRow) run() dam.Run {
	return dam.Run{
		ID: r.ID, Kind: dam.RunKind(r.Kind), Subject: r.Subject, State: dam.RunState(r.State), Total: r.Total, Done: r.Done,
		Failed: r.Failed, Message: r.Message, Cursor: r.Work, Generation: r.Generation, ByID: r.ByID,
		CreatedAt: r.CreatedAt.Time, EndedAt: r.EndedAt.Time,
	}
}

func rowOfRun(r dam.Run) *runRow {
	return &runRow{
		ID: r.ID, Kind: string(r.Kind), Subject: r.Subject, State: string(r.State), Total: r.Total, Done: r.Done,
		Failed: r.Failed, Message: r.Message, Work: r.Cursor, Generation: r.Generation, Live: live(r.Kind, r.Subject),
		ByID: r.ByID, CreatedAt: instant{r.CreatedAt}, EndedAt: instant{r.EndedAt},
	}
}

// live is what only one run may be about until it ends.
func live(kind dam.RunKind, subject string) string { return string(kind) + " " + subject }

type runItemRow struct {
	bun.BaseModel `bun:"table:run_items,alias:ni"`
	RunID         string `bun:"run_id,pk"`
	AssetID       string `bun:"asset_id,pk"`
}

// InsertRun adds a run that has not ended, with the assets it is for if those can't be asked for later. It
// says whether it did: not while another one about the same has not ended, on whichever node it began.
func (tx *Tx) InsertRun(ctx context.Context, r dam.Run, assetIDs []string) (begun bool, err error) {
	res, err := tx.db.NewInsert().Model(rowOfRun(r)).On("CONFLICT (live) DO NOTHING").Exec(ctx)
	if err := hit(res, err, "run"); err != nil {
		if dam.KindOf(err) == dam.NotFound {
			return false, nil
		}
		return false, err
	}
	for part := range chunks(assetIDs) {
		rows := each(part, func(id string) runItemRow { return runItemRow{RunID: r.ID, AssetID: id} })
		if _, err := tx.db.NewInsert().Model(&rows).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return false, fmt.Errorf("insert what a run is for: %w", err)
		}
	}
	return true, nil
}

// Run reads a run. Errors: NotFound.
func (r Reader) Run(ctx context.Context, id string) (dam.Run, error) {
	var row runRow
	err := r.db.NewSelect().Model(&row).Where("n.id = ?", id).Scan(ctx)
	return row.run(), found(err, "run")
}

// Runs lists the last 50 runs, the newest first.
func (r Reader) Runs(ctx context.Context) ([]dam.Run, error) {
	var rows []runRow
	err := r.db.NewSelect().Model(&rows).OrderExpr("n.created_at DESC, n.id DESC").Limit(DefaultLimit).Scan(ctx)
	return each(rows, runRow.run), err
}

// LiveRun finds the run of a kind about a subject that has not ended. Errors: NotFound.
func (r Reader) LiveRun(ctx context.Context, kind dam.RunKind, subject string) (dam.Run, error) {
	var row runRow
	err := r.db.NewSelect().Model(&row).Where("n.live = ?", live(kind, subject)).Scan(ctx)
	return row.run(), found(err, "run")
}

// RunItems lists the assets that a run was begun for, after an id.
func (r Reader) RunItems(ctx context.Context, runID, after string, limit int) (ids []string, err error) {
	err = r.db.NewRaw("SELECT asset_id FROM run_items WHERE run_id = ? AND asset_id > ? ORDER BY asset_id LIMIT ?",
		runID, after, limit).Scan(ctx, &ids)
	return ids, err
}

// NoteRun writes how far the work of a run's generation came, and reads the state that the run is in: it may
// have been paused or cancelled meanwhile. Errors: NotFound when another generation works on it now.
func (tx *Tx) NoteRun(ctx context.Context, r dam.Run) (dam.RunState, error) {
	var state string
	err := tx.db.NewRaw("UPDATE runs SET total = ?, done = ?, failed = ?, message = ?, work = ? WHERE id = ? AND generation = ? RETURNING state",
		r.Total, r.Done, r.Failed, r.Message, r.Cursor, r.ID, r.Generation).Scan(ctx, &state)
	return dam.RunState(state), found(err, "run")
}

// TurnRun brings a run from one state into another. One that is to be worked gets a new generation, so that
// no earlier job goes on with it. Errors: NotFound when it was no longer in the first state.
func (tx *Tx) TurnRun(ctx context.Context, id string, from, to dam.RunState, now time.Time) (dam.Run, error) {
	var row runRow
	update := tx.db.NewUpdate().Model(&row).Set("state = ?", string(to)).Where("n.id = ? AND n.state = ?", id, string(from)).Returning("*")
	switch {
	case to == dam.RunRunning:
		update = update.Set("generation = n.generation + 1")
	case to.Ended():
		update = update.Set("ended_at = ?, live = id", instant{now})
	}
	if err := update.Scan(ctx); err != nil || !to.Ended() {
		return row.run(), found(err, "run")
	}
	if _, err := tx.db.NewRaw("DELETE FROM run_items WHERE run_id = ?", id).Exec(ctx); err != nil {
		return dam.Run{}, fmt.Errorf("forget what a run was for: %w", err)
	}
	return row.run(), nil
}
