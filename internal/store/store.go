// Package store keeps the rows, in one SQL text for SQLite and PostgreSQL. It knows keys of bytes
// but never bytes, and states no rule but who may see what (reach.go). The library calls it inside
// its verbs; jobs enqueues work in its transactions.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

// Store is the rows of one library.
type Store struct {
	Reader
	writer  *bun.DB
	pool    *pgxpool.Pool
	dialect dialect
	commits atomic.Uint64
	hot     hotQueries
	events  events
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// Reader reads rows, either from the pool or inside a transaction.
type Reader struct {
	db      bun.IDB
	dialect dialect
}

// Tx is a transaction that can also write. SQL is set on SQLite and PGX on PostgreSQL, so that
// jobs joins it.
type Tx struct {
	Reader
	SQL    *sql.Tx
	PGX    pgx.Tx
	events []Event
}

// Open opens the database behind a URL, "sqlite:PATH" or "postgres://...", and brings its schema
// up to date. A database written by a newer program is refused.
func Open(ctx context.Context, url string) (*Store, error) {
	s, err := connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := s.migrate(ctx); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("prepare statements: %w", err)
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.listen(run)
	return s, nil
}

// Close ends the connections.
func (s *Store) Close() error {
	if s.stop != nil {
		s.stop()
		s.done.Wait()
	}
	s.hot.close()
	err := s.writer.Close()
	if reader, ok := s.db.(*bun.DB); ok && reader != s.writer {
		err = errors.Join(err, reader.Close())
	}
	if s.pool != nil {
		s.pool.Close()
	}
	return err
}

// Postgres is the pool of a PostgreSQL store, nil on SQLite.
func (s *Store) Postgres() *pgxpool.Pool { return s.pool }

// SQLite is the one writing handle of a SQLite store, nil on PostgreSQL.
func (s *Store) SQLite() *sql.DB {
	if s.pool != nil {
		return nil
	}
	return s.writer.DB
}

// Commits counts the transactions of this process. What was read before it last grew may be old.
func (s *Store) Commits() uint64 { return s.commits.Load() }

// Ready says whether rows can be read now.
func (s *Store) Ready(ctx context.Context) error {
	var one int
	if err := s.db.NewRaw("SELECT 1").Scan(ctx, &one); err != nil {
		return &dam.Error{Kind: dam.Unavailable, Msg: "The database does not answer.", Err: err}
	}
	return nil
}

// InTx runs fn in one transaction. When fn fails, or ctx ends, nothing was done.
func (s *Store) InTx(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	run := s.inSQLite
	if s.pool != nil {
		run = s.inPostgres
	}
	var events []Event
	err := run(ctx, func(ctx context.Context, tx *Tx) error {
		err := fn(ctx, tx)
		events = tx.events
		return err
	})
	if err != nil {
		return classify(err)
	}
	s.commits.Add(1)
	s.publish(ctx, events)
	return nil
}

func (s *Store) inSQLite(ctx context.Context, fn func(context.Context, *Tx) error) error {
	return s.writer.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return fn(ctx, &Tx{Reader: Reader{db: tx, dialect: s.dialect}, SQL: tx.Tx})
	})
}

// classify gives database errors their kind where the store knows it better than its callers.
func classify(err error) error {
	var known *dam.Error
	if errors.As(err, &known) {
		return err
	}
	switch {
	case isUniqueViolation(err):
		return &dam.Error{Kind: dam.Conflict, Msg: "That exists already.", Err: err}
	case isFull(err):
		return &dam.Error{Kind: dam.StorageFull, Msg: "The disk of the database is full. Nothing was saved.", Err: err}
	case isBusy(err):
		return &dam.Error{Kind: dam.Unavailable, Msg: "The database is busy. Try again.", Err: err}
	}
	return err
}

// found turns "no rows" into the kind NotFound with a sentence.
func found(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return &dam.Error{Kind: dam.NotFound, Msg: "There is no such " + what + "."}
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	return nil
}

// hit turns a statement that changed no row into NotFound.
func hit(res sql.Result, err error, what string) error {
	if err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	if n == 0 {
		return found(sql.ErrNoRows, what)
	}
	return nil
}
