package testkit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
)

const (
	s3Package = "github.com/versity/versitygw/cmd/versitygw"
	s3Access  = "vitrine-test"
	s3Secret  = "vitrine-test-secret"
)

type s3Server struct {
	port int
	dir  string
}

// A test binary has one S3 server, started by the first test that asks for it. The keys go to the
// environment once and not by t.Setenv, so that the tests may be parallel.
var startS3 = sync.OnceValues(func() (s3Server, error) {
	binary, err := s3Binary()
	if err != nil {
		return s3Server{}, err
	}
	os.Setenv("AWS_ACCESS_KEY_ID", s3Access)
	os.Setenv("AWS_SECRET_ACCESS_KEY", s3Secret)
	server := &service{
		name:    "versitygw (S3)",
		prepare: func(dir string) error { return os.Mkdir(dir+"/buckets", 0o700) },
		command: func(dir string, port int) []string {
			return []string{binary, "--quiet", "--access", s3Access, "--secret", s3Secret,
				"--port", address(port), "posix", dir + "/buckets"}
		},
		answers: func(ctx context.Context, port int) error {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address(port)+"/", nil)
			if err != nil {
				return err
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			return res.Body.Close()
		},
	}
	dir, port, err := server.start()
	return s3Server{port: port, dir: dir}, err
})

// S3 gives the address of a bucket that is not there yet, in the form of --storage. The keys stand
// in the AWS variables of this process from then on; what the bucket holds goes with the test.
func S3(t testing.TB) string {
	t.Helper()
	server, err := startS3()
	if err != nil {
		t.Fatal(err)
	}
	bucket := "t" + strconv.FormatUint(rand.Uint64(), 36)
	t.Cleanup(func() { os.RemoveAll(filepath.Join(server.dir, "buckets", bucket)) })
	return fmt.Sprintf("s3://%s?endpoint=http://%s&region=us-east-1", bucket, address(server.port))
}

// s3Binary builds the server once for the checkout; test binaries that need it at the same time
// wait for the first.
func s3Binary() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "bin", "tools")
	binary := filepath.Join(dir, "versitygw")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	lock, err := os.OpenFile(binary+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	fmt.Println("testkit: building versitygw from tools/go.mod, once, about two minutes")
	cmd := exec.Command("go", "build", "-o", binary+".new", s3Package)
	cmd.Dir = filepath.Join(root, "tools")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build versitygw: %w: %s", err, said)
	}
	return binary, os.Rename(binary+".new", binary)
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod above the test's folder")
		}
		dir = filepath.Dir(dir)
	}
}
