package server

import (
	"context"
	"time"

	"vitrine/internal/dam"
)

type runJSON struct {
	ID        string       `json:"id"`
	Kind      dam.RunKind  `json:"kind" enum:"rebuild,rescan,import"`
	Subject   string       `json:"subject" doc:"The name of a recipe, or the id of a source"`
	State     dam.RunState `json:"state" enum:"running,paused,done,cancelled,failed"`
	Total     int          `json:"total"`
	Done      int          `json:"done"`
	Failed    int          `json:"failed"`
	CreatedAt time.Time    `json:"created_at"`
	EndedAt   *time.Time   `json:"ended_at"`
	Message   *string      `json:"message"`
}

type runOut struct{ Body runJSON }

type runsOut struct {
	Body struct {
		Items []runJSON `json:"items" nullable:"false"`
	}
}

func (s *Server) listRuns(ctx context.Context, v dam.Viewer, _ *nothing) (*runsOut, error) {
	list, err := s.Library.Runs(ctx, v)
	if err != nil {
		return nil, err
	}
	out := &runsOut{}
	out.Body.Items = each(list, newRunJSON)
	return out, nil
}

func (s *Server) getRun(ctx context.Context, v dam.Viewer, in *ByID) (*runOut, error) {
	run, err := s.Library.Run(ctx, v, in.ID)
	return newRunOut(run, err)
}

func (s *Server) pauseRun(ctx context.Context, v dam.Viewer, in *ByID) (*runOut, error) {
	run, err := s.Library.PauseRun(ctx, v, in.ID)
	return newRunOut(run, err)
}

func (s *Server) resumeRun(ctx context.Context, v dam.Viewer, in *ByID) (*runOut, error) {
	run, err := s.Library.ResumeRun(ctx, v, in.ID)
	return newRunOut(run, err)
}

func (s *Server) cancelRun(ctx context.Context, v dam.Viewer, in *ByID) (*runOut, error) {
	run, err := s.Library.CancelRun(ctx, v, in.ID)
	return newRunOut(run, err)
}

func newRunOut(run dam.Run, err error) (*runOut, error) {
	if err != nil {
		return nil, err
	}
	return &runOut{newRunJSON(run)}, nil
}

func newRunJSON(r dam.Run) runJSON {
	return runJSON{
		ID: r.ID, Kind: r.Kind, Subject: r.Subject, State: r.State, Total: r.Total, Done: r.Done, Failed: r.Failed,
		CreatedAt: r.CreatedAt.UTC(), EndedAt: instant(r.EndedAt), Message: orNull(r.Message),
	}
}
