package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// deadlines notes what a body does with the connection's clock.
type deadlines struct {
	http.ResponseWriter
	set []time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.set = append(d.set, t)
	return nil
}

func TestADeadlineEndsWithTheBody(t *testing.T) {
	for _, patient := range []bool{false, true} {
		d := &deadlines{ResponseWriter: httptest.NewRecorder()}
		b := &timedBody{ReadCloser: io.NopCloser(strings.NewReader("body")), control: http.NewResponseController(d), patient: patient}
		if text, err := io.ReadAll(b); err != nil || string(text) != "body" {
			t.Fatal(err)
		}
		if last := d.set[len(d.set)-1]; !last.IsZero() {
			t.Errorf("patient %v: the deadline %v outlives the body", patient, last)
		}
		if more := len(d.set) > 1; more != patient {
			t.Errorf("patient %v: set %d times", patient, len(d.set))
		}
	}
}

// TestAVerbMayOutlastItsBody holds the pitfall itself: a deadline that passes after the body has
// been read must not end the request's context.
func TestAVerbMayOutlastItsBody(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		control.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		b := &timedBody{ReadCloser: r.Body, control: control}
		io.Copy(io.Discard, b)
		select {
		case <-r.Context().Done():
			w.WriteHeader(http.StatusTeapot)
		case <-time.After(200 * time.Millisecond):
		}
	}))
	defer srv.Close()
	res, err := http.Post(srv.URL, "text/plain", strings.NewReader("body"))
	must(t, err)
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Error("the request was called off")
	}
}
