package media_test

import (
	"image"
	"image/color"
	"image/draw"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/media"
)

var markColour = color.NRGBA{250, 0, 250, 255}

// rendition writes a picture as one of ours of a kind would be, and returns what marks it.
func rendition(t *testing.T, dir, mime string, m image.Image) media.MarkJob {
	t.Helper()
	path := filepath.Join(dir, "clean."+strings.TrimPrefix(mime, "image/"))
	switch mime {
	case "image/jpeg":
		writeJPEG(t, path, m)
	case "image/png":
		writePNG(t, path, m)
	case "image/webp":
		run(t, "vips", "webpsave", writePNG(t, path+".png", m), path, "--Q", "95")
	case "image/avif":
		run(t, "vips", "heifsave", writePNG(t, path+".png", m), path, "--Q", "90", "--compression", "av1", "--effort", "0")
	}
	return media.MarkJob{Path: path, MIME: mime, Quality: 90, Position: "center", Size: 50, Opacity: 100}
}

// anyPicture decodes what we make, by another program than that which made it.
func anyPicture(t *testing.T, path string) image.Image {
	t.Helper()
	if ext := filepath.Ext(path); ext == ".webp" || ext == ".avif" {
		as := path + ".png"
		run(t, "vips", "copy", path, as)
		path = as
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// frame is a mark: opaque around a hole that shows all.
func frame(width, height int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(m, m.Rect, image.NewUniform(markColour), image.Point{}, draw.Src)
	draw.Draw(m, image.Rect(width/4, height/4, width*3/4, height*3/4), image.Transparent, image.Point{}, draw.Src)
	return m
}

func TestAMarkIsDrawnWhereItIsAndNowhereElse(t *testing.T) {
	for _, mime := range []string{"image/jpeg", "image/webp", "image/avif", "image/png"} {
		t.Run(mime, func(t *testing.T) {
			dir := t.TempDir()
			pool := newPool(t, media.Options{Workers: 1})
			m := rendition(t, dir, mime, quarterPicture(400, 300))
			overlay, w, h, err := pool.Overlay(t.Context(), writePNG(t, filepath.Join(dir, "mark.png"), frame(100, 100)), "png", dir)
			if err != nil || w != 100 || h != 100 {
				t.Fatal(w, h, err)
			}
			m.Overlay = overlay
			made, err := pool.Mark(t.Context(), m, dir)
			if err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(made.Path)
			if err != nil || made.Width != 400 || made.Height != 300 || made.MIME != mime || made.Size != info.Size() {
				t.Errorf("made %+v, %v", made, err)
			}
			clean, marked := anyPicture(t, m.Path), anyPicture(t, made.Path)
			// 200 pixels wide in the middle: its edge from 100 to 150 across and from 50 to 100 down.
			near(t, "the mark", marked.At(120, 150), color.RGBA(markColour))
			near(t, "the mark above", marked.At(200, 70), color.RGBA(markColour))
			near(t, "what its hole shows", marked.At(180, 130), quarters[0][0])
			for _, p := range []image.Point{{20, 20}, {380, 280}, {70, 130}, {330, 170}, {180, 30}, {220, 270}, {230, 180}} {
				r, g, b, _ := clean.At(p.X, p.Y).RGBA()
				near(t, "beside the mark", marked.At(p.X, p.Y), color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255})
			}
			noMetadata(t, []media.Rendition{made})
		})
	}
}

func TestAMarkStandsWhereItIsPutAndAsStrongAsItIsSaid(t *testing.T) {
	dir := t.TempDir()
	pool := newPool(t, media.Options{Workers: 1})
	solid := image.NewNRGBA(image.Rect(0, 0, 60, 30))
	draw.Draw(solid, solid.Rect, image.NewUniform(markColour), image.Point{}, draw.Src)
	overlay := writePNG(t, filepath.Join(dir, "solid.png"), solid)
	white := image.NewGray(image.Rect(0, 0, 400, 200))
	draw.Draw(white, white.Rect, image.White, image.Point{}, draw.Src)
	m := rendition(t, dir, "image/png", white)
	// 80 x 40, six pixels from the edges.
	where := map[dam.Position]image.Point{
		"top-left": {6, 6}, "top": {160, 6}, "top-right": {314, 6},
		"left": {6, 80}, "center": {160, 80}, "right": {314, 80},
		"bottom-left": {6, 154}, "bottom": {160, 154}, "bottom-right": {314, 154},
	}
	for _, position := range dam.Positions() {
		m.Overlay, m.Position, m.Size, m.Opacity = overlay, position, 20, 40
		made, err := pool.Mark(t.Context(), m, dir)
		if err != nil {
			t.Fatal(position, err)
		}
		marked := anyPicture(t, made.Path)
		found := image.Rectangle{}
		for y := range 200 {
			for x := range 400 {
				if _, g, _, _ := marked.At(x, y).RGBA(); g != 0xffff {
					found = found.Union(image.Rect(x, y, x+1, y+1))
					near(t, string(position), marked.At(x, y), color.RGBA{253, 153, 253, 255})
				}
			}
		}
		if want := image.Rect(0, 0, 80, 40).Add(where[position]); found != want {
			t.Errorf("%s: the mark is at %v, want %v", position, found, want)
		}
	}
}

func TestTilesCoverTheWholeFrame(t *testing.T) {
	dir := t.TempDir()
	pool := newPool(t, media.Options{Workers: 1})
	m := rendition(t, dir, "image/png", image.NewGray(image.Rect(0, 0, 500, 400)))
	m.Overlay, m.Tiled, m.Position = writePNG(t, filepath.Join(dir, "frame.png"), frame(90, 60)), true, ""
	made, err := pool.Mark(t.Context(), m, dir)
	if err != nil {
		t.Fatal(err)
	}
	marked := anyPicture(t, made.Path)
	for y := 0; y+200 <= 400; y += 100 {
		for x := 0; x+200 <= 500; x += 100 {
			if !covered(marked, image.Rect(x, y, x+200, y+200)) {
				t.Errorf("nothing of the mark between %d,%d and 200 pixels on", x, y)
			}
		}
	}
}

func covered(m image.Image, within image.Rectangle) bool {
	for y := within.Min.Y; y < within.Max.Y; y++ {
		for x := within.Min.X; x < within.Max.X; x++ {
			if r, _, _, _ := m.At(x, y).RGBA(); r > 0x2000 {
				return true
			}
		}
	}
	return false
}

func TestWhatCanBeSeenThroughStaysSoBesideTheMark(t *testing.T) {
	dir := t.TempDir()
	pool := newPool(t, media.Options{Workers: 1})
	clear := image.NewNRGBA(image.Rect(0, 0, 200, 200))
	for _, mime := range []string{"image/png", "image/webp"} {
		m := rendition(t, dir, mime, clear)
		m.Overlay = writePNG(t, filepath.Join(dir, "frame.png"), frame(80, 80))
		made, err := pool.Mark(t.Context(), m, dir)
		if err != nil {
			t.Fatal(err)
		}
		marked := anyPicture(t, made.Path)
		if _, _, _, a := marked.At(5, 5).RGBA(); a != 0 {
			t.Errorf("%s: beside the mark alpha is %d", mime, a)
		}
		if _, _, _, a := marked.At(60, 100).RGBA(); a != 0xffff {
			t.Errorf("%s: on the mark alpha is %d", mime, a)
		}
		near(t, mime, marked.At(60, 100), color.RGBA(markColour))
	}
}

func TestEveryPictureCanBeMarked(t *testing.T) {
	dir := t.TempDir()
	pool := newPool(t, media.Options{Workers: 1})
	large := writePNG(t, filepath.Join(dir, "large.png"), frame(900, 1800))
	for _, c := range []struct {
		what string
		m    image.Image
	}{
		{"of one pixel", quarterPicture(1, 1)},
		{"of a few", quarterPicture(7, 5)},
		{"very high", quarterPicture(3, 2000)},
		{"very wide", quarterPicture(2000, 3)},
		{"grey", image.NewGray(image.Rect(0, 0, 120, 90))},
	} {
		for _, mime := range []string{"image/jpeg", "image/png"} {
			for _, tiled := range []bool{false, true} {
				m := rendition(t, dir, mime, c.m)
				m.Overlay, m.Tiled, m.Size, m.Text = large, tiled, 100, "Кому: somebody"
				made, err := pool.Mark(t.Context(), m, dir)
				if err != nil {
					t.Errorf("a picture %s, %s, tiled %v: %v", c.what, mime, tiled, err)
					continue
				}
				if size := c.m.Bounds().Size(); made.Width != size.X || made.Height != size.Y {
					t.Errorf("a picture %s became %dx%d", c.what, made.Width, made.Height)
				}
				if !differ(anyPicture(t, m.Path), anyPicture(t, made.Path)) {
					t.Errorf("a picture %s, %s, tiled %v, is as it was", c.what, mime, tiled)
				}
			}
		}
	}
}

func differ(a, b image.Image) bool {
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(x, y) != b.At(x, y) {
				return true
			}
		}
	}
	return false
}

