// Package source reads places that are not ours: folders and buckets whose files are shown where they
// lie. It lists and opens, and never writes, never follows a way out of the place, and knows nothing of
// assets. The library's verbs on external sources call it.
package source

import (
	"context"
	"io"
	"net/url"
	"strings"

	"vitrine/internal/dam"
)

// File is one file of a place. Path is relative, with forward slashes; Tag is a word that changes when
// the content does, as far as the place can tell without reading it.
type File struct {
	Path string
	Size int64
	Tag  string
}

// Place is a folder or a bucket.
type Place interface {
	// List calls fn for every file, in no order to rely on, and stops at its first error. Unread are the
	// files and folders that it could not look at: nothing is known of them and of what lies beneath them.
	// Kinds: Unavailable when the place itself can't be reached.
	List(ctx context.Context, fn func(File) error) (unread []string, err error)

	// Open gives the bytes of a file. A folder gives the *os.File itself.
	// Kinds: NotFound, Forbidden when this one file can't be read, Unavailable when the place can't be reached.
	Open(ctx context.Context, path string) (io.ReadSeekCloser, File, error)

	// Changes tells, as a hint, that something may have changed; it closes when ctx ends. A place that
	// can't tell gives nil: look again now and then.
	Changes(ctx context.Context) <-chan struct{}
}

// At finds a place by its address: an absolute folder beneath one of the roots, or
// s3://BUCKET/PREFIX?endpoint=URL&region=NAME. Errors: Invalid with field address.
func At(kind dam.SourceKind, address string, roots []string) (Place, error) {
	switch kind {
	case dam.SourceFolder:
		return openFolder(address, roots)
	case dam.SourceBucket:
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "s3" {
			return nil, dam.InvalidField("address", "Write s3://BUCKET/PREFIX?endpoint=URL&region=NAME.")
		}
		return openBucket(u)
	}
	return nil, dam.InvalidField("kind", "A source is a folder or a bucket.")
}

// shown says whether a file is for people: nothing hidden, and no folder of a system.
func shown(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(part, ".") || part == "@eaDir" || part == "$RECYCLE.BIN" || part == "lost+found" {
			return false
		}
	}
	return true
}

func gone(err error) error {
	return &dam.Error{Kind: dam.NotFound, Msg: "The file is no longer in its source.", Err: err}
}

func unreadable(err error) error {
	return &dam.Error{Kind: dam.Forbidden, Msg: "The file can't be read from its source.", Err: err}
}
