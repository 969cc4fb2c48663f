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
	"syscall"
	"unicode/utf8"

	"vitrine/internal/dam"
)

// folder is a directory of this machine, named from one of the roots. It is opened from the root each
// time, and by os.Root, which leads no link out of it: what was allowed is what is read.
type folder struct{ root, rel string }

func openFolder(path string, roots []string) (*folder, error) {
	if !filepath.IsAbs(path) || filepath.Clean(path) != path {
		return nil, dam.InvalidField("address", "Write the folder as an absolute path, such as /srv/photos.")
	}
	for _, root := range roots {
		if f, ok := beneath(path, root); ok {
			return f, nil
		}
	}
	return nil, dam.InvalidField("address", "This folder is not beneath one of the places the server may read: start it with --source-root.")
}

// beneath compares the real places, so that a link in a root can't name a folder outside of it.
func beneath(path, root string) (*folder, bool) {
	realRoot, err := filepath.EvalSymlinks(root)
	if err != nil {
		realRoot = filepath.Clean(root)
	}
	realPath, err := filepath.EvalSymlinks(path)
	if err != nil {
		realPath, realRoot = path, filepath.Clean(root) // offline: its name must do
	}
	rel, err := filepath.Rel(realRoot, realPath)
	if err != nil || !filepath.IsLocal(rel) {
		return nil, false
	}
	return &folder{realRoot, rel}, true
}

func (f *folder) open() (*os.Root, error) {
	root, err := os.OpenRoot(f.root)
	if err != nil {
		return nil, noFolder(err)
	}
	defer root.Close()
	place, err := root.OpenRoot(f.rel)
	if err != nil {
		return nil, noFolder(err)
	}
	return place, nil
}

func noFolder(err error) error {
	return &dam.Error{Kind: dam.Unavailable, Msg: "The folder can't be read.", Err: err}
}

func (f *folder) List(ctx context.Context, fn func(File) error) (unread []string, err error) {
	root, err := f.open()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	err = fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && path == "." {
			return noFolder(err)
		}
		if path != "." && (!shown(path) || !utf8.ValidString(path)) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := regular(entry, err)
		if err != nil {
			unread = append(unread, path)
			return nil
		}
		if info == nil || info.Size() == 0 {
			return nil
		}
		return fn(fileOf(path, info))
	})
	return unread, err
}

// regular reads what is known of a file: nothing of what is none, or gone this moment.
func regular(entry fs.DirEntry, err error) (fs.FileInfo, error) {
	if err == nil && entry.Type().IsRegular() {
		info, err := entry.Info()
		if err == nil {
			return info, nil
		}
		return nil, unlessGone(err)
	}
	return nil, unlessGone(err)
}

func unlessGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
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
	// Without waiting: a pipe that took the place of a file would be waited for forever.
	file, err := root.OpenFile(filepath.FromSlash(path), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, File{}, gone(err)
	}
	if err != nil {
		return nil, File{}, unreadable(err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file", path)
	}
	if err != nil {
		file.Close()
		return nil, File{}, unreadable(err)
	}
	return file, fileOf(path, info), nil
}
