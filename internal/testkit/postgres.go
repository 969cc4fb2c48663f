package testkit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

const postgresBin = "/usr/lib/postgresql/15/bin"

// A test binary has one PostgreSQL, started by the first test that asks for it.
var startPostgres = sync.OnceValues(func() (int, error) {
	if _, err := os.Stat(filepath.Join(postgresBin, "postgres")); err != nil {
		return 0, errors.New("PostgreSQL 15 is not installed: run make deps-test")
	}
	owner, err := postgresUser()
	if err != nil {
		return 0, err
	}
	server := &service{
		name: "PostgreSQL 15",
		user: owner,
		prepare: func(dir string) error {
			cmd := exec.Command(filepath.Join(postgresBin, "initdb"), "--pgdata", dir+"/data",
				"--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
			cmd.Dir = dir
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
			if said, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("initdb: %w: %s", err, said)
			}
			return nil
		},
		command: func(dir string, port int) []string {
			return []string{
				filepath.Join(postgresBin, "postgres"), "-D", dir + "/data", "-p", strconv.Itoa(port),
				"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
				"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
				"-c", "shared_buffers=32MB", "-c", "max_connections=200", "-c", "log_min_messages=fatal",
			}
		},
		answers: func(ctx context.Context, port int) error { return execPostgres(ctx, port, "SELECT 1") },
	}
	_, port, err := server.start()
	return port, err
})

// Postgres gives the address of an empty database, which is dropped when the test ends.
func Postgres(t testing.TB) string {
	t.Helper()
	port, err := startPostgres()
	if err != nil {
		t.Fatal(err)
	}
	name := "t" + strconv.FormatUint(rand.Uint64(), 36)
	if err := execPostgres(t.Context(), port, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := execPostgres(context.Background(), port, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return postgresURL(port, name)
}

func postgresURL(port int, database string) string {
	return fmt.Sprintf("postgres://postgres@%s/%s?sslmode=disable", address(port), database)
}

func execPostgres(ctx context.Context, port int, command string) error {
	conn, err := pgx.Connect(ctx, postgresURL(port, "postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, command)
	return err
}

// postgresUser is who runs the server, which refuses root: the system's postgres user, or ourselves.
func postgresUser() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root: %w: run make deps-test", err)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
