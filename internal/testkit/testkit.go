// Package testkit gives tests the real things: PostgreSQL, an S3 server, both database engines, a
// clock that stands still. It knows nothing of what is tested and is never part of the program.
// Only _test.go files import it, and what it starts ends with the test binary, however that ends.
package testkit

import (
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Engines runs a test on SQLite and on PostgreSQL, each with an empty database of its own. The
// database's address is in the form of --database.
func Engines(t *testing.T, test func(t *testing.T, databaseURL string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "vitrine.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// Clock is a time that moves only when a test says so. Its zero value must not be used.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a clock that shows the given instant.
func NewClock(now time.Time) *Clock { return &Clock{now: now} }

// Now is handed to the code under test as its func() time.Time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock; a negative duration sets it back.
func (c *Clock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// Set makes the clock show another instant.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}
