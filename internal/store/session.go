package store

import (
	"context"
	"errors"
	"time"

	"vitrine/internal/dam"
)

// Sessions keeps sign-in sessions for github.com/alexedwards/scs; tokens arrive hashed. Its writes
// do not count as commits: they change nothing anybody else sees.
type Sessions struct{ store *Store }

// Sessions gives the session rows.
func (s *Store) Sessions() Sessions { return Sessions{s} }

// FindCtx reads a session that is not over.
func (s Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	err := s.store.db.NewRaw("SELECT data FROM sessions WHERE token = ? AND expires_at > ?",
		token, time.Now().UnixMicro()).Scan(ctx, &data)
	if err = found(err, "session"); dam.KindOf(err) == dam.NotFound {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx writes a session.
func (s Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, err := s.store.writer.NewRaw("INSERT INTO sessions (token, data, expires_at) VALUES (?, ?, ?) "+
		"ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at",
		token, data, instant{expiry}).Exec(ctx)
	return classify(err)
}

// DeleteCtx ends a session.
func (s Sessions) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.store.writer.NewRaw("DELETE FROM sessions WHERE token = ?", token).Exec(ctx)
	return classify(err)
}

// Find, Commit and Delete complete the interface scs wants; it calls the ones with a context.
func (s Sessions) Find(string) ([]byte, bool, error) { return nil, false, errNoContext }

// Commit is never called, see Find.
func (s Sessions) Commit(string, []byte, time.Time) error { return errNoContext }

// Delete is never called, see Find.
func (s Sessions) Delete(string) error { return errNoContext }

var errNoContext = errors.New("sessions are read with a context")

// DropSessions forgets sessions that ended before an instant.
func (tx *Tx) DropSessions(ctx context.Context, before time.Time) error {
	_, err := tx.db.NewRaw("DELETE FROM sessions WHERE expires_at < ?", instant{before}).Exec(ctx)
	return err
}
