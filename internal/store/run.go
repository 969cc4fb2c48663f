package store

import (
	"context"
	"fmt"

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
	ByID          string  `bun:"by_id"`
	CreatedAt     instant `bun:"created_at"`
	EndedAt       instant `bun:"ended_at"`
}

func (r runRow) run() dam.Run {
	return dam.Run{
		ID: r.ID, Kind: dam.RunKind(r.Kind), Subject: r.Subject, State: dam.RunState(r.State), Total: r.Total, Done: r.Done,
		Failed: r.Failed, Message: r.Message, Cursor: r.Work, ByID: r.ByID, CreatedAt: r.CreatedAt.Time, EndedAt: r.EndedAt.Time,
	}
}

func rowOfRun(r dam.Run) *runRow {
	return &runRow{
		ID: r.ID, Kind: string(r.Kind), Subject: r.Subject, State: string(r.State), Total: r.Total, Done: r.Done,
		Failed: r.Failed, Message: r.Message, Work: r.Cursor, ByID: r.ByID, CreatedAt: instant{r.CreatedAt}, EndedAt: instant{r.EndedAt},
	}
}

// InsertRun adds a run.
func (tx *Tx) InsertRun(ctx context.Context, r dam.Run) error {
	if _, err := tx.db.NewInsert().Model(rowOfRun(r)).Exec(ctx); err != nil {
		return fmt.Errorf("insert run: %w", err)
	}
	return nil
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
	err := r.db.NewSelect().Model(&row).Where("n.kind = ? AND n.subject = ? AND n.ended_at IS NULL", string(kind), subject).
		Limit(1).Scan(ctx)
	return row.run(), found(err, "run")
}

// UpdateRun writes a run that is still in the state its writer saw, so that a pause or a cancel is
// never overwritten. Errors: NotFound when the state changed meanwhile.
func (tx *Tx) UpdateRun(ctx context.Context, r dam.Run, seen dam.RunState) error {
	res, err := tx.db.NewUpdate().Model(rowOfRun(r)).WherePK().Where("state = ?", string(seen)).Exec(ctx)
	return hit(res, err, "run")
}
