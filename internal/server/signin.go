package server

import (
	"context"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"vitrine/internal/dam"
)

// A session ends after a month, or a week after it was last used. It is written back once an
// hour at most, so that reading costs no write.
const (
	sessionLife  = 30 * 24 * time.Hour
	sessionIdle  = 7 * 24 * time.Hour
	sessionTouch = time.Hour
)

// What a session holds.
const (
	sessionUser  = "user"
	sessionEpoch = "epoch"
	sessionSeen  = "seen"
)

func (s *Server) newSessions() *scs.SessionManager {
	m := scs.New()
	m.Store = s.Sessions
	m.HashTokenInStore = true
	m.Lifetime, m.IdleTimeout = sessionLife, sessionIdle
	m.Cookie.Name = s.cookieName()
	return m
}

// secure says whether people reach us by TLS. A trial in a local network without it has weaker
// cookies, and cmd warns about that.
func (s *Server) secure() bool { return s.base.Scheme == "https" }

func (s *Server) cookieName() string {
	if s.secure() {
		return "__Host-vitrine"
	}
	return "vitrine"
}

func (s *Server) cookie(value string, expires time.Time) http.Cookie {
	c := http.Cookie{ //nolint:gosec // Secure wherever people reach us by TLS
		Name: s.cookieName(), Value: value, Path: "/", Secure: s.secure(),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Expires: expires,
	}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

// sessionCaller names the account behind a cookie. The account's epoch must be that of the
// sign-in: a new password and a disabled account end every session. Errors: Unauthenticated.
func (s *Server) sessionCaller(r *http.Request) (caller, error) {
	cookie, err := r.Cookie(s.cookieName())
	if err != nil {
		return caller{}, nil
	}
	session, err := s.sessions.Load(r.Context(), cookie.Value)
	if err != nil {
		return caller{}, err
	}
	id := s.sessions.GetString(session, sessionUser)
	if id == "" {
		return caller{}, nil
	}
	u, err := s.Library.UserOf(r.Context(), id, s.sessions.GetInt64(session, sessionEpoch))
	if err != nil {
		return caller{}, err
	}
	s.touch(session)
	return caller{user: u, session: session}, nil
}

// touch moves the end of a session that is in use.
func (s *Server) touch(session context.Context) {
	if time.Since(time.Unix(s.sessions.GetInt64(session, sessionSeen), 0)) < sessionTouch {
		return
	}
	s.sessions.Put(session, sessionSeen, time.Now().Unix())
	if _, _, err := s.sessions.Commit(session); err != nil {
		s.Log.WarnContext(session, "touch a session", "err", err)
	}
}

// begin makes a session for somebody who has just proved who they are. Its id is always new: one
// that was planted before is worth nothing.
func (s *Server) begin(ctx context.Context, u dam.User) (http.Cookie, error) {
	session, err := s.sessions.Load(ctx, "")
	if err != nil {
		return http.Cookie{}, err
	}
	if err := s.sessions.RenewToken(session); err != nil {
		return http.Cookie{}, err
	}
	s.sessions.Put(session, sessionUser, u.ID)
	s.sessions.Put(session, sessionEpoch, u.Epoch)
	s.sessions.Put(session, sessionSeen, time.Now().Unix())
	token, expires, err := s.sessions.Commit(session)
	if err != nil {
		return http.Cookie{}, err
	}
	return s.cookie(token, expires), nil
}
