package server

import (
	"context"
	"net/http"
	"time"

	"vitrine/internal/dam"
)

type sessionJSON struct {
	User         accountJSON `json:"user"`
	Rights       []dam.Right `json:"rights"`
	NumberPrefix string      `json:"number_prefix"`
	BaseURL      string      `json:"base_url"`
	Watermark    bool        `json:"watermark" doc:"A watermark is configured"`
	MarkVersion  *string     `json:"watermark_version"`
	Faces        bool        `json:"faces" doc:"Face recognition is on"`
}

type accountJSON struct {
	ID    string   `json:"id"`
	Email string   `json:"email"`
	Name  string   `json:"name"`
	Role  dam.Role `json:"role"`
}

type sessionOut struct{ Body sessionJSON }

// begunOut is the answer to a sign-in: the session and its cookie.
type begunOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      sessionJSON
}

type setupStateOut struct {
	Body struct {
		Needed bool `json:"needed"`
	}
}

type setupIn struct {
	Body struct {
		Code     string `json:"code" doc:"From the log of the first start"`
		Name     string `json:"name"`
		Email    string `json:"email"`
		Password string `json:"password"`
	}
}

type signInIn struct {
	Body struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
}

// nothing is the input or output of operations that need none.
type nothing struct{}

func (s *Server) setupState(ctx context.Context, _ dam.Viewer, _ *nothing) (*setupStateOut, error) {
	needed, err := s.Library.SetupNeeded(ctx)
	out := &setupStateOut{}
	out.Body.Needed = needed
	return out, err
}

func (s *Server) setUp(ctx context.Context, _ dam.Viewer, in *setupIn) (*begunOut, error) {
	u, err := s.Library.SetUp(ctx, in.Body.Code, in.Body.Name, in.Body.Email, in.Body.Password)
	if err != nil {
		return nil, err
	}
	return s.begun(ctx, u)
}

func (s *Server) signIn(ctx context.Context, _ dam.Viewer, in *signInIn) (*begunOut, error) {
	u, err := s.Library.SignIn(ctx, in.Body.Email, in.Body.Password, callerOf(ctx).from.String())
	if err != nil {
		return nil, err
	}
	return s.begun(ctx, u)
}

func (s *Server) begun(ctx context.Context, u dam.User) (*begunOut, error) {
	cookie, err := s.begin(ctx, u)
	if err != nil {
		return nil, err
	}
	body, err := s.sessionJSON(ctx, u)
	return &begunOut{SetCookie: cookie, Body: body}, err
}

func (s *Server) session(ctx context.Context, _ dam.Viewer, _ *nothing) (*sessionOut, error) {
	body, err := s.sessionJSON(ctx, callerOf(ctx).user)
	return &sessionOut{Body: body}, err
}

func (s *Server) sessionJSON(ctx context.Context, u dam.User) (sessionJSON, error) {
	general, err := s.Library.General(ctx)
	if err != nil {
		return sessionJSON{}, err
	}
	mark, err := s.Library.Watermark(ctx, u.Viewer())
	return sessionJSON{
		User:         accountJSON{ID: u.ID, Email: u.Email, Name: u.Name, Role: u.Role},
		Rights:       u.Role.Rights(),
		NumberPrefix: general.NumberPrefix,
		BaseURL:      s.BaseURL,
		Watermark:    mark.Configured(),
		MarkVersion:  orNull(mark.Version),
	}, err
}

// signedOut takes the cookie away.
type signedOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) signOut(ctx context.Context, _ dam.Viewer, _ *nothing) (*signedOut, error) {
	if session := callerOf(ctx).session; session != nil {
		if err := s.sessions.Destroy(session); err != nil {
			return nil, err
		}
	}
	return &signedOut{SetCookie: s.cookie("", time.Unix(1, 0))}, nil
}
