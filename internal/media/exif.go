package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Exif reads metadata by exiftool, kept running as a confined child that sees the system's libraries and
// one directory with the one file it is asked about.
type Exif struct {
	crew crew
	opts Options
}

// NewExif starts the workers; the tool starts with the first file.
func NewExif(o Options) *Exif {
	o = o.withDefaults(1, 500)
	e := &Exif{opts: o}
	e.crew.start("exiftool", o, e.launch)
	return e
}

// Close ends the tool and returns when it is gone.
func (e *Exif) Close() { e.crew.close() }

// Read tells what the file says of itself; a file that says nothing gives zero Facts. Errors: ErrCrashed
// (dam kind Unavailable: the tool died, took too long or is not installed), the context's own, Unavailable
// after Close.
func (e *Exif) Read(ctx context.Context, path string) (Facts, error) {
	input, err := openRegular(path)
	if err != nil {
		return Facts{}, fmt.Errorf("read metadata: %w", err)
	}
	defer input.Close()
	var answer []byte
	err = e.crew.do(ctx, func(ctx context.Context, child *process) (err error) {
		answer, err = e.ask(ctx, child, input)
		return err
	})
	if err != nil {
		return Facts{}, fmt.Errorf("read metadata: %w", err)
	}
	return parseFacts(answer), nil
}

func (e *Exif) launch(context.Context) (*process, error) {
	tool := e.opts.ExifTool
	if tool == "" {
		found, err := exec.LookPath("exiftool")
		if err != nil {
			return nil, err
		}
		tool = found
	}
	window, err := os.MkdirTemp(e.opts.Scratch, "exif-")
	if err != nil {
		return nil, err
	}
	if window, err = filepath.Abs(window); err != nil {
		return nil, err
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	args := append([]string{}, e.opts.Args...)
	args = append(args, "--read", window, "--exec", tool, "-config", "", "-stay_open", "True", "-@", "-")
	child, err := start(e.opts.Executable, args, theirs, ours)
	if err != nil {
		ours.Close()
		os.RemoveAll(window)
		return nil, err
	}
	child.window = window
	return child, nil
}

// answerLimit bounds what the tool may say of one file.
const answerLimit = 16 << 20

func (e *Exif) ask(ctx context.Context, child *process, input *os.File) ([]byte, error) {
	// The tool gets a name of our own making: one line is one argument to it.
	shown := filepath.Join(child.window, "input")
	if err := expose(input, shown); err != nil {
		return nil, err
	}
	defer os.Remove(shown)
	number := strconv.Itoa(rand.IntN(1 << 30)) // so that no file can hold the line that ends an answer
	request := strings.Join([]string{
		"-G1", "-json", "-long", "-api", "LargeFileSupport=1", "-x", "System:all", "-x", "ICC_Profile:all",
		shown, "-execute" + number, "",
	}, "\n")
	defer child.expect(ctx, e.opts.Limits.Metadata)()
	if _, err := child.in.WriteString(request); err != nil {
		return nil, fmt.Errorf("%w: %w", errGone, err)
	}
	end := "{ready" + number + "}\n"
	var answer []byte
	for {
		line, err := child.line(answerLimit)
		if err != nil {
			return nil, err
		}
		if string(line) == end {
			return answer, nil
		}
		answer = append(answer, line...)
		if len(answer) > answerLimit {
			return nil, errors.New("answer too long")
		}
	}
}

// expose lets the tool see one file: by a second name, or by a copy where the file system won't have that.
func expose(input *os.File, shown string) error {
	if os.Link(input.Name(), shown) == nil {
		return nil
	}
	out, err := os.OpenFile(shown, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, input)
	return errors.Join(err, out.Close())
}
