package server

import (
	"context"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

type generalJSON struct {
	NumberPrefix     string `json:"number_prefix"`
	CleanCollections bool   `json:"clean_collections" doc:"Delete a collection made for a link with the link"`
	SelectionLimit   int    `json:"selection_limit"`
}

type generalOut struct{ Body generalJSON }
type generalIn struct{ Body generalJSON }

func (s *Server) getGeneral(ctx context.Context, _ dam.Viewer, _ *nothing) (*generalOut, error) {
	g, err := s.Library.General(ctx)
	return &generalOut{newGeneralJSON(g)}, err
}

func (s *Server) putGeneral(ctx context.Context, v dam.Viewer, in *generalIn) (*generalOut, error) {
	g, err := s.Library.PutGeneral(ctx, v, library.General{
		NumberPrefix: in.Body.NumberPrefix, CleanCollections: in.Body.CleanCollections,
		SelectionLimit: in.Body.SelectionLimit,
	})
	return &generalOut{newGeneralJSON(g)}, err
}

func newGeneralJSON(g library.General) generalJSON {
	return generalJSON{g.NumberPrefix, g.CleanCollections, g.SelectionLimit}
}

type auditJSON struct {
	ID      int64             `json:"id"`
	At      time.Time         `json:"at"`
	User    personJSON        `json:"user"`
	Action  string            `json:"action"`
	Subject string            `json:"subject"`
	Detail  map[string]string `json:"detail"`
}

type auditOut struct{ Body streamJSON[auditJSON] }

func (s *Server) audit(ctx context.Context, v dam.Viewer, in *Paging) (*auditOut, error) {
	entries, next, err := s.Library.Audit(ctx, v, in.page())
	if err != nil {
		return nil, err
	}
	items := each(entries, func(e library.AuditEntry) auditJSON {
		return auditJSON{e.ID, e.At.UTC(), personJSON{e.UserID, e.UserName}, e.Action, e.Subject, e.Detail}
	})
	return &auditOut{streamJSON[auditJSON]{items, cursor(next)}}, nil
}
