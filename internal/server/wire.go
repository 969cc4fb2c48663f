package server

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

// Opt is a field of a PATCH: absent means keep, null means remove, anything else is the new value.
type Opt[T any] struct {
	Sent, Null bool
	Value      T
}

// UnmarshalJSON is called only for a field that was sent.
func (o *Opt[T]) UnmarshalJSON(text []byte) error {
	o.Sent, o.Null = true, string(text) == "null"
	if o.Null {
		return nil
	}
	return json.Unmarshal(text, &o.Value)
}

// Schema is that of the value, or null.
func (o Opt[T]) Schema(r huma.Registry) *huma.Schema {
	schema := *r.Schema(reflect.TypeFor[T](), true, "")
	if schema.Ref != "" {
		return &schema
	}
	schema.Nullable = true
	return &schema
}

// Paging is how every list is read on. It and ByID are exported because huma looks into no other
// embedded struct.
type Paging struct {
	Cursor string `query:"cursor" doc:"next_cursor of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

func (l Paging) page() library.Page { return library.Page{Cursor: l.Cursor, Limit: l.Limit} }

// listJSON is one page of a list.
type listJSON[T any] struct {
	Items      []T     `json:"items" nullable:"false"`
	NextCursor *string `json:"next_cursor"`
	Total      int     `json:"total"`
}

// streamJSON is one page of a list that nobody counts.
type streamJSON[T any] struct {
	Items      []T     `json:"items" nullable:"false"`
	NextCursor *string `json:"next_cursor"`
}

func cursor(next string) *string {
	if next == "" {
		return nil
	}
	return &next
}

// each maps a list field by field; its answer is never null in JSON.
func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = f(a)
	}
	return out
}

// instant writes a time, and no time as null.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// orNull writes an empty text as null.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// ByID is the input of operations on one thing.
type ByID struct {
	ID string `path:"id"`
}

type personJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// strictJSON is json.Unmarshal that also refuses what two readers could understand in two ways, the
// same name twice in one object, and the one character that no database keeps.
func strictJSON(text []byte, v any) error {
	if err := json.Unmarshal(text, v); err != nil {
		return err
	}
	if _, first := v.(*any); !first {
		return nil // huma reads twice; once is enough to look
	}
	return noTwins(json.NewDecoder(bytes.NewReader(text)))
}

func noTwins(dec *json.Decoder) error {
	type level struct {
		names  map[string]bool // nil in an array
		inName bool
	}
	var stack []level
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if text, ok := token.(string); ok && strings.ContainsRune(text, 0) {
			return dam.Errorf(dam.Invalid, "a text holds the character U+0000")
		}
		if d, ok := token.(json.Delim); ok && (d == '}' || d == ']') {
			stack = stack[:len(stack)-1]
			continue
		}
		if n := len(stack); n > 0 && stack[n-1].names != nil {
			top := &stack[n-1]
			top.inName = !top.inName
			if top.inName {
				name := token.(string)
				if top.names[name] {
					return dam.Errorf(dam.Invalid, "the name %q stands twice in one object", name)
				}
				top.names[name] = true
				continue
			}
		}
		switch token {
		case json.Delim('{'):
			stack = append(stack, level{names: map[string]bool{}})
		case json.Delim('['):
			stack = append(stack, level{})
		}
	}
}
