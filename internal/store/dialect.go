package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is what differs between the engines; everything else is one text.
type dialect struct {
	name string
	// types turns the column types of the migrations into the engine's own.
	types *strings.Replacer
	// rebind turns the ? of a prepared statement into the engine's own placeholders.
	rebind func(query string) string
	// matchWords is the condition that an asset row "a" holds all words, each as a prefix.
	matchWords string
	// wordsQuery writes the argument of matchWords.
	wordsQuery func(words []string) string
	// indexWords stores the words of an asset: arguments are number and text.
	indexWords func(number int64, text string) (string, []any)
	dropWords  string
	// lock makes a row that is read in a transaction wait for others that write it. SQLite has one writer.
	lock string
}

var sqliteDialect = dialect{
	name:       "sqlite",
	types:      strings.NewReplacer("BYTES", "BLOB", "COUNTED PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT"),
	rebind:     func(q string) string { return q },
	matchWords: "a.number IN (SELECT rowid FROM asset_words WHERE asset_words MATCH ?)",
	wordsQuery: func(words []string) string { return `"` + strings.Join(words, `"* "`) + `"*` },
	indexWords: func(number int64, text string) (string, []any) {
		return "INSERT OR REPLACE INTO asset_words (rowid, words) VALUES (?, ?)", []any{number, text}
	},
	dropWords: "DELETE FROM asset_words WHERE rowid = ?",
}

var postgresDialect = dialect{
	name:       "postgres",
	types:      strings.NewReplacer("BYTES", "BYTEA", "COUNTED", "BIGSERIAL"),
	rebind:     numberPlaceholders,
	matchWords: "a.words @@ to_tsquery('simple', ?)",
	wordsQuery: func(words []string) string { return strings.Join(words, ":* & ") + ":*" },
	indexWords: func(number int64, text string) (string, []any) {
		return "UPDATE assets SET words = to_tsvector('simple', ?) WHERE number = ?", []any{text, number}
	},
	lock: "UPDATE",
}

func numberPlaceholders(query string) string {
	var b strings.Builder
	n := 0
	for _, r := range query {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		n++
		b.WriteString("$" + strconv.Itoa(n))
	}
	return b.String()
}

func connect(ctx context.Context, url string) (*Store, error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		return connectSQLite(path)
	}
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		return connectPostgres(ctx, url)
	}
	return nil, errors.New("the database URL must begin with sqlite: or postgres://")
}

func connectSQLite(path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	// SQLite would make the file readable for everybody, and gives its journals the mode of the file.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	f.Close()
	// One writing handle, since SQLite has one writer; readers can't write at all.
	base := "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path) +
		"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_pragma=cache_size(-65536)&_pragma=mmap_size(268435456)&_time_format=sqlite"
	w, err := sql.Open("sqlite", base+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	w.SetMaxOpenConns(1)
	if err := w.Ping(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r, err := sql.Open("sqlite", base+"&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	r.SetMaxOpenConns(max(2, runtime.NumCPU()))
	r.SetMaxIdleConns(max(2, runtime.NumCPU()))
	return &Store{
		Reader:  Reader{db: bun.NewDB(r, sqlitedialect.New()), dialect: sqliteDialect},
		writer:  bun.NewDB(w, sqlitedialect.New()),
		dialect: sqliteDialect,
	}, nil
}

func connectPostgres(ctx context.Context, url string) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	// bun writes arguments into the text, so each text is new: prepared statements would pile up.
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	// The listener and River hold connections for as long as the process lives.
	config.MaxConns = max(config.MaxConns, 16)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	db := bun.NewDB(stdlib.OpenDBFromPool(pool), pgdialect.New())
	return &Store{
		Reader: Reader{db: db, dialect: postgresDialect}, writer: db, pool: pool, dialect: postgresDialect,
	}, nil
}

// inPostgres opens one pgx transaction that serves rows through bun and jobs through River.
func (s *Store) inPostgres(ctx context.Context, fn func(context.Context, *Tx) error) error {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	var tx pgx.Tx
	err = conn.Raw(func(driver any) error {
		var err error
		tx, err = driver.(*stdlib.Conn).Conn().Begin(ctx)
		return err
	})
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after a commit there is nothing to roll back
	if err := fn(ctx, &Tx{Reader: Reader{db: conn, dialect: s.dialect}, PGX: tx}); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

func isUniqueViolation(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}

func isFull(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code()&0xff == sqlite3.SQLITE_FULL
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "53100"
}

func isBusy(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_BUSY
}
