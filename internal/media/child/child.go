// Package child is the loop of `vitrine render`: it confines itself, then answers each request with
// pictures of the file whose descriptor came along. It reads and writes nothing but that descriptor,
// its socket and its standard output. Package media starts it and believes nothing it says.
package child

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"vitrine/internal/media/confine"
	"vitrine/internal/media/vips"
	"vitrine/internal/media/wire"
)

// socket is the descriptor the pool gives its child, next to the three standard ones.
const socket = 3

// self names the running program even where its file has been replaced by a newer one.
const self = "/proc/self/exe"

// held marks, on the command line, that the process is confined already and by what.
const held = "--held="

// Failed is the exit code of a `render` that could not begin; the programs it becomes don't use it.
const Failed = 125

// Main runs the hidden subcommand `render` with the words after it and returns the exit code.
//
//	render                            confine, then serve requests
//	render [GRANT...] --exec TOOL ... confine, then become TOOL with what it is granted
//
// A grant is --read PATH, --write DIR (which becomes its home), --size BYTES, --cpu SECONDS,
// --memory BYTES or --sockets; see confine.Grant.
func Main(args []string) int {
	if err := run(args); err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		return Failed
	}
	return 0
}

func run(args []string) error {
	if len(args) == 1 && strings.HasPrefix(args[0], held) {
		return serve(strings.Split(strings.TrimPrefix(args[0], held), ","))
	}
	grant, args, err := grants(args)
	if err != nil {
		return err
	}
	if len(args) >= 2 && args[0] == "--exec" {
		tool := args[1:]
		if grant.Write != "" {
			os.Setenv("HOME", grant.Write)
			os.Setenv("TMPDIR", grant.Write)
		}
		return confine.Exec(tool[0], grant, func([]string) []string { return tool }, os.Environ())
	}
	if len(args) > 0 {
		return fmt.Errorf("unknown argument %q", args[0])
	}
	return confine.Exec(self, confine.Grant{}, func(layers []string) []string {
		return append(slices.Clone(os.Args), held+strings.Join(layers, ","))
	}, os.Environ())
}

// grants reads the words up to --exec and returns the rest.
func grants(args []string) (confine.Grant, []string, error) {
	var g confine.Grant
	for len(args) > 0 && args[0] != "--exec" {
		if args[0] == "--sockets" {
			g.Sockets, args = true, args[1:]
			continue
		}
		if len(args) < 2 {
			return g, args, fmt.Errorf("unknown argument %q", args[0])
		}
		value := args[1]
		number, err := strconv.ParseInt(value, 10, 64)
		switch args[0] {
		case "--read":
			g.Read, err = append(g.Read, value), nil
		case "--write":
			g.Write, err = value, nil
		case "--size":
			g.Size = number
		case "--cpu":
			g.CPU = time.Duration(number) * time.Second
		case "--memory":
			g.Memory = number
		default:
			err = errors.New("unknown")
		}
		if err != nil {
			return g, args, fmt.Errorf("argument %s %q: %w", args[0], value, err)
		}
		args = args[2:]
	}
	return g, args, nil
}

func serve(layers []string) error {
	if slices.Contains(layers, confine.Seccomp) {
		if err := confine.Seal(); err != nil {
			return fmt.Errorf("seal: %w", err)
		}
	}
	if err := vips.Init(); err != nil {
		return err
	}
	v := voice{os.Stdout}
	if err := v.say(wire.Reply{Ready: &wire.Ready{Layers: layers}}); err != nil {
		return err
	}
	for job := range receive() {
		if err := v.answer(job); err != nil {
			return err
		}
	}
	return nil
}

type job struct {
	wire.Request
	file *os.File
	mark *os.File // the mark's picture, if there is one
}

func (j job) close() {
	j.file.Close()
	if j.mark != nil {
		j.mark.Close()
	}
}

// receive reads ahead of the work, so that a child whose parent is gone ends even in the middle of a
// decode.
func receive() <-chan job {
	jobs := make(chan job)
	go func() {
		for {
			next, err := receiveOne()
			if err != nil {
				if err != io.EOF {
					fmt.Fprintln(os.Stderr, "render:", err)
				}
				os.Exit(0)
			}
			jobs <- next
		}
	}()
	return jobs
}

func receiveOne() (job, error) {
	text := make([]byte, 64<<10)
	rights := make([]byte, unix.CmsgSpace(2*4))
	n, rn, _, _, err := unix.Recvmsg(socket, text, rights, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return job{}, err
	}
	if n == 0 {
		return job{}, io.EOF
	}
	messages, err := unix.ParseSocketControlMessage(rights[:rn])
	if err != nil || len(messages) != 1 {
		return job{}, fmt.Errorf("request without a descriptor: %w", err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) == 0 {
		return job{}, fmt.Errorf("request without a descriptor: %w", err)
	}
	next := job{file: os.NewFile(uintptr(fds[0]), "input")}
	if len(fds) == 2 {
		next.mark = os.NewFile(uintptr(fds[1]), "mark")
	}
	return next, json.Unmarshal(text[:n], &next.Request)
}
