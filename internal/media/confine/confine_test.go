package confine_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vitrine/internal/media/confine"
)

// The test binary plays both parts: confined or not, it tries what a decoder taken over by a hostile
// file would try, and says what came of it.
func TestMain(m *testing.M) {
	if len(os.Args) < 3 {
		os.Exit(m.Run())
	}
	switch os.Args[1] {
	case "confined":
		err := confine.Exec("/proc/self/exe", grant(os.Args[2:]), func(layers []string) []string {
			return append([]string{os.Args[0], "attempt", strings.Join(layers, ",")}, os.Args[2:]...)
		}, os.Environ())
		fmt.Println(err)
		os.Exit(1)
	case "attempt":
		if strings.Contains(os.Args[2], confine.Seccomp) {
			if err := confine.Seal(); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
		}
		attempts(os.Args[2], os.Args[3:])
	default:
		os.Exit(m.Run())
	}
}

var limits = map[string]int{
	"files": unix.RLIMIT_NOFILE, "core": unix.RLIMIT_CORE, "file size": unix.RLIMIT_FSIZE, "data": unix.RLIMIT_DATA,
	"processor time": unix.RLIMIT_CPU,
}

// grant is to read the directory given second and, where a third is given, to write there and pretend to
// wait at sockets.
func grant(args []string) confine.Grant {
	g := confine.Grant{Read: args[1:2]}
	if len(args) > 2 {
		g.Write, g.Size, g.CPU, g.Memory, g.Sockets = args[2], 1000, 90*time.Second, 512<<20, true
	}
	return g
}

func attempts(layers string, args []string) {
	address, readable := args[0], args[1]
	outcome := map[string]string{"layers": layers}
	note := func(what string, err error) { outcome[what] = fmt.Sprint(err) }

	_, err := net.Dial("tcp", address)
	note("connect by TCP", err)
	_, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	note("open a UDP socket", err)
	_, err = unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	note("open a Unix socket", err)
	_, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, 0, 0)
	note("make an io_uring", errno)
	note("run a program", exec.Command("/bin/true").Run())
	note("become a program", unix.Exec("/nonexistent", nil, nil))
	note("signal the parent", unix.Kill(os.Getppid(), 0))
	note("trace a process", unix.PtraceAttach(1<<22+1)) // that does not exist: free, this is ESRCH
	note("raise a limit", unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 1000, Max: 1000}))
	_, err = os.ReadFile("/etc/passwd")
	note("read /etc/passwd", err)
	_, err = os.ReadFile(filepath.Join(readable, "input"))
	note("read the input", err)
	note("write beside the input", os.WriteFile(filepath.Join(readable, "other"), []byte("x"), 0o600))
	note("write the input", os.WriteFile(filepath.Join(readable, "input"), []byte("x"), 0o600))
	note("remove the input", os.Remove(filepath.Join(readable, "input")))
	note("list the parent's directory", func() error { _, err := os.ReadDir(filepath.Dir(readable)); return err }())
	if len(args) > 2 {
		attemptsToWrite(args[2], note)
	}
	for name, resource := range limits {
		var l unix.Rlimit
		note("read "+name, unix.Getrlimit(resource, &l))
		outcome[name] = fmt.Sprint(l.Max)
	}
	json.NewEncoder(os.Stdout).Encode(outcome)
	os.Exit(0)
}

func attemptsToWrite(dir string, note func(string, error)) {
	signal.Ignore(syscall.SIGXFSZ)
	note("write a file", os.WriteFile(filepath.Join(dir, "small"), make([]byte, 1000), 0o600))
	note("write a large file", os.WriteFile(filepath.Join(dir, "large"), make([]byte, 1001), 0o600))
	note("make a directory", os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700))
	note("make a symbolic link", os.Symlink("/etc/passwd", filepath.Join(dir, "link")))
	note("rename", os.Rename(filepath.Join(dir, "small"), filepath.Join(dir, "a", "kept")))
	note("remove", os.Remove(filepath.Join(dir, "large")))
	address := filepath.Join(dir, "socket")
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	note("make a Unix socket", err)
	note("bind it", unix.Bind(fd, &unix.SockaddrUnix{Name: address}))
	note("listen there", unix.Listen(fd, 1))
	_, _, err = unix.Accept(fd)
	note("let others in", err)
	other, _ := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	note("connect by a Unix socket", unix.Connect(other, &unix.SockaddrUnix{Name: address}))
}

