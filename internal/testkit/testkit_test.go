package testkit

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestEachTestHasAnEmptyDatabaseOfItsOwn(t *testing.T) {
	for _, name := range []string{"first", "second"} {
		t.Run(name, func(t *testing.T) {
			conn, err := pgx.Connect(t.Context(), Postgres(t))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(context.Background())
			if _, err := conn.Exec(t.Context(), "CREATE TABLE only_here (id int)"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestTheS3ServerAsksForAKey(t *testing.T) {
	url := S3(t)
	endpoint := url[strings.Index(url, "http://"):strings.Index(url, "&")]
	res, err := http.Get(endpoint + "/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("got %s, want 403", res.Status)
	}
	if os.Getenv("AWS_ACCESS_KEY_ID") != s3Access {
		t.Error("the key is not in the environment")
	}
}

func TestServersEndWithATestBinaryThatIsKilled(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestChildThatIsKilled$", "-test.v")
	cmd.Env = append(os.Environ(), "TESTKIT_CHILD=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := sync.OnceFunc(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	defer kill()
	var ports []string
	var folders []string
	for lines := bufio.NewScanner(out); len(ports) < 2 && lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "serving "); ok {
			port, folder, _ := strings.Cut(rest, " ")
			ports, folders = append(ports, port), append(folders, folder)
		}
	}
	if len(ports) != 2 {
		t.Fatalf("the child served on %v, want two ports", ports)
	}
	kill()
	deadline := time.Now().Add(20 * time.Second)
	for _, port := range ports {
		for !refused(port) {
			if time.Now().After(deadline) {
				t.Fatalf("port %s is still served after its test binary was killed", port)
			}
		}
	}
	for _, folder := range folders {
		for {
			if _, err := os.Stat(folder); os.IsNotExist(err) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s was left", folder)
			}
		}
	}
}

// TestChildThatIsKilled is the child of the test above and does nothing on its own.
func TestChildThatIsKilled(t *testing.T) {
	if os.Getenv("TESTKIT_CHILD") == "" {
		return
	}
	url := Postgres(t)
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	var data string
	if err := conn.QueryRow(t.Context(), "SHOW data_directory").Scan(&data); err != nil {
		t.Fatal(err)
	}
	S3(t)
	server, err := startS3()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString("\nserving " + strconv.Itoa(int(config.Port)) + " " + filepath.Dir(data) +
		"\nserving " + strconv.Itoa(server.port) + " " + server.dir + "\n")
	<-t.Context().Done()
}

func refused(port string) bool {
	conn, err := net.DialTimeout("tcp", "127.0.0.1:"+port, time.Second)
	if err != nil {
		return true
	}
	conn.Close()
	return false
}
