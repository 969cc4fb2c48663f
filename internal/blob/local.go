package blob

import (
	"context"
	"fmt"
	"os"
)

// Local gives a path under which another process can read a blob until release is called: the
// blob's own on a disk, a copy in dir for S3. Kinds: NotFound, StorageFull, Unavailable.
func Local(ctx context.Context, s Store, key, dir string) (file string, release func(), err error) {
	if m, ok := s.(*memory); ok {
		s = m.Store
	}
	if d, ok := s.(*disk); ok {
		file, err := d.localPath(key)
		return file, func() {}, err
	}
	r, size, err := s.Open(ctx, key)
	if err != nil {
		return "", nil, err
	}
	defer r.Close()
	f, err := os.CreateTemp(dir, "blob-*")
	if err != nil {
		return "", nil, fmt.Errorf("copy blob: %w", storageError(err))
	}
	defer f.Close()
	release = func() { os.Remove(f.Name()) }
	copied, err := pour(ctx, f, r)
	if err == nil && (copied.Key != key || copied.Size != size) {
		err = fmt.Errorf("blob %s is damaged: its bytes hash to %s", key, copied.SHA256)
	}
	if err != nil {
		release()
		return "", nil, fmt.Errorf("copy blob: %w", err)
	}
	return f.Name(), release, nil
}
