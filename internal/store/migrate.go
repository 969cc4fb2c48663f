package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// migrations are numbered texts for both engines; one named *.sqlite.sql or *.postgres.sql is for
// that engine alone. They only go forward, each in a transaction.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date. On PostgreSQL a session lock lets several nodes start at
// the same moment.
func (s *Store) migrate(ctx context.Context) error {
	steps, err := s.dialect.migrations()
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	engine := goose.DialectSQLite3
	options := []goose.ProviderOption{goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true)}
	if s.pool != nil {
		engine = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(engine, s.writer.DB, nil, options...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	has, knows, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the version of the database: %w", err)
	}
	if has > knows {
		return fmt.Errorf("the database was written by a newer vitrine (schema %d, this program knows %d): "+
			"start the newer program, or restore a backup made before the upgrade", has, knows)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bring the database up to date: %w", err)
	}
	return nil
}

// migrations reads the texts that are for this engine, in the engine's own types.
func (d dialect) migrations() ([]*goose.Migration, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var steps []*goose.Migration
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(file, "migrations/"), ".sql")
		name, engine, special := strings.Cut(name, ".")
		if special && engine != d.name {
			continue
		}
		digits, _, _ := strings.Cut(name, "_")
		number, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s has no number: %w", file, err)
		}
		text, err := migrations.ReadFile(file)
		if err != nil {
			return nil, err
		}
		statements := d.types.Replace(string(text))
		steps = append(steps, goose.NewGoMigration(number, &goose.GoFunc{
			RunTx: func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, statements)
				return err
			},
		}, nil))
	}
	return steps, nil
}
