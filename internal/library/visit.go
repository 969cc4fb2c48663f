package library

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

// visitWriter is the one writer of visits: it takes them from requests without making them wait
// and writes them in batches. When a flood is faster than the disk, visits are dropped and counted.
type visitWriter struct {
	store   *store.Store
	log     *slog.Logger
	in      chan dam.Visit
	flush   chan chan struct{}
	done    chan struct{}
	dropped atomic.Int64
}

const (
	visitBatch = 1024
	visitDelay = 500 * time.Millisecond
)

func newVisitWriter(s *store.Store, log *slog.Logger) *visitWriter {
	w := &visitWriter{
		store: s, log: log, in: make(chan dam.Visit, visitBatch), flush: make(chan chan struct{}), done: make(chan struct{}),
	}
	go w.run()
	return w
}

func (w *visitWriter) record(v dam.Visit) {
	select {
	case w.in <- v:
	default:
		w.dropped.Add(1)
	}
}

// close writes what is left. Nothing may be recorded afterwards.
func (w *visitWriter) close() {
	close(w.in)
	<-w.done
}

func (w *visitWriter) run() {
	defer close(w.done)
	tick := time.NewTicker(visitDelay)
	defer tick.Stop()
	batch := make([]dam.Visit, 0, visitBatch)
	write := func() {
		w.write(batch)
		batch = batch[:0]
	}
	for {
		select {
		case v, open := <-w.in:
			if !open {
				write()
				return
			}
			if batch = append(batch, v); len(batch) == visitBatch {
				write()
			}
		case <-tick.C:
			write()
		case written := <-w.flush:
			for len(w.in) > 0 {
				batch = append(batch, <-w.in)
			}
			write()
			close(written)
		}
	}
}

func (w *visitWriter) write(batch []dam.Visit) {
	if n := w.dropped.Swap(0); n > 0 {
		w.log.Warn("visits came faster than they can be written", "dropped", n)
	}
	if len(batch) == 0 {
		return
	}
	if err := w.store.AddVisits(context.Background(), batch); err != nil {
		w.log.Error("visits are lost", "count", len(batch), "error", err)
	}
}

// FlushVisits waits until the visits recorded so far are written.
func (l *Library) FlushVisits() {
	written := make(chan struct{})
	l.visits.flush <- written
	<-written
}
