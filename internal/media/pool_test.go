package media_test

import (
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/media"
)

func TestPicturesOfEveryKindComeOutUprightInSRGBAndWithoutMetadata(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	const w, h = 2700, 1800
	plain := writePNG(t, at("plain.png"), quarterPicture(w, h))
	small := writePNG(t, at("small.png"), quarterPicture(900, 600))
	vips := func(name string, args ...string) string {
		run(t, "vips", append([]string{args[0], plain, at(name)}, args[1:]...)...)
		return at(name)
	}
	type input struct {
		name string
		path string
		w, h int
	}
	inputs := []input{
		{"a PNG", plain, w, h},
		{"a small PNG, which is never enlarged", small, 900, 600},
		{"a PNG half of which is transparent", transparentPNG(t, at("alpha.png")), 800, 600},
		{"a progressive JPEG", vips("progressive.jpg", "jpegsave", "--interlace"), w, h},
		{"a CMYK JPEG with a profile", vips("cmyk.jpg", "icc_transform", "cmyk", "--black-point-compensation"), w, h},
		{"a JPEG in Display P3", vips("p3.jpg", "icc_transform", "p3"), w, h},
		{"a JPEG that says it is sRGB", vips("srgb.jpg", "icc_transform", "srgb"), w, h},
		{"a TIFF of 16 bits", vips("deep.tif", "colourspace", "rgb16"), w, h},
		{"a TIFF in Lab", vips("lab.tif", "colourspace", "lab"), w, h},
		{"a TIFF of floating-point numbers", vips("float.tif", "colourspace", "scrgb"), w, h},
		{"a WebP", vips("picture.webp", "webpsave"), w, h},
		{"an animated GIF", animatedGIF(t, at("animated.gif")), 640, 480},
	}
	run(t, "vips", "heifsave", small, at("picture.heic"), "--compression", "hevc")
	run(t, "vips", "heifsave", small, at("picture.avif"), "--compression", "av1", "--effort", "0")
	inputs = append(inputs, input{"a HEIC", at("picture.heic"), 900, 600}, input{"an AVIF", at("picture.avif"), 900, 600})
	upright := quarterPicture(1500, 1000)
	for orientation := 1; orientation <= 8; orientation++ {
		n := strconv.Itoa(orientation)
		path := writeJPEG(t, at("turned-"+n+".jpg"), stored(upright, orientation))
		inputs = append(inputs, input{"a JPEG in orientation " + n, path, 1500, 1000})
		tag(t, path, "-Orientation="+n, "-GPSLatitude=48.2", "-GPSLatitudeRef=N", "-GPSLongitude=16.3", "-GPSLongitudeRef=E",
			"-Artist=Somebody", "-XMP-dc:Title=Secret", "-IPTC:Keywords=secret", "-Comment=secret")
	}

	pool := newPool(t, media.Options{})
	var made []media.Rendition
	for _, in := range inputs {
		t.Run(in.name, func(t *testing.T) {
			job := jobFor(t, in.path)
			job.Out = in.path + ".renditions"
			if err := os.Mkdir(job.Out, 0o700); err != nil {
				t.Fatal(err)
			}
			result, err := pool.Render(t.Context(), job)
			if err != nil {
				t.Fatal(err)
			}
			if result.Width != in.w || result.Height != in.h {
				t.Errorf("original is %dx%d, want %dx%d", result.Width, result.Height, in.w, in.h)
			}
			checkRenditions(t, result, in.w, in.h)
			made = append(made, result.Renditions...)
		})
	}
	noMetadata(t, made)
}

// checkRenditions looks at what came out, with other programs than those that made it.
func checkRenditions(t *testing.T, result media.Result, width, height int) {
	t.Helper()
	if len(result.Renditions) != 3 {
		t.Fatalf("%d renditions, want 3", len(result.Renditions))
	}
	for i, r := range result.Renditions {
		box := dam.ImageRecipes()[i].Box
		m := decode(t, r.Path)
		size := m.Bounds().Size()
		if long := max(size.X, size.Y); long != min(box, max(width, height)) {
			t.Errorf("%s: long side is %d", r.Name, long)
		}
		if size.X != r.Width || size.Y != r.Height {
			t.Errorf("%s: is %v, result says %dx%d", r.Name, size, r.Width, r.Height)
		}
		if off := size.X*height - size.Y*width; max(off, -off) > max(width, height) {
			t.Errorf("%s: %v has not the shape of %dx%d", r.Name, size, width, height)
		}
		for y := range 2 {
			for x := range 2 {
				near(t, r.Name, m.At(size.X*(1+2*x)/4, size.Y*(1+2*y)/4), quarters[y][x])
			}
		}
	}
}

