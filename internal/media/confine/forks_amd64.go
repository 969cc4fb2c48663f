package confine

import "golang.org/x/sys/unix"

// forks are the calls that always make a process; newer architectures have only clone.
var forks = []uint32{unix.SYS_FORK, unix.SYS_VFORK}
