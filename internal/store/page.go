package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

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

// readMark reads a cursor that was made for the same order, whose places are whole numbers or, by
// name, texts. A cursor comes from outside: nothing else reaches a statement.
// Errors: Invalid with field cursor.
func readMark(cursor, sort string, byText bool) (mark, error) {
	var m mark
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		dec := json.NewDecoder(strings.NewReader(string(raw)))
		dec.UseNumber()
		err = dec.Decode(&m)
	}
	text, right := m.Value.(string)
	if !byText {
		var n json.Number
		if n, right = m.Value.(json.Number); right && err == nil {
			m.Value, err = n.Int64()
		}
	}
	if err != nil || !right || m.Sort != sort || m.ID == "" || strings.ContainsRune(text+m.ID, 0) {
		return mark{}, dam.InvalidField("cursor", "This cursor does not belong to the list. Begin again without it.")
	}
	return m, nil
}

// order is how a list is sorted: by a column and then by the id, and where a noun stands in it.
type order[Noun any] struct {
	name   string
	column string
	id     string
	down   bool
	byText bool // the column holds texts, not whole numbers
	place  func(Noun) (value any, id string)
}

// listPage reads one page of a list by its place, never by counting off rows, and says how many
// rows the whole list had when its first page was read.
func listPage[Row, Noun any](ctx context.Context, db bun.IDB, page Page, by order[Noun],
	filter func(*bun.SelectQuery) *bun.SelectQuery, noun func(Row) Noun,
) (items []Noun, next string, total int, err error) {
	var rows []Row
	sel := filter(db.NewSelect().Model(&rows))
	at := mark{Sort: by.name}
	if page.Cursor != "" {
		if at, err = readMark(page.Cursor, by.name, by.byText); err != nil {
			return nil, "", 0, err
		}
		sel = sel.Where("("+by.column+", "+by.id+") "+ifElse(by.down, "<", ">")+" (?, ?)", at.Value, at.ID)
	} else {
		n, err := filter(db.NewSelect().Model((*Row)(nil))).Count(ctx)
		if err != nil {
			return nil, "", 0, fmt.Errorf("count the list: %w", err)
		}
		at.Total = int(n)
	}
	way := ifElse(by.down, " DESC", " ASC")
	if err := sel.OrderExpr(by.column + way + ", " + by.id + way).Limit(int64(page.size()) + 1).Scan(ctx); err != nil {
		return nil, "", 0, fmt.Errorf("read the list: %w", err)
	}
	items = each(rows[:min(len(rows), page.size())], noun)
	if len(rows) > page.size() {
		last := mark{Sort: by.name, Total: at.Total}
		last.Value, last.ID = by.place(items[len(items)-1])
		next = last.cursor()
	}
	return items, next, at.Total, nil
}
