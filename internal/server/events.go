package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"vitrine/internal/dam"
)

// heartbeat keeps proxies from closing a quiet stream. At each one we ask again who listens.
const heartbeat = 20 * time.Second

type eventJSON struct {
	ID       string          `json:"id"`
	Status   dam.AssetStatus `json:"status"`
	Progress float64         `json:"progress"`
}

// events is GET /api/v1/events: what changes about the assets that the viewer sees, until the
// client goes, the account ends or the server stops.
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
			text, err := json.Marshal(eventJSON{e.AssetID, e.Status, e.Progress})
			if err != nil {
				return fmt.Errorf("write an event: %w", err)
			}
			fmt.Fprintf(w, "event: asset\ndata: %s\n\n", text)
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
