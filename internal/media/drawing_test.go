package media_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/media"
)

const svgHead = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" `

func TestADrawingIsDrawnAsLargeAsTheBoxOnWhite(t *testing.T) {
	dir := t.TempDir()
	var dot bytes.Buffer
	if err := png.Encode(&dot, quarterPicture(8, 8).SubImage(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	path := write(t, filepath.Join(dir, "drawing.svg"), []byte(svgHead+`width="30" height="20">
		<rect x="15" width="15" height="20" fill="#28a03c"/><image x="0" y="16" width="4" height="4" href="data:image/png;base64,`+
		base64.StdEncoding.EncodeToString(dot.Bytes())+`"/><text y="10" font-size="8">Эй</text></svg>`))
	result, err := newPool(t, media.Options{Workers: 1}).Render(t.Context(), jobFor(t, path))
	if err != nil {
		t.Fatal(err)
	}
	if result.Width != 30 || result.Height != 20 {
		t.Errorf("the drawing is %dx%d", result.Width, result.Height)
	}
	for i, r := range result.Renditions {
		if want := dam.ImageRecipes()[i].Box; r.Width != want || r.Height != (want*2+1)/3 {
			t.Errorf("%s is %dx%d", r.Name, r.Width, r.Height)
		}
		m := decode(t, r.Path)
		near(t, r.Name+" at the right", m.At(r.Width*3/4, r.Height/2), quarters[0][1])
		near(t, r.Name+" below at the left", m.At(r.Width/4, r.Height*3/4), color.RGBA{255, 255, 255, 255})
		near(t, r.Name+" where a picture of its own is", m.At(r.Width/30, r.Height*9/10), quarters[0][0])
		dark := 0
		for y := range r.Height / 2 {
			for x := range r.Width / 2 {
				if v, _, _, _ := m.At(x, y).RGBA(); v < 0x4000 {
					dark++
				}
			}
		}
		if dark < r.Width*r.Height/200 {
			t.Errorf("%s: the letters have %d pixels", r.Name, dark)
		}
	}
}

// A drawing may name other files in many ways. None may be opened, not even those a child can read.
func TestADrawingReachesNothingOutsideItself(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	asked := make(chan struct{}, 100)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			c.Close()
			asked <- struct{}{}
		}
	}()
	dir := t.TempDir()
	beside := writePNG(t, filepath.Join(dir, "beside.png"), quarterPicture(50, 50))
	readable := pictureInUsr(t)
	url := "http://" + listener.Addr().String() + "/x.png"
	pool := newPool(t, media.Options{Workers: 1})
	const entities = `<!DOCTYPE svg [<!ENTITY xx SYSTEM "file:///etc/fonts/fonts.conf">]>`
	for _, c := range []struct{ name, before, body string }{
		{"a picture that children may read", "", `<image href="` + readable + `" width="100" height="100"/>`},
		{"the same by its address", "", `<image xlink:href="file://` + readable + `" width="100" height="100"/>`},
		{"a picture beside it", "", `<image href="` + beside + `" width="100" height="100"/>`},
		{"the same by its name", "", `<image href="beside.png" width="100" height="100"/>`},
		{"a picture of the network", "", `<image href="` + url + `" width="100" height="100"/>`},
		{"a part of another drawing", "", `<use href="file:///usr/share/x.svg#a"/>`},
		{"styles", `<?xml-stylesheet href="` + url + `" type="text/css"?>`, `<style>@import url("` + url + `"); @import url("file:///etc/fonts/fonts.conf");</style>`},
		{"a text to be included", "", `<text y="50" font-size="40"><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/fonts/fonts.conf" parse="text"/></text>`},
		{"an outer entity", entities, `<text y="50" font-size="40">&xx;</text>`},
		{"an outer definition", `<!DOCTYPE svg [<!ENTITY % p SYSTEM "` + url + `"> %p;]>`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, filepath.Join(dir, "reach.svg"), []byte(c.before+svgHead+`width="100" height="100">`+c.body+`</svg>`))
			result, err := pool.Render(t.Context(), jobFor(t, path))
			if errors.Is(err, media.ErrRefused) && strings.Contains(c.before, "ENTITY") {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			m := decode(t, result.Renditions[2].Path)
			for y := range m.Bounds().Dy() {
				for x := range m.Bounds().Dx() {
					if r, g, b, _ := m.At(x, y).RGBA(); min(r, g, b) < 0xf000 {
						t.Fatalf("there is something at %d,%d", x, y)
					}
				}
			}
		})
	}
	if len(asked) > 0 {
		t.Error("a drawing reached the network")
	}
}

