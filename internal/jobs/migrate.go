package jobs

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"vitrine/internal/store"
)

// migrate brings River's own tables up to date; on PostgreSQL one node at a time.
func migrate(ctx context.Context, st *store.Store) error {
	if st.Postgres() == nil {
		return migrateWith(ctx, riversqlite.New(st.SQLite()))
	}
	conn, err := pgx.ConnectConfig(ctx, st.Postgres().Config().ConnConfig)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) // and with it the lock
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock("+lockKey+")", "migrate"); err != nil {
		return err
	}
	return migrateWith(ctx, riverpgxv5.New(st.Postgres()))
}

func migrateWith[T any](ctx context.Context, driver riverdriver.Driver[T]) error {
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}
