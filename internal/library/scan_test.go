package library_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/store"
)

// duringScan scans files that are new, and does something as soon as the first of them is shown.
func (d *drive) duringScan(scan func() error, do func()) {
	d.t.Helper()
	ctx, cancel := context.WithCancel(d.ctx)
	defer cancel()
	news := d.store.Subscribe(ctx)
	before := d.asset("a.txt").ID
	d.write(numbered(400)...)
	done := make(chan error, 1)
	go func() { done <- scan() }()
	for e := range news {
		if e.AssetID != "" && e.AssetID != before { // news of an earlier scan may be late
			break
		}
	}
	do()
	must(d.t, <-done)
}

func TestASourceIsDeletedDuringAScan(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := h.drive("a.txt")
		d.duringScan(func() error { return h.ScanSources(h.ctx, dam.Job{ID: d.ID}) }, func() {
			must(t, h.DeleteSource(h.ctx, h.admin, d.ID))
		})
		all, err := h.Sources(h.ctx, h.admin)
		if got := append(d.paths(false), d.paths(true)...); err != nil || len(all) != 0 || len(got) != 0 {
			t.Errorf("there are %v with %d assets, %v", all, len(got), err)
		}
	})
}

func TestARescanOfASourceThatIsDeletedEndsQuietly(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := h.drive("a.txt")
		run, err := h.Rescan(h.ctx, h.admin, d.ID)
		must(t, err)
		d.duringScan(func() error { return h.StepRun(h.ctx, run.Job()) }, func() { must(t, h.DeleteSource(h.ctx, h.admin, d.ID)) })
		if run, err = h.Run(h.ctx, h.admin, run.ID); err != nil || run.State != dam.RunCancelled || run.Message == "" {
			t.Errorf("the run is %+v, %v", run, err)
		}
	})
}

func TestASourceKeepsTheNameItIsGivenDuringAScan(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := h.drive("a.txt")
		d.duringScan(func() error { return h.ScanSources(h.ctx, dam.Job{}) }, func() {
			_, err := h.RenameSource(h.ctx, h.admin, d.ID, "Another")
			must(t, err)
		})
		if s := d.now(); s.Name != "Another" || s.State != dam.SourceOK || s.Assets != 401 {
			t.Errorf("it is %+v", s)
		}
	})
}

func TestARescanIsPausedAndGoesOn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := h.drive("a.txt")
		run, err := h.Rescan(h.ctx, h.admin, d.ID)
		must(t, err)
		h.queue.jobs = nil
		d.duringScan(func() error { return h.StepRun(h.ctx, run.Job()) }, func() {
			_, err := h.PauseRun(h.ctx, h.admin, run.ID)
			must(t, err)
		})
		run, err = h.Run(h.ctx, h.admin, run.ID)
		if n := d.now().Assets; err != nil || run.State != dam.RunPaused || run.Done != n || n < 2 || n > 400 || run.Total != 401 {
			t.Fatalf("with %d assets the run is %+v, %v", n, run, err)
		}
		_, err = h.ResumeRun(h.ctx, h.admin, run.ID)
		must(t, err)
		if run := d.work(); run.State != dam.RunDone || run.Done != 401 || d.now().Assets != 401 {
			t.Errorf("in the end it is %+v of %+v", run, d.now())
		}
	})
}

// asked is a queue that tells what it was given.
type asked chan dam.Job

func (a asked) Enqueue(_ context.Context, _ *store.Tx, jobs ...dam.Job) error {
	for _, job := range jobs {
		a <- job
	}
	return nil
}

func TestManyChangesAskForOneLook(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		d := h.drive("a.txt")
		jobs := make(asked, 100)
		config := h.Config
		config.Queue = jobs
		l := library.New(config)
		defer l.Close()
		ctx, cancel := context.WithCancel(h.ctx)
		defer cancel()
		h.clock.Advance(time.Minute)
		go l.WatchSources(ctx)
		// Until it is watched, and while nobody looks, each change may be the first one that counts.
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		n, end := 0, time.After(30*time.Second)
		for n < 130 {
			select {
			case <-tick.C:
				n++
				d.write(fmt.Sprintf("%d.txt", n))
			case <-end:
				t.Fatal("half a minute was not enough")
			}
		}
		if got := len(jobs); got != 1 {
			t.Errorf("%d looks were asked for", got)
		}
		if job := <-jobs; job != (dam.Job{Kind: dam.JobScan, ID: d.ID}) {
			t.Errorf("got %v", job)
		}
		d.scan()
		end = time.After(time.Minute)
		for {
			select {
			case <-tick.C: // the look is over: the next change is worth another one
				n++
				d.write(fmt.Sprintf("%d.txt", n))
				continue
			case job := <-jobs:
				if job.ID != d.ID {
					t.Errorf("got %v", job)
				}
			case <-end:
				t.Error("nobody asks any more")
			}
			break
		}
	})
}
