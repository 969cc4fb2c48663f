package server

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/web"
)

// dom is a page as a browser reads it.
type dom struct{ *html.Node }

func parse(t *testing.T, text string) dom {
	t.Helper()
	n, err := html.Parse(strings.NewReader(text))
	must(t, err)
	return dom{n}
}

// all lists the elements of a kind.
func (d dom) all(tag string) []dom {
	var out []dom
	for n := range d.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag {
			out = append(out, dom{n})
		}
	}
	return out
}

func (d dom) get(name string) string {
	for _, a := range d.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func (d dom) has(name string) bool {
	return slices.ContainsFunc(d.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func (d dom) text() string {
	var b strings.Builder
	for n := range d.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// id finds the element with an id; the zero dom is none.
func (d dom) id(id string) dom {
	for n := range d.Descendants() {
		if n.Type == html.ElementNode && (dom{n}).get("id") == id {
			return dom{n}
		}
	}
	return dom{&html.Node{}}
}

func (s *site) page(path string, header ...string) (answer, dom) {
	s.t.Helper()
	q := ask{method: "GET", path: path, header: map[string]string{"Accept": "text/html"}}
	for i := 0; i+1 < len(header); i += 2 {
		q.header[header[i]] = header[i+1]
	}
	got := s.do(q)
	return got, parse(s.t, got.body)
}

// everyPage renders each template with all it may hold.
func everyPage(t *testing.T, p *pages, query string) map[string]string {
	t.Helper()
	r := httptest.NewRequest("GET", "/s/TOKEN"+query, nil)
	f := p.frame(r, "/s/TOKEN")
	full := library.GuestItem{
		ID: "one", Name: "IMG_2041.CR3", Title: "Larches", Description: "Two\nlines.", Kind: dam.KindImage, MIME: "image/x-canon-cr3",
		Width: 6000, Height: 4000, Size: 24e6, TakenAt: noon, Placeholder: []byte{0x95, 0x28, 0x12, 0x0d, 0x02, 0x88},
		View: dam.Preview, ViewWidth: 1280, ViewHeight: 853,
		Versions: []library.GuestVersion{{Name: "original", MIME: "image/x-canon-cr3", Width: 6000, Height: 4000, Size: 24e6}, {Name: "fullscreen", MIME: "image/jpeg", Width: 2560, Height: 1707, Size: 9e5}},
	}
	full.Rights = dam.Rights{Licence: "CC BY 4.0", Credit: "Somebody", UsageFrom: "2026-01-01", UsageUntil: "2026-12-31"}
	full.Facts = []dam.Fact{{Name: "Lens", Value: "35 mm"}}
	full.Versions = append(full.Versions, library.GuestVersion{Name: "0198", Label: "licence.pdf", MIME: "application/pdf", Size: 1e4})
	bare := library.GuestItem{ID: "two", Name: "Model.blend", Kind: dam.KindOther, MIME: "application/octet-stream", Size: 8e7, Unavailable: true}
	g := library.GuestPage{Name: "Spring", Kind: "collection", Items: []library.GuestItem{full, bare}, Total: 48, Next: "more", ExpiresAt: noon, TimeZone: "Europe/Berlin"}
	single := f.item("/s/TOKEN", g)
	within := f.item("/s/TOKEN", library.GuestPage{Items: []library.GuestItem{bare}})
	within.Gallery = f.around("/s/TOKEN", g, library.GuestPlace{Before: "a", After: "b", Place: 7})
	few := g
	few.Total, few.Next = 2, ""
	all := g
	all.Items = []library.GuestItem{full, bare, aFilm(), aSound(), aDocument(12)}
	data := map[string]struct {
		page string
		data any
	}{
		"film": {pageItem, f.item("/s/TOKEN", oneOf(aFilm()))}, "sound": {pageItem, f.item("/s/TOKEN", oneOf(aSound()))},
		"document": {pageItem, f.item("/s/TOKEN", oneOf(aDocument(240)))}, "all": {pageGallery, f.gallery("/s/TOKEN", "", all)},
		"item": {pageItem, single}, "within": {pageItem, within},
		"gallery": {pageGallery, f.gallery("/s/TOKEN", "here", g)}, "few": {pageGallery, f.gallery("/s/TOKEN", "", few)},
		"empty": {pageGallery, f.gallery("/s/TOKEN", "", library.GuestPage{Name: "Spring", ViewOnly: true})},
		"door":  {pageDoor, f.door("/s/TOKEN", &Problem{kind: dam.PasswordRequired})},
		"wrong": {pageDoor, f.door("/s/TOKEN", &Problem{kind: dam.WrongPassword})},
		"wait":  {pageDoor, f.door("/s/TOKEN", &Problem{kind: dam.TooMany, retryAfter: 5 * time.Minute})},
	}
	for name, it := range map[string]library.GuestItem{"film": aFilm(), "sound": aSound(), "document": aDocument(12)} {
		it.Pending, it.Play, it.Storyboard = true, "", ""
		data[name+" being made"] = struct {
			page string
			data any
		}{pageItem, f.item("/s/TOKEN", oneOf(it))}
		it.Pending, it.Marked = false, true
		data[name+" marked"] = struct {
			page string
			data any
		}{pageItem, f.item("/s/TOKEN", oneOf(it))}
	}
	for kind := range ends {
		data["end "+string(kind)] = struct {
			page string
			data any
		}{pageEnd, f.end(&Problem{kind: kind, retryAfter: time.Second}, g)}
	}
	out := map[string]string{}
	for name, d := range data {
		w := httptest.NewRecorder()
		if err := p.write(w, r, http.StatusOK, d.page, d.data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		out[name] = w.Body.String()
	}
	return out
}

func renderItem(t *testing.T, p *pages, it library.GuestItem) string {
	return renderPage(t, p, oneOf(it))
}

// renderPage is the page of the first item at /s/T.
func renderPage(t *testing.T, p *pages, g library.GuestPage) string {
	t.Helper()
	r, w := httptest.NewRequest("GET", "/s/T", nil), httptest.NewRecorder()
	must(t, p.write(w, r, http.StatusOK, pageItem, p.frame(r, "/s/T").item("/s/T", g)))
	return w.Body.String()
}

func somePages(t *testing.T) *pages {
	t.Helper()
	bundle, err := web.Open()
	must(t, err)
	p, err := newPages(bundle)
	must(t, err)
	return p
}

func TestEveryPageIsWellFormedInEveryLanguageAndTheme(t *testing.T) {
	p := somePages(t)
	for _, query := range []string{"?lang=en", "?lang=ru&theme=dark", "?theme=light&item=x"} {
		for name, text := range everyPage(t, p, query) {
			page := parse(t, text)
			if len(page.all("h1")) != 1 || len(page.all("main")) != 1 || page.all("title")[0].text() == "" {
				t.Errorf("%s %s: not one heading, main part and title\n%s", name, query, text)
			}
			for _, bad := range []string{"guest.", "ZgotmplZ", "{n}", "{date}", "<no value>", "%!"} {
				if strings.Contains(strings.ReplaceAll(text, "/src/guest/guest.css", ""), bad) {
					t.Errorf("%s %s: %s\n%s", name, query, bad, text)
				}
			}
			ids := map[string]bool{}
			for n := range page.Descendants() {
				id := dom{n}.get("id")
				if id != "" && ids[id] {
					t.Errorf("%s: the id %s is there twice", name, id)
				}
				ids[id] = true
			}
		}
	}
}

func TestAPageAndItsStyleFitTheFirstRoundTrips(t *testing.T) {
	bundle, err := web.Open()
	must(t, err)
	weigh := func(text []byte) int {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		z.Write(text)
		z.Close()
		return out.Len()
	}
	weight := 0
	for _, href := range bundle.Entry("guest").Styles {
		f, ok := bundle.File(strings.TrimPrefix(href, "/"))
		if !ok {
			t.Fatalf("%s is not in the bundle", href)
		}
		weight += weigh(f.Body)
	}
	item := weigh([]byte(everyPage(t, somePages(t), "")["item"]))
	if weight+item > 14<<10 {
		t.Errorf("style %d + page %d bytes, at most %d", weight, item, 14<<10)
	}
	if src := bundle.Entry("guest").Script; src != "" {
		f, _ := bundle.File(strings.TrimPrefix(src, "/"))
		if n := weigh(f.Body); n > 3<<10 {
			t.Errorf("the script weighs %d bytes, at most %d", n, 3<<10)
		}
	}
}

func TestThePlaceOfAPictureHasItsMeanColour(t *testing.T) {
	for want, hash := range map[string][]byte{ // of plain fields, by the reference encoder
		"#ff8203": {224, 253, 2, 5, 128, 105}, "#181412": {5, 8, 2, 5, 128, 106},
		"#fefaf8": {62, 8, 2, 5, 128, 88}, "#1c58c8": {154, 131, 1, 5, 128, 106},
	} {
		if got := averageColour(hash); got != want {
			t.Errorf("%v: %s, want %s", hash, got, want)
		}
	}
	if got := averageColour([]byte{1, 2}); got != "" {
		t.Error(got)
	}
}
