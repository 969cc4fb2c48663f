package server

import (
	"context"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

type sourceJSON struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Kind      dam.SourceKind  `json:"kind" enum:"folder,bucket"`
	Address   string          `json:"address"`
	State     dam.SourceState `json:"state" enum:"ok,scanning,offline"`
	Message   *string         `json:"message"`
	Assets    int             `json:"assets"`
	ScannedAt *time.Time      `json:"scanned_at"`
}

type sourceOut struct{ Body sourceJSON }

type sourcesOut struct {
	Body struct {
		Items []sourceJSON `json:"items" nullable:"false"`
	}
}

type newSourceIn struct {
	Body struct {
		Name    string         `json:"name"`
		Kind    dam.SourceKind `json:"kind" enum:"folder,bucket"`
		Address string         `json:"address" doc:"A folder under one of the --source-root folders, or s3://BUCKET/PREFIX?endpoint=&region="`
	}
}

type sourcePatchIn struct {
	ByID
	Body struct {
		Name string `json:"name"`
	}
}

type sourceImportIn struct {
	ByID
	Body *struct {
		AssetIDs []string `json:"asset_ids,omitempty" maxItems:"10000" doc:"Absent: all of the source"`
	}
}

type importIn struct {
	Body struct {
		AssetIDs []string `json:"asset_ids" nullable:"false" minItems:"1" maxItems:"10000"`
	}
}

func (s *Server) listSources(ctx context.Context, v dam.Viewer, _ *nothing) (*sourcesOut, error) {
	list, err := s.Library.Sources(ctx, v)
	if err != nil {
		return nil, err
	}
	out := &sourcesOut{}
	out.Body.Items = each(list, newSourceJSON)
	return out, nil
}

func (s *Server) addSource(ctx context.Context, v dam.Viewer, in *newSourceIn) (*sourceOut, error) {
	b := in.Body
	source, err := s.Library.AddSource(ctx, v, library.NewSource{Name: b.Name, Kind: b.Kind, Address: b.Address})
	return newSourceOut(source, err)
}

func (s *Server) renameSource(ctx context.Context, v dam.Viewer, in *sourcePatchIn) (*sourceOut, error) {
	source, err := s.Library.RenameSource(ctx, v, in.ID, in.Body.Name)
	return newSourceOut(source, err)
}

func (s *Server) deleteSource(ctx context.Context, v dam.Viewer, in *ByID) (*nothing, error) {
	return nil, s.Library.DeleteSource(ctx, v, in.ID)
}

func (s *Server) rescanSource(ctx context.Context, v dam.Viewer, in *ByID) (*runOut, error) {
	run, err := s.Library.Rescan(ctx, v, in.ID)
	return newRunOut(run, err)
}

func (s *Server) importSource(ctx context.Context, v dam.Viewer, in *sourceImportIn) (*runOut, error) {
	var ids []string
	if in.Body != nil {
		ids = in.Body.AssetIDs
	}
	run, err := s.Library.ImportCopies(ctx, v, in.ID, ids)
	return newRunOut(run, err)
}

func (s *Server) importAssets(ctx context.Context, v dam.Viewer, in *importIn) (*runOut, error) {
	run, err := s.Library.ImportCopies(ctx, v, "", in.Body.AssetIDs)
	return newRunOut(run, err)
}

func newSourceOut(source dam.Source, err error) (*sourceOut, error) {
	if err != nil {
		return nil, err
	}
	return &sourceOut{newSourceJSON(source)}, nil
}

func newSourceJSON(s dam.Source) sourceJSON {
	return sourceJSON{
		ID: s.ID, Name: s.Name, Kind: s.Kind, Address: s.Address, State: s.State, Message: orNull(s.Message),
		Assets: s.Assets, ScannedAt: instant(s.ScannedAt),
	}
}
