// Package jobs runs the work that was asked for: River over the database of the store, on either
// engine. It knows kinds and functions, attempts and what a killed process left behind, and nothing
// of what the work is about. The library enqueues; cmd gives the table of kinds and starts it.
package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

const (
	maxAttempts = 3
	// hardStop is how long a job may take to notice that it was called off.
	hardStop = 10 * time.Second
	// lookForDead is how often a node looks for jobs of nodes that are gone.
	lookForDead = 30 * time.Second
)

// Work does a job. It is safe to run twice and ends soon after ctx does. An error of kind Invalid
// would come again and fails the job at once; any other is one attempt.
type Work func(ctx context.Context, job dam.Job, attempt Attempt) error

// Failed is told once that a job will not be tried again, with a sentence for people.
type Failed func(ctx context.Context, job dam.Job, reason string)

// Attempt counts the tries of a job from 1; a try counts before its work begins.
type Attempt struct{ Number, Max int }

// Kind is how one kind of job is worked.
type Kind struct {
	Work     Work
	OnFailed Failed        // may be nil
	Timeout  time.Duration // of one attempt; a minute when zero
	Workers  int           // at once on this node; as many as there are cores when zero
	Every    time.Duration // when set, one such job is enqueued at start and then this often
}

// Options are what a Runner needs besides its table.
type Options struct {
	Log *slog.Logger
}

// Runner enqueues jobs and, once started, works them.
type Runner struct {
	id      string
	store   *store.Store
	client  client
	insert  func(ctx context.Context, tx *store.Tx, params []river.InsertManyParams) error
	log     *slog.Logger
	guard   *guard // nil on SQLite
	stop    context.CancelFunc
	stopped sync.WaitGroup
}

type client interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
}

// New makes a runner over the store's database and brings its tables up to date.
func New(ctx context.Context, st *store.Store, table map[string]Kind, options Options) (*Runner, error) {
	if err := migrate(ctx, st); err != nil {
		return nil, fmt.Errorf("bring the job tables up to date: %w", err)
	}
	r := &Runner{id: newID(), store: st, log: options.Log}
	if err := r.connect(r.config(table)); err != nil {
		return nil, fmt.Errorf("set up jobs: %w", err)
	}
	return r, nil
}

func (r *Runner) connect(config *river.Config) error {
	if pool := r.store.Postgres(); pool != nil {
		r.guard = &guard{id: r.id, pool: pool}
		return join(r, riverpgxv5.New(pool), config, func(tx *store.Tx) pgx.Tx { return tx.PGX })
	}
	return join(r, riversqlite.New(r.store.SQLite()), config, func(tx *store.Tx) *sql.Tx { return tx.SQL })
}

// join makes the client and finds its kind of transaction in the store's.
func join[T any](r *Runner, driver riverdriver.Driver[T], config *river.Config, of func(*store.Tx) T) error {
	c, err := river.NewClient(driver, config)
	if err != nil {
		return err
	}
	r.client = c
	r.insert = func(ctx context.Context, tx *store.Tx, params []river.InsertManyParams) error {
		_, err := c.InsertManyTx(ctx, of(tx), params)
		return err
	}
	return nil
}

func (r *Runner) config(table map[string]Kind) *river.Config {
	config := &river.Config{
		ID:            r.id,
		Logger:        slog.New(loud{r.log.Handler()}),
		MaxAttempts:   maxAttempts,
		RetryPolicy:   backoff{},
		FetchCooldown: 50 * time.Millisecond,
		// An import makes very many jobs, and a finished one tells nobody anything.
		CompletedJobRetentionPeriod: time.Hour,
		Queues:                      map[string]river.QueueConfig{},
		Workers:                     river.NewWorkers(),
	}
	longest := time.Duration(0)
	for name, kind := range table {
		longest = max(longest, kind.Timeout)
		config.Queues[queueOf(name)] = river.QueueConfig{MaxWorkers: cmp.Or(kind.Workers, runtime.NumCPU())}
		river.AddWorkerArgs(config.Workers, args{kind: name}, &worker{kind: kind, log: r.log})
		if kind.Every > 0 {
			config.PeriodicJobs = append(config.PeriodicJobs, periodic(name, kind.Every))
		}
	}
	// What a dead process left is taken up by rescue; this is for work that never notices its end.
	config.RescueStuckJobsAfter = longest + time.Hour
	return config
}

// periodic enqueues a job without an id, and not while one is waiting or worked.
func periodic(name string, every time.Duration) *river.PeriodicJob {
	job := func() (river.JobArgs, *river.InsertOpts) {
		return args{kind: name}, &river.InsertOpts{
			Queue: queueOf(name),
			UniqueOpts: river.UniqueOpts{ByState: []rivertype.JobState{
				rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
				rivertype.JobStateRunning, rivertype.JobStateScheduled,
			}},
		}
	}
	return river.NewPeriodicJob(river.PeriodicInterval(every), job, &river.PeriodicJobOpts{ID: queueOf(name), RunOnStart: true})
}

// Enqueue asks for jobs as part of the caller's transaction: they are there when it commits and
// were never asked for when it does not. Any node over the same database may work them.
func (r *Runner) Enqueue(ctx context.Context, tx *store.Tx, jobs ...dam.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(jobs))
	for i, job := range jobs {
		params[i] = river.InsertManyParams{
			Args:       args{kind: job.Kind, ID: job.ID},
			InsertOpts: &river.InsertOpts{Queue: queueOf(job.Kind)},
		}
	}
	if err := r.insert(ctx, tx, params); err != nil {
		return fmt.Errorf("enqueue %s: %w", jobs[0].Kind, err)
	}
	return nil
}

// Start takes up what a killed process left and begins to work. Only Stop ends it; the end of ctx
// does not. On SQLite no other process may be working.
func (r *Runner) Start(ctx context.Context) error {
	if err := r.takeUp(ctx); err != nil {
		return fmt.Errorf("take up jobs: %w", err)
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	if err := r.client.Start(run); err != nil {
		stop()
		return fmt.Errorf("start jobs: %w", err)
	}
	r.stop = stop
	if r.guard != nil {
		r.stopped.Go(func() { r.watch(run) })
	}
	return nil
}

func (r *Runner) takeUp(ctx context.Context) error {
	if r.guard == nil {
		return rescueSQLite(ctx, r.store.SQLite())
	}
	return r.guard.tend(ctx)
}

// watch takes up jobs of nodes that are gone for as long as this one runs.
func (r *Runner) watch(ctx context.Context) {
	tick := time.NewTicker(lookForDead)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := r.guard.tend(ctx); err != nil && ctx.Err() == nil {
				r.log.Warn("jobs of other nodes can't be looked after", "error", err)
			}
		}
	}
}

// Stop takes no new jobs and lets those under way end. When ctx ends first they are called off and
// go back to the queue; an attempt that was called off does not count.
func (r *Runner) Stop(ctx context.Context) error {
	if r.stop == nil {
		return nil
	}
	err := r.client.Stop(ctx)
	if err != nil {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), hardStop)
		defer cancel()
		err = r.client.StopAndCancel(hard)
	}
	r.stop()
	r.stopped.Wait()
	if r.guard != nil {
		r.guard.leave()
	}
	if err != nil {
		return fmt.Errorf("stop jobs: %w", err)
	}
	return nil
}
