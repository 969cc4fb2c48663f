package jobs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/store"
	"vitrine/internal/testkit"
)

const kind = "test.kind"

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

func TestJobsAreEnqueuedWithTheTransactionThatAsks(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, url string) {
		st := openStore(t, url)
		worked := make(chan dam.Job, 10)
		r := start(t, st, Kind{Work: func(_ context.Context, job dam.Job, _ Attempt) error {
			worked <- job
			return nil
		}})
		no := errors.New("no")
		err := st.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if err := r.Enqueue(ctx, tx, dam.Job{Kind: kind, ID: "rolled back"}); err != nil {
				return err
			}
			return no
		})
		if !errors.Is(err, no) {
			t.Fatal(err)
		}
		enqueue(t, st, r, "first", "second")
		got := map[string]bool{receive(t, worked).ID: true, receive(t, worked).ID: true}
		if !got["first"] || !got["second"] {
			t.Errorf("worked %v, want first and second", got)
		}
		if n := count(t, st, "true"); n != 2 {
			t.Errorf("there are %d jobs, want 2: the one rolled back must not be", n)
		}
	})
}

func TestAnUnknownKindCantBeEnqueued(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, url string) {
		st := openStore(t, url)
		r := newRunner(t, st, Kind{Work: done})
		err := st.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return r.Enqueue(ctx, tx, dam.Job{Kind: "no.such", ID: "1"})
		})
		if err == nil {
			t.Error("a job that nobody can work was enqueued")
		}
	})
}

func TestAJobIsTriedThreeTimesAndThenFailsOnceWithAReason(t *testing.T) {
	const unsaid = "Something went wrong on the server. The log says more."
	cases := []struct {
		name   string
		work   Work
		tries  int
		reason string
	}{
		{"an error nobody wrote for people", func(context.Context, dam.Job, Attempt) error {
			return errors.New("exit status 1")
		}, 3, unsaid},
		{"an error with a sentence", func(context.Context, dam.Job, Attempt) error {
			return fmt.Errorf("derive: %w", dam.Errorf(dam.Unavailable, "The storage does not answer."))
		}, 3, "The storage does not answer."},
		{"a panic", func(context.Context, dam.Job, Attempt) error { panic("at the disco") }, 3, unsaid},
		{"work that overruns its time", func(ctx context.Context, _ dam.Job, _ Attempt) error {
			<-ctx.Done()
			return errors.New("signal: killed")
		}, 3, "It took too long."},
		{"an error that would come again", func(context.Context, dam.Job, Attempt) error {
			return fmt.Errorf("render: %w", dam.Errorf(dam.Invalid, "This is no picture."))
		}, 1, "This is no picture."},
		{"success at the last attempt", func(_ context.Context, _ dam.Job, a Attempt) error {
			if a.Number < a.Max {
				return errors.New("not yet")
			}
			return nil
		}, 3, ""},
	}
	testkit.Engines(t, func(t *testing.T, url string) {
		t.Parallel() // the engines wait for the next attempt side by side
		st := openStore(t, url)
		var mu sync.Mutex
		attempts, reasons := map[string][]Attempt{}, map[string][]string{}
		var over sync.WaitGroup
		over.Add(len(cases))
		table, asked := map[string]Kind{}, []dam.Job{}
		for i, c := range cases {
			name := fmt.Sprintf("case.%d", i)
			asked = append(asked, dam.Job{Kind: name, ID: c.name})
			table[name] = Kind{
				Timeout: time.Second,
				Work: func(ctx context.Context, job dam.Job, a Attempt) error {
					mu.Lock()
					attempts[job.ID] = append(attempts[job.ID], a)
					mu.Unlock()
					err := c.work(ctx, job, a)
					if err == nil {
						over.Done()
					}
					return err
				},
				OnFailed: func(_ context.Context, job dam.Job, reason string) {
					mu.Lock()
					reasons[job.ID] = append(reasons[job.ID], reason)
					mu.Unlock()
					over.Done()
				},
			}
		}
		r, err := New(t.Context(), st, table, Options{Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		startRunner(t, r)
		began := time.Now()
		enqueueAll(t, st, r, asked...)
		over.Wait()
		if took := time.Since(began); took > time.Minute {
			t.Errorf("it took %s until the last had failed, want less than a minute", took)
		}
		stop(t, r)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				if got := strings.Join(reasons[c.name], "|"); got != c.reason {
					t.Errorf("people are told %q, want %q", got, c.reason)
				}
				if len(attempts[c.name]) != c.tries {
					t.Fatalf("tried %d times, want %d", len(attempts[c.name]), c.tries)
				}
				for i, a := range attempts[c.name] {
					if a != (Attempt{Number: i + 1, Max: 3}) {
						t.Errorf("attempt %d was called %+v", i+1, a)
					}
				}
			})
		}
		if n := count(t, st, "state = 'cancelled'"); n != len(cases)-1 {
			t.Errorf("%d jobs ended as failed, want %d", n, len(cases)-1)
		}
		if n := count(t, st, "state = 'completed'"); n != 1 {
			t.Errorf("%d jobs ended well, want 1", n)
		}
	})
}