// The tolerance covers JPEG's, CMYK's small gamut and the builtin profiles' rounding.
func near(t *testing.T, what string, got color.Color, want color.RGBA) {
	t.Helper()
	r, g, b, _ := got.RGBA()
	for i, channel := range []struct{ got, want int }{
		{int(r >> 8), int(want.R)}, {int(g >> 8), int(want.G)}, {int(b >> 8), int(want.B)},
	} {
		if d := channel.got - channel.want; max(d, -d) > 14 {
			t.Errorf("%s: channel %d is %d, want %d", what, i, channel.got, channel.want)
		}
	}
}

func decode(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := jpeg.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// noMetadata has exiftool look for anything besides the picture itself and its profile.
func noMetadata(t *testing.T, renditions []media.Rendition) {
	t.Helper()
	args := []string{"-q", "-json", "-G1", "-a", "-u", "-x", "System:all"}
	for _, r := range renditions {
		args = append(args, r.Path)
	}
	var files []map[string]any
	if err := json.Unmarshal([]byte(run(t, "exiftool", args...)), &files); err != nil || len(files) != len(renditions) {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		for name := range file {
			group, rest, _ := strings.Cut(name, ":")
			// How a picture of each kind is built; what it tells has groups of its own.
			known := []string{
				"ExifTool", "JFIF", "Composite", "ICC-header", "ICC_Profile", "PNG", "PNG-pHYs", "RIFF", "QuickTime", "Meta",
			}
			told := rest == "Comment" || rest == "EXIF" || rest == "XMP" || rest == "Warning"
			if rest == "" || !told && (slices.Contains(known, group) || group == "File") {
				continue
			}
			t.Errorf("%v carries %s", file["SourceFile"], name)
		}
	}
}

// transparentPNG shows the four quarters through a hole; around it is transparent black, which must
// come out white.
func transparentPNG(t *testing.T, path string) string {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 800, 600))
	full := quarterPicture(800, 600)
	for y := 30; y < 570; y++ {
		for x := 30; x < 770; x++ {
			m.Set(x, y, full.At(x, y))
		}
	}
	return writePNG(t, path, m)
}

func TestTransparencyBecomesWhite(t *testing.T) {
	path := transparentPNG(t, filepath.Join(t.TempDir(), "alpha.png"))
	result, err := newPool(t, media.Options{Workers: 1}).Render(t.Context(), jobFor(t, path))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "corner", decode(t, result.Renditions[0].Path).At(5, 5), color.RGBA{255, 255, 255, 255})
}

