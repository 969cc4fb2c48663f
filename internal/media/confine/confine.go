// Package confine holds a child process before it reads a stranger's bytes: limits, no new privileges,
// a system-call filter without network and processes, and a view of the file system that is read-only
// and as small as the kernel allows. It never runs in the server's own process and knows nothing of
// media. The hidden subcommand `render` calls it; Linux only.
package confine

import (
	"fmt"
	"runtime"

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
	// Memory is how much writable memory a child may hold (RLIMIT_DATA).
	Memory    = 1 << 30
	openFiles = 64
	// A child lives for many jobs; its jobs' time is bounded by the parent's clock. This one only ends a
	// child that spins after its parent is gone.
	cpuSeconds = 1200
	// Whoever reads files steps back for whoever serves pages.
	niceness = 5
)

// Exec confines the calling process and replaces it by the program at path, which may read the system's
// libraries and what is beneath the given directories, and write nothing but to descriptors that are
// open already. It returns only if it failed; layers lists what held up to then. argv and env are made
// last, from the layers that hold.
func Exec(path string, read []string, argv func(layers []string) []string, env []string) error {
	// Privileges and Landlock are the thread's own, and execve keeps those of the thread that calls it.
	runtime.LockOSThread()
	var layers []string
	if err := setLimits(); err != nil {
		return fmt.Errorf("set limits: %w", err)
	}
	layers = append(layers, Limits)
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, niceness) // refused if the server is nicer already
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("set no_new_privs: %w", err)
	}
	layers = append(layers, NoNewPrivs)
	if restrictFiles(path, read) == nil {
		layers = append(layers, Landlock)
	}
	if filter(beforeExec) == nil {
		layers = append(layers, Seccomp)
	}
	args := argv(layers)
	return fmt.Errorf("exec %s: %w", path, unix.Exec(path, args, env))
}

// Seal takes from a process confined by Exec what it needed to get this far: running another program.
func Seal() error { return filter(afterExec) }

func setLimits() error {
	for _, l := range []struct {
		resource int
		value    uint64
	}{
		{unix.RLIMIT_AS, addressSpace},
		{unix.RLIMIT_DATA, Memory},
		{unix.RLIMIT_CPU, cpuSeconds},
		{unix.RLIMIT_FSIZE, 0},
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
