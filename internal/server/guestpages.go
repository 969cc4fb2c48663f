package server

import (
	"math"
	"strconv"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

// itemPage shows one item, in a link of its own or inside a gallery.
type itemPage struct {
	frame
	Item     exhibit
	Until    string
	FilesAre string  // what this link calls supporting files (R94)
	Marked   bool    // pictures may still be on their way
	Again    string  // where the page asks for what is being made; empty: nothing is
	Gallery  *around // nil: the link is this one item
}

// around is where an item stands in its gallery. Empty addresses are the ends.
type around struct {
	Name, Back, Previous, Next, Position string
}

// galleryPage shows a stretch of a collection.
type galleryPage struct {
	frame
	Count    string
	ViewOnly bool
	Marked   bool
	Until    string
	Tiles    []tile
	More     string
	Start    string
	Sum      string // of the pictures' ratios, when all of them fit in one row
}

// oneRow is how many items a wide window shows in one row.
const oneRow = 4

// cardRatio is the shape of a card in the gallery, as guest.css has it.
const cardRatio = 0.8

// doorPage asks for the password of a locked link.
type doorPage struct {
	frame
	Action  string
	Problem string
}

// endPage is a calm last word.
type endPage struct {
	frame
	Icon    string
	Notes   []string
	Retry   bool
	Refresh int // seconds until the page asks again by itself
}

func (f frame) titled(title string) frame {
	f.Title = visibleText(title)
	return f
}

// until says when a temporary link ends.
func (f frame) until(g library.GuestPage) string {
	if g.ExpiresAt.IsZero() {
		return ""
	}
	return f.T("guest.until", "date", f.Deadline(g.ExpiresAt, g.TimeZone))
}

// item shows the first of the items, the only one there is. A page that waits asks by the item's own
// address: that is no new visit.
func (f frame) item(base string, g library.GuestPage) itemPage {
	it := g.Items[0]
	page := itemPage{
		frame:    f.titled(heading(it)),
		Item:     f.exhibit(base, it),
		Until:    f.until(g),
		FilesAre: f.T("guest.files.supporting"),
		Marked:   it.Marked,
	}
	if g.Kind == "collection" {
		page.FilesAre = f.T("guest.files.attachments")
	}
	if page.Item.Pending {
		page.Again = f.Here.To(base, "item", it.ID, "cursor", f.Here.query.Get("cursor"))
	}
	return page
}

func (f frame) gallery(base, cursor string, g library.GuestPage) galleryPage {
	page := galleryPage{
		frame:    f.titled(g.Name),
		Count:    f.Count("guest.items", g.Total),
		ViewOnly: g.ViewOnly,
		Marked:   len(g.Items) > 0 && g.Items[0].Marked,
		Until:    f.until(g),
	}
	for i, it := range g.Items {
		href := f.Here.To(base, "item", it.ID, "cursor", cursor)
		page.Tiles = append(page.Tiles, f.tile(base, href, it, i))
	}
	if g.Next != "" {
		page.More = f.Here.To(base, "cursor", g.Next)
	}
	if cursor != "" {
		page.Start = f.Here.To(base)
	}
	if g.Total <= oneRow {
		page.Sum = sumOfRatios(g.Items)
	}
	return page
}

func sumOfRatios(items []library.GuestItem) string {
	sum := 0.0
	for _, it := range items {
		ratio := cardRatio
		if it.ViewHeight > 0 {
			ratio = float64(it.ViewWidth) / float64(it.ViewHeight)
		}
		sum += ratio
	}
	return strconv.FormatFloat(sum, 'f', 4, 64)
}

func (f frame) around(base string, g library.GuestPage, place library.GuestPlace) *around {
	cursor := f.Here.query.Get("cursor")
	to := func(id string) string {
		if id == "" {
			return ""
		}
		return f.Here.To(base, "item", id, "cursor", cursor)
	}
	return &around{
		Name:     visibleText(g.Name),
		Back:     f.Here.To(base, "cursor", cursor) + "#i-" + g.Items[0].ID,
		Previous: to(place.Before),
		Next:     to(place.After),
		Position: f.T("guest.position", "n", f.Number(place.Place), "total", f.Number(g.Total)),
	}
}

func (f frame) door(base string, p *Problem) doorPage {
	d := doorPage{
		frame:  f.titled(f.T("guest.door.title")),
		Action: f.Here.To(base+"/unlock", "item", f.Here.query.Get("item")),
	}
	switch p.kind {
	case dam.WrongPassword:
		d.Problem = f.T("guest.door.wrong")
	case dam.TooMany:
		d.Problem = f.Count("guest.door.wait", minutes(p.retryAfter))
	}
	return d
}

// ends are the last words for what a guest is refused; every other kind is
// trouble of ours.
var ends = map[dam.Kind]struct {
	key, icon string
	retry     bool
}{
	dam.NotFound:            {key: "not_found", icon: "unlink"},
	dam.Expired:             {key: "expired", icon: "clock"},
	dam.Inactive:            {key: "inactive", icon: "unlink"},
	dam.NotAllowed:          {key: "not_allowed", icon: "eye"},
	dam.OriginalUnavailable: {key: "unavailable", icon: "clock", retry: true},
	dam.NotReady:            {key: "not_ready", icon: "clock"},
	dam.TooMany:             {key: "too_many", icon: "clock"},
	dam.Internal:            {key: "trouble", icon: "alert", retry: true},
}

func (f frame) end(p *Problem, g library.GuestPage) endPage {
	word, ok := ends[p.kind]
	if !ok {
		word = ends[dam.Internal]
	}
	e := endPage{frame: f.titled(f.T("guest.end." + word.key + ".title")), Icon: word.icon, Retry: word.retry}
	note := "guest.end." + word.key + ".note"
	switch p.kind {
	case dam.TooMany:
		e.Notes = []string{f.Count(note, minutes(p.retryAfter))}
		return e
	case dam.NotReady:
		e.Refresh = max(int(math.Ceil(p.retryAfter.Seconds())), 2)
	case dam.Expired:
		if !g.ExpiresAt.IsZero() {
			e.Notes = append(e.Notes, f.T("guest.end.expired.until", "date", f.Deadline(g.ExpiresAt, g.TimeZone)))
		}
	}
	e.Notes = append(e.Notes, f.T(note))
	return e
}

// minutes rounds a wait up to what people say.
func minutes(wait time.Duration) int { return max(int(math.Ceil(wait.Minutes())), 1) }
