package library_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/store"
	"vitrine/internal/testkit"
)

// drive is a folder that is shown as a source.
type drive struct {
	*house
	ID     string
	folder string
}

// drive makes a folder with files and shows it.
func (h *house) drive(names ...string) *drive {
	h.t.Helper()
	all, err := h.Sources(h.ctx, h.admin)
	must(h.t, err)
	name := fmt.Sprint("drive", len(all))
	d := &drive{house: h, folder: filepath.Join(h.place, name)}
	must(h.t, os.Mkdir(d.folder, 0o700))
	d.write(names...)
	s, err := h.AddSource(h.ctx, h.admin, library.NewSource{Name: name, Kind: dam.SourceFolder, Address: d.folder})
	must(h.t, err)
	d.ID = s.ID
	d.work()
	return d
}

func (d *drive) write(names ...string) {
	d.t.Helper()
	for _, name := range names {
		file := filepath.Join(d.folder, name)
		must(d.t, os.MkdirAll(filepath.Dir(file), 0o700))
		must(d.t, os.WriteFile(file, []byte("of "+name), 0o600))
	}
}

func (d *drive) remove(names ...string) {
	d.t.Helper()
	for _, name := range names {
		must(d.t, os.RemoveAll(filepath.Join(d.folder, name)))
	}
}

// work does the runs that were asked for, and gives back the last as it is then.
func (d *drive) work() (last dam.Run) {
	d.t.Helper()
	jobs := d.queue.jobs
	d.queue.jobs = nil
	for _, job := range jobs {
		if job.Kind != dam.JobRun {
			continue
		}
		must(d.t, d.StepRun(d.ctx, job))
		id, _ := job.Run()
		run, err := d.Run(d.ctx, d.admin, id)
		must(d.t, err)
		last = run
	}
	return last
}

func (d *drive) scan() {
	d.t.Helper()
	must(d.t, d.ScanSources(d.ctx, dam.Job{Kind: dam.JobScan, ID: d.ID}))
}

func (d *drive) rescan() dam.Run {
	d.t.Helper()
	_, err := d.Rescan(d.ctx, d.admin, d.ID)
	must(d.t, err)
	return d.work()
}

func (d *drive) now() dam.Source {
	d.t.Helper()
	s, err := d.store.Source(d.ctx, d.ID)
	must(d.t, err)
	return s
}

func (d *drive) assets(trash bool) []dam.Asset {
	d.t.Helper()
	list, err := d.Assets(d.ctx, d.admin, store.AssetQuery{Source: d.ID, Sort: "name", Trash: trash, Page: store.Page{Limit: 500}})
	must(d.t, err)
	return list.Items
}

func (d *drive) paths(trash bool) (paths []string) {
	d.t.Helper()
	for _, a := range d.assets(trash) {
		paths = append(paths, a.Path)
	}
	slices.Sort(paths)
	return paths
}

func (d *drive) asset(path string) dam.Asset {
	d.t.Helper()
	for _, a := range append(d.assets(false), d.assets(true)...) {
		if a.Path == path {
			return a
		}
	}
	d.t.Fatalf("there is no asset of %s", path)
	return dam.Asset{}
}

func numbered(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("n%03d.txt", i))
	}
	return names
}

func TestADriveThatIsNotThereIsOfflineAndLosesNothing(t *testing.T) {
	many := numbered(30)
	each(t, func(t *testing.T, h *house) {
		for name, c := range map[string]struct {
			files, gone, fresh []string
			offline            bool
		}{
			"an empty mount point":          {many, many, nil, true},
			"an empty one of few files":     {many[:2], many[:2], nil, true},
			"half and more of many files":   {many, many[:16], nil, true},
			"a folder that was renamed":     {many, many[:16], []string{"new/1.txt", "new/2.txt"}, true},
			"half of many files":            {many, many[:15], nil, false},
			"the most of a few files":       {many[:12], many[:10], nil, false},
			"nothing of a source of nobody": {nil, nil, nil, false},
		} {
			t.Run(name, func(t *testing.T) {
				d := h.drive(c.files...)
				d.remove(c.gone...)
				d.write(c.fresh...)
				d.scan()
				d.scan() // a second look must not take the first one's news for what always was there
				if state := d.now().State; (state == dam.SourceOffline) != c.offline {
					t.Fatalf("it is %s", state)
				}
				if c.offline {
					d.lost(t, len(c.files))
					d.write(c.gone...)
					d.scan()
					got := d.assets(false)
					if d.now().State != dam.SourceOK || len(got) != len(c.files)+len(c.fresh) || got[0].Original != dam.OriginalAvailable {
						t.Errorf("back again it is %s with %d assets", d.now().State, len(got))
					}
				}
			})
		}
	})
}

// lost says what is wrong with a source that has all its assets and none of their files.
func (d *drive) lost(t *testing.T, files int) {
	t.Helper()
	if got := d.assets(false); len(got) != files || got[0].Original != dam.OriginalMissing {
		t.Errorf("it has %d of %d assets, the first %s", len(got), files, got[0].Original)
	}
	if !strings.Contains(d.now().Message, "rescan") {
		t.Errorf("it says %q", d.now().Message)
	}
}

func TestALossIsAcceptedByHandOnceItWasTold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := h.drive(numbered(220)...)
		d.remove(numbered(219)...)
		if run := d.rescan(); run.State != dam.RunFailed || run.Message != d.now().Message || len(d.assets(false)) != 220 {
			t.Fatalf("the first rescan is %+v", run)
		}
		run := d.rescan()
		if run.State != dam.RunDone || run.Done != 1 || d.now().State != dam.SourceOK || d.now().Message != "" {
			t.Errorf("the second rescan is %+v of %+v", run, d.now())
		}
		if here, gone := d.paths(false), d.paths(true); len(here) != 1 || len(gone) != 219 {
			t.Errorf("there are %d assets, and %d in the trash", len(here), len(gone))
		}
	})
}

