package confine

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"
)

// libraries are the places a dynamically linked program or a Perl script starts from. What does not
// exist is left out.
var libraries = []string{
	"/usr", "/lib", "/lib64", "/bin", "/nix/store", "/etc/ld.so.cache", "/etc/perl",
	"/etc/fonts", "/var/cache/fontconfig", "/dev/null", "/dev/urandom",
}

const (
	readFile  = unix.LANDLOCK_ACCESS_FS_READ_FILE
	readDir   = unix.LANDLOCK_ACCESS_FS_READ_DIR
	execute   = unix.LANDLOCK_ACCESS_FS_EXECUTE
	writeFile = unix.LANDLOCK_ACCESS_FS_WRITE_FILE

	// All it takes to keep files in a directory. Symbolic links are not part of it: whoever takes the
	// files out must not be led elsewhere.
	keepFiles = readFile | readDir | writeFile | unix.LANDLOCK_ACCESS_FS_TRUNCATE |
		unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_REFER |
		unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR
)

// restrictFiles allows the calling thread to read the libraries, to run the program and what it was
// granted; every other access to the file system, TCP, and signals to others are refused as far as
// the kernel knows how.
func restrictFiles(program string, grant Grant) error {
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET,
		0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return errno
	}
	attr := ruleset(int(version))
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET,
		uintptr(unsafe.Pointer(&attr)), //nolint:gosec // the kernel's way
		unsafe.Offsetof(attr.Quiet_access_fs), 0)
	if errno != 0 {
		return errno
	}
	defer unix.Close(int(fd))
	for _, path := range libraries {
		if err := allow(int(fd), path, readFile|readDir|execute); err != nil {
			return err
		}
	}
	if err := allow(int(fd), "/dev/null", readFile|writeFile); err != nil {
		return err
	}
	if err := allow(int(fd), program, readFile|execute); err != nil {
		return err
	}
	for _, path := range grant.Read {
		if err := allow(int(fd), path, readFile|readDir); err != nil {
			return err
		}
	}
	if grant.Write != "" {
		if err := allow(int(fd), grant.Write, keepFiles&attr.Handled_access_fs); err != nil {
			return err
		}
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// ruleset names all that a kernel of this version can refuse.
func ruleset(version int) unix.LandlockRulesetAttr {
	attr := unix.LandlockRulesetAttr{Handled_access_fs: 1<<13 - 1} // version 1: EXECUTE to MAKE_SYM
	if version >= 2 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if version >= 3 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if version >= 4 {
		attr.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if version >= 5 {
		attr.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if version >= 6 {
		attr.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	return attr
}

func allow(ruleset int, path string, access uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return err
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFDIR {
		access &= readFile | writeFile | execute
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset),
		unix.LANDLOCK_RULE_PATH_BENEATH,
		uintptr(unsafe.Pointer(&rule)), //nolint:gosec // the kernel's way
		0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
