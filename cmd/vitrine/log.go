package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// logDelay is how long a line about an ordinary request may wait for others.
const logDelay = 200 * time.Millisecond

// newLog writes lines to out, several at once where requests come fast; warnings and worse go out
// at once. Flush writes what waits.
func newLog(out io.Writer, asJSON bool) (log *slog.Logger, flush func()) {
	lines := &lines{out: bufio.NewWriterSize(out, 64<<10)}
	var handler slog.Handler = slog.NewTextHandler(lines, nil)
	if asJSON {
		handler = slog.NewJSONHandler(lines, nil)
	}
	return slog.New(gathered{handler, lines}), lines.flush
}

// lines gathers what is written for a moment.
type lines struct {
	mu      sync.Mutex
	out     *bufio.Writer
	waiting bool
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.waiting {
		l.waiting = true
		time.AfterFunc(logDelay, l.flush)
	}
	return l.out.Write(line)
}

func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = false
	_ = l.out.Flush() // a log that can't be written has nobody to tell
}

// gathered flushes after every line that somebody should see now.
type gathered struct {
	slog.Handler
	lines *lines
}

func (g gathered) Handle(ctx context.Context, r slog.Record) error {
	err := g.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		g.lines.flush()
	}
	return err
}

func (g gathered) WithAttrs(attrs []slog.Attr) slog.Handler {
	return gathered{g.Handler.WithAttrs(attrs), g.lines}
}

func (g gathered) WithGroup(name string) slog.Handler {
	return gathered{g.Handler.WithGroup(name), g.lines}
}
