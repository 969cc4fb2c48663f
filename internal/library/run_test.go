package library_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/media"
	"vitrine/internal/media/child"
	"vitrine/internal/store"
	"vitrine/internal/testkit/sample"
)

// The program that tools run in is this one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "render" {
		os.Exit(child.Main(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// folder is a source with some files, looked through.
func (h *house) folder(files int) (sourceID string, ids []string) {
	h.t.Helper()
	place := filepath.Join(h.place, "folder")
	must(h.t, os.MkdirAll(place, 0o700))
	for i := range files {
		must(h.t, os.WriteFile(filepath.Join(place, fmt.Sprintf("%02d.txt", i)), []byte(fmt.Sprint("file ", i)), 0o600))
	}
	s, err := h.AddSource(h.ctx, h.admin, library.NewSource{Name: "Folder", Kind: dam.SourceFolder, Address: place})
	must(h.t, err)
	must(h.t, h.StepRun(h.ctx, h.job()))
	list, err := h.Assets(h.ctx, h.editor, store.AssetQuery{Source: s.ID, Page: store.Page{Limit: store.MaxLimit}})
	must(h.t, err)
	for _, a := range list.Items {
		ids = append(ids, a.ID)
	}
	if len(ids) != files {
		h.t.Fatalf("the source has %d assets", len(ids))
	}
	return s.ID, ids
}

// job is the last work that was asked for.
func (h *house) job() dam.Job { return h.queue.jobs[len(h.queue.jobs)-1] }

// run reads a run.
func (h *house) run(id string) dam.Run {
	h.t.Helper()
	r, err := h.Run(h.ctx, h.admin, id)
	must(h.t, err)
	return r
}

// copies is how many assets are in our own storage.
func (h *house) copies() int {
	h.t.Helper()
	list, err := h.Assets(h.ctx, h.editor, store.AssetQuery{Source: dam.SourceUpload})
	must(h.t, err)
	return list.Total
}

// hurried is the same library with a clock on which every look takes some time.
func (h *house) hurried(by time.Duration) *library.Library {
	config := h.Config
	config.Now = func() time.Time {
		h.clock.Advance(by)
		return h.clock.Now()
	}
	l := library.New(config)
	h.t.Cleanup(l.Close)
	return l
}

// listening returns when the store hears: the listener of PostgreSQL connects by itself.
func (h *house) listening() {
	h.t.Helper()
	ctx, stop := context.WithCancel(h.ctx)
	defer stop()
	events, tick := h.store.Subscribe(ctx), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for {
		h.store.Publish(ctx, store.Event{AssetID: "nothing"})
		select {
		case <-events:
			return
		case <-tick.C:
		case <-h.ctx.Done():
			h.t.Fatal("waited in vain")
		}
	}
}

func TestARunCanBePausedResumedAndCancelled(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, ids := h.folder(2)
		run, err := h.ImportCopies(h.ctx, h.admin, "", ids)
		if err != nil || run.Total != 2 || run.State != dam.RunRunning {
			t.Fatalf("got %+v, %v", run, err)
		}
		_, err = h.PauseRun(h.ctx, h.editor, run.ID)
		wantKind(t, err, dam.NotFound)
		first := h.job()
		_, err = h.PauseRun(h.ctx, h.admin, run.ID)
		must(t, err)
		must(t, h.StepRun(h.ctx, first))
		if run = h.run(run.ID); run.State != dam.RunPaused || run.Done != 0 {
			t.Errorf("paused it is %+v", run)
		}
		_, err = h.ResumeRun(h.ctx, h.admin, run.ID)
		must(t, err)
		must(t, h.StepRun(h.ctx, h.job()))
		if run = h.run(run.ID); run.State != dam.RunDone || run.Done != 2 || run.Failed != 0 || run.EndedAt.IsZero() {
			t.Errorf("in the end it is %+v", run)
		}
		_, err = h.CancelRun(h.ctx, h.admin, run.ID)
		wantKind(t, err, dam.Conflict)
		run, err = h.ImportCopies(h.ctx, h.admin, "", ids)
		must(t, err)
		_, err = h.CancelRun(h.ctx, h.admin, run.ID)
		must(t, err)
		must(t, h.StepRun(h.ctx, h.job()))
		if run = h.run(run.ID); run.State != dam.RunCancelled || run.Done != 0 {
			t.Errorf("cancelled it is %+v", run)
		}
	})
}

func TestTheSameRebuildBeginsOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		first, err := h.Rebuild(h.ctx, h.admin, dam.Fullscreen)
		must(t, err)
		second, err := h.Rebuild(h.ctx, h.admin, dam.Fullscreen)
		if err != nil || second != first || len(h.queue.jobs) != 1 {
			t.Errorf("the second is %+v with %v, %v", second, h.queue.jobs, err)
		}
		must(t, h.StepRun(h.ctx, h.job()))
		if third, err := h.Rebuild(h.ctx, h.admin, dam.Fullscreen); err != nil || third.ID == first.ID {
			t.Errorf("after its end the third is %+v, %v", third, err)
		}
	})
}

func TestAJobFromBeforeThePauseDoesNotGoOn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, ids := h.folder(3)
		run, err := h.ImportCopies(h.ctx, h.admin, "", ids)
		must(t, err)
		old := h.job()
		_, err = h.PauseRun(h.ctx, h.admin, run.ID)
		must(t, err)
		_, err = h.ResumeRun(h.ctx, h.admin, run.ID)
		must(t, err)
		must(t, h.StepRun(h.ctx, old))
		must(t, h.RunFailed(h.ctx, old, "It took too long."))
		if run = h.run(run.ID); run.State != dam.RunRunning || run.Done != 0 || h.copies() != 0 {
			t.Errorf("the old job made %d copies of %+v", h.copies(), run)
		}
		must(t, h.StepRun(h.ctx, h.job()))
		if run = h.run(run.ID); run.State != dam.RunDone || run.Done != 3 {
			t.Errorf("the new one left %+v", run)
		}
	})
}

func TestALongRunGoesOnInOneJobAfterTheOther(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		sourceID, _ := h.folder(30)
		run, err := h.ImportCopies(h.ctx, h.admin, sourceID, nil)
		must(t, err)
		slow := h.hurried(time.Minute)
		jobs := 0
		for done := 0; h.run(run.ID).State == dam.RunRunning; jobs++ {
			job := h.job()
			must(t, slow.StepRun(h.ctx, job))
			now := h.run(run.ID)
			if now.State == dam.RunRunning && (h.job() == job || now.Done <= done || now.Done-done > 10) {
				t.Fatalf("after job %v it is %+v", job, now)
			}
			done = now.Done
			must(t, slow.StepRun(h.ctx, job)) // a process that died told nobody that it was done
			if again := h.run(run.ID); again != now {
				t.Fatalf("worked twice, job %v makes %+v of %+v", job, again, now)
			}
		}
		if run = h.run(run.ID); run.State != dam.RunDone || run.Done != 30 || run.Failed != 0 || h.copies() != 30 || jobs < 4 {
			t.Errorf("%d jobs left %+v and %d copies", jobs, run, h.copies())
		}
	})
}

func TestWhatARunIsForIsWrittenOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, ids := h.folder(25)
		run, err := h.ImportCopies(h.ctx, h.admin, "", ids)
		must(t, err)
		must(t, h.hurried(time.Hour).StepRun(h.ctx, h.job()))
		slices.Sort(ids)
		if run = h.run(run.ID); run.Done != 1 || run.Cursor != ids[0] {
			t.Errorf("after the first it is %+v", run)
		}
		if left, err := h.store.RunItems(h.ctx, run.ID, "", 100); err != nil || !slices.Equal(left, ids) {
			t.Errorf("it is for %d assets, %v", len(left), err)
		}
	})
}

func TestImportingTheSameTwiceAtOnceMakesOneCopy(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, ids := h.folder(20)
		twin := h.bring(h.other, "twin.txt", "file 7") // what somebody else has is no copy of ours
		var runs []dam.Run
		var jobs []dam.Job
		for range 3 {
			run, err := h.ImportCopies(h.ctx, h.editor, "", ids)
			must(t, err)
			runs, jobs = append(runs, run), append(jobs, h.job())
		}
		var all sync.WaitGroup
		for _, job := range jobs {
			all.Go(func() {
				if err := h.StepRun(h.ctx, job); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, run := range runs {
			if run = h.run(run.ID); run.State != dam.RunDone || run.Failed != 0 {
				t.Errorf("a run ended as %+v", run)
			}
		}
		if h.copies() != 20+1 {
			t.Errorf("there are %d copies, besides %s", h.copies()-1, twin.Name)
		}
	})
}

func TestARebuildLeavesOutWhatCanNotBeMade(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for i, change := range []func(*dam.Asset){
			func(a *dam.Asset) { a.Original = dam.OriginalArchived },
			func(a *dam.Asset) { a.Original = dam.OriginalMissing },
			func(a *dam.Asset) { a.Note = "There is no program for it." },
		} {
			h.edit(h.bring(h.editor, "a.txt", fmt.Sprint(i)), func(a *dam.Asset) {
				a.Kind = dam.KindImage
				change(a)
			})
		}
		run, err := h.Rebuild(h.ctx, h.admin, dam.Fullscreen)
		if err != nil || run.Total != 0 {
			t.Fatalf("got %+v, %v", run, err)
		}
		must(t, h.StepRun(h.ctx, h.job()))
		if run = h.run(run.ID); run.State != dam.RunDone || run.Done != 0 || run.Failed != 0 {
			t.Errorf("in the end it is %+v", run)
		}
	})
}