func TestAFileThatComesBackIsTheSameAssetAgain(t *testing.T) {
	for name, body := range map[string]string{"as it was": "of a.txt", "with another content": "something else"} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				d := h.drive("a.txt", "b.txt", "c.txt")
				before := d.asset("a.txt")
				h.edit(before, func(a *dam.Asset) { a.Title, a.Tags = "A title", []string{"tag"} })
				_, err := h.Attach(h.ctx, h.admin, before.ID, library.NewFile{Name: "notes.txt", Body: strings.NewReader("words")})
				must(t, err)
				file := filepath.Join(d.folder, "a.txt")
				info, err := os.Stat(file)
				must(t, err)
				d.remove("a.txt")
				d.scan()
				gone := d.asset("a.txt")
				if !gone.Trashed() || !gone.TrashedAt.Equal(h.clock.Now()) || gone.Original != dam.OriginalMissing {
					t.Fatalf("the gone file is %+v", gone)
				}
				h.clock.Advance(29 * 24 * time.Hour)
				must(t, h.Sweep(h.ctx, dam.Job{}))
				d.scan()
				must(t, os.WriteFile(file, []byte(body), 0o600))
				must(t, os.Chtimes(file, info.ModTime(), info.ModTime()))
				d.scan()
				back := d.asset("a.txt")
				if back.ID != before.ID || back.Trashed() || back.Original != dam.OriginalAvailable || back.Title != "A title" ||
					!slices.Equal(back.Tags, []string{"tag"}) || len(back.Attachments) != 1 || back.Size != int64(len(body)) {
					t.Errorf("it came back as %+v", back)
				}
				if got := h.text(h.AssetContent(h.ctx, h.admin, back.ID, dam.VersionOriginal, true)); got != body {
					t.Errorf("its original is %q", got)
				}
			})
		})
	}
}

func TestWhatIsGoneForAMonthIsDeleted(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := h.drive("a.txt", "b.txt", "c.txt")
		d.remove("a.txt")
		d.scan()
		h.clock.Advance(31 * 24 * time.Hour)
		must(t, h.Sweep(h.ctx, dam.Job{}))
		d.scan()
		if got := append(d.paths(false), d.paths(true)...); !slices.Equal(got, []string{"b.txt", "c.txt"}) {
			t.Errorf("there are %v", got)
		}
	})
}

func TestWhatSomebodyTrashedStaysInTheTrash(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := h.drive("a.txt", "b.txt", "c.txt")
		_, err := h.TrashAsset(h.ctx, h.admin, d.asset("a.txt").ID)
		must(t, err)
		d.scan()
		must(t, os.Rename(d.folder, d.folder+"-away"))
		d.scan()
		must(t, os.Rename(d.folder+"-away", d.folder))
		d.scan()
		if got := d.paths(true); !slices.Equal(got, []string{"a.txt"}) || d.asset("a.txt").Original != dam.OriginalAvailable {
			t.Errorf("in the trash are %v", got)
		}
	})
}

func TestAnAssetTakenOutOfTheTrashBeforeItsFileCameBackIsAvailableThen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := h.drive("a.txt", "b.txt", "c.txt")
		must(t, os.Rename(filepath.Join(d.folder, "a.txt"), filepath.Join(h.place, "a.txt")))
		d.scan()
		must(t, os.Rename(filepath.Join(h.place, "a.txt"), filepath.Join(d.folder, "a.txt")))
		_, err := h.RestoreAsset(h.ctx, h.admin, d.asset("a.txt").ID)
		must(t, err)
		d.scan()
		if a := d.asset("a.txt"); a.Trashed() || a.Original != dam.OriginalAvailable {
			t.Errorf("it is %+v", a)
		}
	})
}

func TestWhatCantBeReadIsSkippedAndCounted(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := h.drive("a/1.txt", "a/b/2.txt", "ab.txt", "c.txt")
		testkit.AsNobody(t, filepath.Dir(h.place))
		d.write("d.txt", "e.txt")
		shut := []string{"a", "d.txt"}
		for _, name := range shut {
			must(t, os.Chmod(filepath.Join(d.folder, name), 0))
		}
		d.remove("c.txt")
		d.scan()
		if s := d.now(); s.State != dam.SourceOK || s.Message != "Files and folders that can't be read: 2." {
			t.Errorf("the source is %+v", s)
		}
		if got := d.paths(false); !slices.Equal(got, []string{"a/1.txt", "a/b/2.txt", "ab.txt", "e.txt"}) {
			t.Errorf("it has %v", got)
		}
		for _, name := range shut {
			must(t, os.Chmod(filepath.Join(d.folder, name), 0o700))
		}
		d.scan()
		if s := d.now(); s.Message != "" || s.Assets != 5 {
			t.Errorf("readable again it is %+v", s)
		}
	})
}

func TestAPipeAmongTheFilesHoldsNothingUp(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := h.drive("a.txt", "b.txt")
		d.remove("b.txt")
		must(t, syscall.Mkfifo(filepath.Join(d.folder, "b.txt"), 0o600))
		d.scan()
		if got := d.paths(false); !slices.Equal(got, []string{"a.txt"}) {
			t.Errorf("it has %v", got)
		}
	})
}