func TestALineOfTextIsLegibleAndCroppingDoesNotRemoveIt(t *testing.T) {
	dir := t.TempDir()
	pool := newPool(t, media.Options{Workers: 1})
	for name, ground := range map[string]color.Color{"black": color.Black, "white": color.White, "grey": color.Gray{128}} {
		plain := image.NewRGBA(image.Rect(0, 0, 800, 600))
		draw.Draw(plain, plain.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
		m := rendition(t, dir, "image/jpeg", plain)
		m.Text = "Для прессы · 2026-11-23"
		made, err := pool.Mark(t.Context(), m, dir)
		if err != nil {
			t.Fatal(err)
		}
		marked := anyPicture(t, made.Path)
		if light, dark := extremes(marked, image.Rect(0, 540, 800, 600)); light-dark < 120 {
			t.Errorf("on %s: the line has values from %d to %d", name, dark, light)
		}
		// Any crop of a quarter of the picture holds something that is no ground.
		for y := 0; y <= 300; y += 150 {
			for x := 0; x <= 400; x += 200 {
				if light, dark := extremes(marked, image.Rect(x, y, x+400, y+300)); light-dark < 15 {
					t.Errorf("on %s: the crop at %d,%d is clean: %d to %d", name, x, y, dark, light)
				}
			}
		}
	}
}

func extremes(m image.Image, within image.Rectangle) (light, dark int) {
	dark = 255
	for y := within.Min.Y; y < within.Max.Y; y++ {
		for x := within.Min.X; x < within.Max.X; x++ {
			r, _, _, _ := m.At(x, y).RGBA()
			light, dark = max(light, int(r>>8)), min(dark, int(r>>8))
		}
	}
	return light, dark
}

// Each of these would fail, or look the same as another, if letters were missing or taken for markup.
func TestTextIsDrawnAsItIsInAnyScript(t *testing.T) {
	dir := t.TempDir()
	pool := newPool(t, media.Options{Workers: 1})
	m := rendition(t, dir, "image/png", image.NewGray(image.Rect(0, 0, 600, 100)))
	seen := map[string]string{}
	for _, text := range []string{
		"Пресс-служба", "Прасс-служба", "press", "<b>press</b>", "&lt;b&gt;", "<span foreground='red'", "a & b", "Ελλάδα",
		strings.Repeat("очень длинная строка ", 100), "two\nlines\tand \u202etabs",
	} {
		m.Text = text
		made, err := pool.Mark(t.Context(), m, dir)
		if err != nil {
			t.Fatalf("%.20q: %v", text, err)
		}
		marked := anyPicture(t, made.Path)
		if light, _ := extremes(marked, image.Rect(0, 50, 600, 100)); light < 180 {
			t.Errorf("%.20q can't be read", text)
		}
		content, err := os.ReadFile(made.Path)
		if err != nil {
			t.Fatal(err)
		}
		if other, twice := seen[string(content)]; twice {
			t.Errorf("%.20q looks like %.20q", text, other)
		}
		seen[string(content)] = text
	}
}

func TestMarksThatCannotBeDrawnAreNamed(t *testing.T) {
	dir := t.TempDir()
	pool := newPool(t, media.Options{Workers: 1})
	good := rendition(t, dir, "image/jpeg", quarterPicture(40, 40))
	good.Overlay = writePNG(t, filepath.Join(dir, "mark.png"), frame(10, 10))
	for name, change := range map[string]func(*media.MarkJob){
		"nothing to draw":       func(m *media.MarkJob) { m.Overlay = "" },
		"only spaces":           func(m *media.MarkJob) { m.Overlay, m.Text = "", " \n\t" },
		"no position":           func(m *media.MarkJob) { m.Position = "" },
		"a position of its own": func(m *media.MarkJob) { m.Position = "middle" },
		"too small":             func(m *media.MarkJob) { m.Size = 4 },
		"too large":             func(m *media.MarkJob) { m.Size = 101 },
		"not to be seen":        func(m *media.MarkJob) { m.Opacity = 0 },
		"another format":        func(m *media.MarkJob) { m.MIME = "video/mp4" },
		"no quality":            func(m *media.MarkJob) { m.Quality = 0 },
	} {
		m := good
		change(&m)
		if _, err := pool.Mark(t.Context(), m, t.TempDir()); dam.KindOf(err) != dam.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := pool.Mark(t.Context(), good, dir); err != nil {
		t.Error(err)
	}
}
