package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"vitrine/internal/dam"
	"vitrine/internal/media/wire"
)

// Job asks for pictures of one file.
type Job struct {
	Path    string // of a regular file
	Loader  string // from Sniff
	Recipes []dam.Recipe
	Out     string // a directory that exists
}

// Result is what one job made. The files are in Job.Out, named by recipe.
type Result struct {
	Width, Height int // of the original, upright
	Renditions    []Rendition
	Placeholder   []byte // ThumbHash
}

// Rendition is one file that was made.
type Rendition struct {
	Name, Path, MIME string
	Width, Height    int
	Size             int64
}

// Pool makes pictures in child processes, as many at once as it has workers.
type Pool struct {
	crew crew
	opts Options
	told sync.Once // the log, what confines the children
}

// NewPool starts the workers; their children start with their first job.
func NewPool(o Options) *Pool {
	o = o.withDefaults(processors(), 50)
	p := &Pool{opts: o}
	p.crew.start("render", o, p.launch)
	return p
}

// Close ends running jobs and all children, and returns when they are gone.
func (p *Pool) Close() { p.crew.close() }

// Layers names what confines the children, as a child found it: "rlimits", "no_new_privs", "landlock",
// "seccomp". Errors are as those of Render.
func (p *Pool) Layers(ctx context.Context) ([]string, error) {
	var layers []string
	err := p.crew.do(ctx, func(_ context.Context, child *process) error {
		layers = child.layers
		return nil
	})
	return layers, err
}

// Render makes all pictures of a job, or none. Errors: ErrRefused (dam kind Invalid: never try again),
// ErrCrashed (Unavailable: one failed attempt), the context's own, Invalid for a recipe that is not for
// pictures, Unavailable after Close.
func (p *Pool) Render(ctx context.Context, job Job) (Result, error) {
	if err := checkRecipes(job.Recipes); err != nil {
		return Result{}, err
	}
	result, err := p.work(ctx, job, p.request(job))
	if err != nil {
		return Result{}, fmt.Errorf("render: %w", err)
	}
	return result, nil
}

// work has a child carry out a request about the job's file and further ones.
func (p *Pool) work(ctx context.Context, job Job, request wire.Request, further ...string) (Result, error) {
	var inputs []*os.File
	for _, path := range append([]string{job.Path}, further...) {
		input, err := openRegular(path)
		if err != nil {
			return Result{}, err
		}
		defer input.Close()
		inputs = append(inputs, input)
	}
	var made answer
	err := p.crew.do(ctx, func(ctx context.Context, child *process) (err error) {
		if err := child.send(request, inputs); err != nil {
			return err
		}
		made, err = p.listen(ctx, child, job)
		return err
	})
	if job.Loader == wire.Vector && errors.Is(err, ErrCrashed) && errors.Is(err, os.ErrDeadlineExceeded) {
		return Result{}, tooSlow(err)
	}
	if err != nil {
		return Result{}, err
	}
	return keep(made, job)
}

// openRegular does not wait for a FIFO's writer, and takes nothing but a regular file.
func openRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (p *Pool) launch(ctx context.Context) (*process, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "requests"), os.NewFile(uintptr(pair[1]), "requests")
	defer theirs.Close()
	child, err := start(p.opts.Executable, p.opts.Args, nil, ours, theirs)
	if err != nil {
		ours.Close()
		return nil, err
	}
	defer child.expect(ctx, p.opts.Limits.Header)()
	reply, err := child.reply()
	if err == nil && reply.Ready == nil {
		err = errOutOfStep
	}
	if err != nil {
		child.end()
		return nil, fmt.Errorf("%w (child: %w)", err, child.death)
	}
	child.layers = reply.Ready.Layers
	p.told.Do(func() { p.opts.Log.Info("media children are confined", "by", child.layers) })
	return child, nil
}

var errOutOfStep = errors.New("an answer that was not asked for")

// lineLimit bounds one reply; pictures are not part of it.
const lineLimit = 64 << 10

func (p *process) reply() (wire.Reply, error) {
	line, err := p.line(lineLimit)
	if err != nil {
		return wire.Reply{}, err
	}
	var r wire.Reply
	if err := json.Unmarshal(line, &r); err != nil {
		return r, err
	}
	if r.Refused != "" {
		return r, refused(r.Refused, r.Detail)
	}
	return r, nil
}

// answer is what a child said and sent for one job, not checked yet.
type answer struct {
	header   wire.Header
	done     wire.Done
	pictures [][]byte
}

func (p *Pool) listen(ctx context.Context, child *process, job Job) (a answer, err error) {
	a.header, err = child.header(ctx, p.opts.Limits)
	if err != nil {
		return a, fmt.Errorf("header: %w", err)
	}
	defer child.expect(ctx, p.opts.Limits.decodeTime(a.header.Width, a.header.Height, job.Recipes))()
	reply, err := child.reply()
	if err != nil {
		return a, fmt.Errorf("decode: %w", err)
	}
	if reply.Done == nil {
		return a, errOutOfStep
	}
	a.done = *reply.Done
	a.pictures, err = child.pictures(a, job)
	return a, err
}

func (p *process) header(ctx context.Context, limits Limits) (wire.Header, error) {
	defer p.expect(ctx, limits.Header)()
	reply, err := p.reply()
	if errors.Is(err, io.EOF) {
		return wire.Header{}, errGone
	}
	if err == nil && !reply.Taken {
		err = errOutOfStep
	}
	if err != nil {
		return wire.Header{}, err
	}
	if reply, err = p.reply(); err != nil {
		return wire.Header{}, err
	}
	h := reply.Header
	if h == nil || limits.wire().Check(h.Width, h.Height, 1) != "" {
		return wire.Header{}, errOutOfStep
	}
	return *h, nil
}

func (p *Pool) request(job Job) wire.Request {
	r := wire.Request{Loader: job.Loader, Limits: p.opts.Limits.wire()}
	for _, recipe := range job.Recipes {
		r.Recipes = append(r.Recipes, wire.Recipe{
			Box: box(recipe), Format: encodings[recipe.MIME].name, Quality: recipe.Quality,
		})
	}
	return r
}

// send passes the open files themselves: the child has no right to open any.
func (p *process) send(r wire.Request, inputs []*os.File) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	var descriptors []int
	for _, input := range inputs {
		descriptors = append(descriptors, int(input.Fd()))
	}
	err = unix.Sendmsg(int(p.in.Fd()), text, unix.UnixRights(descriptors...), nil, unix.MSG_NOSIGNAL)
	if errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET) {
		return errGone
	}
	return err
}
