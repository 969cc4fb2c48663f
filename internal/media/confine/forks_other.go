//go:build !amd64

package confine

// forks are the calls that always make a process; this architecture has only clone.
var forks []uint32
