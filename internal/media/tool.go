package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"vitrine/internal/dam"
)

// Tools runs programs of the system, each on one file and confined: it reads that file and the system's
// libraries, writes into one directory, reaches no network and ends in time. It runs as many at once as
// it is asked to.
type Tools struct {
	opts   Options
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	all    sync.WaitGroup
	office chan struct{} // holds something while an office file is converted
}

// NewTools looks for no program yet: one that is missing is missed by whoever needs it.
func NewTools(o Options) *Tools {
	t := &Tools{opts: o.withDefaults(1, 1), office: make(chan struct{}, 1)}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// Close kills what runs and returns when it is gone.
func (t *Tools) Close() {
	t.cancel()
	t.all.Wait()
}

// toolRun is one run of one program on one file.
type toolRun struct {
	Program string // its name in PATH, or its path
	Args    func(in, out string) []string
	Input   string   // a regular file
	Ext     string   // the program sees it as input.EXT; our own choice, never an upload's
	Read    []string // what else it may read
	Out     string   // a directory it may write, which nobody else uses meanwhile; empty: none
	Env     []string // what it is told besides environment

	OutLimit int64         // bytes of the largest file it may write
	Wall     time.Duration // default: Limits.Metadata
	CPU      time.Duration // of all its threads; default: twice Wall
	Memory   int64         // default: confine.Memory
	Sockets  bool          // see confine.Grant

	Stdout int64             // bytes it may say; default answerLimit
	Line   func(line string) // is told each line it says, of any number; then nothing is returned
	Bytes  func(part []byte) // is given all it says, of any length; then nothing is returned
}

// inputFile is the descriptor by which the program has its input, whatever it is called.
const inputFile = "/proc/self/fd/3"

// run returns what the program said. A program that ended in another way than by exiting with 0 is
// an error with its last words and *exec.ExitError in its chain. Errors: ErrCrashed (dam kind
// Unavailable), Unavailable if the program is not installed or after Close, the context's own.
func (t *Tools) run(ctx context.Context, r toolRun) ([]byte, error) {
	program, err := find(r.Program)
	if err != nil {
		return nil, err
	}
	input, err := openRegular(r.Input)
	if err != nil {
		return nil, err
	}
	defer input.Close()
	window, err := os.MkdirTemp(t.opts.Scratch, "tool-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(window)
	if window, err = filepath.Abs(window); err != nil {
		return nil, err
	}
	if r.Out != "" {
		if r.Out, err = filepath.Abs(r.Out); err != nil {
			return nil, err
		}
	}
	shown := filepath.Join(window, "input."+r.Ext)
	if err := show(input, shown); err != nil {
		return nil, err
	}
	r = r.withDefaults(t.opts.Limits)
	args := append(r.grants(window), "--exec", program)
	args = append(args, r.Args(shown, r.Out)...)
	return t.command(ctx, r, args, input)
}

func (r toolRun) withDefaults(l Limits) toolRun {
	if r.Wall == 0 {
		r.Wall = l.Metadata
	}
	if r.CPU == 0 {
		r.CPU = 2 * r.Wall
	}
	if r.Stdout == 0 {
		r.Stdout = answerLimit
	}
	return r
}

func (r toolRun) grants(window string) []string {
	args := []string{"--read", window, "--read", inputFile}
	for _, path := range r.Read {
		args = append(args, "--read", path)
	}
	if r.Out != "" {
		args = append(args, "--write", r.Out, "--size", strconv.FormatInt(r.OutLimit, 10))
	}
	args = append(args, "--cpu", strconv.Itoa(int(math.Ceil(r.CPU.Seconds()))))
	if r.Memory != 0 {
		args = append(args, "--memory", strconv.FormatInt(r.Memory, 10))
	}
	if r.Sockets {
		args = append(args, "--sockets")
	}
	return args
}

// command starts the confined program with input as descriptor 3 and waits for its end.
func (t *Tools) command(caller context.Context, r toolRun, args []string, input *os.File) ([]byte, error) {
	if t.ctx.Err() != nil {
		return nil, errStopping
	}
	t.all.Add(1)
	defer t.all.Done()
	ctx, cancel := context.WithTimeoutCause(caller, r.Wall, errTooLong)
	defer cancel()
	defer context.AfterFunc(t.ctx, cancel)()
	// The kernel kills the child when the thread that started it ends; this one waits for it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	said, last := &hearing{limit: r.Stdout, line: r.Line, bytes: r.Bytes}, &tail{}
	cmd := exec.CommandContext(ctx, t.opts.Executable, append(append([]string{}, t.opts.Args...), args...)...)
	cmd.Env, cmd.Dir = append(slices.Clone(environment), r.Env...), "/"
	cmd.Stdout, cmd.Stderr = said, last
	cmd.ExtraFiles = []*os.File{input}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	switch {
	case err == nil:
		said.end()
		return said.text, nil
	case t.ctx.Err() != nil:
		return nil, errStopping
	case caller.Err() != nil:
		return nil, context.Cause(caller)
	case ctx.Err() != nil:
		err = fmt.Errorf("%w: %w", errTooLong, err)
	}
	return nil, crashed(fmt.Errorf("%s: %w", filepath.Base(r.Program), detailed(err, last.String())))
}

var (
	errTooLong  = errors.New("took too long")
	errStopping = &dam.Error{Kind: dam.Unavailable, Msg: "The server is stopping."}
)

// notBegun is how `render` ends if it could not become the program; see child.Failed.
const notBegun = 125

// exitedWith says whether a program came to its end by itself, and told that it could not do its work.
func exitedWith(err error) (code int, itself bool) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !exit.Exited() || exit.ExitCode() == notBegun || errors.Is(err, errTooLong) {
		return 0, false
	}
	return exit.ExitCode(), true
}

// packages are where the programs come from.
var packages = map[string]string{
	"ffmpeg": "ffmpeg", "ffprobe": "ffmpeg", "exiftool": "libimage-exiftool-perl",
	"pdftocairo": "poppler-utils", "pdftotext": "poppler-utils", "pdfinfo": "poppler-utils",
}

// find names the program's own file: confinement allows to run that one only.
func find(program string) (string, error) {
	found, err := exec.LookPath(program)
	if err == nil {
		found, err = filepath.EvalSymlinks(found)
	}
	if err == nil {
		return found, nil
	}
	name := filepath.Base(program)
	from, known := packages[name]
	if !known {
		from = name
	}
	return "", &dam.Error{Kind: dam.Unavailable, Err: err, Msg: fmt.Sprintf(
		"This server lacks the program %s. Its administrator can install the package %s.", name, from)}
}

// show gives an open file a second name: a hard link, or, across file systems, a way to the descriptor
// that the program is given. Bytes are never copied.
func show(input *os.File, name string) error {
	own := fmt.Sprintf("/proc/self/fd/%d", input.Fd())
	err := unix.Linkat(unix.AT_FDCWD, own, unix.AT_FDCWD, name, unix.AT_SYMLINK_FOLLOW)
	if err == nil {
		return nil
	}
	return os.Symlink(inputFile, name)
}

// made opens a file that a program wrote into out: a regular one with something in it.
func made(out, name string) (path string, size int64, err error) {
	path = filepath.Join(out, name)
	info, err := os.Lstat(path)
	if err != nil {
		return "", 0, err
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return "", 0, errors.New(name + " is no file or has nothing in it")
	}
	return path, info.Size(), nil
}

// hearing keeps what a program says up to a limit, or passes it on: line by line, each up to that limit, or
// as it comes.
type hearing struct {
	text  []byte
	limit int64
	line  func(string)
	bytes func([]byte)
}

func (h *hearing) Write(b []byte) (int, error) {
	if h.bytes != nil {
		h.bytes(b)
		return len(b), nil
	}
	h.text = append(h.text, b...)
	if int64(len(h.text)) > h.limit {
		return 0, errors.New("answer too long")
	}
	for h.line != nil {
		line, rest, whole := bytes.Cut(h.text, []byte{'\n'})
		if !whole {
			break
		}
		h.line(string(line))
		h.text = rest
	}
	return len(b), nil
}

func (h *hearing) end() {
	if h.line != nil && len(h.text) > 0 {
		h.line(string(h.text))
		h.text = nil
	}
}
