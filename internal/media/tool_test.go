package media

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/internal/dam"
)

func newTools(t *testing.T) *Tools {
	t.Helper()
	tools := NewTools(Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Scratch: t.TempDir()})
	t.Cleanup(tools.Close)
	return tools
}

func writeFile(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAToolSeesItsInputByAnotherNameAndWritesOnlyItsOutput(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	input := writeFile(t, filepath.Join(dir, "-rf; %s"), "content")
	canary := writeFile(t, filepath.Join(dir, "canary"), "secret")
	tools := newTools(t)
	shell := toolRun{
		Program: "sh", Input: input, Ext: "txt", Out: out, OutLimit: 100,
		Args: func(in, out string) []string {
			return []string{"-c", `
				read -r text < "$1"; echo "${1##*/} $text"
				read -r text < "$3" && echo leaked
				echo hello > "$2/made" && echo wrote
				echo hello > "$3" && echo spoiled
				echo hello > "${3%/*}/new" && echo littered
				exit 0`, "sh", in, out, canary}
		},
	}
	said, err := tools.run(t.Context(), shell)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(said)); got != "input.txt content\nwrote" {
		t.Errorf("the tool says %q", got)
	}
	if _, size, err := made(out, "made"); err != nil || size != 6 {
		t.Errorf("made: %d bytes, %v", size, err)
	}
	left, _ := os.ReadDir(tools.opts.Scratch)
	if len(left) != 0 {
		t.Errorf("%d entries are left in the scratch directory", len(left))
	}
}

func TestAToolReadsAnInputOfAnotherFileSystemWithoutACopy(t *testing.T) {
	elsewhere, err := os.MkdirTemp("/dev/shm", "tool-test-")
	if err != nil {
		t.Skip("no second file system here:", err)
	}
	defer os.RemoveAll(elsewhere)
	input := writeFile(t, filepath.Join(elsewhere, "input"), "content")
	for _, program := range []string{"cat", "readlink"} {
		said, err := newTools(t).run(t.Context(), toolRun{
			Program: program, Input: input, Ext: "txt",
			Args: func(in, _ string) []string { return []string{in} },
		})
		want := map[string]string{"cat": "content", "readlink": inputFile + "\n"}[program]
		if err != nil || string(said) != want {
			t.Errorf("%s says %q, %v", program, said, err)
		}
	}
}

func TestAToolEndsInTimeAndSaysNoMoreThanItMay(t *testing.T) {
	input := writeFile(t, filepath.Join(t.TempDir(), "input"), "content")
	just := func(words ...string) func(in, out string) []string {
		return func(in, out string) []string { return append(append([]string{}, words...), "") }
	}
	for _, c := range []struct {
		name string
		off  time.Duration // after which it is called off
		run  toolRun
		want error
	}{
		{"sleeps too long", time.Minute, toolRun{Program: "tail", Args: func(in, _ string) []string { return []string{"-f", in} }, Wall: 300 * time.Millisecond}, errTooLong},
		{"is called off", 200 * time.Millisecond, toolRun{Program: "tail", Args: func(in, _ string) []string { return []string{"-f", in} }}, context.DeadlineExceeded},
		{"computes too long", time.Minute, toolRun{Program: "sh", Args: just("-c", "while :; do :; done"), CPU: time.Second}, ErrCrashed},
		{"talks too much", time.Minute, toolRun{Program: "yes", Args: just("word"), Stdout: 1000}, ErrCrashed},
		{"writes too much", time.Minute, toolRun{Program: "dd", Out: t.TempDir(), OutLimit: 1000, Args: func(_, out string) []string {
			return []string{"if=/dev/urandom", "of=" + out + "/large", "bs=600", "count=10"}
		}}, ErrCrashed},
		{"fails", time.Minute, toolRun{Program: "false", Args: just()}, ErrCrashed},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.run.Input, c.run.Ext = input, "txt"
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), c.off)
			defer cancel()
			_, err := newTools(t).run(ctx, c.run)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if _, itself := exitedWith(err); itself != (c.name == "fails") {
				t.Errorf("ended by itself: %v", itself)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestClosingEndsWhatRuns(t *testing.T) {
	input := writeFile(t, filepath.Join(t.TempDir(), "input"), "content\n")
	tools := newTools(t)
	lines := make(chan string, 1)
	ended := make(chan error, 1)
	go func() {
		_, err := tools.run(context.Background(), toolRun{
			Program: "tail", Input: input, Ext: "txt", Line: func(line string) { lines <- line },
			Args: func(in, _ string) []string { return []string{"-f", in} },
		})
		ended <- err
	}()
	if line := <-lines; line != "content" {
		t.Errorf("heard %q", line)
	}
	tools.Close()
	if err := <-ended; dam.KindOf(err) != dam.Unavailable || errors.Is(err, ErrCrashed) {
		t.Errorf("got %v", err)
	}
	_, err := tools.run(t.Context(), toolRun{Program: "true", Input: input, Args: func(_, _ string) []string { return nil }})
	if dam.KindOf(err) != dam.Unavailable {
		t.Errorf("after Close: %v", err)
	}
}

func TestAMissingProgramIsSaidWithItsPackage(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := newTools(t).run(t.Context(), toolRun{Program: "pdftocairo", Input: "/dev/null"})
	if dam.KindOf(err) != dam.Unavailable || !strings.Contains(dam.Sentence(err), "poppler-utils") {
		t.Errorf("got %v", err)
	}
}
