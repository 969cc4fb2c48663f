package server

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/store"
)

// listen opens the stream of events and gives its lines.
func (s *site) listen(ctx context.Context, who string) (<-chan string, http.Header) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", s.http.URL+"/api/v1/events", nil)
	must(s.t, err)
	r.Header.Set("Authorization", "Bearer "+s.tokens[who])
	res, err := s.http.Client().Do(r) //nolint:bodyclose // the reader below closes it
	must(s.t, err)
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		defer res.Body.Close()
		for scan := bufio.NewScanner(res.Body); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	return lines, res.Header
}

// await reads lines until one holds the text.
func await(t *testing.T, lines <-chan string, text string) (before []string) {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case line, more := <-lines:
			if !more {
				t.Fatalf("the stream ended before %q: %q", text, before)
			}
			if strings.Contains(line, text) {
				return before
			}
			before = append(before, line)
		case <-limit:
			t.Fatalf("no %q: %q", text, before)
		}
	}
}

func TestEventsAreForThoseWhoSeeTheAsset(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	hidden, shown := s.picture("owner", "hidden.jpg"), s.picture("owner", "shown.jpg")
	_, err := s.lib.EditAsset(t.Context(), s.as("owner"), hidden.ID, library.AssetPatch{SetReaders: true, Restricted: true})
	must(t, err)
	lines, header := s.listen(t.Context(), "viewer")
	if header.Get("Content-Type") != "text/event-stream" || header.Get("Content-Encoding") != "" {
		t.Error(header)
	}
	await(t, lines, "retry:")
	for _, id := range []string{hidden.ID, shown.ID} {
		s.store.Publish(t.Context(), store.Event{AssetID: id, Status: dam.StatusProcessing, Progress: 0.5})
	}
	before := await(t, lines, `"id":"`+shown.ID+`","status":"processing","progress":0.5`)
	if got := strings.Join(before, "\n"); strings.Contains(got, hidden.ID) || !strings.Contains(got, "event: asset") {
		t.Error(got)
	}
}

func TestStreamsEndWhenTheServerStops(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	lines, _ := s.listen(t.Context(), "viewer")
	await(t, lines, "retry:")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.http.Config.Shutdown(ctx); err != nil {
		t.Error("shutting down waits for an open tab:", err)
	}
	for range lines { // the stream has ended, or the test hangs
	}
}
