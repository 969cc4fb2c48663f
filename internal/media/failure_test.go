package media_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/media"
)

// children lists the processes this one has started.
func children(t *testing.T) []int {
	t.Helper()
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil || len(lists) == 0 {
		t.Fatal("cannot list own children", err)
	}
	var pids []int
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if errors.Is(err, os.ErrNotExist) {
			continue // a thread that ended meanwhile
		}
		for _, field := range strings.Fields(string(text)) {
			pid, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}

func commandLine(pid int) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return strings.ReplaceAll(string(text), "\x00", " ")
}

// ticks is how much of a processor a process has used, in hundredths of a second.
func ticks(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	n, _ := strconv.Atoi(strings.Fields(rest)[11])
	return n
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: it never came to that", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// heavy is a picture that keeps a child busy for about half a second.
func heavy(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "heavy.jpg")
	run(t, "vips", "gaussnoise", path+"[interlace,Q=95]", "3600", "2400", "--mean", "128", "--sigma", "50")
	return path
}

func small(t *testing.T) string {
	t.Helper()
	return writePNG(t, filepath.Join(t.TempDir(), "small.png"), quarterPicture(60, 40))
}

func TestAChildThatIsKilledWhileItWorksIsOneFailedAttempt(t *testing.T) {
	pool := newPool(t, media.Options{Workers: 1})
	good, slow := jobFor(t, small(t)), jobFor(t, heavy(t))
	before := children(t)
	if _, err := pool.Render(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	pid := newChild(t, before)
	idle := ticks(pid)
	failed := make(chan error)
	go func() {
		_, err := pool.Render(t.Context(), slow)
		failed <- err
	}()
	until(t, "the child works", func() bool { return ticks(pid) > idle+10 })
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; !errors.Is(err, media.ErrCrashed) || dam.KindOf(err) != dam.Unavailable {
		t.Errorf("got %v", err)
	}
	if _, err := pool.Render(t.Context(), good); err != nil {
		t.Errorf("the next job fails: %v", err)
	}
}

func newChild(t *testing.T, before []int) int {
	t.Helper()
	for _, pid := range children(t) {
		if !slices.Contains(before, pid) {
			return pid
		}
	}
	t.Fatal("there is no child")
	return 0
}

func TestAChildThatDiedIdleCostsNobodyAnAttempt(t *testing.T) {
	pool := newPool(t, media.Options{Workers: 1})
	good := jobFor(t, small(t))
	before := children(t)
	if _, err := pool.Render(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	pid := newChild(t, before)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Render(t.Context(), good); err != nil {
		t.Errorf("the next job fails: %v", err)
	}
}

func TestAChildThatHangsIsKilledAtItsTime(t *testing.T) {
	pool := newPool(t, media.Options{Workers: 1, Limits: media.Limits{Header: 3 * time.Second}})
	good := jobFor(t, small(t))
	before := children(t)
	if _, err := pool.Render(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	pid := newChild(t, before)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Render(t.Context(), good); !errors.Is(err, media.ErrCrashed) {
		t.Errorf("got %v", err)
	}
	if slices.Contains(children(t), pid) {
		t.Error("the child still runs")
	}
	if _, err := pool.Render(t.Context(), good); err != nil {
		t.Errorf("the next job fails: %v", err)
	}
}

func TestAPictureThatTakesTooLongIsOneFailedAttempt(t *testing.T) {
	pool := newPool(t, media.Options{
		Workers: 1, Limits: media.Limits{Decode: time.Millisecond, PerMegapixel: time.Microsecond},
	})
	if _, err := pool.Render(t.Context(), jobFor(t, heavy(t))); !errors.Is(err, media.ErrCrashed) {
		t.Errorf("got %v", err)
	}
}

func TestAJobThatIsCalledOffEndsItsChild(t *testing.T) {
	pool := newPool(t, media.Options{Workers: 1})
	good, slow := jobFor(t, small(t)), jobFor(t, heavy(t))
	before := children(t)
	if _, err := pool.Render(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	pid := newChild(t, before)
	idle := ticks(pid)
	ctx, callOff := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := pool.Render(ctx, slow)
		ended <- err
	}()
	until(t, "the child works", func() bool { return ticks(pid) > idle+10 })

	waiting, giveUp := context.WithCancel(t.Context())
	giveUp()
	if _, err := pool.Render(waiting, good); !errors.Is(err, context.Canceled) {
		t.Errorf("a job that waits for a worker: %v", err)
	}
	callOff()
	if err := <-ended; !errors.Is(err, context.Canceled) || errors.Is(err, media.ErrCrashed) {
		t.Errorf("a job that was running: %v", err)
	}
	if slices.Contains(children(t), pid) {
		t.Error("the child still runs")
	}
}

func TestClosingEndsRunningJobsAndChildren(t *testing.T) {
	pool := media.NewPool(media.Options{Workers: 2})
	slow := jobFor(t, heavy(t))
	before := children(t)
	ended := make(chan error)
	go func() {
		_, err := pool.Render(t.Context(), slow)
		ended <- err
	}()
	until(t, "a child is there", func() bool { return len(children(t)) > len(before) })
	pid := newChild(t, before)
	pool.Close()
	if err := <-ended; err == nil {
		t.Error("the job came to an end")
	}
	if slices.Contains(children(t), pid) {
		t.Error("the child still runs")
	}
	if _, err := pool.Render(t.Context(), slow); dam.KindOf(err) != dam.Unavailable {
		t.Errorf("a job after closing: %v", err)
	}
}

func TestAChildIsReplacedAfterItsJobs(t *testing.T) {
	for _, c := range []struct {
		name   string
		limits media.Limits
	}{
		{"when it has done as many as it may", media.Limits{JobsPerChild: 1}},
		{"when it has grown too large", media.Limits{BytesPerChild: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			pool := newPool(t, media.Options{Workers: 1, Limits: c.limits})
			before := children(t)
			for range 2 {
				if _, err := pool.Render(t.Context(), jobFor(t, small(t))); err != nil {
					t.Fatal(err)
				}
				if now := children(t); !slices.Equal(now, before) {
					t.Errorf("children %v, want %v", now, before)
				}
			}
		})
	}
}

func TestWhatIsNoRegularFileIsNotWaitedFor(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	pool, exif := newPool(t, media.Options{Workers: 1}), newExif(t, media.Options{})
	for _, path := range []string{fifo, dir, filepath.Join(dir, "missing")} {
		job := media.Job{Path: path, Loader: "jpeg", Recipes: dam.ImageRecipes(), Out: dir}
		if _, err := pool.Render(t.Context(), job); err == nil || errors.Is(err, media.ErrCrashed) {
			t.Errorf("render %s: %v", filepath.Base(path), err)
		}
		if _, err := exif.Read(t.Context(), path); err == nil || errors.Is(err, media.ErrCrashed) {
			t.Errorf("read %s: %v", filepath.Base(path), err)
		}
	}
}
