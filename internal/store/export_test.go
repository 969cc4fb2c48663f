package store

import "context"

// ReaderPragma reads a pragma of the pool that readers use.
func (s *Store) ReaderPragma(ctx context.Context, name string, value any) error {
	return s.db.NewRaw("PRAGMA "+name).Scan(ctx, value)
}
