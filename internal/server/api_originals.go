package server

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

type originalJSON struct {
	Revision    int        `json:"revision"`
	Name        string     `json:"name"`
	MIME        string     `json:"mime"`
	Size        int64      `json:"size"`
	SHA256      string     `json:"sha256"`
	Width       int        `json:"width"`
	Height      int        `json:"height"`
	BroughtInAt time.Time  `json:"brought_in_at"`
	BroughtInBy personJSON `json:"brought_in_by"`
	Current     bool       `json:"current"`
}

type originalsOut struct {
	Body struct {
		Items []originalJSON `json:"items" nullable:"false"`
	}
}

type revisionIn struct {
	ByID
	Revision int `path:"revision" minimum:"1"`
}

// replaceOriginal is PUT /api/v1/assets/{id}/original: one file, streamed. Links stay as they are.
func (s *Server) replaceOriginal(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	a, err := s.Library.Asset(r.Context(), v, r.PathValue("id"))
	if err != nil {
		return err
	}
	err = readFile(r, func(name string, body io.Reader) (err error) {
		a, err = s.Library.ReplaceOriginal(r.Context(), v, a.ID, library.NewFile{Name: name, Body: body})
		return err
	})
	if err != nil {
		return err
	}
	items, err := s.assetsJSON(r.Context(), v, a)
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(items[0])
}

func (s *Server) listOriginals(ctx context.Context, v dam.Viewer, in *ByID) (*originalsOut, error) {
	list, err := s.Library.Originals(ctx, v, in.ID)
	if err != nil {
		return nil, err
	}
	out := &originalsOut{}
	out.Body.Items = each(list, func(r dam.Revision) originalJSON {
		return originalJSON{
			Revision: r.Number, Name: r.Name, MIME: r.MIME, Size: r.Size, SHA256: r.SHA256, Width: r.Width, Height: r.Height,
			BroughtInAt: r.Since.UTC(), BroughtInBy: personJSON{r.ByID, r.ByName}, Current: r.Current,
		}
	})
	return out, nil
}

func (s *Server) restoreOriginal(ctx context.Context, v dam.Viewer, in *revisionIn) (*assetOut, error) {
	a, err := s.Library.RestoreOriginal(ctx, v, in.ID, in.Revision)
	return s.assetOut(ctx, v, a, err)
}