func TestEveryFormatIsMadeFromTheOneDecodeAndTellsNothing(t *testing.T) {
	dir := t.TempDir()
	photo := tag(t, writeJPEG(t, filepath.Join(dir, "photo.jpg"), stored(quarterPicture(1500, 1000), 6)),
		"-Orientation=6", "-GPSLatitude=48.2", "-GPSLatitudeRef=N", "-Artist=Somebody", "-XMP-dc:Title=Secret", "-Comment=secret")
	pool := newPool(t, media.Options{Workers: 1})
	job := jobFor(t, photo)
	job.Recipes = nil
	for _, mime := range []string{"image/avif", "image/png", "image/webp", "image/jpeg"} {
		ext := strings.TrimPrefix(mime, "image/")
		job.Recipes = append(job.Recipes, dam.Recipe{Name: "large-" + ext, Box: 900, MIME: mime, Quality: 70},
			dam.Recipe{Name: "small-" + ext, Box: 90, MIME: mime, Quality: 70})
	}
	result, err := pool.Render(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	noMetadata(t, result.Renditions)
	for i, r := range result.Renditions {
		want := job.Recipes[i]
		m := anyPicture(t, r.Path)
		if size := m.Bounds().Size(); r.MIME != want.MIME || size.X != want.Box || size.Y != want.Box*2/3 || r.Width != size.X || r.Height != size.Y {
			t.Errorf("%+v is %v", r, size)
		}
		if typ := sniffFile(t, r.Path); typ.MIME != want.MIME {
			t.Errorf("%s is %s", r.Name, typ.MIME)
		}
		for y := range 2 {
			for x := range 2 {
				near(t, r.Name, m.At(r.Width*(1+2*x)/4, r.Height*(1+2*y)/4), quarters[y][x])
			}
		}
	}
}

func TestAFormatThatCannotBeSoLargeIsMadeAsLargeAsItCan(t *testing.T) {
	path := writePNG(t, filepath.Join(t.TempDir(), "p.png"), image.NewGray(image.Rect(0, 0, 8000, 400)))
	job := jobFor(t, path)
	job.Recipes = []dam.Recipe{
		{Name: "a", Box: 8192, MIME: "image/avif", Quality: 50}, {Name: "j", Box: 8192, MIME: "image/jpeg", Quality: 50},
	}
	result, err := newPool(t, media.Options{Workers: 1}).Render(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if a, j := result.Renditions[0], result.Renditions[1]; a.Width != 4096 || a.Height != 205 || j.Width != 8000 {
		t.Errorf("made %+v and %+v", a, j)
	}
}

func TestTransparencyStaysInFormatsThatHaveIt(t *testing.T) {
	path := transparentPNG(t, filepath.Join(t.TempDir(), "alpha.png"))
	job := jobFor(t, path)
	job.Recipes = []dam.Recipe{
		{Name: "p", Box: 400, MIME: "image/png", Quality: 80}, {Name: "w", Box: 400, MIME: "image/webp", Quality: 80},
		{Name: "a", Box: 400, MIME: "image/avif", Quality: 80}, {Name: "j", Box: 400, MIME: "image/jpeg", Quality: 80},
	}
	result, err := newPool(t, media.Options{Workers: 1}).Render(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range result.Renditions {
		m := anyPicture(t, r.Path)
		near(t, r.Name+" in the middle", m.At(100, 75), quarters[0][0])
		_, _, _, alpha := m.At(2, 2).RGBA()
		if i < 3 && alpha > 0x1000 {
			t.Errorf("%s: the corner has alpha %d", r.Name, alpha)
		}
		if i == 3 {
			near(t, "corner of the JPEG", m.At(2, 2), color.RGBA{255, 255, 255, 255})
		}
		// The edge between is no darker than what it lies between: black that can't be seen stays so.
		if r, g, b, a := m.At(15, 75).RGBA(); a > 0x2000 && i < 3 {
			near(t, "edge", color.NRGBA64{uint16(r * 0xffff / a), uint16(g * 0xffff / a), uint16(b * 0xffff / a), 0xffff}, quarters[0][0])
		}
	}
}

func TestRecipesComeBackInTheOrderAsked(t *testing.T) {
	path := writePNG(t, filepath.Join(t.TempDir(), "p.png"), quarterPicture(1200, 300))
	job := jobFor(t, path)
	job.Recipes = []dam.Recipe{
		{Name: "tiny", Box: 64, MIME: "image/jpeg", Quality: 70},
		{Name: "large", Box: 1000, MIME: "image/jpeg", Quality: 90},
		{Name: "same", Box: 64, MIME: "image/jpeg", Quality: 90},
	}
	result, err := newPool(t, media.Options{Workers: 1}).Render(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []media.Rendition{{Name: "tiny", Width: 64, Height: 16}, {Name: "large", Width: 1000, Height: 250}, {Name: "same", Width: 64, Height: 16}} {
		got := result.Renditions[i]
		if got.Name != want.Name || got.Width != want.Width || got.Height != want.Height {
			t.Errorf("rendition %d is %+v, want %+v", i, got, want)
		}
		info, err := os.Stat(got.Path)
		if err != nil || info.Size() != got.Size || filepath.Dir(got.Path) != job.Out {
			t.Errorf("%s: file %v, %v", got.Name, info, err)
		}
	}
}

func TestRecipesThatCannotBeMadeAreNamed(t *testing.T) {
	path := writePNG(t, filepath.Join(t.TempDir(), "p.png"), quarterPicture(40, 40))
	pool := newPool(t, media.Options{Workers: 1})
	for _, c := range []struct {
		name    string
		recipes []dam.Recipe
	}{
		{"none at all", nil},
		{"a name that leaves the directory", []dam.Recipe{{Name: "../x", Box: 10, MIME: "image/jpeg", Quality: 80}}},
		{"a name that hides", []dam.Recipe{{Name: ".x", Box: 10, MIME: "image/jpeg", Quality: 80}}},
		{"another format", []dam.Recipe{{Name: "x", Box: 10, MIME: "image/gif", Quality: 80}}},
		{"a size beyond all", []dam.Recipe{{Name: "x", Box: 16_385, MIME: "image/jpeg", Quality: 80}}},
		{"no size", []dam.Recipe{{Name: "x", MIME: "image/jpeg", Quality: 80}}},
		{"no quality", []dam.Recipe{{Name: "x", Box: 10, MIME: "image/jpeg"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			job := jobFor(t, path)
			job.Recipes = c.recipes
			if _, err := pool.Render(t.Context(), job); dam.KindOf(err) != dam.Invalid {
				t.Errorf("got %v", err)
			}
			if left, _ := os.ReadDir(job.Out); len(left) > 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}
