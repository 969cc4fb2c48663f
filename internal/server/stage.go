package server

import (
	"path"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

// player plays a film or a sound with the browser's own controls.
type player struct {
	Src, Label string
	Poster     string
	Wave       *picture
	Ratio      string
	Width      int
	Height     int
	Duration   string
	Tracks     []track
	Sheet      *sheet // nil: the time line shows nothing of the film
}

// track is captions.
type track struct{ Src, Label string }

// sheet is stills of a film at even times, row by row.
type sheet struct {
	Src           string
	Columns, Rows int
}

// leaf is one page of a document. Width and Height are those of the first page until it is loaded.
type leaf struct {
	ID, Src, Caption, Loading string
	Width, Height             int
}

// leastFilm is how wide a film is shown at least where the window has room: a small one may grow.
const leastFilm = 854

// earlyLeaves is how many pages are loaded before anybody scrolls.
const earlyLeaves = 2

// stage chooses what of the item is shown, and says what is not. A film waits for its stills: who
// has begun to watch is not to be disturbed by a page that changes.
func (w words) stage(e *exhibit, base string, it library.GuestItem) {
	switch {
	case it.Kind == dam.KindVideo && it.Play != "" && (it.Storyboard != "" || !it.Pending):
		e.Film = w.film(base, it)
		return
	case it.Kind == dam.KindAudio && it.Play != "":
		e.Sound = w.sound(base, it)
		return
	case !it.Pending && pagesShown(it) > 0:
		e.Leaves = w.leaves(base, it)
		if it.Pages > len(e.Leaves) {
			e.Note = w.T("guest.pages.first", "n", w.Number(len(e.Leaves)), "total", w.Number(it.Pages))
		}
		return
	}
	e.Picture = w.picture(base, it)
	plays := it.Kind == dam.KindVideo || it.Kind == dam.KindAudio
	e.Pending = it.Pending && (e.Picture == nil || it.Kind == dam.KindDocument || plays && !it.Marked)
	e.Note = w.note(it, e.Picture != nil, e.Pending)
}

// note says why an item does not show what it is.
func (w words) note(it library.GuestItem, pictured, pending bool) string {
	video, audio := it.Kind == dam.KindVideo, it.Kind == dam.KindAudio
	switch {
	case pending && video:
		return w.T("guest.film.being_made")
	case pending && audio:
		return w.T("guest.sound.being_made")
	case pending:
		return w.T("guest.being_made")
	case video && it.Marked:
		return w.T("guest.film.marked")
	case audio && it.Marked:
		return w.T("guest.sound.marked")
	case video:
		return w.T("guest.film.closed")
	case audio:
		return w.T("guest.sound.closed")
	case !pictured:
		return w.T("guest.no_preview")
	}
	return ""
}

func (w words) film(base string, it library.GuestItem) *player {
	width, height := it.ViewWidth, it.ViewHeight
	if width <= 0 || height <= 0 {
		width, height = 16, 9
	}
	ratio := float64(width) / float64(height)
	p := &player{
		Src: versionPath(base, it.ID, it.Play), Label: heading(it), Duration: seconds(it.Duration),
		Ratio: strconv.FormatFloat(ratio, 'f', 4, 64),
		Width: max(width, leastFilm), Height: int(float64(max(width, leastFilm))/ratio + 0.5),
	}
	if it.Poster != "" {
		p.Poster = versionPath(base, it.ID, it.Poster)
	}
	if it.Storyboard != "" && it.Columns > 0 && it.Rows > 0 && it.Duration > 0 {
		p.Sheet = &sheet{versionPath(base, it.ID, it.Storyboard), it.Columns, it.Rows}
	}
	for _, c := range it.Captions {
		p.Tracks = append(p.Tracks, track{versionPath(base, it.ID, c.ID), captionName(c.Label)})
	}
	return p
}

// captionName is what a player lists captions by: the name of their file without its ending.
func captionName(file string) string {
	return visibleText(strings.TrimSuffix(file, path.Ext(file)))
}

func (w words) sound(base string, it library.GuestItem) *player {
	return &player{
		Src: versionPath(base, it.ID, it.Play), Label: heading(it), Duration: seconds(it.Duration),
		Wave: w.picture(base, it),
	}
}

// seconds writes a duration for a script; empty when it is not known.
func seconds(duration float64) string {
	if duration <= 0 {
		return ""
	}
	return strconv.FormatFloat(duration, 'f', 3, 64)
}

// pagesShown is how many pages of a document can be looked at.
func pagesShown(it library.GuestItem) int {
	if it.Kind != dam.KindDocument || it.View == "" {
		return 0
	}
	return min(it.Pages, dam.MaxPages)
}

func (w words) leaves(base string, it library.GuestItem) []leaf {
	out := make([]leaf, pagesShown(it))
	for i := range out {
		n := i + 1
		out[i] = leaf{
			ID: dam.PageName(n), Src: versionPath(base, it.ID, dam.PageName(n)), Loading: "lazy",
			Caption: w.T("guest.page", "n", w.Number(n), "total", w.Number(it.Pages)),
			Width:   it.ViewWidth, Height: it.ViewHeight,
		}
		if i < earlyLeaves {
			out[i].Loading = "eager"
		}
	}
	return out
}

// rights is what people said about the use of the item.
func (w words) rights(r dam.Rights) []row {
	var out []row
	for _, known := range []row{
		{w.T("guest.rights.licence"), visibleText(r.Licence)},
		{w.T("guest.rights.credit"), visibleText(r.Credit)},
		{w.T("guest.rights.use"), w.usage(r)},
	} {
		if known.Value != "" {
			out = append(out, known)
		}
	}
	return out
}

func (w words) usage(r dam.Rights) string {
	from, errFrom := time.Parse(time.DateOnly, r.UsageFrom)
	until, errUntil := time.Parse(time.DateOnly, r.UsageUntil)
	switch {
	case errFrom == nil && errUntil == nil:
		return w.T("guest.rights.between", "from", w.Date(from), "until", w.Date(until))
	case errUntil == nil:
		return w.T("guest.rights.until", "date", w.Date(until))
	case errFrom == nil:
		return w.T("guest.rights.from", "date", w.Date(from))
	}
	return ""
}
