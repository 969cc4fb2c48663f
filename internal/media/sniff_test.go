package media_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"vitrine/internal/media"
)

func TestBytesDecideWhatAFileIs(t *testing.T) {
	const jpeg, heifHead = "\xff\xd8\xff\xe0\x00\x10JFIF\x00", "\x00\x00\x00\x18ftyp"
	for _, c := range []struct {
		what, head, name string
		want             media.Type
	}{
		{"a JPEG", jpeg, "a.jpg", media.Type{MIME: "image/jpeg", Kind: "image", Loader: "jpeg"}},
		{"a JPEG by another name", jpeg, "a.html", media.Type{MIME: "image/jpeg", Kind: "image", Loader: "jpeg"}},
		{"a PNG", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a", media.Type{MIME: "image/png", Kind: "image", Loader: "png"}},
		{"a GIF", "GIF89a\x01\x00\x01\x00", "a.gif", media.Type{MIME: "image/gif", Kind: "image", Loader: "gif"}},
		{"a WebP", "RIFF\x00\x00\x00\x00WEBPVP8 ", "a", media.Type{MIME: "image/webp", Kind: "image", Loader: "webp"}},
		{"another RIFF", "RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00", "a.webp", media.Type{MIME: "audio/wav", Kind: "audio"}},
		{"a TIFF", "II*\x00\x08\x00\x00\x00", "a.tif", media.Type{MIME: "image/tiff", Kind: "image", Loader: "tiff"}},
		{"a big-endian BigTIFF", "MM\x00+\x00\x08\x00\x00", "a.tif", media.Type{MIME: "image/tiff", Kind: "image", Loader: "tiff"}},
		{"a camera's raw file that is a TIFF", "II*\x00\x08\x00\x00\x00", "A.NEF", media.Type{MIME: "image/x-nikon-nef", Kind: "image"}},
		{"a Canon raw file named .tif", "II*\x00\x10\x00\x00\x00CR\x02\x00", "a.tif", media.Type{MIME: "image/tiff", Kind: "image"}},
		{"a HEIC", heifHead + "heic\x00\x00\x00\x00mif1heic", "a", media.Type{MIME: "image/heic", Kind: "image", Loader: "heif"}},
		{"a HEIF that is HEIC", heifHead + "mif1\x00\x00\x00\x00mif1heic", "a", media.Type{MIME: "image/heic", Kind: "image", Loader: "heif"}},
		{"a HEIF that is AVIF", heifHead + "mif1\x00\x00\x00\x00mif1avif", "a", media.Type{MIME: "image/avif", Kind: "image", Loader: "heif"}},
		{"an AVIF", heifHead + "avif\x00\x00\x00\x00avifmif1", "a.jpg", media.Type{MIME: "image/avif", Kind: "image", Loader: "heif"}},
		{"a film", heifHead + "isom\x00\x00\x02\x00isomiso2", "a.heic", media.Type{MIME: "video/mp4", Kind: "video"}},
		{"an SVG named .jpg", `<svg xmlns="http://www.w3.org/2000/svg">`, "a.jpg", media.Type{MIME: "image/svg+xml", Kind: "image"}},
		{"a packed SVG named .jpg", "\x1f\x8b\x08\x00\x00\x00\x00\x00", "a.jpg", media.Type{MIME: "application/gzip", Kind: "other"}},
		{"HTML named .jpg", "<!DOCTYPE html><html><script>", "a.jpg", media.Type{MIME: "text/html", Kind: "document"}},
		{"a PDF named .jpg", "%PDF-1.7\n", "a.jpg", media.Type{MIME: "application/pdf", Kind: "document"}},
		{"a text named .jpg", "hello, world", "a.jpg", media.Type{MIME: "text/plain", Kind: "document"}},
		{"a text named .csv", "a plain line\nand more", "a.CSV", media.Type{MIME: "text/csv", Kind: "document"}},
		{"unknown bytes named .csv", "\x00\x01\x02\xff\xfe\x80", "a.csv", media.Type{MIME: "application/octet-stream", Kind: "other"}},
		{"unknown bytes named .jpg", "\x00\x01\x02\xff\xfe\x80", "a.jpg", media.Type{MIME: "application/octet-stream", Kind: "other"}},
		{"a BMP, which no child may load", "BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00", "a.bmp", media.Type{MIME: "image/bmp", Kind: "image"}},
		{"an EPS named .png", "%!PS-Adobe-3.0 EPSF-3.0", "a.png", media.Type{MIME: "application/postscript", Kind: "document"}},
		{"nothing", "", "a.jpg", media.Type{MIME: "text/plain", Kind: "document"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			got := media.Sniff([]byte(c.head), c.name)
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if got.Renderable() != (got.Loader != "") {
				t.Error("Renderable disagrees with Loader")
			}
		})
	}
}

func FuzzSniff(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic"), "a.heic")
	f.Add([]byte("II*\x00"), "a.nef")
	f.Fuzz(func(t *testing.T, head []byte, name string) {
		typ := media.Sniff(head, name)
		if typ.MIME == "" || typ.Kind == "" {
			t.Errorf("%+v", typ)
		}
		if typ.Renderable() && !media.Sniff(head, "").Renderable() {
			t.Error("the name opened a door")
		}
	})
}

func TestWhatTheToolsWriteIsKnown(t *testing.T) {
	dir := t.TempDir()
	png := writePNG(t, filepath.Join(dir, "p.png"), quarterPicture(64, 64))
	for ext, want := range map[string]string{
		"jpg": "jpeg", "png": "png", "webp": "webp", "tif": "tiff", "gif": "gif", "heic": "heif", "avif": "heif",
	} {
		path := filepath.Join(dir, "x."+ext)
		run(t, "vips", "copy", png, path)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := media.Sniff(bytes.Clone(content[:64]), "").Loader; got != want {
			t.Errorf("%s: loader %q, want %q", ext, got, want)
		}
	}
}
