package confine

import (
	"errors"
	"runtime"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// errNoFilter is for machines this package has no system-call numbers for.
var errNoFilter = errors.New("no system-call filter for this architecture")

// beforeExec is refused for everything that is confined: the network, other processes, the kernel's
// side doors. io_uring is among them because its requests pass no filter.
var beforeExec = []uint32{
	unix.SYS_CONNECT, unix.SYS_ACCEPT, unix.SYS_ACCEPT4, unix.SYS_SENDTO, unix.SYS_SENDMMSG,
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_KCMP,
	unix.SYS_TKILL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO,
	unix.SYS_PIDFD_OPEN, unix.SYS_PIDFD_GETFD, unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_PRLIMIT64 | setOnly,
	unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT,
	unix.SYS_OPEN_TREE, unix.SYS_MOVE_MOUNT, unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT,
	unix.SYS_MOUNT_SETATTR,
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_FANOTIFY_INIT,
	unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL,
	unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_REBOOT,
	unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_QUOTACTL, unix.SYS_ACCT,
	unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME,
	unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_CLOCK_ADJTIME, unix.SYS_ADJTIMEX,
	unix.SYS_SYSLOG, unix.SYS_PERSONALITY, unix.SYS_SETSID, unix.SYS_SETPGID,
}

// These are refused too unless a program may pretend to wait at a Unix socket, as LibreOffice insists on.
// No other kind can be made, it leads to nobody, and nobody finds it: bind and listen are answered as
// if they had been done.
var (
	makeSocket  = []uint32{unix.SYS_SOCKET, unix.SYS_SOCKETPAIR}
	placeSocket = []uint32{unix.SYS_BIND, unix.SYS_LISTEN}
)

// afterExec is refused once the program that reads strangers' bytes runs.
var afterExec = []uint32{unix.SYS_EXECVE, unix.SYS_EXECVEAT}

// setOnly marks prlimit64, which is also how limits are read: only calls that set (third argument not
// null) are refused.
const setOnly = 1 << 31

// Offsets into the kernel's struct seccomp_data.
const (
	atNumber  = 0
	atArch    = 4
	atFirst   = 16 // low half of the first argument, on little-endian machines
	atThird   = 32
	highWord  = 4
	x32Bit    = 0x40000000
	errnoMask = unix.SECCOMP_RET_DATA
)

// filter installs one filter on all threads; filters add up.
func filter(refuse []uint32, sockets bool) error {
	var arch uint32
	switch runtime.GOARCH {
	case "amd64":
		arch = unix.AUDIT_ARCH_X86_64
	case "arm64":
		arch = unix.AUDIT_ARCH_AARCH64
	default:
		return errNoFilter
	}
	code := program(arch, refuse, uint32(unix.Getpid()), sockets)
	prog := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog))) //nolint:gosec // the kernel's way
	if errno != 0 {
		return errno
	}
	if thread != 0 {
		return errors.New("a thread could not be filtered")
	}
	return nil
}

func program(arch uint32, refuse []uint32, pid uint32, sockets bool) []unix.SockFilter {
	a := assembler{}
	a.load(atArch)
	a.unless(arch, unix.SECCOMP_RET_KILL_PROCESS)
	a.load(atNumber)
	a.refuseFrom(x32Bit)
	for _, number := range refuse {
		if number&setOnly == 0 {
			a.when(number, refusal)
			continue
		}
		a.inCall(number&^setOnly, func() {
			a.load(atThird)
			a.unless(0, refusal)
			a.load(atThird + highWord)
			a.unless(0, refusal)
		})
	}
	a.sockets(sockets)
	// Signals only to itself: the Go runtime and abort need that.
	for _, number := range []uint32{unix.SYS_KILL, unix.SYS_TGKILL} {
		a.inCall(number, func() {
			a.load(atFirst)
			a.unless(pid, refusal)
		})
	}
	// Threads, but no processes. clone3 hides its flags from filters; without it libc falls back to clone.
	a.when(unix.SYS_CLONE3, unix.SECCOMP_RET_ERRNO|uint32(unix.ENOSYS)&errnoMask)
	a.inCall(unix.SYS_CLONE, func() {
		a.load(atFirst)
		a.unlessSet(unix.CLONE_THREAD, refusal)
	})
	for _, number := range forks {
		a.when(number, refusal)
	}
	a.give(unix.SECCOMP_RET_ALLOW)
	return a.code
}

func (a *assembler) sockets(pretend bool) {
	if !pretend {
		for _, number := range append(slices.Clone(makeSocket), placeSocket...) {
			a.when(number, refusal)
		}
		return
	}
	for _, number := range makeSocket {
		a.inCall(number, func() {
			a.load(atFirst)
			a.unless(unix.AF_UNIX, refusal)
		})
	}
	for _, number := range placeSocket {
		a.when(number, pretence)
	}
}

const (
	refusal  = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)&errnoMask
	pretence = unix.SECCOMP_RET_ERRNO // no error, and nothing done
)

// assembler writes classic BPF. Each method leaves the system call's number loaded if it was.
type assembler struct{ code []unix.SockFilter }

func (a *assembler) put(code uint16, k uint32, jt, jf uint8) {
	a.code = append(a.code, unix.SockFilter{Code: code, Jt: jt, Jf: jf, K: k})
}

func (a *assembler) load(offset uint32)  { a.put(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, offset, 0, 0) }
func (a *assembler) give(verdict uint32) { a.put(unix.BPF_RET|unix.BPF_K, verdict, 0, 0) }

func (a *assembler) when(value, verdict uint32) {
	a.put(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, value, 0, 1)
	a.give(verdict)
}

func (a *assembler) unless(value, verdict uint32) {
	a.put(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, value, 1, 0)
	a.give(verdict)
}

func (a *assembler) unlessSet(bits, verdict uint32) {
	a.put(unix.BPF_JMP|unix.BPF_JSET|unix.BPF_K, bits, 1, 0)
	a.give(verdict)
}

func (a *assembler) refuseFrom(value uint32) {
	a.put(unix.BPF_JMP|unix.BPF_JGE|unix.BPF_K, value, 0, 1)
	a.give(refusal)
}

// inCall runs body for one system call only, and allows what body does not refuse.
func (a *assembler) inCall(number uint32, body func()) {
	a.put(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, number, 0, 0)
	at := len(a.code) - 1
	body()
	a.give(unix.SECCOMP_RET_ALLOW)
	a.code[at].Jf = uint8(len(a.code) - at - 1)
}
