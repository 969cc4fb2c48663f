package server

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"vitrine/internal/dam"
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
		return n, err
	}
	if err != nil {
		err = &brokenBody{err}
	}
	return n, err
}

// brokenBody is the error of a body that ended too early, stalled or was none.
type brokenBody struct{ err error }

func (b *brokenBody) Error() string { return "read the body: " + b.err.Error() }
func (b *brokenBody) Unwrap() error { return b.err }

// clientFault finds errors that are the client's and not ours, though nobody gave them a kind:
// a body that is too large, stalled, or broke off.
func clientFault(err error) error {
	var tooLarge *http.MaxBytesError
	var broken *brokenBody
	switch {
	case errors.As(err, &tooLarge):
		return dam.Errorf(dam.TooLarge, "The request is larger than %d bytes.", tooLarge.Limit)
	case dam.KindOf(err) != dam.Internal || !errors.As(err, &broken):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return refuse(http.StatusRequestTimeout, dam.Invalid, "The request stalled. Nothing was kept.")
	}
	return refuse(http.StatusBadRequest, dam.Invalid, "The request ended too early. Nothing was kept.")
}
