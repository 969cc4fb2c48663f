package server

import (
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

// exhibit is one item as a page shows it, in the guest's language.
type exhibit struct {
	Heading     string
	Description string
	Facts       []string
	Picture     *picture // nil: a card stands for it
	Card        card
	Pending     bool // its picture is being made
	Downloads   []download
	Missing     bool // the original may be taken, but is not there now
}

// picture is an image that fits its place before it is loaded.
type picture struct {
	Alt, Src, SrcSet, Sizes string
	Width, Height           int
	Ratio                   string
	Colour                  string
	Loading                 string // lazy below the first view
}

// card stands for an item that has no picture.
type card struct{ Format, Icon string }

// download is one version a guest may take. Brief is what fits on a button, Note the rest.
type download struct{ Label, Brief, Note, Href string }

// tile is one item in the gallery.
type tile struct {
	ID, Href, Name string
	Picture        *picture
	Card           card
}

// earlyTiles is how many tiles a large screen shows at once.
const earlyTiles = 12

func (w words) exhibit(base string, it library.GuestItem) exhibit {
	e := exhibit{
		Heading:     heading(it),
		Description: strings.TrimSpace(it.Description),
		Facts:       w.facts(it),
		Picture:     w.picture(base, it),
		Card:        w.card(it),
		Pending:     it.Pending,
		Missing:     it.Unavailable,
	}
	for _, v := range it.Versions {
		format := w.versionFormat(it, v)
		d := download{
			Label: w.Or("guest.version."+v.Name, v.Name),
			Brief: format + ", " + w.Size(v.Size),
			Href:  versionPath(base, it.ID, v.Name) + "?download",
		}
		d.Note = d.Brief
		if v.Width > 0 && v.Height > 0 {
			d.Note = format + ", " + pixels(v.Width, v.Height) + ", " + w.Size(v.Size)
		}
		e.Downloads = append(e.Downloads, d)
	}
	return e
}

func (w words) tile(base, href string, it library.GuestItem, place int) tile {
	t := tile{
		ID: it.ID, Href: href, Name: heading(it), Card: w.card(it), Picture: w.picture(base, it),
	}
	if t.Picture != nil {
		t.Picture.Sizes = tileSizes(it)
		t.Picture.Loading = "lazy"
		if place < earlyTiles {
			t.Picture.Loading = "eager"
		}
	}
	return t
}

// heading is what people call the item.
func heading(it library.GuestItem) string {
	if title := visibleText(it.Title); title != "" {
		return title
	}
	return visibleText(it.Name)
}

// facts is the line under a picture: name, format, size in pixels and bytes, the day it was taken.
func (w words) facts(it library.GuestItem) []string {
	var out []string
	if name := visibleText(it.Name); name != heading(it) {
		out = append(out, name)
	}
	out = append(out, w.format(it.Name, it.MIME, it.Kind))
	if it.Width > 0 && it.Height > 0 {
		out = append(out, pixels(it.Width, it.Height))
	}
	if it.Size > 0 {
		out = append(out, w.Size(it.Size))
	}
	if !it.TakenAt.IsZero() {
		out = append(out, w.Date(it.TakenAt))
	}
	return out
}

// versionFormat is the format of a version; only the original goes by the file's own name.
func (w words) versionFormat(it library.GuestItem, v library.GuestVersion) string {
	if v.Name == dam.VersionOriginal {
		return w.format(it.Name, v.MIME, it.Kind)
	}
	return w.format("", v.MIME, it.Kind)
}

func pixels(width, height int) string { return fmt.Sprintf("%d\u00a0×\u00a0%d", width, height) }

// format is the short name of a file's format: what its name ends with, else what its type says.
func (w words) format(name, mime string, kind dam.AssetKind) string {
	if known, ok := formats[mime]; ok {
		return known
	}
	if ext := strings.TrimPrefix(path.Ext(name), "."); ext != "" && len(ext) <= 5 {
		return strings.ToUpper(ext)
	}
	return w.T("guest.kind." + kindWord(kind))
}

var formats = map[string]string{
	"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WebP",
	"image/tiff": "TIFF", "image/heic": "HEIC", "image/avif": "AVIF", "application/pdf": "PDF",
	"video/mp4": "MP4", "video/quicktime": "MOV", "audio/mpeg": "MP3",
}

func (w words) card(it library.GuestItem) card {
	return card{Format: w.format(it.Name, it.MIME, it.Kind), Icon: kindWord(it.Kind)}
}

// kindWord is the broad kind in a word that icons and texts go by.
func kindWord(kind dam.AssetKind) string {
	switch kind {
	case dam.KindImage, dam.KindVideo, dam.KindAudio, dam.KindDocument:
		return string(kind)
	}
	return "file"
}

// picture names the sizes of an image that the link may show inline: the view set, and the large
// one where the terms give it anyway.
func (w words) picture(base string, it library.GuestItem) *picture {
	if it.View == "" || it.ViewWidth <= 0 || it.ViewHeight <= 0 {
		return nil
	}
	ratio := float64(it.ViewWidth) / float64(it.ViewHeight)
	p := &picture{
		Alt:    heading(it),
		Src:    versionPath(base, it.ID, it.View),
		Width:  it.ViewWidth,
		Height: it.ViewHeight,
		Ratio:  strconv.FormatFloat(ratio, 'f', 4, 64),
		Colour: averageColour(it.Placeholder),
	}
	if text := strings.TrimSpace(it.Description); text != "" && len(text) <= 300 {
		p.Alt = text
	}
	set := []string{p.Src + " " + strconv.Itoa(p.Width) + "w"}
	if small := thumbnailWidth(it); it.View != dam.Thumbnail && small < p.Width {
		set = append(set, versionPath(base, it.ID, dam.Thumbnail)+" "+strconv.Itoa(small)+"w")
	}
	for _, v := range it.Versions {
		if v.Name == dam.Fullscreen && v.Width > p.Width {
			set = append(set, versionPath(base, it.ID, v.Name)+" "+strconv.Itoa(v.Width)+"w")
			p.Width, p.Height = v.Width, v.Height
		}
	}
	p.SrcSet = strings.Join(set, ", ")
	p.Sizes = fmt.Sprintf("min(100vw, %dpx, calc((100vh - 11rem) * %s))", p.Width, p.Ratio)
	return p
}

// thumbnailWidth is how wide the recipe made the small picture of this item.
func thumbnailWidth(it library.GuestItem) int {
	box := 0
	for _, r := range dam.ImageRecipes() {
		if r.Name == dam.Thumbnail {
			box = r.Box
		}
	}
	if it.ViewWidth >= it.ViewHeight {
		return min(box, it.ViewWidth)
	}
	return min(box*it.ViewWidth/it.ViewHeight, it.ViewWidth)
}

// tileSizes asks for the small picture on phones, whatever their density, and lets large dense
// screens take the next one.
func tileSizes(it library.GuestItem) string {
	wide := 250 * it.ViewWidth / it.ViewHeight
	return fmt.Sprintf("(max-width: 640px) %dpx, %dpx", max(thumbnailWidth(it)/3, 1), max(wide, 1))
}

func versionPath(base, id, version string) string { return base + "/a/" + id + "/" + version }

// averageColour reads the mean colour out of a ThumbHash: its first 18 bits. Empty without one.
func averageColour(hash []byte) string {
	if len(hash) < 5 {
		return ""
	}
	bits := int(hash[0]) | int(hash[1])<<8 | int(hash[2])<<16
	l := float64(bits&63) / 63
	p := float64(bits>>6&63)/31.5 - 1
	q := float64(bits>>12&63)/31.5 - 1
	blue := l - 2.0/3*p
	red := (3*l - blue + q) / 2
	green := red - q
	channel := func(v float64) int { return int(255*min(max(v, 0), 1) + 0.5) }
	return fmt.Sprintf("#%02x%02x%02x", channel(red), channel(green), channel(blue))
}

// guestIndex is index.json of design 5.4. Its fields are the whole of what a guest may read.
type guestIndex struct {
	Name         string      `json:"name"`
	ViewOnly     bool        `json:"view_only"`
	PersonSearch bool        `json:"person_search"`
	Items        []indexItem `json:"items"`
	NextCursor   *string     `json:"next_cursor"`
}

type indexItem struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Kind     dam.AssetKind  `json:"kind"`
	MIME     string         `json:"mime"`
	Width    int            `json:"width"`
	Height   int            `json:"height"`
	Duration float64        `json:"duration"`
	ViewURL  *string        `json:"view_url"`
	Versions []indexVersion `json:"versions"`
}

type indexVersion struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	MIME  string `json:"mime"`
	Size  int64  `json:"size"`
	URL   string `json:"url"`
}

func (w words) index(base string, g library.GuestPage) ([]byte, error) {
	out := guestIndex{Name: g.Name, ViewOnly: g.ViewOnly, PersonSearch: g.PersonSearch, Items: []indexItem{}}
	if g.Next != "" {
		out.NextCursor = &g.Next
	}
	for _, it := range g.Items {
		item := indexItem{
			ID: it.ID, Name: it.Name, Kind: it.Kind, MIME: it.MIME,
			Width: it.Width, Height: it.Height, Duration: it.Duration, Versions: []indexVersion{},
		}
		if it.View != "" {
			url := versionPath(base, it.ID, it.View)
			item.ViewURL = &url
		}
		for _, v := range it.Versions {
			item.Versions = append(item.Versions, indexVersion{
				Name: v.Name, Label: w.Or("guest.version."+v.Name, v.Name), MIME: v.MIME, Size: v.Size,
				URL: versionPath(base, it.ID, v.Name),
			})
		}
		out.Items = append(out.Items, item)
	}
	return json.Marshal(out)
}
