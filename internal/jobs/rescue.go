package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// newID names a runner for as long as it lives; no other ever has the same name.
func newID() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("%.40s-%d-%s", host, os.Getpid(), strconv.FormatUint(rand.Uint64(), 36))
}

// rescueSQLite puts back what was being worked. Over SQLite one process works, and it has not begun.
func rescueSQLite(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "UPDATE river_job SET state = 'available' WHERE state = 'running'")
	return err
}

// guard holds a lock of PostgreSQL that carries the runner's name and goes with its process, and
// takes up the jobs of runners whose lock is free. It keeps a connection of its own: the lock
// belongs to it.
type guard struct {
	id   string
	pool *pgxpool.Pool
	mu   sync.Mutex
	conn *pgx.Conn
}

// lockKey keeps the names of runners apart from other advisory locks of the database.
const lockKey = "hashtextextended('vitrine job runner ' || $1::text, 0)"

// tend makes sure that the own lock is held and rescues the jobs of the dead.
func (g *guard) tend(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.hold(ctx); err != nil {
		return err
	}
	dead, err := g.others(ctx)
	if err != nil {
		return err
	}
	for _, id := range dead {
		if err := g.rescue(ctx, id); err != nil {
			return fmt.Errorf("of %s: %w", id, err)
		}
	}
	return nil
}

// hold takes the own lock, again when the connection that held it broke.
func (g *guard) hold(ctx context.Context) error {
	if g.conn != nil {
		if g.conn.Ping(ctx) == nil {
			return nil
		}
		g.conn.Close(ctx)
		g.conn = nil
	}
	conn, err := pgx.ConnectConfig(ctx, g.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock("+lockKey+")", g.id); err != nil {
		conn.Close(ctx)
		return err
	}
	g.conn = conn
	return nil
}

// others lists the runners, but for this one, that jobs being worked belong to.
func (g *guard) others(ctx context.Context) ([]string, error) {
	rows, err := g.conn.Query(ctx, `SELECT DISTINCT attempted_by[array_upper(attempted_by, 1)] FROM river_job
		WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] <> $1`, g.id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// rescue puts back the jobs of a runner whose lock nobody holds.
func (g *guard) rescue(ctx context.Context, id string) error {
	var dead bool
	if err := g.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock("+lockKey+")", id).Scan(&dead); err != nil || !dead {
		return err
	}
	_, err := g.conn.Exec(ctx, `UPDATE river_job SET state = 'available', scheduled_at = now()
		WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1`, id)
	if err != nil {
		return err
	}
	_, err = g.conn.Exec(ctx, "SELECT pg_advisory_unlock("+lockKey+")", id)
	return err
}

// leave gives the lock up: what is still marked as worked is for the others.
func (g *guard) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.conn != nil {
		g.conn.Close(context.Background())
		g.conn = nil
	}
}
