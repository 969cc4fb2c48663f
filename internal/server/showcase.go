package server

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

// exhibit is one item as a page shows it, in the guest's language. What stands on its stage is the
// first there is of Film, Sound, Leaves and Picture, else a card; Note says what can't be seen or heard.
type exhibit struct {
	Heading     string
	Description string
	Facts       []string
	Rights      []row
	Details     []row
	Film        *player
	Sound       *player
	Leaves      []leaf
	Picture     *picture
	Card        card
	Note        string
	Pending     bool // the page will show more than now
	Downloads   []download
	Files       []download // supporting files
	Missing     bool       // the original may be taken, but is not there now
}

// row is a name with its value.
type row struct{ Name, Value string }

// picture is an image that fits its place before it is loaded.
type picture struct {
	Alt, Src, SrcSet, Sizes string
	Width, Height           int
	Ratio                   string
	Colour                  string
	Wave                    bool   // drawn of a sound, grey on white: it takes the page's colours
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
	Badge          *badge // nil: the picture says all
}

// badge tells on a picture what it stands for. Word is for those who can't see the icon.
type badge struct{ Icon, Word, Text string }

// earlyTiles is how many tiles a large screen shows at once.
const earlyTiles = 12

func (w words) exhibit(base string, it library.GuestItem) exhibit {
	e := exhibit{
		Heading:     heading(it),
		Description: strings.TrimSpace(it.Description),
		Facts:       w.facts(it),
		Rights:      w.rights(it.Rights),
		Card:        w.card(it),
		Missing:     it.Unavailable,
	}
	for _, f := range it.Facts {
		e.Details = append(e.Details, row{visibleText(f.Name), visibleText(f.Value)})
	}
	for _, v := range it.Versions {
		d := w.download(base, it, v)
		if v.Label != "" {
			e.Files = append(e.Files, d)
			continue
		}
		if v.Name == dam.VersionOriginal {
			d.Note = listed(d.Note, w.without(it.Cleaned))
		}
		e.Downloads = append(e.Downloads, d)
	}
	w.stage(&e, base, it)
	return e
}

// download describes a version by what tells it from the others: pixels of a picture, seconds and
// bits of a sound, the name of a supporting file.
func (w words) download(base string, it library.GuestItem, v library.GuestVersion) download {
	format, size := w.versionFormat(it, v), ""
	if v.Size > 0 {
		size = w.Size(v.Size)
	}
	d := download{
		Label: w.Or("guest.version."+v.Name, v.Name),
		Brief: listed(format, size),
		Href:  versionPath(base, it.ID, v.Name) + "?download",
	}
	switch {
	case v.Label != "":
		d.Label, d.Note = visibleText(v.Label), d.Brief
	case v.Width > 0 && v.Height > 0 && (v.Name != dam.VersionOriginal || hasPixels(it.Kind)):
		d.Note = listed(format, pixels(v.Width, v.Height), w.length(it, v), size)
	default:
		d.Note = listed(format, w.length(it, v), w.bitrate(it, v), size)
	}
	return d
}

// hasPixels says whether the size in pixels is the file's own and not that of a picture drawn of it.
func hasPixels(kind dam.AssetKind) bool { return kind != dam.KindDocument && kind != dam.KindAudio }

// length is the duration of a version that plays.
func (w words) length(it library.GuestItem, v library.GuestVersion) string {
	if !moves(v.MIME) || it.Duration <= 0 {
		return ""
	}
	return w.Clock(it.Duration)
}

// bitrate is what a sound of this size and length must have.
func (w words) bitrate(it library.GuestItem, v library.GuestVersion) string {
	if !strings.HasPrefix(v.MIME, "audio/") || it.Duration < 1 || v.Size <= 0 {
		return ""
	}
	return w.T("guest.bitrate", "n", w.Number(int(float64(v.Size)*8/it.Duration/1000+0.5)))
}

func moves(mime string) bool {
	return strings.HasPrefix(mime, "video/") || strings.HasPrefix(mime, "audio/")
}

// without says what is taken out of the original before it leaves.
func (w words) without(c dam.Cleaning) string {
	switch c {
	case dam.CleanGPS:
		return w.T("guest.without.place")
	case dam.CleanAll:
		return w.T("guest.without.metadata")
	}
	return ""
}

// listed joins what there is with commas.
func listed(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

func (w words) tile(base, href string, it library.GuestItem, place int) tile {
	t := tile{
		ID: it.ID, Href: href, Name: heading(it), Card: w.card(it), Picture: w.picture(base, it),
	}
	if t.Picture == nil {
		return t
	}
	t.Badge = w.badge(it)
	t.Picture.Sizes = tileSizes(it)
	t.Picture.Loading = "lazy"
	if place < earlyTiles {
		t.Picture.Loading = "eager"
	}
	return t
}

func (w words) badge(it library.GuestItem) *badge {
	b := &badge{Word: w.T("guest.kind." + kindWord(it.Kind))}
	switch it.Kind {
	case dam.KindVideo:
		b.Icon = "play"
	case dam.KindAudio:
		b.Icon = "audio"
	case dam.KindDocument:
		b.Word, b.Text = "", w.format(it.Name, it.MIME, it.Kind)
		if it.Pages > 0 {
			b.Text += " " + w.T("guest.pages.brief", "n", w.Number(it.Pages))
		}
		return b
	default:
		return nil
	}
	if it.Duration > 0 {
		b.Text = w.Clock(it.Duration)
	}
	return b
}

// heading is what people call the item.
func heading(it library.GuestItem) string {
	if title := visibleText(it.Title); title != "" {
		return title
	}
	return visibleText(it.Name)
}

// facts is the line under a picture: name, format, size in pixels, seconds, pages and bytes, the day
// it was taken.
func (w words) facts(it library.GuestItem) []string {
	var out []string
	if name := visibleText(it.Name); name != heading(it) {
		out = append(out, name)
	}
	out = append(out, w.format(it.Name, it.MIME, it.Kind))
	if it.Width > 0 && it.Height > 0 && hasPixels(it.Kind) {
		out = append(out, pixels(it.Width, it.Height))
	}
	if moves(it.MIME) && it.Duration > 0 {
		out = append(out, w.Clock(it.Duration))
	}
	if it.Pages > 0 {
		out = append(out, w.Count("guest.pages", it.Pages))
	}
	if it.Size > 0 {
		out = append(out, w.Size(it.Size))
	}
	if !it.TakenAt.IsZero() {
		out = append(out, w.Date(it.TakenAt))
	}
	return out
}

// versionFormat is the format of a version; only what people brought goes by the name they gave it.
func (w words) versionFormat(it library.GuestItem, v library.GuestVersion) string {
	switch {
	case v.Name == dam.VersionOriginal:
		return w.format(it.Name, v.MIME, it.Kind)
	case v.Label != "":
		return w.format(v.Label, v.MIME, dam.KindOther)
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
	"video/mp4": "MP4", "video/quicktime": "MOV", "video/webm": "WebM", "video/x-matroska": "MKV",
	"audio/mpeg": "MP3", "audio/mp4": "M4A", "audio/flac": "FLAC", "audio/wav": "WAV", "audio/ogg": "OGG",
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
		Wave:   it.Kind == dam.KindAudio,
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
