// Package confine holds a child process before it reads a stranger's bytes: limits, no new privileges,
// a system-call filter without network and processes, and a view of the file system that is read-only
// and as small as the kernel allows. It never runs in the server's own process and knows nothing of
// media. The hidden subcommand `render` calls it; Linux only.
package confine

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// The layers, as they are named in the log.
const (
	Limits     = "rlimits"
	NoNewPrivs = "no_new_privs"
	Seccomp    = "seccomp"
	Landlock   = "landlock"
)

const (
	// Memory is how much writable memory a child may hold (RLIMIT_DATA) unless it is granted more.
	Memory    = 1 << 30
	openFiles = 64
	// A child lives for many jobs; its jobs' time is bounded by the parent's clock. This one only ends a
	// child that spins after its parent is gone.
	cpuSeconds = 1200
	// Whoever reads files steps back for whoever serves pages.
	niceness = 5
)

// Grant says what a program may do beyond reading the system's libraries and writing to descriptors
// that are open already. The zero value grants nothing.
type Grant struct {
	Read   []string      // files, or directories with all beneath them
	Write  string        // a directory in which it may make, change and remove files
	Size   int64         // bytes of the largest file it may write
	CPU    time.Duration // processor time, all threads together; 0: twenty minutes
	Memory int64         // writable memory; 0: Memory
	// Sockets lets it make Unix sockets and believe that it waits there for others, which LibreOffice
	// insists on. It reaches nobody by them, and they have no place in the file system.
	Sockets bool
}

// Exec confines the calling process and replaces it by the program at path, which may do what grant
// says. It returns only if it failed; layers lists what held up to then. argv and env are made last,
// from the layers that hold.
func Exec(path string, grant Grant, argv func(layers []string) []string, env []string) error {
	// Privileges and Landlock are the thread's own, and execve keeps those of the thread that calls it.
	runtime.LockOSThread()
	var layers []string
	if err := setLimits(grant); err != nil {
		return fmt.Errorf("set limits: %w", err)
	}
	layers = append(layers, Limits)
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, niceness) // refused if the server is nicer already
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("set no_new_privs: %w", err)
	}
	layers = append(layers, NoNewPrivs)
	if restrictFiles(path, grant) == nil {
		layers = append(layers, Landlock)
	}
	if filter(beforeExec, grant.Sockets) == nil {
		layers = append(layers, Seccomp)
	}
	args := argv(layers)
	return fmt.Errorf("exec %s: %w", path, unix.Exec(path, args, env))
}

// Seal takes from a process confined by Exec what it needed to get this far: running another program.
func Seal() error { return filter(afterExec, true) }

func setLimits(grant Grant) error {
	memory := uint64(cmp.Or(grant.Memory, Memory))
	space := uint64(addressSpace)
	if space != unix.RLIM_INFINITY {
		space += memory - Memory
	}
	cpu := uint64(cpuSeconds)
	if grant.CPU > 0 {
		cpu = uint64(math.Ceil(grant.CPU.Seconds()))
	}
	for _, l := range []struct {
		resource int
		value    uint64
	}{
		{unix.RLIMIT_AS, space},
		{unix.RLIMIT_DATA, memory},
		{unix.RLIMIT_CPU, cpu},
		{unix.RLIMIT_FSIZE, uint64(grant.Size)},
		{unix.RLIMIT_NOFILE, openFiles},
		{unix.RLIMIT_CORE, 0},
	} {
		var had unix.Rlimit
		if err := unix.Getrlimit(l.resource, &had); err != nil {
			return err
		}
		bound := min(l.value, had.Max) // whoever runs the server may have been stricter
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: bound, Max: bound}); err != nil {
			return err
		}
	}
	return nil
}