// sound is an asset that plays, ready but for its proxy.
func (h *house) sound() dam.Asset {
	h.t.Helper()
	a := h.bring(h.editor, "a.wav", string(sample.WAV(1)))
	h.edit(a, func(a *dam.Asset) { a.Kind, a.Status, a.Work = dam.KindAudio, dam.StatusReady, dam.WorkNone })
	return a
}

func TestAnAssetStaysReadyWhileItIsRebuilt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.sound()
		config := h.Config
		options := media.Options{Scratch: t.TempDir(), Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
		config.Tools = media.NewTools(options)
		l := library.New(config)
		t.Cleanup(func() {
			l.Close()
			config.Tools.Close()
		})
		run, err := l.Rebuild(h.ctx, h.admin, dam.Audio128)
		must(t, err)
		ctx, stop := context.WithCancel(h.ctx)
		defer stop()
		h.listening()
		events := h.store.Subscribe(ctx)
		must(t, l.StepRun(h.ctx, h.job()))
		if run = h.run(run.ID); run.State != dam.RunDone || run.Done != 1 || run.Failed != 0 {
			t.Fatalf("the rebuild is %+v", run)
		}
		told := 0
		for e := range events {
			if e.Run != nil && e.Run.State == dam.RunDone {
				stop()
			}
			if e.AssetID != a.ID {
				continue
			}
			told++
			if e.Status != dam.StatusReady {
				t.Errorf("it is said to be %s", e.Status)
			}
		}
		if told == 0 {
			t.Error("nothing is told of it")
		}
	})
}

func TestOneFilmIsMadeAtATime(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.sound()
		next, err := h.Film(h.ctx)
		must(t, err)
		run, err := h.Rebuild(h.ctx, h.admin, dam.Audio128)
		must(t, err)
		for name, work := range map[string]func(context.Context) error{
			"a rebuild":   func(ctx context.Context) error { return h.StepRun(ctx, run.Job()) },
			"a transcode": func(ctx context.Context) error { return h.Transcode(ctx, dam.Job{ID: a.ID}) },
		} {
			ctx, cancel := context.WithTimeout(h.ctx, time.Second)
			if err := work(ctx); err == nil || !strings.Contains(err.Error(), "wait for another film") {
				t.Errorf("%s: %v", name, err)
			}
			cancel()
		}
		h.renditions(a, "x", dam.Audio128) // the one that was waited for
		next()
		must(t, h.StepRun(h.ctx, run.Job()))
		if run = h.run(run.ID); run.State != dam.RunDone || run.Failed != 0 {
			t.Errorf("in the end it is %+v", run)
		}
	})
}

func TestRunsAreTellingOnlyWhoseTheyAre(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, ids := h.folder(1)
		h.listening()
		heard := map[string]<-chan store.Event{}
		for name, v := range map[string]dam.Viewer{"admin": h.admin, "editor": h.editor, "other": h.other} {
			events, err := h.Events(h.ctx, v)
			must(t, err)
			heard[name] = events
		}
		run, err := h.ImportCopies(h.ctx, h.editor, "", ids)
		must(t, err)
		must(t, h.StepRun(h.ctx, h.job()))
		end := h.bring(h.editor, "end.txt", "end")
		for name, events := range heard {
			told := false
			for e := range events {
				told = told || e.Run != nil && e.Run.ID == run.ID
				if e.AssetID == end.ID {
					break
				}
			}
			if told != (name != "other") {
				t.Errorf("%s hears of it: %v", name, told)
			}
		}
	})
}
