// Package web holds what a browser is given besides assets: the built bundles, the guest templates
// and the catalogues, all inside the binary. It knows file names and hashes, never a request or a
// language. The server opens it once at start.
package web

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strings"
)

//go:embed all:dist guest catalogue src/ui/tokens.css src/guest/guest.css src/staff/mark.svg
var embedded embed.FS

// assets is the folder of the hashed files, in the build and in their addresses.
const assets = "assets/"

// Bundle is the built front end. Without a build (go run right after a clone) guest pages get
// their style from its source and no script; the staff UI is missing.
type Bundle struct {
	files   fs.FS
	entries map[string]Entry
}

// Entry is what a page has to name to get a bundle: absolute paths, hashed by the build.
type Entry struct {
	Script string
	Styles []string
}

// File is one static file. Immutable marks names that change with their content.
type File struct {
	Body      []byte
	MIME      string
	Immutable bool
}

// Open reads the manifest of the build.
func Open() (*Bundle, error) {
	dist, err := fs.Sub(embedded, "dist")
	if err != nil {
		return nil, fmt.Errorf("open the web build: %w", err)
	}
	return open(dist)
}

func open(dist fs.FS) (*Bundle, error) {
	b := &Bundle{files: dist, entries: map[string]Entry{
		"guest": {Styles: []string{"/" + assets + "src/guest/guest.css"}},
	}}
	text, err := fs.ReadFile(dist, ".vite/manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the web manifest: %w", err)
	}
	var chunks map[string]struct {
		File    string   `json:"file"`
		Name    string   `json:"name"`
		IsEntry bool     `json:"isEntry"`
		CSS     []string `json:"css"`
	}
	if err := json.Unmarshal(text, &chunks); err != nil {
		return nil, fmt.Errorf("read the web manifest: %w", err)
	}
	for _, c := range chunks {
		if !c.IsEntry {
			continue
		}
		e := Entry{Script: "/" + c.File}
		for _, name := range c.CSS {
			e.Styles = append(e.Styles, "/"+name)
		}
		b.entries[c.Name] = e
	}
	return b, nil
}

// Entry names the files of one bundle: "guest" or "staff".
func (b *Bundle) Entry(name string) Entry { return b.entries[name] }

// File finds a static file by its path without the leading slash: "assets/guest-x1.css",
// "assets/mark.svg", "staff.html". Hidden files are nobody's business.
func (b *Bundle) File(name string) (File, bool) {
	if !fs.ValidPath(name) || strings.HasPrefix(name, ".") || strings.Contains(name, "/.") {
		return File{}, false
	}
	if body, err := fs.ReadFile(b.files, name); err == nil {
		return File{Body: body, MIME: mimeOf(name), Immutable: strings.HasPrefix(name, assets)}, true
	}
	source, ok := sources[name]
	if !ok {
		return File{}, false
	}
	body, err := embedded.ReadFile(source)
	return File{Body: body, MIME: mimeOf(name)}, err == nil
}

// sources are the files served from their source: the icon always, the style without a build.
var sources = map[string]string{
	assets + "mark.svg":            "src/staff/mark.svg",
	assets + "src/guest/guest.css": "src/guest/guest.css",
	assets + "src/ui/tokens.css":   "src/ui/tokens.css",
}

// Templates holds the guest pages, *.html.
func Templates() (fs.FS, error) { return fs.Sub(embedded, "guest") }

// Catalogue reads the texts of one room ("guest") in one language ("en", "ru").
func Catalogue(room, language string) (map[string]string, error) {
	text, err := embedded.ReadFile("catalogue/" + room + "." + language + ".json")
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	var out map[string]string
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, fmt.Errorf("read the catalogue %s.%s: %w", room, language, err)
	}
	return out, nil
}

// mimeOf does not ask the system's tables for the types we ship: they differ between machines.
func mimeOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json":
		return "application/json"
	default:
		if kind := mime.TypeByExtension(ext); kind != "" {
			return kind
		}
		return "application/octet-stream"
	}
}
