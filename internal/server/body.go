package server

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// partTime is how long an upload may be silent; it may take as long as it likes altogether.
const partTime = 60 * time.Second

// timedBody is a request's body under a deadline. A patient one gets more time with every read.
// At the end of the body the deadline goes: net/http would take its passing for a client that has
// left, and call off work that has just begun.
type timedBody struct {
	io.ReadCloser
	control *http.ResponseController
	patient bool
}

func (b *timedBody) Read(p []byte) (int, error) {
	if b.patient {
		b.control.SetReadDeadline(time.Now().Add(partTime))
	}
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
