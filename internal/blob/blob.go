// Package blob keeps bytes by the hash of their content, on a disk or in an S3 bucket. It never
// knows whose they are, what they show or who may read them, and it never changes a blob once it
// is there. The library puts, opens and sweeps; nobody else holds a Store.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"vitrine/internal/dam"
)

// Blob is what a Put found out about the bytes while it wrote them.
type Blob struct {
	Key    string
	Size   int64
	SHA256 string // hex
	CRC32  uint32 // IEEE, as a ZIP wants it
}

// Entry is one blob met on a Walk. Modified is when it was last put.
type Entry struct {
	Key      string
	Size     int64
	Modified time.Time
}

// Store keeps blobs. Every kind of store passes blobtest.Suite.
type Store interface {
	// Put keeps what r holds; once it returns without error, the bytes survive a power cut.
	// Putting the same content again renews its time. A failed Put leaves no blob that was not
	// there before. Kinds: StorageFull, Unavailable; errors of r come back as they are.
	Put(ctx context.Context, r io.Reader) (Blob, error)

	// Open gives the bytes of a key. A disk gives the *os.File itself, so that a copy to a
	// connection is done by the kernel: do not wrap it. The reader lives no longer than ctx.
	// Kinds: NotFound, Unavailable.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, int64, error)

	// Delete removes a blob that was last put before the given instant, and keeps one that was put
	// again since: the same content may belong to somebody new. No such blob is no error.
	// Kinds: Unavailable.
	Delete(ctx context.Context, key string, before time.Time) error

	// Walk calls fn for every blob, in no promised order, and stops at its first error.
	// Kinds: Unavailable.
	Walk(ctx context.Context, fn func(Entry) error) error

	// Ready says whether bytes can be read and written right now. Kinds: StorageFull, Unavailable.
	Ready(ctx context.Context) error
}

// OpenURL opens the store a URL names: file:DIR, or s3://BUCKET?endpoint=URL&region=NAME with the
// keys in the usual AWS variables. Scratch is a folder for what S3 needs on disk while it works.
func OpenURL(ctx context.Context, storage, scratch string) (Store, error) {
	if dir, ok := strings.CutPrefix(storage, "file:"); ok {
		return openDisk(strings.TrimPrefix(dir, "//"))
	}
	u, err := url.Parse(storage)
	if err != nil || u.Scheme != "s3" {
		return nil, dam.InvalidField("storage", "Use file:DIR or s3://BUCKET?endpoint=URL&region=NAME.")
	}
	return openS3(ctx, u, scratch)
}

var keyForm = regexp.MustCompile(`^[0-9a-f]{2}/[0-9a-f]{64}$`)

func keyOf(sum []byte) string {
	name := hex.EncodeToString(sum)
	return name[:2] + "/" + name
}

func validKey(key string) bool {
	return keyForm.MatchString(key) && path.Base(key)[:2] == path.Dir(key)
}

func notFound(key string) error {
	return fmt.Errorf("open blob %.80q: %w", key, dam.Errorf(dam.NotFound, missing))
}

// Verify reads a blob whole and says what is there; damaged is true when its bytes are not the
// ones its key names. Kinds: NotFound, Unavailable.
func Verify(ctx context.Context, s Store, key string) (found Blob, damaged bool, err error) {
	r, size, err := s.Open(ctx, key)
	if err != nil {
		return Blob{}, false, err
	}
	defer r.Close()
	found, err = pour(ctx, io.Discard, r)
	if err != nil {
		return Blob{}, false, fmt.Errorf("verify blob %s: %w", key, err)
	}
	return found, found.Key != key || found.Size != size, nil
}

// pour copies and hashes in one go. An error of the reader comes back unclassified, as the reader's
// own; one of the writer as the storage's.
func pour(ctx context.Context, w io.Writer, r io.Reader) (Blob, error) {
	src := &source{ctx: ctx, r: r}
	sum, crc := sha256.New(), crc32.NewIEEE()
	n, err := io.CopyBuffer(io.MultiWriter(w, sum, crc), src, make([]byte, 256<<10))
	if src.err != nil {
		return Blob{}, fmt.Errorf("read the bytes to keep: %w", src.err)
	}
	if err != nil {
		return Blob{}, storageError(err)
	}
	digest := sum.Sum(nil)
	return Blob{Key: keyOf(digest), Size: n, SHA256: hex.EncodeToString(digest), CRC32: crc.Sum32()}, nil
}

// source remembers its own error, so that a cut upload is not taken for a broken disk, and ends
// when ctx does.
type source struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		s.err = err
		return 0, err
	}
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
