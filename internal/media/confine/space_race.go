//go:build race

package confine

import "golang.org/x/sys/unix"

// addressSpace is unlimited where the race detector reserves terabytes for its shadow memory.
const addressSpace = unix.RLIM_INFINITY
