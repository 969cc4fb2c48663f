package media_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/media"
)

// terminal is how long the slowest file may take to be shown or refused.
const terminal = 60 * time.Second

func TestHostileFilesAreRefusedAndThePoolGoesOn(t *testing.T) {
	dir := t.TempDir()
	good := writeJPEG(t, filepath.Join(dir, "good.jpg"), quarterPicture(3000, 2000))
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	const permanent, shown = "refused", "shown"
	cases := []struct {
		name    string
		file    string
		content []byte
		want    string // a part of the sentence; empty: no picture by its bytes; permanent: refused somehow
	}{
		{"a GIF of 45 bytes with a screen of 4 gigapixels", "bomb.gif", gifBomb(), "more pixels"},
		{"a complete PNG of 60000 x 60000", "huge.png", oneBitPNG(t, 60_000), "more pixels"},
		{"a PNG whose profile unpacks to a gigabyte", "profile.png", profileBomb(t), shown},
		{"a GIF of 100,000 frames", "frames.gif", gifWithFrames(100_000), "frames"},
		{"a TIFF of 65,000 pages", "pages.tif", tiffOfPages(65_000), "pages"},
		{"a progressive JPEG that wants gigabytes", "heavy.jpg", hugeProgressiveJPEG(t, dir), "memory"},
		{"a JPEG cut in the middle", "cut.jpg", whole[:len(whole)/2], "damaged"},
		{"a JPEG cut in the header", "head.jpg", whole[:200], permanent},
		{"a JPEG of three bytes", "three.jpg", whole[:3], permanent},
		{"a packed SVG of billions of elements, named .jpg", "svgz.jpg", svgzBomb(), ""},
		{"an SVG named .png", "svg.png", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`), ""},
		{"a text named .jpg", "text.jpg", []byte("no picture at all\n"), ""},
		{"nothing at all", "empty.jpg", nil, ""},
	}
	pool := newPool(t, media.Options{Workers: 1})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, filepath.Join(dir, c.file), c.content)
			if c.want == "" {
				if typ := sniffFile(t, path); typ.Renderable() {
					t.Errorf("%v may be rendered", typ)
				}
				return
			}
			began := time.Now()
			_, err := pool.Render(t.Context(), jobFor(t, path))
			t.Log(time.Since(began).Round(time.Millisecond), err)
			if c.want == shown {
				if err != nil {
					t.Error("the picture is fine and small, and yet it was not shown")
				}
				return
			}
			if !errors.Is(err, media.ErrRefused) || dam.KindOf(err) != dam.Invalid {
				t.Fatal("not refused")
			}
			if c.want != permanent && !strings.Contains(sentence(t, err), c.want) {
				t.Errorf("says %q", sentence(t, err))
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
	if _, err := pool.Render(t.Context(), jobFor(t, good)); err != nil {
		t.Errorf("after all that a good picture fails: %v", err)
	}
}

func sentence(t *testing.T, err error) string {
	t.Helper()
	var e *dam.Error
	if !errors.As(err, &e) || !strings.HasSuffix(e.Msg, ".") {
		t.Fatalf("no sentence for people in %v", err)
	}
	return e.Msg
}

// A loader named by somebody who did not look at the bytes must fail like a damaged file.
func TestBytesOfAnotherKindThanTheLoaderAreRefused(t *testing.T) {
	dir := t.TempDir()
	pool := newPool(t, media.Options{Workers: 1})
	svgz := write(t, filepath.Join(dir, "svgz.jpg"), svgzBomb())
	for _, loader := range []string{"jpeg", "png", "gif", "webp", "tiff", "heif", "svg", "magick", "pdf"} {
		t.Run(loader, func(t *testing.T) {
			job := media.Job{Path: svgz, Loader: loader, Recipes: dam.ImageRecipes(), Out: t.TempDir()}
			if _, err := pool.Render(t.Context(), job); !errors.Is(err, media.ErrRefused) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestEveryFileOfTheCorpusReachesAnEnd(t *testing.T) {
	corpus := os.Getenv("VITRINE_TEST_MEDIA")
	if corpus == "" {
		t.Skip("VITRINE_TEST_MEDIA is not set: only the files made by this suite were tried")
	}
	pool, exif := newPool(t, media.Options{Workers: 2}), newExif(t, media.Options{})
	ends := map[string]int{}
	for _, folder := range []string{"real", "bad"} {
		files, err := os.ReadDir(filepath.Join(corpus, folder))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			path := filepath.Join(corpus, folder, file.Name())
			began := time.Now()
			end := tryFile(t, pool, exif, path)
			ends[folder+" "+end]++
			if took := time.Since(began); took > terminal {
				t.Errorf("%s took %v", file.Name(), took)
			}
			if folder == "real" && end == "crashed" {
				t.Errorf("%s: %s", file.Name(), end)
			}
		}
	}
	t.Log(fmt.Sprint(ends))
	good := writeJPEG(t, filepath.Join(t.TempDir(), "good.jpg"), quarterPicture(300, 200))
	if _, err := pool.Render(t.Context(), jobFor(t, good)); err != nil {
		t.Errorf("after all that a good picture fails: %v", err)
	}
}

func tryFile(t *testing.T, pool *media.Pool, exif *media.Exif, path string) string {
	t.Helper()
	if _, err := exif.Read(t.Context(), path); err != nil {
		t.Errorf("metadata of %s: %v", filepath.Base(path), err)
	}
	typ := sniffFile(t, path)
	if !typ.Renderable() {
		return "type card"
	}
	result, err := pool.Render(t.Context(), jobFor(t, path))
	switch {
	case err == nil:
		noMetadata(t, result.Renditions)
		return "shown"
	case errors.Is(err, media.ErrRefused):
		return "refused"
	case errors.Is(err, media.ErrCrashed):
		return "crashed"
	}
	t.Errorf("%s: %v", filepath.Base(path), err)
	return "lost"
}