func attempt(t *testing.T, mode string, args ...string) map[string]string {
	t.Helper()
	out, err := exec.Command(os.Args[0], append([]string{mode}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var outcome map[string]string
	if err := json.Unmarshal(out, &outcome); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return outcome
}

func TestAConfinedChildReachesNothing(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "input"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	confined := attempt(t, "confined", listener.Addr().String(), dir)
	free := attempt(t, "attempt", "none", listener.Addr().String(), dir)

	layers := strings.Split(confined["layers"], ",")
	for _, layer := range []string{confine.Limits, confine.NoNewPrivs, confine.Seccomp} {
		if !slices.Contains(layers, layer) {
			t.Errorf("layer %s does not hold", layer)
		}
	}
	for _, what := range []string{
		"connect by TCP", "open a UDP socket", "open a Unix socket", "make an io_uring", "run a program",
		"become a program", "signal the parent", "trace a process", "raise a limit",
	} {
		refusedWith(t, confined, what, syscall.EPERM)
	}
	for name, want := range map[string]uint64{"files": 64, "core": 0, "file size": 0, "data": confine.Memory, "processor time": 1200} {
		if confined[name] != fmt.Sprint(want) {
			t.Errorf("limit of %s is %s, want %d", name, confined[name], want)
		}
	}
	for _, what := range []string{"connect by TCP", "open a UDP socket", "open a Unix socket", "run a program", "signal the parent"} {
		if free[what] != "<nil>" {
			t.Errorf("even unconfined it can't %s (%s): the test shows nothing", what, free[what])
		}
	}
	if !slices.Contains(layers, confine.Landlock) {
		t.Log("this kernel has no Landlock: the file system was not tried")
		return
	}
	if confined["read the input"] != "<nil>" {
		t.Errorf("can't read the input: %s", confined["read the input"])
	}
	for _, what := range []string{
		"read /etc/passwd", "write beside the input", "write the input", "remove the input", "list the parent's directory",
	} {
		refusedWith(t, confined, what, syscall.EACCES)
	}
}

func TestAConfinedChildDoesWhatItIsGrantedAndNoMore(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "input"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	outcome := attempt(t, "confined", "127.0.0.1:1", dir, out)
	if _, err := os.Lstat(filepath.Join(out, "socket")); !os.IsNotExist(err) {
		t.Errorf("a socket was made where others find it: %v", err)
	}

	for name, want := range map[string]uint64{"file size": 1000, "data": 512 << 20, "processor time": 90} {
		if outcome[name] != fmt.Sprint(want) {
			t.Errorf("limit of %s is %s, want %d", name, outcome[name], want)
		}
	}
	for _, what := range []string{
		"read the input", "write a file", "make a directory", "rename", "remove", "make a Unix socket", "bind it", "listen there",
	} {
		if outcome[what] != "<nil>" {
			t.Errorf("can't %s: %s", what, outcome[what])
		}
	}
	refusedWith(t, outcome, "write a large file", syscall.EFBIG)
	for _, what := range []string{
		"connect by TCP", "open a UDP socket", "connect by a Unix socket", "let others in", "run a program",
		"become a program",
	} {
		refusedWith(t, outcome, what, syscall.EPERM)
	}
	if !strings.Contains(outcome["layers"], confine.Landlock) {
		t.Log("this kernel has no Landlock: the file system was not tried")
		return
	}
	for _, what := range []string{"write the input", "write beside the input", "make a symbolic link"} {
		refusedWith(t, outcome, what, syscall.EACCES)
	}
}

func refusedWith(t *testing.T, outcome map[string]string, what string, want syscall.Errno) {
	t.Helper()
	if !strings.HasSuffix(outcome[what], want.Error()) {
		t.Errorf("%s: got %q, want %q", what, outcome[what], want.Error())
	}
}
