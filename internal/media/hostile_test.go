package media_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
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
		{"a PNG whose profile unpacks to 256 MB", "profile.png", profileBomb(t), shown},
		{"a GIF of 100,000 frames", "frames.gif", gifWithFrames(100_000), "frames"},
		{"a TIFF of 65,000 pages", "pages.tif", tiffOfPages(65_000), "pages"},
		{"a progressive JPEG that wants gigabytes", "heavy.jpg", hugeProgressiveJPEG(t, dir), "memory"},
		{"a JPEG cut in the middle", "cut.jpg", whole[:len(whole)/2], "damaged"},
		{"a JPEG cut in the header", "head.jpg", whole[:200], permanent},
		{"a JPEG of three bytes", "three.jpg", whole[:3], permanent},
		{"a packed SVG of billions of elements, named .jpg", "svgz.jpg", svgzBomb(), ""},
		{"an SVG of no size that shows nothing, named .png", "svg.png", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`), permanent},
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
			if took := time.Since(began); took > 15*time.Second {
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
	for _, loader := range []string{"jpeg", "png", "gif", "webp", "tiff", "heif", "svg", "psd", "magick", "pdf"} {
		t.Run(loader, func(t *testing.T) {
			job := media.Job{Path: svgz, Loader: loader, Recipes: dam.ImageRecipes(), Out: t.TempDir()}
			if _, err := pool.Render(t.Context(), job); !errors.Is(err, media.ErrRefused) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestEveryFileReachesAnEnd(t *testing.T) {
	files := damagedFiles(t)
	if corpus := os.Getenv("VITRINE_TEST_MEDIA"); corpus == "" {
		t.Log("VITRINE_TEST_MEDIA is not set: only files made here are tried")
	} else {
		for _, folder := range []string{"real", "bad"} {
			found, err := filepath.Glob(filepath.Join(corpus, folder, "*"))
			if err != nil || len(found) == 0 {
				t.Fatalf("no files in %s: %v", folder, err)
			}
			files = append(files, found...)
		}
	}
	pool, exif := newPool(t, media.Options{Workers: 2}), newExif(t, media.Options{})
	ends := map[string]int{}
	var made []media.Rendition
	for _, path := range files {
		began := time.Now()
		end, renditions := tryFile(t, pool, exif, path)
		made = append(made, renditions...)
		ends[end]++
		if took := time.Since(began); took > terminal {
			t.Errorf("%s took %v", filepath.Base(path), took)
		}
		if filepath.Base(filepath.Dir(path)) == "real" && end == "crashed" {
			t.Errorf("%s: %s", filepath.Base(path), end)
		}
	}
	t.Log(len(files), "files:", ends)
	noMetadata(t, made)
	good := writeJPEG(t, filepath.Join(t.TempDir(), "good.jpg"), quarterPicture(300, 200))
	if _, err := pool.Render(t.Context(), jobFor(t, good)); err != nil {
		t.Errorf("after all that a good picture fails: %v", err)
	}
}

// damagedFiles are small pictures of every kind with some bytes changed and some cut off, the same at
// every run.
func damagedFiles(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	good := writePNG(t, filepath.Join(dir, "good.png"), quarterPicture(64, 48))
	random := rand.New(rand.NewPCG(2, 2026))
	var files []string
	for _, ext := range []string{"png", "jpg", "gif", "webp", "tif", "heic", "avif"} {
		whole := filepath.Join(dir, "whole."+ext)
		run(t, "vips", "copy", good, whole)
		content, err := os.ReadFile(whole)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 16 {
			damaged := bytes.Clone(content)
			for range 1 + i/2 {
				damaged[random.IntN(len(damaged))] = byte(random.Uint32())
			}
			if i%4 == 0 {
				damaged = damaged[:random.IntN(len(damaged))]
			}
			files = append(files, write(t, filepath.Join(dir, fmt.Sprintf("damaged-%02d.%s", i, ext)), damaged))
		}
	}
	return files
}

func tryFile(t *testing.T, pool *media.Pool, exif *media.Exif, path string) (string, []media.Rendition) {
	t.Helper()
	if _, err := exif.Read(t.Context(), path); err != nil {
		t.Errorf("metadata of %s: %v", filepath.Base(path), err)
	}
	if typ := sniffFile(t, path); !typ.Renderable() {
		return "type card", nil
	}
	result, err := pool.Render(t.Context(), jobFor(t, path))
	switch {
	case err == nil:
		return "shown", result.Renditions
	case errors.Is(err, media.ErrRefused):
		return "refused", nil
	case errors.Is(err, media.ErrCrashed):
		return "crashed", nil
	}
	t.Errorf("%s: %v", filepath.Base(path), err)
	return "lost", nil
}
