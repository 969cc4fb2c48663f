package media

import (
	"cmp"
	"io"
	"log/slog"
	"runtime"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/media/wire"
)

// Options are what Pool and Exif need to run children. Every zero value has a safe default.
type Options struct {
	Executable string   // the program with the hidden subcommand; default: this one
	Args       []string // its arguments; default: render
	Workers    int      // children at once; default: one a processor for Pool, one for Exif
	Scratch    string   // a directory for Exif's own use, on the file system of the files it reads
	ExifTool   string   // default: exiftool from PATH
	Log        *slog.Logger
	Limits     Limits
}

// Limits bound what one file may cost. Memory, open files and the like are bounded in package confine.
type Limits struct {
	Pixels int64 // of a picture; default 268 million
	Side   int   // of a picture; default 65535
	Pages  int   // frames or pages, of which only the first is shown; default 4096

	Header        time.Duration // to start and read a header; default 5 s
	Decode        time.Duration // to make the pictures; default 10 s
	PerMegapixel  time.Duration // in addition; default 0.1 s
	Metadata      time.Duration // to read metadata; default 20 s
	JobsPerChild  int           // a child is replaced after so many; default 50 for Pool, 500 for Exif
	BytesPerChild int64         // and when it holds more memory after a job; default 400 MB
}

func (o Options) withDefaults(workers, jobs int) Options {
	o.Executable = cmp.Or(o.Executable, "/proc/self/exe")
	o.Workers = cmp.Or(o.Workers, workers)
	if o.Args == nil {
		o.Args = []string{"render"}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	l := &o.Limits
	l.Pixels = cmp.Or(l.Pixels, 268_000_000)
	l.Side = cmp.Or(l.Side, 65_535)
	l.Pages = cmp.Or(l.Pages, 4096)
	l.Header = cmp.Or(l.Header, 5*time.Second)
	l.Decode = cmp.Or(l.Decode, 10*time.Second)
	l.PerMegapixel = cmp.Or(l.PerMegapixel, 100*time.Millisecond)
	l.Metadata = cmp.Or(l.Metadata, 20*time.Second)
	l.JobsPerChild = cmp.Or(l.JobsPerChild, jobs)
	l.BytesPerChild = cmp.Or(l.BytesPerChild, 400<<20)
	return o
}

func (l Limits) wire() wire.Limits {
	return wire.Limits{Pixels: l.Pixels, Side: l.Side, Pages: l.Pages}
}

func (l Limits) decodeTime(width, height int, recipes []dam.Recipe) time.Duration {
	limit := l.Decode + megapixels(width, height, l.PerMegapixel)
	for _, r := range recipes {
		w, h := wire.Fit(width, height, box(r))
		limit += megapixels(w, h, encodings[r.MIME].time)
	}
	return limit
}

func megapixels(width, height int, each time.Duration) time.Duration {
	return time.Duration(float64(width) * float64(height) / 1e6 * float64(each))
}

func processors() int { return runtime.NumCPU() }
