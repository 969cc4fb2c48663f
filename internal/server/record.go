package server

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"
)

// A client that takes bytes slower than one chunk in stallTime has stalled and is cut.
const (
	chunk     = 1 << 20
	stallTime = 60 * time.Second
)

// recorder notes how an answer went. It hands files through to the connection, so that sendfile
// survives, and gives slow but living readers of bytes ever more time.
type recorder struct {
	http.ResponseWriter
	status  int
	bytes   int64
	rolling bool
}

// Unwrap lets http.ResponseController reach the connection.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 && status >= http.StatusOK {
		rec.status = status
	}
	if status == http.StatusNoContent || status == http.StatusNotModified {
		rec.Header().Del("Content-Type")
	}
	rec.ResponseWriter.WriteHeader(status)
}

func (rec *recorder) Write(p []byte) (int, error) {
	rec.begin()
	n, err := rec.ResponseWriter.Write(p)
	rec.bytes += int64(n)
	return n, err
}

// inMemory are bytes that need no copying before they are written.
type inMemory interface {
	io.WriterTo
	Len() int
}

// ReadFrom copies in chunks; each is one the connection may take straight from a file.
func (rec *recorder) ReadFrom(src io.Reader) (int64, error) {
	limited, ok := src.(*io.LimitedReader)
	if !ok {
		limited = &io.LimitedReader{R: src, N: 1<<63 - 1}
	}
	if whole, ok := limited.R.(inMemory); ok && int64(whole.Len()) == limited.N {
		rec.begin()
		n, err := whole.WriteTo(rec.ResponseWriter)
		rec.bytes += n
		limited.N -= n
		return n, err
	}
	var total int64
	for limited.N > 0 {
		rec.begin()
		part := io.LimitedReader{R: limited.R, N: min(limited.N, chunk)}
		want := part.N
		n, err := io.Copy(rec.ResponseWriter, &part)
		total += n
		rec.bytes += n
		limited.N -= n
		if err != nil || n < want {
			return total, err
		}
	}
	return total, nil
}

func (rec *recorder) begin() {
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	if rec.rolling {
		http.NewResponseController(rec.ResponseWriter).SetWriteDeadline(time.Now().Add(stallTime))
	}
}

// rescue turns a panic into an opaque 500. If half an answer is out it cuts the connection, so
// that nobody takes the half for the whole.
func (s *Server) rescue(rec *recorder, w http.ResponseWriter, r *http.Request, rt Route) {
	cause := recover()
	if cause == nil {
		return
	}
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	err := fmt.Errorf("panic in %s: %v\n%s", rt.Pattern, cause, debug.Stack())
	p := s.problem(r.Context(), err)
	if rec.status != 0 {
		panic(http.ErrAbortHandler)
	}
	s.writeProblem(w, r, p)
}

// finish logs and counts a request once it is over. What was asked for is told by the route's
// pattern: it holds no token, no query and no name.
func (s *Server) finish(rec *recorder, r *http.Request, rt Route, began time.Time) {
	rec.begin()
	took := s.Now().Sub(began)
	s.counts.add(rt.Class, rec.status, took)
	level := slog.LevelInfo
	if rt.Pattern == healthRoute || rt.Pattern == metricsRoute {
		level = slog.LevelDebug
	}
	s.Log.Log(r.Context(), level, "request", "method", r.Method, "route", rt.Pattern, "class", string(rt.Class),
		"status", rec.status, "bytes", rec.bytes, "ms", strconv.FormatFloat(took.Seconds()*1000, 'f', 1, 64))
}
