package media

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// encoded has the programs of libvips encode a picture of 33 x 21, half of it transparent if so asked.
func encoded(t testing.TB, ext string, alpha bool) []byte {
	t.Helper()
	dir := t.TempDir()
	plain, path := filepath.Join(dir, "plain.v"), filepath.Join(dir, "x."+ext)
	bands := "3"
	if alpha {
		bands = "4"
	}
	for _, args := range [][]string{
		{"black", plain, "33", "21", "--bands", bands},
		{"copy", plain, plain + "s.v", "--interpretation", "srgb"},
		{"copy", plain + "s.v", path},
	} {
		if out, err := exec.Command("vips", args...).CombinedOutput(); err != nil {
			t.Fatalf("vips %v: %v: %s", args, err, out)
		}
	}
	path, _, _ = strings.Cut(path, "[") // what follows are the encoder's options
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestTheSizeOfAPictureIsReadFromItsHeader(t *testing.T) {
	lossless := encoded(t, "webp[lossless]", false)
	for _, c := range []struct {
		what    string
		content []byte
		size    func([]byte) (int, int, error)
	}{
		{"a PNG", encoded(t, "png", false), pngSize},
		{"a JPEG", encoded(t, "jpg", false), jpegSize},
		{"an AVIF", encoded(t, "avif", false), avifSize},
		{"an AVIF with alpha", encoded(t, "avif", true), avifSize},
		{"a WebP", bare(encoded(t, "webp", false)), webpSize},
		{"a WebP with alpha", bare(encoded(t, "webp", true)), webpSize},
		{"a lossless WebP", bare(lossless), webpSize},
		{"a lossless WebP without more", simple(bare(lossless)), webpSize},
	} {
		if w, h, err := c.size(c.content); w != 33 || h != 21 || err != nil {
			t.Errorf("%s: %dx%d, %v", c.what, w, h, err)
		}
		for i := range len(c.content) / 2 {
			if w, h, err := c.size(c.content[:i]); err == nil && (w != 33 || h != 21) {
				t.Errorf("%s: cut at %d it is %dx%d", c.what, i, w, h)
			}
		}
	}
}

// bare takes metadata out as the child does, which no room above it may import.
func bare(content []byte) []byte {
	b := append([]byte(nil), content[:12]...)
	for rest := content[12:]; len(rest) >= 8; {
		size := 8 + int(binary.LittleEndian.Uint32(rest[4:]))
		size += size % 2
		switch string(rest[:4]) {
		case "VP8X":
			b = append(b, rest[:size]...)
			b[20] &= 1 << 4
		case "ALPH", "VP8 ", "VP8L":
			b = append(b, rest[:size]...)
		}
		rest = rest[size:]
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

// simple leaves out the first chunk of an extended WebP.
func simple(content []byte) []byte {
	if string(content[12:16]) != "VP8X" {
		return content
	}
	b := append(append([]byte(nil), content[:12]...), content[30:]...)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

func TestWhatIsNoPictureOfOursIsNotTaken(t *testing.T) {
	webp, avif := encoded(t, "webp", false), encoded(t, "avif", false)
	if string(webp[12:16]) != "VP8X" {
		t.Fatal("this libvips writes no metadata into a WebP: the test shows nothing")
	}
	longer := append(bare(webp), "<script>"...)
	moves := bare(webp)
	moves[20] |= 1 << 1
	other := append([]byte(nil), avif...)
	copy(other[8:], "isom")
	for _, c := range []struct {
		what    string
		content []byte
		size    func([]byte) (int, int, error)
	}{
		{"a WebP with metadata", webp, webpSize},
		{"a WebP with more behind it", longer, webpSize},
		{"a WebP that moves", moves, webpSize},
		{"a film", other, avifSize},
		{"an AVIF as WebP", avif, webpSize},
		{"a WebP as AVIF", webp, avifSize},
		{"a WebP as PNG", webp, pngSize},
		{"nothing", nil, pngSize},
	} {
		if w, h, err := c.size(c.content); err == nil {
			t.Errorf("%s is %dx%d", c.what, w, h)
		}
	}
}

func FuzzPictureSizes(f *testing.F) {
	f.Add(encoded(f, "webp", true))
	f.Add(encoded(f, "avif", true))
	f.Add(encoded(f, "png", false))
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, e := range encodings {
			if w, h, err := e.size(content); err == nil && (w < 0 || h < 0) {
				t.Errorf("%s: %dx%d", e.name, w, h)
			}
		}
	})
}
