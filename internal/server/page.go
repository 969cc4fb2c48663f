package server

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"

	"vitrine/web"
)

// pages writes what guests see. It knows templates, words and the names of our own scripts and
// styles; it never decides anything.
type pages struct {
	templates map[string]*template.Template
	words     map[string]words
	entry     web.Entry
}

// The pages, by the name of their template.
const (
	pageItem    = "item"
	pageGallery = "gallery"
	pageDoor    = "door"
	pageEnd     = "end"
)

func newPages(bundle *web.Bundle) (*pages, error) {
	files, err := web.Templates()
	if err != nil {
		return nil, fmt.Errorf("open the guest pages: %w", err)
	}
	p := &pages{templates: map[string]*template.Template{}, words: map[string]words{}, entry: bundle.Entry("guest")}
	for _, name := range []string{pageItem, pageGallery, pageDoor, pageEnd} {
		t, err := template.ParseFS(files, "layout.html", "icons.html", "parts.html", "stage.html", name+".html")
		if err != nil {
			return nil, fmt.Errorf("read the guest page %s: %w", name, err)
		}
		p.templates[name] = t
	}
	for _, l := range languages {
		if p.words[l], err = loadWords(l); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// frame is what every page has. Theme is empty unless the address asks for one.
type frame struct {
	words
	Title     string
	Theme     string
	Styles    []string
	Script    string
	Here      address
	Languages []language // the others
}

// language is a way to read the same page in another language.
type language struct{ Code, Name, Href string }

// frame reads the little that a page takes from a request: language, theme and where it is.
func (p *pages) frame(r *http.Request, path string) frame {
	asked := r.URL.Query()
	f := frame{
		words:  p.words[chooseLanguage(asked.Get("lang"), r.Header.Get("Accept-Language"))],
		Styles: p.entry.Styles,
		Script: p.entry.Script,
		Here:   address{path: path, query: url.Values{}},
	}
	if theme := asked.Get("theme"); theme == "dark" || theme == "light" {
		f.Theme = theme
	}
	for _, name := range []string{"lang", "theme", "item", "cursor", "download"} {
		if asked.Has(name) {
			f.Here.query.Set(name, asked.Get(name))
		}
	}
	for _, l := range languages {
		if l != f.Lang {
			f.Languages = append(f.Languages, language{l, p.words[l].T("guest.language"), f.Here.With("lang", l)})
		}
	}
	return f
}

// address is where a page is, and how its links stay there. Language and theme live in the
// address alone: a guest gets no cookie for them.
type address struct {
	path  string
	query url.Values
}

// With is the same address with one thing changed.
func (a address) With(name, value string) string {
	q := url.Values{}
	for k, v := range a.query {
		q[k] = v
	}
	q.Set(name, value)
	return a.path + "?" + q.Encode()
}

// To is another place of the same link in the same language and theme: names and values in turn,
// empty values left out.
func (a address) To(path string, pairs ...string) string {
	q := url.Values{}
	for _, name := range []string{"lang", "theme"} {
		if a.query.Has(name) {
			q.Set(name, a.query.Get(name))
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// write renders a page whole before the first byte leaves, so that a fault can still be a 500.
func (p *pages) write(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	var body bytes.Buffer
	if err := p.templates[name].ExecuteTemplate(&body, "page", data); err != nil {
		return fmt.Errorf("write the guest page %s: %w", name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	h.Set("Vary", "Accept-Language")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body.Bytes())
	}
	return nil
}
