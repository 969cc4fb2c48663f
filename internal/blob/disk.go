package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"
	"time"

	"vitrine/internal/dam"
)

// disk keeps a blob as the file DIR/ab/abcd... Every path goes through an os.Root and none leaves it.
type disk struct {
	root *os.Root
	dir  string
}

func openDisk(dir string) (*disk, error) {
	if dir == "" {
		return nil, dam.InvalidField("storage", "Name a folder after file:.")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open storage: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, tmpDir), 0o700); err != nil {
		return nil, fmt.Errorf("open storage: %w", storageError(err))
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open storage: %w", storageError(err))
	}
	d := &disk{root: root, dir: dir}
	if err := d.makeShards(); err != nil {
		return nil, fmt.Errorf("open storage: %w", storageError(err))
	}
	if err := d.sweepTemp(); err != nil {
		return nil, fmt.Errorf("open storage: sweep %s: %w", tmpDir, err)
	}
	return d, nil
}

// makeShards makes every folder a key can need before the first Put, so that none has to wait for
// the folder above to be durable.
func (d *disk) makeShards() error {
	for i := range 256 {
		if err := d.root.Mkdir(fmt.Sprintf("%02x", i), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	top, err := d.root.Open(".")
	if err != nil {
		return err
	}
	defer top.Close()
	return top.Sync()
}

func (d *disk) Put(ctx context.Context, r io.Reader) (Blob, error) {
	temp, name, err := d.temp()
	if err != nil {
		return Blob{}, fmt.Errorf("put blob: %w", storageError(err))
	}
	defer temp.Close()
	b, err := pour(ctx, temp, r)
	if err == nil {
		err = d.keep(temp, name, b)
	}
	if err != nil {
		d.root.Remove(name)
		return Blob{}, fmt.Errorf("put blob: %w", err)
	}
	return b, nil
}

// keep makes the temporary file the blob: synced, counted, renamed, folder synced. After the rename
// nothing is taken back, since the content may have been there before and belong to somebody; what
// nobody's row knows is the sweeper's.
func (d *disk) keep(temp *os.File, name string, b Blob) error {
	if err := temp.Sync(); err != nil {
		return storageError(err)
	}
	info, err := temp.Stat()
	if err != nil {
		return storageError(err)
	}
	if info.Size() != b.Size {
		return dam.Errorf(dam.Unavailable, "The storage kept %d of %d bytes.", info.Size(), b.Size)
	}
	shard, err := d.lockShard(path.Dir(b.Key), syscall.LOCK_SH)
	if err != nil {
		return storageError(err)
	}
	defer shard.Close()
	if err := d.root.Rename(name, b.Key); err != nil {
		return storageError(err)
	}
	return storageError(shard.Sync())
}

func (d *disk) Open(_ context.Context, key string) (io.ReadSeekCloser, int64, error) {
	if !validKey(key) {
		return nil, 0, notFound(key)
	}
	f, err := d.root.Open(key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, notFound(key)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open blob: %w", storageError(err))
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("open blob: %w", storageError(err))
	}
	return f, info.Size(), nil
}

// Delete holds the folder's lock alone while it looks and removes, and Put shares it while it
// renames: a blob put again in that moment, by this process or another, stays.
func (d *disk) Delete(_ context.Context, key string, before time.Time) error {
	if !validKey(key) {
		return fmt.Errorf("delete blob: %.80q is no key", key)
	}
	shard, err := d.lockShard(path.Dir(key), syscall.LOCK_EX)
	if err != nil {
		return fmt.Errorf("delete blob: %w", storageError(err))
	}
	defer shard.Close()
	info, err := d.root.Stat(key)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && !info.ModTime().Before(before)) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("delete blob: %w", storageError(err))
	}
	if err := d.root.Remove(key); err != nil {
		return fmt.Errorf("delete blob: %w", storageError(err))
	}
	return storageError(shard.Sync())
}

func (d *disk) Walk(ctx context.Context, fn func(Entry) error) error {
	shards, err := fs.ReadDir(d.root.FS(), ".")
	if err != nil {
		return fmt.Errorf("walk blobs: %w", storageError(err))
	}
	for _, shard := range shards {
		if len(shard.Name()) != 2 || !shard.IsDir() {
			continue
		}
		if err := d.walkShard(ctx, shard.Name(), fn); err != nil {
			return fmt.Errorf("walk blobs: %w", err)
		}
	}
	return nil
}

func (d *disk) walkShard(ctx context.Context, shard string, fn func(Entry) error) error {
	files, err := fs.ReadDir(d.root.FS(), shard)
	if err != nil {
		return storageError(err)
	}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		key := shard + "/" + file.Name()
		if !validKey(key) {
			continue
		}
		info, err := file.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return storageError(err)
		}
		if err := fn(Entry{Key: key, Size: info.Size(), Modified: info.ModTime()}); err != nil {
			return err
		}
	}
	return nil
}

func (d *disk) Ready(context.Context) error {
	temp, name, err := d.temp()
	if err != nil {
		return fmt.Errorf("storage: %w", storageError(err))
	}
	defer temp.Close()
	defer d.root.Remove(name)
	_, err = temp.WriteString("ready")
	return storageError(err)
}

// localPath is where a blob lies for a process that reads it by name.
func (d *disk) localPath(key string) (string, error) {
	if !validKey(key) {
		return "", notFound(key)
	}
	if _, err := d.root.Stat(key); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return "", notFound(key)
		}
		return "", storageError(err)
	}
	return filepath.Join(d.dir, filepath.FromSlash(key)), nil
}

// lockShard opens the folder of a key and locks it until it is closed.
func (d *disk) lockShard(name string, how int) (*os.File, error) {
	f, err := d.root.Open(name)
	if err != nil {
		return nil, err
	}
	if err := flock(f, how); err != nil && !noLocks(err) {
		f.Close()
		return nil, err
	}
	return f, nil
}