// pictureInUsr is a picture that confined children may read, for they may read their libraries.
func pictureInUsr(t *testing.T) string {
	t.Helper()
	found := ""
	err := filepath.WalkDir("/usr/share", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && strings.HasSuffix(path, ".png") {
			found = path
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == "" {
		t.Log("there is no PNG in /usr/share: only files that nobody may read are tried")
		return "/usr/share/none.png"
	}
	return found
}

func TestDrawingsThatAskForEndlessWorkAreRefusedForGood(t *testing.T) {
	dir := t.TempDir()
	laughs := `<!DOCTYPE svg [<!ENTITY a0 "ha">`
	uses := `<g id="a0"><path d="M0 0h9v9z"/></g>`
	for i := range 10 {
		laughs += fmt.Sprintf(`<!ENTITY a%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&a%d;", i), 10))
		uses += fmt.Sprintf(`<g id="a%d">%s</g>`, i+1, strings.Repeat(fmt.Sprintf(`<use xlink:href="#a%d"/>`, i), 10))
	}
	octaves := `<filter id="f"><feTurbulence baseFrequency="0.9" numOctaves="2000000000"/></filter><rect width="99" height="99" filter="url(#f)"/>`
	blur := `<filter id="f" x="-9" y="-9" width="20" height="20">` + strings.Repeat(`<feMorphology operator="dilate" radius="5000"/>`, 500) +
		`</filter><rect width="99" height="99" filter="url(#f)"/>`
	pool := newPool(t, media.Options{Workers: 1})
	hasty := newPool(t, media.Options{Workers: 1, Limits: media.Limits{Header: 3 * time.Second, Decode: time.Second}})
	for _, c := range []struct{ name, content string }{
		{"entities that multiply", laughs + `]>` + svgHead + `width="10" height="10"><text>&a10;</text></svg>`},
		{"references that multiply", svgHead + `width="10" height="10">` + uses + `</svg>`},
		{"references that multiply, of no size", svgHead + `>` + uses + `</svg>`},
		{"noise without end", svgHead + `width="100" height="100">` + octaves + `</svg>`},
		{"filters without end", svgHead + `width="100" height="100">` + blur + `</svg>`},
		{"a size of terapixels", svgHead + `width="9000000" height="9000000"></svg>`},
		{"a view of terapixels", svgHead + `viewBox="0 0 9000000 9000000"></svg>`},
		{"elements nested too deep", svgHead + `width="9" height="9">` + strings.Repeat("<g>", 200_000)},
		{"the head of a drawing only", svgHead},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, filepath.Join(dir, "bomb.svg"), []byte(c.content))
			began := time.Now()
			by := hasty
			if c.name == "noise without end" {
				by = pool // one with the times of every day, the others need not take as long
			}
			_, err := by.Render(t.Context(), jobFor(t, path))
			t.Log(time.Since(began).Round(time.Millisecond), err)
			if !errors.Is(err, media.ErrRefused) || dam.KindOf(err) != dam.Invalid {
				t.Fatal("not refused")
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
	good := write(t, filepath.Join(dir, "good.svg"), []byte(svgHead+`width="9" height="9"/>`))
	if _, err := pool.Render(t.Context(), jobFor(t, good)); err != nil {
		t.Errorf("after all that a good drawing fails: %v", err)
	}
}