func TestStopLetsWorkUnderWayEndAndTakesNoMore(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, url string) {
		st := openStore(t, url)
		begun, finish := make(chan dam.Job, 2), make(chan struct{})
		r := start(t, st, Kind{
			Work: func(_ context.Context, job dam.Job, _ Attempt) error {
				begun <- job
				<-finish
				return nil
			},
			Workers: 1,
		})
		enqueue(t, st, r, "under way", "waiting")
		receive(t, begun)
		stopped := make(chan error, 1)
		go func() { stopped <- r.Stop(t.Context()) }()
		close(finish)
		if err := receive(t, stopped); err != nil {
			t.Fatal(err)
		}
		if done, left := count(t, st, "state = 'completed'"), count(t, st, "state = 'available'"); done+left != 2 || done < 1 {
			t.Errorf("%d completed and %d available, want every begun job completed", done, left)
		}
	})
}

func TestWorkThatIsCalledOffByStopGoesBackUncounted(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, url string) {
		st := openStore(t, url)
		begun := make(chan Attempt, 1)
		hang := Kind{
			Work: func(ctx context.Context, _ dam.Job, a Attempt) error {
				begun <- a
				<-ctx.Done()
				return errors.New("signal: killed")
			},
			OnFailed: func(context.Context, dam.Job, string) { t.Error("it was called failed") },
		}
		for range 4 { // more often than there are attempts
			r := start(t, st, hang)
			if count(t, st, "true") == 0 {
				enqueue(t, st, r, "1")
			}
			if a := receive(t, begun); a.Number != 1 {
				t.Fatalf("after being called off it is attempt %d", a.Number)
			}
			now, cancel := context.WithCancel(t.Context())
			cancel()
			if err := r.Stop(now); err != nil {
				t.Fatal(err)
			}
		}
		if n := count(t, st, "state = 'available' AND attempt = 0"); n != 1 {
			t.Errorf("%d jobs wait for their first attempt, want 1", n)
		}
	})
}

func TestAJobOfAnotherProcessIsWorkedWithinSeconds(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, url string) {
		worked := make(chan dam.Job, 1)
		start(t, openStore(t, url), Kind{Work: func(_ context.Context, job dam.Job, _ Attempt) error {
			worked <- job
			return nil
		}})
		other := openStore(t, url)
		began := time.Now()
		enqueue(t, other, newRunner(t, other, Kind{Work: done}), "imported")
		receive(t, worked)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestAPeriodicJobIsEnqueuedAtStartAndAgainButNotTwiceAtOnce(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, url string) {
		worked := make(chan dam.Job, 10)
		var atOnce atomic.Int32
		start(t, openStore(t, url), Kind{
			Work: func(ctx context.Context, job dam.Job, _ Attempt) error {
				if atOnce.Add(1) > 1 {
					t.Error("two at once")
				}
				defer atOnce.Add(-1)
				worked <- job
				return nil
			},
			Every: 100 * time.Millisecond,
		})
		for range 3 {
			if job := receive(t, worked); job.Kind != kind || job.ID != "" {
				t.Errorf("worked %+v", job)
			}
		}
	})
}

func TestWorkOfAKilledProcessIsTakenUp(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, url string) {
		st := openStore(t, url)
		enqueue(t, st, newRunner(t, st, Kind{Work: done}), "1")
		killWhileWorking(t, url, "attempt 1")
		attempts := make(chan Attempt, 1)
		r := newRunner(t, st, Kind{Work: func(_ context.Context, _ dam.Job, a Attempt) error {
			attempts <- a
			return nil
		}})
		startRunner(t, r)
		if a := takenUp(t, r, attempts); a.Number != 2 {
			t.Errorf("after the kill it is attempt %d, want 2", a.Number)
		}
	})
}

