package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// bar shows how much of an import is done: a line that is drawn again on a terminal, nothing
// elsewhere. It counts the bytes written to it.
type bar struct {
	out     *os.File
	live    bool
	total   int64
	done    int64
	current string
	drawn   time.Time
}

func newBar(out *os.File, total int64) *bar {
	return &bar{out: out, live: term.IsTerminal(int(out.Fd())), total: total}
}

func (b *bar) name(file string) { b.current = file }

func (b *bar) Write(p []byte) (int, error) {
	b.done += int64(len(p))
	if b.live && time.Since(b.drawn) > 100*time.Millisecond {
		b.drawn = time.Now()
		b.draw()
	}
	return len(p), nil
}

func (b *bar) draw() {
	const width = 30
	part := 1.0
	if b.total > 0 {
		part = float64(b.done) / float64(b.total)
	}
	full := min(width, int(part*width))
	fmt.Fprintf(b.out, "\r\x1b[K[%s%s] %3.0f %%  %s", strings.Repeat("=", full), strings.Repeat(".", width-full), part*100, b.current)
}

func (b *bar) end() {
	if b.live {
		b.current = ""
		b.draw()
		fmt.Fprintln(b.out)
	}
}
