package server

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"vitrine/internal/dam"
)

// handler answers a request, or gives back the error that the answer is made of.
type handler func(http.ResponseWriter, *http.Request) error

// content says what a route answers with: it decides headers, compression and the form of errors.
type content string

const (
	jsonContent   content = "json"
	pageContent   content = "page"   // a guest's HTML
	appContent    content = "app"    // the staff app's HTML
	binaryContent content = "binary" // pictures and originals
	staticContent content = "static" // our own scripts and styles
	streamContent content = "stream" // server-sent events
)

// endpoint is what stands at the end of a route. JSON operations set register, all others serve.
type endpoint struct {
	content  content
	large    bool // the body may be an upload
	status   int
	serve    handler
	register func(*Server, Route) handler
}

// brief says that an answer is small and ready at once: it may be compressed, and a client that
// does not take it in a minute has stalled.
func (e endpoint) brief() bool {
	return !e.large && e.content != binaryContent && e.content != streamContent
}

func page(h handler) endpoint   { return endpoint{content: pageContent, serve: h} }
func app(h handler) endpoint    { return endpoint{content: appContent, serve: h} }
func data(h handler) endpoint   { return endpoint{content: jsonContent, serve: h} }
func binary(h handler) endpoint { return endpoint{content: binaryContent, serve: h} }
func static(h handler) endpoint { return endpoint{content: staticContent, serve: h} }
func stream(h handler) endpoint { return endpoint{content: streamContent, serve: h} }
func upload(h handler) endpoint { return endpoint{content: jsonContent, large: true, serve: h} }

// drawn is for a form that is answered with a picture.
func drawn(h handler) endpoint { return endpoint{content: binaryContent, large: true, serve: h} }

// by hands the handler of a route for signed-in people the one who asks.
func by(h func(http.ResponseWriter, *http.Request, dam.Viewer) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return h(w, r, callerOf(r.Context()).viewer())
	}
}

// call makes a JSON operation of a verb: the input's fields come from path, query, headers and
// Body, the output's Body is the answer. It answers 200, or 204 where there is no Body.
func call[I, O any](verb func(context.Context, dam.Viewer, *I) (*O, error)) endpoint {
	e := endpoint{content: jsonContent}
	e.register = func(s *Server, rt Route) handler {
		op := operation(rt)
		var caught catcher
		s.doc.adapter.caught = &caught
		huma.Register(s.doc.api, op, func(ctx context.Context, in *I) (*O, error) {
			out, err := verb(ctx, callerOf(ctx).viewer(), in)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return out, nil
		})
		return func(w http.ResponseWriter, r *http.Request) error {
			if err := wantJSON(r); err != nil {
				return err
			}
			if err := readWhole(r); err != nil {
				return err
			}
			caught.handle(humago.NewContext(caught.op, r, w))
			return nil
		}
	}
	return e
}

// created is call for a verb that makes a thing: it answers 201.
func created[I, O any](verb func(context.Context, dam.Viewer, *I) (*O, error)) endpoint {
	e := call(verb)
	e.status = http.StatusCreated
	return e
}

// accepted is call for a verb that begins long work: it answers 202.
func accepted[I, O any](verb func(context.Context, dam.Viewer, *I) (*O, error)) endpoint {
	e := call(verb)
	e.status = http.StatusAccepted
	return e
}

// wantJSON refuses a body that a form on another site could send.
func wantJSON(r *http.Request) error {
	if safe(r.Method) || r.ContentLength == 0 {
		return nil
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
		return refuse(http.StatusUnsupportedMediaType, dam.Invalid, "Send the body as application/json.")
	}
	return nil
}

// readWhole reads the body before huma does, which would call a client's broken line a fault of ours.
func readWhole(r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	return nil
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}
