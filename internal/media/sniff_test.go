package media_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/media"
)

func TestBytesDecideWhatAFileIs(t *testing.T) {
	drawing := media.Type{MIME: "image/svg+xml", Kind: "image", Work: media.WorkPicture, Loader: "svg"}
	const jpeg, heifHead = "\xff\xd8\xff\xe0\x00\x10JFIF\x00", "\x00\x00\x00\x18ftyp"
	for _, c := range []struct {
		what, head, name string
		want             media.Type
	}{
		{"a JPEG", jpeg, "a.jpg", media.Type{MIME: "image/jpeg", Kind: "image", Work: media.WorkPicture, Loader: "jpeg"}},
		{"a JPEG by another name", jpeg, "a.html", media.Type{MIME: "image/jpeg", Kind: "image", Work: media.WorkPicture, Loader: "jpeg"}},
		{"a PNG", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a", media.Type{MIME: "image/png", Kind: "image", Work: media.WorkPicture, Loader: "png"}},
		{"a GIF", "GIF89a\x01\x00\x01\x00", "a.gif", media.Type{MIME: "image/gif", Kind: "image", Work: media.WorkPicture, Loader: "gif"}},
		{"a WebP", "RIFF\x00\x00\x00\x00WEBPVP8 ", "a", media.Type{MIME: "image/webp", Kind: "image", Work: media.WorkPicture, Loader: "webp"}},
		{"another RIFF", "RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00", "a.webp", media.Type{MIME: "audio/wav", Kind: "audio", Work: media.WorkAudio}},
		{"a TIFF", "II*\x00\x08\x00\x00\x00", "a.tif", media.Type{MIME: "image/tiff", Kind: "image", Work: media.WorkPicture, Loader: "tiff"}},
		{"a big-endian BigTIFF", "MM\x00+\x00\x08\x00\x00", "a.tif", media.Type{MIME: "image/tiff", Kind: "image", Work: media.WorkPicture, Loader: "tiff"}},
		{"a camera's raw file that is a TIFF", "II*\x00\x08\x00\x00\x00", "A.NEF", media.Type{MIME: "image/x-nikon-nef", Kind: "image", Work: media.WorkRaw}},
		{"a Canon raw file named .tif", "II*\x00\x10\x00\x00\x00CR\x02\x00", "a.tif", media.Type{MIME: "image/x-canon-cr2", Kind: "image", Work: media.WorkRaw}},
		{"a HEIC", heifHead + "heic\x00\x00\x00\x00mif1heic", "a", media.Type{MIME: "image/heic", Kind: "image", Work: media.WorkPicture, Loader: "heif"}},
		{"a HEIF that is HEIC", heifHead + "mif1\x00\x00\x00\x00mif1heic", "a", media.Type{MIME: "image/heic", Kind: "image", Work: media.WorkPicture, Loader: "heif"}},
		{"a HEIF that is AVIF", heifHead + "mif1\x00\x00\x00\x00mif1avif", "a", media.Type{MIME: "image/avif", Kind: "image", Work: media.WorkPicture, Loader: "heif"}},
		{"an AVIF", heifHead + "avif\x00\x00\x00\x00avifmif1", "a.jpg", media.Type{MIME: "image/avif", Kind: "image", Work: media.WorkPicture, Loader: "heif"}},
		{"a film", heifHead + "isom\x00\x00\x02\x00isomiso2", "a.heic", media.Type{MIME: "video/mp4", Kind: "video", Work: media.WorkVideo}},
		{"an SVG named .jpg", `<svg xmlns="http://www.w3.org/2000/svg">`, "a.jpg", drawing},
		{"an SVG as programs write it", "\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- > -->\n<!DOCTYPE svg [\n<!ENTITY ns \"x\">\n]>\n<svg\n width=\"1\">", "a", drawing},
		{"an SVG with a plain DOCTYPE", "<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"a.dtd\"><svg>", "a", drawing},
		{"HTML with an SVG in it", "<!DOCTYPE html><body><svg xmlns=\"http://www.w3.org/2000/svg\">", "a.svg", media.Type{MIME: "text/html", Kind: "document"}},
		{"a comment without end", "<!-- <svg>", "a.svg", media.Type{MIME: "text/html", Kind: "document"}},
		{"a packed SVG named .jpg", "\x1f\x8b\x08\x00\x00\x00\x00\x00", "a.jpg", media.Type{MIME: "application/gzip", Kind: "other"}},
		{"HTML named .jpg", "<!DOCTYPE html><html><script>", "a.jpg", media.Type{MIME: "text/html", Kind: "document"}},
		{"a PDF named .jpg", "%PDF-1.7\n", "a.jpg", media.Type{MIME: "application/pdf", Kind: "document", Work: media.WorkPDF}},
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
			if got.Renderable() != (got.Work == media.WorkPicture) {
				t.Error("Renderable disagrees with Work")
			}
		})
	}
}

