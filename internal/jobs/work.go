package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"vitrine/internal/dam"
)

// args is how a dam.Job stands in the database; the kind has a column of its own.
type args struct {
	kind string
	ID   string `json:"id"`
}

func (a args) Kind() string { return a.kind }

// queueOf gives every kind a queue of its own, so that many jobs of one kind hold up no other.
func queueOf(kind string) string { return strings.ReplaceAll(kind, ".", "_") }

// backoff waits 1 s, then 4 s: a file that can't be worked is called failed within the minute.
type backoff struct{}

func (backoff) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(time.Duration(job.Attempt*job.Attempt) * time.Second)
}

// worker is one kind in River's hands.
type worker struct {
	river.WorkerDefaults[args]
	kind Kind
	log  *slog.Logger
}

func (w *worker) Timeout(*river.Job[args]) time.Duration { return w.kind.Timeout }

// Work makes one attempt. River counted it when it took the job, so that work which kills the
// process uses its attempts up; the one over the last finds no work, only its end.
func (w *worker) Work(ctx context.Context, row *river.Job[args]) error {
	job := dam.Job{Kind: row.Kind, ID: row.Args.ID}
	if row.Attempt > row.MaxAttempts {
		return w.fail(ctx, job, fmt.Errorf("it ended the process %d times: %w", row.MaxAttempts,
			dam.Errorf(dam.Internal, "The server was stopped each time it worked on this.")))
	}
	err := w.attempt(ctx, job, Attempt{Number: row.Attempt, Max: row.MaxAttempts})
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		// Called off by Stop, whatever the work made of it: River hands the attempt back.
		return fmt.Errorf("%w: %w", context.Canceled, err)
	case row.Attempt >= row.MaxAttempts || dam.KindOf(err) == dam.Invalid:
		return w.fail(ctx, job, err)
	}
	w.log.Warn("a job will be tried again", "kind", job.Kind, "id", job.ID, "attempt", row.Attempt, "error", err)
	return err
}

// attempt turns a panic of the work into an error of this attempt.
func (w *worker) attempt(ctx context.Context, job dam.Job, attempt Attempt) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			w.log.Error("a job panicked", "kind", job.Kind, "id", job.ID, "cause", cause, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	err = w.kind.Work(ctx, job, attempt)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = fmt.Errorf("%w: %w", context.DeadlineExceeded, err) // a killed child says only that it was killed
	}
	return err
}

// fail ends the job for good. It tells so before River writes it down: a crash between the two
// tells it twice and never not at all.
func (w *worker) fail(ctx context.Context, job dam.Job, err error) error {
	w.log.Error("a job failed", "kind", job.Kind, "id", job.ID, "error", err)
	if w.kind.OnFailed != nil {
		// The attempt's own time may be over.
		tell, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		w.kind.OnFailed(tell, job, sentence(err))
	}
	return river.JobCancel(err)
}

// sentence is what people are told of a failed job.
func sentence(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "It took too long."
	}
	return dam.Sentence(err)
}

// loud lets River's warnings and errors through and keeps its diary out of the log.
type loud struct{ slog.Handler }

func (l loud) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && l.Handler.Enabled(ctx, level)
}

func (l loud) WithAttrs(attrs []slog.Attr) slog.Handler { return loud{l.Handler.WithAttrs(attrs)} }
func (l loud) WithGroup(name string) slog.Handler       { return loud{l.Handler.WithGroup(name)} }
