package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

// heartbeat keeps proxies from closing a quiet stream. At each one we ask again who listens.
const heartbeat = 20 * time.Second

type assetEventJSON struct {
	ID       string          `json:"id"`
	Status   dam.AssetStatus `json:"status"`
	Progress float64         `json:"progress"`
	Work     *string         `json:"work"`
}

type runEventJSON struct {
	ID     string       `json:"id"`
	State  dam.RunState `json:"state"`
	Total  int          `json:"total"`
	Done   int          `json:"done"`
	Failed int          `json:"failed"`
}

// events is GET /api/v1/events: what changes about the assets and runs that the viewer sees, until
// the client goes, the account ends or the server stops.
func (s *Server) events(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.stopping, cancel)()
	news, err := s.Library.Events(ctx, v)
	if err != nil {
		return err
	}
	control := http.NewResponseController(w)
	if _, err := fmt.Fprint(w, "retry: 2000\n\n"); err != nil {
		return nil
	}
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		if control.Flush() != nil {
			return nil
		}
		select {
		case e, more := <-news:
			if !more {
				return nil
			}
			if err := writeEvent(w, e); err != nil {
				return err
			}
		case <-tick.C:
			if _, err := s.caller(r); err != nil {
				return nil
			}
			fmt.Fprint(w, ": still here\n\n")
		case <-ctx.Done():
			return nil
		}
	}
}

func writeEvent(w io.Writer, e library.Event) error {
	name, body := "asset", any(assetEventJSON{e.AssetID, e.Status, e.Progress, orNull(string(e.Work))})
	if r := e.Run; r != nil {
		name, body = "run", runEventJSON{r.ID, r.State, r.Total, r.Done, r.Failed}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write an event: %w", err)
	}
	fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, text)
	return nil
}
