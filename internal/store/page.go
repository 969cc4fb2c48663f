package store

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"vitrine/internal/dam"
)

// Page asks for a part of a list: after Cursor, which the part before gave, at most Limit rows.
type Page struct {
	Cursor string
	Limit  int
}

// The size of a page when none is asked for, and the largest.
const (
	DefaultLimit = 50
	MaxLimit     = 500
)

// size is the limit within its bounds.
func (p Page) size() int {
	if p.Limit <= 0 {
		return DefaultLimit
	}
	return min(p.Limit, MaxLimit)
}

// mark is a place in a list: the sort value and the id of the last row, and how many rows the
// whole list had when it began, so that later pages need not count again.
type mark struct {
	Sort  string `json:"s"`
	Value any    `json:"v"`
	ID    string `json:"i"`
	Total int    `json:"t"`
}

func (m mark) cursor() string {
	text, _ := json.Marshal(m)
	return base64.RawURLEncoding.EncodeToString(text)
}

// readMark reads a cursor that was made for the same order. Errors: Invalid with field cursor.
func readMark(cursor, sort string) (mark, error) {
	var m mark
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		dec := json.NewDecoder(strings.NewReader(string(raw)))
		dec.UseNumber()
		err = dec.Decode(&m)
	}
	if err == nil {
		if n, ok := m.Value.(json.Number); ok {
			m.Value, err = n.Int64()
		}
	}
	if err != nil || m.Sort != sort || m.ID == "" {
		return mark{}, dam.InvalidField("cursor", "This cursor does not belong to the list. Begin again without it.")
	}
	return m, nil
}
