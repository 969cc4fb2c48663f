package dam

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what went wrong in words every layer shares. The map from kind to HTTP status is
// in one place, server/problem.go; nothing else compares kinds with numbers.
type Kind string

// The kinds. Internal is the zero value: an error nobody classified is masked from the outside.
const (
	Internal            Kind = ""
	Invalid             Kind = "invalid"              // what was given is wrong and stays so; Field names it
	Unauthenticated     Kind = "unauthenticated"      // nobody asks, somebody must
	Forbidden           Kind = "forbidden"            // the role does not allow it
	NotFound            Kind = "not_found"            // unknown, deleted, or not for the asker's eyes
	Conflict            Kind = "conflict"             // the thing changed meanwhile, or exists already
	InUse               Kind = "in_use"               // links need it; Links names some of them
	PasswordRequired    Kind = "password_required"    // the link is locked and the guest holds no pass
	WrongPassword       Kind = "wrong_password"       // a guess that failed
	NotAllowed          Kind = "not_allowed"          // the link's terms do not allow this version
	Expired             Kind = "expired"              // the link's day is over
	Inactive            Kind = "inactive"             // the creator may not share this any more
	OriginalUnavailable Kind = "original_unavailable" // archived or missing: read again later
	OriginalNotHere     Kind = "original_not_here"    // archived or missing: such a link can't be made
	NotReady            Kind = "not_ready"            // still being made; RetryAfter says when to ask
	TooMany             Kind = "too_many_requests"    // a limiter refused; RetryAfter says when to ask
	TooLarge            Kind = "too_large"            // more bytes than allowed
	StorageFull         Kind = "storage_full"         // no room; nothing was kept
	Unavailable         Kind = "unavailable"          // database, storage or a queue can't serve now
)

// Error is the one error type that crosses layers. Msg is a sentence for people that names the
// fix where there is one; Err is the cause and never leaves the server.
type Error struct {
	Kind       Kind
	Field      string
	Msg        string
	RetryAfter time.Duration
	Links      []LinkRef
	Err        error
}

// LinkRef names a link to those who may manage it.
type LinkRef struct{ ID, Name string }

func (e *Error) Error() string {
	text := e.Msg
	if text == "" {
		text = string(e.Kind)
	}
	if e.Field != "" {
		text = e.Field + ": " + text
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error of a kind whose message is for people.
func Errorf(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Msg: fmt.Sprintf(format, args...)}
}

// InvalidField says which field of a request is wrong and why.
func InvalidField(field, format string, args ...any) error {
	return &Error{Kind: Invalid, Field: field, Msg: fmt.Sprintf(format, args...)}
}

// KindOf finds the kind of an error, Internal where nobody gave it one.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Sentence is what people are told of an error: its own words where it has some for them.
func Sentence(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Msg != "" {
		return e.Msg
	}
	return "Something went wrong on the server. The log says more."
}