func TestTheWayToWorkOnAFileFollowsFromItsBytes(t *testing.T) {
	const ole = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	zip := func(names ...string) string {
		var b strings.Builder
		for _, name := range names {
			b.WriteString("PK\x03\x04" + strings.Repeat("\x00", 22) + string(rune(len(name))) + "\x00\x00\x00" + name + "content")
		}
		return b.String()
	}
	odf := func(kind string) string { return zip("mimetypeapplication/vnd.oasis.opendocument." + kind) }
	packets := func(size, sync int) string {
		packet := strings.Repeat("\x00", sync) + "G\x40\x00\x10" + strings.Repeat("\x00", size-sync-4)
		return strings.Repeat(packet, 6)
	}
	adts := strings.Repeat("\xff\xf1\x50\x80\x02\x1f\xfc"+strings.Repeat("\x00", 9), 3)
	// A TIFF of one directory, with the maker's name behind it.
	tiff := func(maker string, tags ...uint32) string {
		b := []byte("II*\x00\x08\x00\x00\x00")
		b = binary.LittleEndian.AppendUint16(b, uint16(len(tags)/2+1))
		add := func(tag uint16, length, value uint32) {
			b = binary.LittleEndian.AppendUint16(b, tag)
			b = binary.LittleEndian.AppendUint16(b, 4)
			b = binary.LittleEndian.AppendUint32(b, length)
			b = binary.LittleEndian.AppendUint32(b, value)
		}
		add(271, uint32(len(maker)), uint32(8+2+12*(len(tags)/2+1)+4))
		for i := 0; i < len(tags); i += 2 {
			add(uint16(tags[i]), 1, tags[i+1])
		}
		return string(b) + "\x00\x00\x00\x00" + maker
	}
	for _, c := range []struct {
		what, head, name, mime string
		want                   media.Work
	}{
		{"a QuickTime film", "\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00", "a", "video/quicktime", media.WorkVideo},
		{"a QuickTime film of old", "\x00\x00\x00\x08wide\x00\x00\x10\x00mdat", "a", "video/quicktime", media.WorkVideo},
		{"an M4V", "\x00\x00\x00\x14ftypM4V \x00\x00\x00\x00", "a", "video/x-m4v", media.WorkVideo},
		{"a Matroska", "\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska", "a", "video/matroska", media.WorkVideo},
		{"a WebM", "\x1a\x45\xdf\xa3\x93\x42\x82\x84webm", "a", "video/webm", media.WorkVideo},
		{"an AVI", "RIFF\x00\x00\x00\x00AVI LIST\x00\x00\x00\x00", "a", "video/x-msvideo", media.WorkVideo},
		{"a transport stream", packets(188, 0), "a.ts", "video/mp2t", media.WorkVideo},
		{"a camera's transport stream", packets(192, 4), "a.mts", "video/mp2t", media.WorkVideo},
		{"a program named .ts", "GGG", "a.ts", "text/plain", ""},
		{"a program stream", "\x00\x00\x01\xba\x44\x00", "a", "video/mpeg", media.WorkVideo},
		{"a Flash film", "FLV\x01\x05\x00\x00\x00\x09", "a", "video/x-flv", media.WorkVideo},
		{"an ASF", "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", "a.wmv", "video/x-ms-asf", media.WorkVideo},
		{"an ASF of sound", "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", "a.wma", "audio/x-ms-wma", media.WorkAudio},
		{"an Ogg of sound", "OggS\x00\x02" + strings.Repeat("\x00", 22) + "\x01vorbis\x00\x00", "a", "audio/ogg", media.WorkAudio},
		{"an Ogg of pictures", "OggS\x00\x02" + strings.Repeat("\x00", 22) + "\x80theora\x00\x00", "a", "video/ogg", media.WorkVideo},
		{"an MP3 with tags", "ID3\x04\x00\x00\x00\x00\x00\x0bTIT2\x00\x00\x00\x01\x00\x00x", "a", "audio/mpeg", media.WorkAudio},
		{"an MP3 without tags", "\xff\xfb\x90\x64\x00", "a", "audio/mpeg", media.WorkAudio},
		{"a FLAC", "fLaC\x00\x00\x00\x22", "a", "audio/flac", media.WorkAudio},
		{"an M4A", "\x00\x00\x00\x14ftypM4A \x00\x00\x00\x00", "a", "audio/mp4", media.WorkAudio},
		{"an M4A that says it is MP4", "\x00\x00\x00\x14ftypisom\x00\x00\x00\x00", "a.m4a", "audio/mp4", media.WorkAudio},
		{"an AAC", adts, "a", "audio/aac", media.WorkAudio},
		{"two bytes like an AAC", "\xff\xf1\x00\x00", "a.aac", "application/octet-stream", ""},
		{"an AIFF", "FORM\x00\x00\x00\x00AIFF\x00", "a", "audio/aiff", media.WorkAudio},
		{"a playlist, which names other files", "#EXTM3U\n#EXT-X-VERSION:3\n/etc/passwd\n", "a.mp4", "application/vnd.apple.mpegurl", ""},
		{"a Word document", zip("[Content_Types].xml", "_rels/.rels", "word/document.xml"), "a", wordMIME, media.WorkOffice},
		{"a Word document of another order", zip("word/numbering.xml", "word/document.xml"), "a", wordMIME, media.WorkOffice},
		{"a Word document whose parts are far behind", zip("[Content_Types].xml"), "a.docx", wordMIME, media.WorkOffice},
		{"a workbook", zip("[Content_Types].xml", "xl/workbook.xml"), "a.docx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", media.WorkOffice},
		{"a presentation", zip("[Content_Types].xml", "ppt/presentation.xml"), "a", "application/vnd.openxmlformats-officedocument.presentationml.presentation", media.WorkOffice},
		{"an archive", zip("a.txt"), "a.zip", "application/zip", ""},
		{"an ODT", odf("text"), "a", "application/vnd.oasis.opendocument.text", media.WorkOffice},
		{"an ODS", odf("spreadsheet"), "a", "application/vnd.oasis.opendocument.spreadsheet", media.WorkOffice},
		{"an ODP", odf("presentation"), "a", "application/vnd.oasis.opendocument.presentation", media.WorkOffice},
		{"an old Word document", ole, "a.doc", "application/msword", media.WorkOffice},
		{"an old workbook", ole, "a.XLS", "application/vnd.ms-excel", media.WorkOffice},
		{"an old presentation", ole, "a.ppt", "application/vnd.ms-powerpoint", media.WorkOffice},
		{"an old container of who knows what", ole, "a.bin", "application/x-ole-storage", ""},
		{"an RTF", "{\\rtf1\\ansi}", "a", "text/rtf", media.WorkOffice},
		{"a CR2", "II*\x00\x10\x00\x00\x00CR\x02\x00", "a", "image/x-canon-cr2", media.WorkRaw},
		{"a CR3", "\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01", "a", "image/x-canon-cr3", media.WorkRaw},
		{"a RAF", "FUJIFILMCCD-RAW 0201", "a", "image/x-fuji-raf", media.WorkRaw},
		{"an RW2", "IIU\x00\x18\x00\x00\x00", "a", "image/x-panasonic-rw2", media.WorkRaw},
		{"an ORF", "IIRO\x08\x00\x00\x00", "a", "image/x-olympus-orf", media.WorkRaw},
		{"a DNG named .tif", tiff("Apple", 50706, 0x0401), "a.tif", "image/x-adobe-dng", media.WorkRaw},
		{"a NEF named .tif", tiff("NIKON CORPORATION\x00", 254, 1, 330, 9), "a.tif", "image/x-nikon-nef", media.WorkRaw},
		{"an ARW named .tif", tiff("SONY \x00", 254, 1, 330, 9), "a.tif", "image/x-sony-arw", media.WorkRaw},
		{"an ARW", tiff("SONY \x00"), "a.arw", "image/x-sony-arw", media.WorkRaw},
		{"a scan of a film by Nikon", tiff("Nikon\x00", 254, 0), "a.tif", "image/tiff", media.WorkPicture},
		{"a JPEG named .nef", "\xff\xd8\xff\xe0\x00\x10JFIF\x00", "a.nef", "image/jpeg", media.WorkPicture},
		{"unknown bytes named .raf", "\x00\x01\x02\xff\xfe\x80", "a.raf", "image/x-fuji-raf", ""},
		{"a PSD", "8BPS\x00\x01" + strings.Repeat("\x00", 7) + "\x03\x00\x00\x00\x09\x00\x00\x00\x09\x00\x08\x00\x03", "a", "image/vnd.adobe.photoshop", media.WorkPicture},
		{"a PSD of one bit", "8BPS\x00\x01" + strings.Repeat("\x00", 7) + "\x01\x00\x00\x00\x09\x00\x00\x00\x09\x00\x01\x00\x00", "a", "image/vnd.adobe.photoshop", ""},
		{"a PSD cut short", "8BPS\x00\x01\x00\x00", "a", "image/vnd.adobe.photoshop", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := media.Sniff([]byte(c.head), c.name); got.MIME != c.mime || got.Work != c.want {
				t.Errorf("got %+v, want %s by %q", got, c.mime, c.want)
			}
		})
	}
}

const wordMIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

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

func TestFilmsAndSoundThatFFmpegWritesAreKnown(t *testing.T) {
	dir := t.TempDir()
	for ext, want := range map[string]media.Work{
		"mp4": media.WorkVideo, "mov": media.WorkVideo, "m4v": media.WorkVideo, "mkv": media.WorkVideo,
		"webm": media.WorkVideo, "avi": media.WorkVideo, "ts": media.WorkVideo, "m2ts": media.WorkVideo,
		"mpg": media.WorkVideo, "flv": media.WorkVideo, "wmv": media.WorkVideo, "3gp": media.WorkVideo,
		"mp3": media.WorkAudio, "wav": media.WorkAudio, "flac": media.WorkAudio, "m4a": media.WorkAudio,
		"aac": media.WorkAudio, "opus": media.WorkAudio, "aiff": media.WorkAudio, "wma": media.WorkAudio,
	} {
		path := filepath.Join(dir, "x."+ext)
		args := []string{"-v", "error", "-f", "lavfi", "-i", "sine=d=0.5"}
		if want == media.WorkVideo {
			args = []string{"-v", "error", "-f", "lavfi", "-i", "testsrc=s=176x144:d=0.2:r=25"}
		}
		run(t, "ffmpeg", append(args, "-threads", "1", path)...)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := media.Sniff(content[:min(len(content), media.HeadSize)], "x."+ext); got.Work != want {
			t.Errorf("%s: %+v, want %q", ext, got, want)
		}
	}
}
