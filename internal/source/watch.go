package source

import (
	"context"
	"io/fs"
	"path/filepath"

	"github.com/fsnotify/fsnotify"
)

// maxWatched is how many folders are watched at most: the kernel counts them for the whole machine.
const maxWatched = 2000

// Changes watches the folders that are there, and those made later. What it misses is found by the next
// look.
func (f *folder) Changes(ctx context.Context) <-chan struct{} {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil
	}
	w := watch{Watcher: watcher, top: filepath.Join(f.root, f.rel), out: make(chan struct{}, 1)}
	w.add(w.top)
	go w.run(ctx)
	return w.out
}

type watch struct {
	*fsnotify.Watcher
	top string
	out chan struct{}
}

// add watches a folder and those in it. It is only a hint that is lost where one can't be watched.
func (w *watch) add(top string) {
	n := len(w.WatchList())
	_ = filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if entry == nil || !entry.IsDir() {
			return nil
		}
		if err != nil || !w.wanted(path) {
			return fs.SkipDir
		}
		if n >= maxWatched {
			return fs.SkipAll
		}
		if w.Add(path) == nil {
			n++
		}
		return nil
	})
}

// wanted says whether a path is one that a look at the folder would show.
func (w *watch) wanted(path string) bool {
	rel, err := filepath.Rel(w.top, path)
	return err == nil && (rel == "." || shown(filepath.ToSlash(rel)))
}

func (w *watch) run(ctx context.Context) {
	defer close(w.out)
	defer w.Close()
	for {
		select {
		case e, more := <-w.Events:
			if !more {
				return
			}
			if e.Op == fsnotify.Chmod || !w.wanted(e.Name) {
				continue
			}
			if e.Has(fsnotify.Create) {
				w.add(e.Name)
			}
			select {
			case w.out <- struct{}{}:
			default:
			}
		case _, more := <-w.Errors: // an overflow: the next look finds what was missed
			if !more {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}
