package web

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestABuildNamesTheFilesOfEveryEntry(t *testing.T) {
	b, err := open(fstest.MapFS{
		".vite/manifest.json": {Data: []byte(`{
			"src/guest/guest.ts": {"file": "assets/guest-a1.js", "name": "guest", "isEntry": true, "css": ["assets/guest-b2.css"]},
			"_shared.js": {"file": "assets/shared-c3.js", "name": "shared"}}`)},
		"assets/guest-a1.js":  {Data: []byte("1")},
		"assets/guest-b2.css": {Data: []byte("2")},
		"staff.html":          {Data: []byte("3")},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := b.Entry("guest")
	if e.Script != "/assets/guest-a1.js" || !slices.Equal(e.Styles, []string{"/assets/guest-b2.css"}) {
		t.Error(e)
	}
	if f, ok := b.File("assets/guest-a1.js"); !ok || !f.Immutable || f.MIME != "text/javascript; charset=utf-8" {
		t.Error("a hashed file", f, ok)
	}
	if f, ok := b.File("staff.html"); !ok || f.Immutable {
		t.Error("a page may change under its name", ok)
	}
}

func TestGuestPagesHaveTheirStyleWithoutABuild(t *testing.T) {
	b, err := open(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	e := b.Entry("guest")
	if e.Script != "" || len(e.Styles) != 1 {
		t.Fatal(e)
	}
	style, ok := b.File(strings.TrimPrefix(e.Styles[0], "/"))
	if !ok || style.Immutable || !strings.Contains(string(style.Body), "@import '../ui/tokens.css'") {
		t.Fatal("the style does not import its tokens from its side")
	}
	if _, ok := b.File("assets/src/ui/tokens.css"); !ok {
		t.Error("no tokens where the style looks for them")
	}
	if f, ok := b.File("assets/mark.svg"); !ok || f.MIME != "image/svg+xml" {
		t.Error("no icon")
	}
}

func TestOnlyFilesForBrowsersAreServed(t *testing.T) {
	b, err := open(fstest.MapFS{".vite/manifest.json": {Data: []byte("{}")}, ".gitkeep": {}, "assets/.x": {}, "assets/a.js": {}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".vite/manifest.json", ".gitkeep", "assets/.x", "../embed.go", "/assets/a.js", "assets/../assets/a.js", "assets", "", "."} {
		if _, ok := b.File(name); ok {
			t.Errorf("%q is served", name)
		}
	}
}

func TestABrokenManifestStopsTheStart(t *testing.T) {
	if _, err := open(fstest.MapFS{".vite/manifest.json": {Data: []byte("[")}}); err == nil {
		t.Error("it starts")
	}
}
