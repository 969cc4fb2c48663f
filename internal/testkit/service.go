package testkit

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const startLimit = time.Minute

// service is a server in a folder of its own, run by an unprivileged user where it wants one.
type service struct {
	name string
	user *syscall.Credential
	// prepare makes what the server needs in its folder.
	prepare func(dir string) error
	// command is what to run for the folder on a port of the loopback address.
	command func(dir string, port int) []string
	// answers says whether the server does its work on that port.
	answers func(ctx context.Context, port int) error
}

// The guardian is a shell that waits on a pipe whose other end only the test binary holds. The pipe
// closes when the binary ends, be it by a panic or a kill -9; server and folder go then.
const guardian = `
exec 3<&0
"$@" </dev/null &
server=$!
(read -r _ <&3; kill -QUIT $server; sleep 10; kill -KILL $server) 2>/dev/null &
wait $server
cd /
rm -rf "$SERVICE_DIR"
trap '' TERM
kill -TERM 0
`

// start runs the server on a free port and returns folder and port once it answers. A server whose
// port somebody else took meanwhile ends at once, and another port is tried.
func (s *service) start() (dir string, port int, err error) {
	began := time.Now()
	for range 3 {
		if dir, port, err = s.try(); err == nil {
			fmt.Printf("testkit: %s on 127.0.0.1:%d, ready in %.1f s\n", s.name, port, time.Since(began).Seconds())
			return dir, port, nil
		}
	}
	return "", 0, fmt.Errorf("start %s: %w", s.name, err)
}

func (s *service) try() (dir string, port int, err error) {
	if dir, err = s.folder(); err != nil {
		return "", 0, err
	}
	if port, err = freePort(); err != nil {
		return "", 0, err
	}
	cmd := exec.Command("/bin/sh", append([]string{"-c", guardian, "guardian"}, s.command(dir, port)...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SERVICE_DIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.user}
	said := &tail{}
	cmd.Stdout, cmd.Stderr = said, said
	if _, err := cmd.StdinPipe(); err != nil {
		return "", 0, err
	}
	if err := cmd.Start(); err != nil {
		return "", 0, err
	}
	return dir, port, s.await(cmd, port, said)
}

func (s *service) folder() (string, error) {
	dir, err := os.MkdirTemp("", "vitrine-testkit-*")
	if err != nil {
		return "", err
	}
	if s.user != nil {
		err = os.Chown(dir, int(s.user.Uid), int(s.user.Gid))
	}
	if err == nil {
		err = s.prepare(dir)
	}
	if err != nil {
		os.RemoveAll(dir)
	}
	return dir, err
}

func (s *service) await(cmd *exec.Cmd, port int, said *tail) error {
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	for {
		answer := s.answers(ctx, port)
		if answer == nil {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("it ended: %s", said)
		case <-ctx.Done():
			cmd.Process.Kill()
			return fmt.Errorf("no answer in %s: %w: %s", startLimit, answer, said)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// tail keeps the end of what a server says.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-4000):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
