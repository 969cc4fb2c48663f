// Package library holds the verbs: everything a person, a guest or a job can do. It is the only
// room that knows the order of things, asks dam for every decision and enqueues work in the
// transaction that asks for it. It never speaks HTTP; server and cmd call it.
package library

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/secret"
	"vitrine/internal/store"
)

// Queue takes work in the caller's transaction. jobs.Runner is one.
type Queue interface {
	Enqueue(ctx context.Context, tx *store.Tx, jobs ...dam.Job) error
}

// Config is what a library needs; all fields but the children (Images, Marks, Exif, Tools), Queue,
// Archive and SourceRoots are required. Without children and a queue it can bring in and share but
// derives nothing, as the command line tools do; without an archive, archiving moves no bytes.
type Config struct {
	Store   *store.Store
	Blobs   blob.Store
	Keys    *secret.Keys
	Hasher  *secret.Hasher
	Images  *media.Pool // makes pictures of what is brought in
	Marks   *media.Pool // lays watermarks, so that guests do not wait behind imports
	Exif    *media.Exif
	Tools   *media.Tools
	Archive blob.Store
	Queue   Queue
	Scratch string
	BaseURL string
	Now     func() time.Time
	Log     *slog.Logger
	// SourceRoots are the folders in which external sources may lie.
	SourceRoots []string
}

// Library is the verbs over one store and one set of bytes.
type Library struct {
	Config
	visits *visitWriter
	cache  *resolutions
	mark   atomic.Pointer[remembered[dam.Watermark]]
	making *workshop
	films  chan struct{} // holds one while a film is made ready for playing
	setup  setupCode
}

// New makes a library and starts its visit writer; Close ends it.
func New(c Config) *Library {
	return &Library{Config: c, visits: newVisitWriter(c.Store, c.Log), cache: newResolutions(), making: newWorkshop(), films: make(chan struct{}, 1)}
}

// Close writes the visits that are still in memory.
func (l *Library) Close() { l.visits.close() }

// now is the time every verb stamps: UTC, whole microseconds, as both engines keep it.
func (l *Library) now() time.Time { return l.Now().UTC().Truncate(time.Microsecond) }
