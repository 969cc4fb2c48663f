package media

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// environment is all a child gets to know: no variable of the server is handed on.
var environment = []string{
	"LC_ALL=C.UTF-8", "TZ=UTC", "PATH=/usr/bin:/bin", "HOME=/nonexistent", "TMPDIR=/nonexistent",
	"MALLOC_ARENA_MAX=2", "VIPS_CONCURRENCY=1", "VIPS_BLOCK_UNTRUSTED=1",
	"VIPS_DISC_THRESHOLD=100g", // children write no files: what does not fit into memory is refused
	"GOMAXPROCS=2",
}

// process is one running child: how to speak to it, listen to it, and end it with all it started.
type process struct {
	cmd    *exec.Cmd
	in     *os.File // its standard input or its socket
	out    *os.File
	lines  *bufio.Reader
	stderr *tail
	jobs   int
	layers []string // of confinement; known of a child that says so
	death  error    // how it ended and its last words
	window string   // the one directory a child may read, if it has one; it ends with the child
}

// start runs a child. in is this side of what the child was given to listen to; files are given to it as
// descriptors 3 and up. The calling goroutine must be locked to its thread for as long as the child
// lives: the kernel kills the child when that thread ends.
func start(path string, args []string, stdin *os.File, in *os.File, files ...*os.File) (*process, error) {
	ours, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	p := &process{in: in, out: ours, lines: bufio.NewReaderSize(ours, 64<<10), stderr: &tail{}}
	p.cmd = &exec.Cmd{
		Path: path, Args: append([]string{os.Args[0]}, args...), Env: environment, Dir: "/",
		Stdin: stdin, Stdout: theirs, Stderr: p.stderr, ExtraFiles: files,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
		WaitDelay:   time.Second,
	}
	if err := p.cmd.Start(); err != nil {
		ours.Close()
		return nil, err
	}
	return p, nil
}

// expect bounds how long the next reads may take. The returned function must be called when they are done.
func (p *process) expect(ctx context.Context, limit time.Duration) (done func()) {
	_ = p.out.SetReadDeadline(time.Now().Add(limit)) // a pipe always has deadlines
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = p.out.SetReadDeadline(time.Unix(1, 0))
		close(ended)
	})
	return func() {
		if !stop() {
			<-ended // or it would cut off the next job
		}
	}
}

// line reads one line of at most limit bytes.
func (p *process) line(limit int) ([]byte, error) {
	var whole []byte
	for {
		part, err := p.lines.ReadSlice('\n')
		whole = append(whole, part...)
		if len(whole) > limit {
			return nil, errors.New("answer too long")
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return whole, err
		}
	}
}

// end kills the child's group and waits until it is gone. death then holds what is known of it.
func (p *process) end() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // it may be dead already
	p.death = p.cmd.Wait()
	p.in.Close()
	p.out.Close()
	if p.window != "" {
		os.RemoveAll(p.window)
	}
	if said := p.stderr.String(); said != "" {
		p.death = fmt.Errorf("%w: %s", p.death, said)
	}
}

// resident is how much memory the child holds, 0 if that can't be told.
func (p *process) resident() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	var all, held int64
	if _, err := fmt.Sscan(string(text), &all, &held); err != nil {
		return 0
	}
	return held * int64(os.Getpagesize())
}

// tail keeps the end of what a child says on standard error.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailSize = 2 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if extra := len(t.text) - tailSize; extra > 0 {
		t.text = append(t.text[:0], t.text[extra:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return clean(strings.TrimSpace(string(t.text)), tailSize)
}
