package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/dam"
)

// statusOf is the only map from what went wrong to a number of HTTP.
func statusOf(kind dam.Kind) int {
	switch kind {
	case dam.Invalid:
		return http.StatusUnprocessableEntity
	case dam.Unauthenticated, dam.PasswordRequired, dam.WrongPassword:
		return http.StatusUnauthorized
	case dam.Forbidden, dam.NotAllowed:
		return http.StatusForbidden
	case dam.NotFound:
		return http.StatusNotFound
	case dam.Conflict, dam.InUse, dam.OriginalNotHere:
		return http.StatusConflict
	case dam.Expired, dam.Inactive:
		return http.StatusGone
	case dam.NotReady:
		return http.StatusAccepted
	case dam.TooMany:
		return http.StatusTooManyRequests
	case dam.TooLarge:
		return http.StatusRequestEntityTooLarge
	case dam.StorageFull:
		return http.StatusInsufficientStorage
	case dam.OriginalUnavailable, dam.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// statusClientGone is for the log: there is nobody left to read it.
const statusClientGone = 499

// codeOf is the stable word of a problem. The two moments at which an original may be away have
// one word; their status differs.
func codeOf(kind dam.Kind) string {
	switch kind {
	case dam.Internal:
		return "internal"
	case dam.OriginalNotHere:
		return string(dam.OriginalUnavailable)
	}
	return string(kind)
}

// refusal is an answer that belongs to HTTP or tus alone and has no kind of its own.
type refusal struct {
	status int
	err    dam.Error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return &r.err }

// refuse makes an answer with a status that the protocol demands.
func refuse(status int, kind dam.Kind, text string) error {
	return &refusal{status: status, err: dam.Error{Kind: kind, Msg: text}}
}

// Problem is RFC 9457 with a stable code and the fields that are wrong.
type Problem struct {
	Type   string         `json:"type" example:"about:blank"`
	Title  string         `json:"title" example:"Not Found"`
	Status int            `json:"status" example:"404"`
	Detail string         `json:"detail" doc:"A sentence for people that names the fix where there is one"`
	Code   string         `json:"code" example:"not_found" doc:"A stable word for programs"`
	Errors []FieldProblem `json:"errors,omitempty"`
	Links  []LinkInTheWay `json:"links,omitempty" doc:"With the code in_use: links that need the thing"`

	kind       dam.Kind
	retryAfter time.Duration
}

// FieldProblem names a field and what is wrong with it.
type FieldProblem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// LinkInTheWay names a link that needs what somebody wants to change.
type LinkInTheWay struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

var problemType = reflect.TypeFor[Problem]()

func (p *Problem) Error() string             { return p.Detail }
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders says when to come again. It is how huma asks for it.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds()))))
	}
	return h
}

// problem turns an error into what a client may know of it. What nobody classified is logged
// with an id, and the id is all that leaves.
func (s *Server) problem(ctx context.Context, err error) *Problem {
	var known *Problem
	if errors.As(err, &known) {
		return known
	}
	err = clientFault(err)
	var e *dam.Error
	if !errors.As(err, &e) || e.Kind == dam.Internal {
		if ctx.Err() != nil {
			return newProblem(statusClientGone, dam.Unavailable, "The client has left.")
		}
		return s.masked(ctx, err)
	}
	if e.Kind == dam.Unavailable || e.Kind == dam.StorageFull {
		s.Log.WarnContext(ctx, "refused", "kind", e.Kind, "err", err)
	}
	p := newProblem(statusOf(e.Kind), e.Kind, e.Msg)
	var r *refusal
	if errors.As(err, &r) {
		p = newProblem(r.status, e.Kind, e.Msg)
	}
	p.retryAfter = e.RetryAfter
	p.Links = each(e.Links, func(l dam.LinkRef) LinkInTheWay { return LinkInTheWay(l) })
	if e.Field != "" {
		p.Errors = []FieldProblem{{Field: e.Field, Message: e.Msg}}
	}
	return p
}

func (s *Server) masked(ctx context.Context, err error) *Problem {
	id := fmt.Sprintf("%012x", rand.Uint64()>>16)
	s.Log.ErrorContext(ctx, "failed", "id", id, "err", err)
	return newProblem(http.StatusInternalServerError, dam.Internal,
		"Something went wrong. The log has it under "+id+".")
}

func newProblem(status int, kind dam.Kind, detail string) *Problem {
	if detail == "" {
		detail = http.StatusText(status) + "."
	}
	return &Problem{
		Type: "about:blank", Title: title(status), Status: status, Detail: detail,
		Code: codeOf(kind), kind: kind,
	}
}

func title(status int) string {
	if text := http.StatusText(status); text != "" {
		return text
	}
	return "Refused"
}

// writeProblem answers with the problem as JSON. Nothing must have been written before.
func (s *Server) writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problem(r.Context(), err)
	h := w.Header()
	h.Del("Etag")
	h.Del("Last-Modified")
	h.Del("Content-Disposition")
	s.setHeaders(w, jsonContent)
	h.Set("Content-Type", p.ContentType(""))
	for name, values := range p.GetHeaders() {
		h[name] = values
	}
	if p.kind == dam.Unauthenticated {
		h.Set("WWW-Authenticate", `Bearer realm="Vitrine"`)
	}
	text, err := json.Marshal(p)
	if err != nil {
		s.Log.ErrorContext(r.Context(), "write a problem", "err", err)
	}
	text = append(text, '\n')
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		w.Write(text) // the client may be gone; there is nobody left to tell
	}
}

// humaProblem gives the errors that huma finds while parsing the same form as all others.
func humaProblem(_ huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	kind := dam.Invalid
	switch {
	case m.Status == http.StatusRequestEntityTooLarge:
		kind = dam.TooLarge
	case m.Status >= http.StatusInternalServerError:
		kind = dam.Internal
	}
	p := newProblem(m.Status, kind, sentence(m.Detail))
	for _, e := range m.Errors {
		p.Errors = append(p.Errors, FieldProblem{Field: fieldOf(e.Location), Message: sentence(e.Message)})
	}
	if len(p.Errors) > 0 {
		p.Detail = p.Errors[0].Field + ": " + p.Errors[0].Message
	}
	return p, nil
}

// fieldOf takes the place out of a location: body.allow.proxies[0] is the field allow.proxies[0].
func fieldOf(location string) string {
	_, field, found := strings.Cut(location, ".")
	if !found {
		return location
	}
	return field
}

func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}