func TestWorkThatKillsItsProcessEveryTimeFailsWithAReason(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, url string) {
		st := openStore(t, url)
		enqueue(t, st, newRunner(t, st, Kind{Work: done}), "poison")
		for _, said := range []string{"attempt 1", "attempt 2", "attempt 3"} {
			killWhileWorking(t, url, said)
		}
		failed := make(chan string, 1)
		r := newRunner(t, st, Kind{
			Work:     func(context.Context, dam.Job, Attempt) error { t.Error("a fourth attempt was made"); return nil },
			OnFailed: func(_ context.Context, job dam.Job, reason string) { failed <- job.ID + ": " + reason },
		})
		startRunner(t, r)
		if got, want := takenUp(t, r, failed), "poison: The server was stopped each time it worked on this."; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestTheJobsOfALivingNodeStayItsOwn(t *testing.T) {
	url := testkit.Postgres(t)
	begun, finish := make(chan Attempt, 2), make(chan struct{})
	work := Kind{Work: func(_ context.Context, _ dam.Job, a Attempt) error {
		begun <- a
		<-finish
		return nil
	}}
	first, second := openStore(t, url), openStore(t, url)
	r := start(t, first, work)
	enqueue(t, first, r, "1")
	receive(t, begun)
	other := start(t, second, work)
	if err := other.guard.tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, first, "state = 'running' AND attempt = 1"); n != 1 {
		t.Errorf("%d jobs are worked in their first attempt, want 1", n)
	}

	// The lock goes with its connection and comes back with the next look around.
	if err := r.guard.conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.guard.tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := other.guard.tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := count(t, first, "state = 'running' AND attempt = 1"); n != 1 {
		t.Errorf("after a broken connection %d jobs are worked in their first attempt, want 1", n)
	}
	close(finish)
}

func TestManyNodesMayStartAtOnce(t *testing.T) {
	url := testkit.Postgres(t)
	first := openStore(t, url)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := New(t.Context(), first, map[string]Kind{kind: {Work: done}}, Options{Log: quiet}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// takenUp waits for what a started runner does with a dead one's job. PostgreSQL may take a moment
// to notice that the dead one's connection is gone, and a node looks around only twice a minute.
func takenUp[T any](t *testing.T, r *Runner, c <-chan T) T {
	t.Helper()
	if r.guard == nil {
		return receive(t, c)
	}
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	giveUp := time.After(patience)
	for {
		select {
		case got := <-c:
			return got
		case <-look.C:
			if err := r.guard.tend(t.Context()); err != nil {
				t.Fatal(err)
			}
		case <-giveUp:
			t.Fatal("nobody took the job up")
		}
	}
}

// killWhileWorking runs a child process that works the database and kills it once it says so.
func killWhileWorking(t *testing.T, url, said string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestChildThatIsKilled$")
	child.Env = append(os.Environ(), "JOBS_CHILD="+url)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	giveUp := time.AfterFunc(patience, func() { child.Process.Kill() })
	defer giveUp.Stop()
	var heard []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		heard = append(heard, lines.Text())
		if lines.Text() == said {
			child.Process.Kill()
		}
	}
	child.Wait()
	if !strings.Contains(strings.Join(heard, "\n"), said) {
		t.Fatalf("the child said %q, want %q", heard, said)
	}
}

// TestChildThatIsKilled is the child of the tests above and does nothing on its own.
func TestChildThatIsKilled(t *testing.T) {
	url := os.Getenv("JOBS_CHILD")
	if url == "" {
		return
	}
	st := openStore(t, url)
	r := newRunner(t, st, Kind{Work: func(_ context.Context, _ dam.Job, a Attempt) error {
		fmt.Printf("attempt %d\n", a.Number)
		select {}
	}})
	startRunner(t, r)
	for range time.Tick(50 * time.Millisecond) {
		if r.guard == nil {
			continue
		}
		if err := r.guard.tend(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

var quiet = slog.New(slog.DiscardHandler)

func done(context.Context, dam.Job, Attempt) error { return nil }

func openStore(t *testing.T, url string) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

func newRunner(t *testing.T, st *store.Store, k Kind) *Runner {
	t.Helper()
	r, err := New(t.Context(), st, map[string]Kind{kind: k}, Options{Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func startRunner(t *testing.T, r *Runner) {
	t.Helper()
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Stop(context.Background()) })
}

func start(t *testing.T, st *store.Store, k Kind) *Runner {
	t.Helper()
	r := newRunner(t, st, k)
	startRunner(t, r)
	return r
}

func stop(t *testing.T, r *Runner) {
	t.Helper()
	if err := r.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func enqueue(t *testing.T, st *store.Store, r *Runner, ids ...string) {
	t.Helper()
	var all []dam.Job
	for _, id := range ids {
		all = append(all, dam.Job{Kind: kind, ID: id})
	}
	enqueueAll(t, st, r, all...)
}

func enqueueAll(t *testing.T, st *store.Store, r *Runner, all ...dam.Job) {
	t.Helper()
	err := st.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error { return r.Enqueue(ctx, tx, all...) })
	if err != nil {
		t.Fatal(err)
	}
}

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case got := <-c:
		return got
	case <-time.After(patience):
		t.Fatal("waited in vain")
		panic("unreachable")
	}
}

// count is how many rows of River's own table meet a condition.
func count(t *testing.T, st *store.Store, where string) (n int) {
	t.Helper()
	query := "SELECT count(*) FROM river_job WHERE " + where
	var err error
	if st.Postgres() != nil {
		err = st.Postgres().QueryRow(t.Context(), query).Scan(&n)
	} else {
		err = st.SQLite().QueryRowContext(t.Context(), query).Scan(&n)
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}
