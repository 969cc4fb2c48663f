package media

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"vitrine/internal/dam"
)

// errGone says that a child had ended before it got its job: the job is innocent.
var errGone = errors.New("child is gone")

// crew is a fixed number of workers, each with at most one child, which it starts when there is work and
// replaces when it has served long enough, grown too large, or failed.
type crew struct {
	name   string
	launch func(ctx context.Context) (*process, error)
	jobs   int   // per child
	bytes  int64 // a child may hold after a job
	log    *slog.Logger

	queue  chan ticket
	ctx    context.Context // ends with close
	cancel context.CancelFunc
	all    sync.WaitGroup
}

type ticket struct {
	ctx  context.Context
	run  func(context.Context, *process) error
	done chan error
}

func (c *crew) start(name string, o Options, launch func(context.Context) (*process, error)) {
	c.name, c.launch, c.log = name, launch, o.Log
	c.jobs, c.bytes = o.Limits.JobsPerChild, o.Limits.BytesPerChild
	c.queue = make(chan ticket)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	for range o.Workers {
		c.all.Go(c.serve)
	}
}

func (c *crew) close() {
	c.cancel()
	c.all.Wait()
}

// do has run carried out with a child. It returns when run has, or when ctx ends before it began.
func (c *crew) do(ctx context.Context, run func(context.Context, *process) error) error {
	t := ticket{ctx: ctx, run: run, done: make(chan error, 1)}
	select {
	case c.queue <- t:
		return <-t.done
	case <-ctx.Done():
		return ctx.Err()
	case <-c.ctx.Done():
		return &dam.Error{Kind: dam.Unavailable, Msg: "The server is stopping."}
	}
}

func (c *crew) serve() {
	// See start: a child dies with the thread that started it. The thread is never unlocked, so it ends
	// with this function.
	runtime.LockOSThread()
	var child *process
	for {
		select {
		case t := <-c.queue:
			t.done <- c.handle(t, &child)
		case <-c.ctx.Done():
			if child != nil {
				child.end()
			}
			return
		}
	}
}

func (c *crew) handle(t ticket, child **process) error {
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	defer context.AfterFunc(c.ctx, cancel)()
	began := time.Now()
	err := c.try(ctx, t.run, child)
	if errors.Is(err, errGone) {
		err = c.try(ctx, t.run, child)
	}
	if err == nil || errors.Is(err, ErrRefused) {
		c.retire(child)
		return err
	}
	if *child != nil {
		(*child).end()
		err = fmt.Errorf("%w (child: %w)", err, (*child).death)
		*child = nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	c.log.Warn("media child failed", "child", c.name, "after", time.Since(began), "error", err)
	return crashed(err)
}

func (c *crew) try(ctx context.Context, run func(context.Context, *process) error, child **process) error {
	if *child == nil {
		fresh, err := c.launch(ctx)
		if err != nil {
			return fmt.Errorf("start: %w", err)
		}
		*child = fresh
	}
	err := run(ctx, *child)
	if errors.Is(err, errGone) {
		(*child).end()
		*child = nil
	}
	return err
}

// retire ends a child that has served long enough or grown too large; the next job gets a fresh one.
func (c *crew) retire(child **process) {
	p := *child
	p.jobs++
	if p.jobs < c.jobs && p.resident() < c.bytes {
		return
	}
	p.end()
	*child = nil
}
