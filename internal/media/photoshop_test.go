package media_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/media"
)

func TestPhotoshopFilesAreShown(t *testing.T) {
	dir := t.TempDir()
	plain := writePNG(t, filepath.Join(dir, "plain.png"), quarterPicture(900, 600))
	alpha := transparentPNG(t, filepath.Join(dir, "alpha.png"))
	cmyk := filepath.Join(dir, "cmyk.tif")
	run(t, "vips", "icc_transform", plain, cmyk, "cmyk", "--black-point-compensation")
	p3 := filepath.Join(dir, "p3.tif")
	run(t, "vips", "icc_transform", plain, p3, "p3")
	pool := newPool(t, media.Options{Workers: 1})
	for _, c := range []struct {
		name, from string
		args       []string
		w, h       int
	}{
		{"packed", plain, []string{"-compress", "RLE"}, 900, 600},
		{"raw", plain, []string{"-compress", "None"}, 900, 600},
		{"of 16 bits", plain, []string{"-depth", "16"}, 900, 600},
		{"with a hole", alpha, nil, 800, 600},
		{"of ink, with a profile", cmyk, nil, 900, 600},
		{"in Display P3", p3, nil, 900, 600},
		{"larger than any box", plain, []string{"-sample", "6000x4000!"}, 6000, 4000},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(dir, "x.psd")
			run(t, "convert", append(append([]string{c.from}, c.args...), path)...)
			result, err := pool.Render(t.Context(), jobFor(t, path))
			if err != nil {
				t.Fatal(err)
			}
			if result.Width != c.w || result.Height != c.h {
				t.Errorf("the original is %dx%d", result.Width, result.Height)
			}
			checkRenditions(t, result, c.w, c.h)
			noMetadata(t, result.Renditions)
		})
	}
}

func TestAPhotoshopFileThatIsCutShortIsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.psd")
	run(t, "convert", writePNG(t, filepath.Join(dir, "plain.png"), quarterPicture(90, 60)), "-compress", "None", path)
	if err := os.Truncate(path, 10_000); err != nil {
		t.Fatal(err)
	}
	_, err := newPool(t, media.Options{Workers: 1}).Render(t.Context(), jobFor(t, path))
	if said := sentence(t, err); !strings.Contains(said, "damaged") {
		t.Errorf("says %q", said)
	}
}
