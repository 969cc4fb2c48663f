package server

import (
	"context"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

type userJSON struct {
	ID        string    `json:"id"`
	Email     string    `json:"email"`
	Name      string    `json:"name"`
	Role      dam.Role  `json:"role" enum:"viewer,contributor,editor,manager,admin"`
	Disabled  bool      `json:"disabled"`
	Links     int       `json:"links"`
	CreatedAt time.Time `json:"created_at"`
}

type userOut struct{ Body userJSON }

type usersOut struct {
	Body struct {
		Items []userJSON `json:"items" nullable:"false"`
	}
}

type newUserIn struct {
	Body struct {
		Email    string   `json:"email"`
		Name     string   `json:"name"`
		Role     dam.Role `json:"role" enum:"viewer,contributor,editor,manager,admin"`
		Password string   `json:"password"`
	}
}

type userPatchIn struct {
	ByID
	Body struct {
		Name     *string   `json:"name,omitempty"`
		Role     *dam.Role `json:"role,omitempty" enum:"viewer,contributor,editor,manager,admin"`
		Disabled *bool     `json:"disabled,omitempty"`
		Password *string   `json:"password,omitempty"`
	}
}

func (s *Server) listUsers(ctx context.Context, v dam.Viewer, _ *nothing) (*usersOut, error) {
	rows, err := s.Library.Users(ctx, v)
	if err != nil {
		return nil, err
	}
	out := &usersOut{}
	out.Body.Items = each(rows, func(r library.UserRow) userJSON { return newUserJSON(r.User, r.Links) })
	return out, nil
}

func (s *Server) addUser(ctx context.Context, v dam.Viewer, in *newUserIn) (*userOut, error) {
	u, err := s.Library.AddUser(ctx, v, library.NewUser{
		Email: in.Body.Email, Name: in.Body.Name, Role: in.Body.Role, Password: in.Body.Password,
	})
	if err != nil {
		return nil, err
	}
	return &userOut{newUserJSON(u, 0)}, nil
}

func (s *Server) editUser(ctx context.Context, v dam.Viewer, in *userPatchIn) (*userOut, error) {
	u, err := s.Library.EditUser(ctx, v, in.ID, library.UserPatch{
		Name: in.Body.Name, Role: in.Body.Role, Disabled: in.Body.Disabled, Password: in.Body.Password,
	})
	if err != nil {
		return nil, err
	}
	return &userOut{newUserJSON(u.User, u.Links)}, nil
}

func newUserJSON(u dam.User, links int) userJSON {
	return userJSON{u.ID, u.Email, u.Name, u.Role, u.Disabled, links, u.CreatedAt.UTC()}
}

type tokenJSON struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	Token      string     `json:"token,omitempty" doc:"The secret, in the answer to POST only"`
}

type tokenOut struct{ Body tokenJSON }

type tokensOut struct {
	Body struct {
		Items []tokenJSON `json:"items" nullable:"false"`
	}
}

type newTokenIn struct {
	Body struct {
		Name string `json:"name"`
	}
}

func (s *Server) listTokens(ctx context.Context, v dam.Viewer, _ *nothing) (*tokensOut, error) {
	tokens, err := s.Library.Tokens(ctx, v)
	if err != nil {
		return nil, err
	}
	out := &tokensOut{}
	out.Body.Items = each(tokens, newTokenJSON)
	return out, nil
}

func (s *Server) createToken(ctx context.Context, v dam.Viewer, in *newTokenIn) (*tokenOut, error) {
	row, token, err := s.Library.CreateToken(ctx, v, in.Body.Name)
	if err != nil {
		return nil, err
	}
	out := newTokenJSON(row)
	out.Token = token.Reveal()
	return &tokenOut{out}, nil
}

func (s *Server) deleteToken(ctx context.Context, v dam.Viewer, in *ByID) (*nothing, error) {
	return nil, s.Library.DeleteToken(ctx, v, in.ID)
}

func newTokenJSON(t library.APIToken) tokenJSON {
	return tokenJSON{ID: t.ID, Name: t.Name, CreatedAt: t.CreatedAt.UTC(), LastUsedAt: instant(t.LastUsedAt)}
}
