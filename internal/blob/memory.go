package blob

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/maypok86/otter/v2"
)

// maxRemembered is the largest blob kept in memory: thumbnails and previews, not originals.
const maxRemembered = 512 << 10

// memory keeps small blobs that were read lately. A key names its content, so that what is
// remembered can't be old; whether it may be read is asked before anybody opens it.
type memory struct {
	Store
	small *otter.Cache[string, []byte]
}

// Remember puts so many bytes of memory before a store, for blobs that are read again and again.
func Remember(s Store, size int) Store {
	return &memory{s, otter.Must(&otter.Options[string, []byte]{
		MaximumWeight: uint64(size),
		Weigher:       func(_ string, body []byte) uint32 { return uint32(len(body)) },
	})}
}

func (m *memory) Open(ctx context.Context, key string) (io.ReadSeekCloser, int64, error) {
	if body, ok := m.small.GetIfPresent(key); ok {
		return loaded{bytes.NewReader(body)}, int64(len(body)), nil
	}
	r, size, err := m.Store.Open(ctx, key)
	if err != nil || size > maxRemembered {
		return r, size, err
	}
	defer r.Close()
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, 0, fmt.Errorf("open blob: %w", storageError(err))
	}
	m.small.Set(key, body)
	return loaded{bytes.NewReader(body)}, size, nil
}

func (m *memory) Delete(ctx context.Context, key string, before time.Time) error {
	err := m.Store.Delete(ctx, key, before)
	m.small.Invalidate(key)
	return err
}

// loaded is a blob in memory. It can be written to a connection in one go.
type loaded struct{ *bytes.Reader }

func (loaded) Close() error { return nil }
