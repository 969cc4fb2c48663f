package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fsnotify/fsnotify"

	"vitrine/internal/dam"
)

// folder is a directory of this machine. Its own os.Root keeps links inside it from leading out.
type folder struct{ path string }

func openFolder(path string, roots []string) (*folder, error) {
	if !filepath.IsAbs(path) || filepath.Clean(path) != path {
		return nil, dam.InvalidField("address", "Write the folder as an absolute path, such as /srv/photos.")
	}
	for _, root := range roots {
		if beneath(path, root) {
			return &folder{path}, nil
		}
	}
	return nil, dam.InvalidField("address", "This folder is not beneath one of the places the server may read: start it with --source-root.")
}

// beneath compares the real places, so that a link in a root can't name a folder outside of it.
func beneath(path, root string) bool {
	realRoot, err := filepath.EvalSymlinks(root)
	if err != nil {
		return false
	}
	realPath, err := filepath.EvalSymlinks(path)
	if err != nil {
		realPath = path // offline: its name must do
		realRoot = filepath.Clean(root)
	}
	rel, err := filepath.Rel(realRoot, realPath)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func (f *folder) open() (*os.Root, error) {
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return nil, &dam.Error{Kind: dam.Unavailable, Msg: "The folder can't be read.", Err: err}
	}
	return root, nil
}

func (f *folder) List(ctx context.Context, fn func(File) error) error {
	root, err := f.open()
	if err != nil {
		return err
	}
	defer root.Close()
	return fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			// A subfolder that can't be read must not look like one whose files were deleted.
			return &dam.Error{Kind: dam.Unavailable, Msg: "The folder can't be read.", Err: err}
		}
		if path == "." {
			return nil
		}
		if !shown(path) || !utf8.ValidString(path) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone this moment
		}
		if err != nil {
			return &dam.Error{Kind: dam.Unavailable, Msg: "The folder can't be read.", Err: err}
		}
		if info.Size() == 0 {
			return nil
		}
		return fn(fileOf(path, info))
	})
}

func fileOf(path string, info fs.FileInfo) File {
	return File{Path: path, Size: info.Size(), Tag: strconv.FormatInt(info.Size(), 36) + "-" + strconv.FormatInt(info.ModTime().UnixNano(), 36)}
}

func (f *folder) Open(_ context.Context, path string) (io.ReadSeekCloser, File, error) {
	root, err := f.open()
	if err != nil {
		return nil, File{}, err
	}
	defer root.Close()
	file, err := root.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, File{}, &dam.Error{Kind: dam.NotFound, Msg: "The file is no longer in its source.", Err: err}
	}
	if err != nil {
		return nil, File{}, &dam.Error{Kind: dam.Unavailable, Msg: "The file can't be read from its source.", Err: err}
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file", path)
	}
	if err != nil {
		file.Close()
		return nil, File{}, &dam.Error{Kind: dam.Unavailable, Msg: "The file can't be read from its source.", Err: err}
	}
	return file, fileOf(path, info), nil
}

// maxWatched is how many folders are watched at most: the kernel counts them for the whole machine.
const maxWatched = 2000

// Changes watches the folders that are there now. What it misses is found by the next look.
func (f *folder) Changes(ctx context.Context) <-chan struct{} {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil
	}
	n := 0
	_ = filepath.WalkDir(f.path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() || n >= maxWatched {
			return fs.SkipDir
		}
		n++
		return watcher.Add(path)
	})
	out := make(chan struct{}, 1)
	go func() {
		defer close(out)
		defer watcher.Close()
		for {
			select {
			case e, more := <-watcher.Events:
				if !more {
					return
				}
				if e.Has(fsnotify.Chmod) && e.Op == fsnotify.Chmod {
					continue
				}
				select {
				case out <- struct{}{}:
				default:
				}
			case <-watcher.Errors: // an overflow: the next look finds what was missed
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
