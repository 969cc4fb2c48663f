// Package media knows what a file is, and has pictures made and metadata read by child processes that
// it limits, confines and replaces. It never decodes a byte of an upload in its own process and never
// believes what a child says: pictures are checked, texts are cleaned. The library's jobs call it.
package media

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// HeadSize is how much of a file's beginning Sniff wants to see.
const HeadSize = 64 << 10

// Type is what a file is, as its first bytes tell.
type Type struct {
	MIME   string
	Kind   string // image, video, audio, document or other
	Loader string // how a child opens it as a picture; empty: never, the asset gets a type card
}

// Renderable says whether pictures may be made of such a file.
func (t Type) Renderable() bool { return t.Loader != "" }

// Sniff tells what a file is by its first bytes. The name chooses only among texts and unknown bytes,
// and it can close a door (a camera's raw file is a TIFF by its bytes) but never open one.
func Sniff(head []byte, name string) Type {
	ext := strings.ToLower(filepath.Ext(name))
	mime, loader := picture(head)
	if loader == "" {
		mime, _, _ = strings.Cut(mimetype.Detect(head).String(), ";")
	}
	switch mime {
	case "image/tiff":
		if raw, isRaw := rawFormats[ext]; isRaw {
			mime, loader = raw, ""
		}
	case "text/plain", "application/octet-stream":
		if named, known := namedTypes[ext]; known && named.text == (mime == "text/plain") {
			mime = named.mime
		}
	}
	return Type{MIME: mime, Kind: kindOf(mime), Loader: loader}
}

// picture is the allow-list: what is not named here is never handed to a decoder.
func picture(head []byte) (mime, loader string) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return "image/jpeg", "jpeg"
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png", "png"
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return "image/gif", "gif"
	case len(head) >= 16 && string(head[:4]) == "RIFF" && string(head[8:15]) == "WEBPVP8":
		return "image/webp", "webp"
	case isTIFF(head):
		return "image/tiff", "tiff"
	}
	switch heifBrand(head) {
	case "avif", "avis":
		return "image/avif", "heif"
	case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
		return "image/heic", "heif"
	}
	return "", ""
}

func isTIFF(head []byte) bool {
	for _, magic := range []string{"II*\x00", "MM\x00*", "II+\x00", "MM\x00+"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return len(head) < 10 || string(head[8:10]) != "CR" // Canon's raw files say so here
		}
	}
	return false
}

// heifBrand returns the brand of an ISO file that decides how it is read: the major one, or, where that
// only says "some HEIF", the first compatible one that says more.
func heifBrand(head []byte) string {
	if len(head) < 16 || string(head[4:8]) != "ftyp" {
		return ""
	}
	size := min(int(binary.BigEndian.Uint32(head)), len(head))
	major := string(head[8:12])
	if major != "mif1" && major != "msf1" {
		return major
	}
	for at := 16; at+4 <= size; at += 4 {
		switch brand := string(head[at : at+4]); brand {
		case "avif", "avis", "heic", "heix":
			return brand
		}
	}
	return major
}

func kindOf(mime string) string {
	group, _, _ := strings.Cut(mime, "/")
	switch {
	case group == "image", group == "video", group == "audio":
		return group
	case group == "text", documents[mime],
		strings.HasPrefix(mime, "application/vnd.openxmlformats-officedocument."),
		strings.HasPrefix(mime, "application/vnd.oasis.opendocument."):
		return "document"
	}
	return "other"
}

var documents = map[string]bool{
	"application/pdf":               true,
	"application/msword":            true,
	"application/vnd.ms-excel":      true,
	"application/vnd.ms-powerpoint": true,
	"application/epub+zip":          true,
	"application/rtf":               true,
	"application/json":              true,
	"application/xml":               true,
	"application/postscript":        true,
}

// rawFormats are TIFF by their bytes, but their first picture is a stamp-sized preview.
var rawFormats = map[string]string{
	".3fr": "image/x-hasselblad-3fr", ".arw": "image/x-sony-arw", ".cr2": "image/x-canon-cr2",
	".dcr": "image/x-kodak-dcr", ".dng": "image/x-adobe-dng", ".erf": "image/x-epson-erf",
	".iiq": "image/x-phaseone-iiq", ".kdc": "image/x-kodak-kdc", ".mef": "image/x-mamiya-mef",
	".mos": "image/x-leaf-mos", ".nef": "image/x-nikon-nef", ".nrw": "image/x-nikon-nrw",
	".pef": "image/x-pentax-pef", ".sr2": "image/x-sony-sr2", ".srw": "image/x-samsung-srw",
}

var namedTypes = map[string]struct {
	mime string
	text bool
}{
	".css": {"text/css", true}, ".csv": {"text/csv", true}, ".ics": {"text/calendar", true},
	".json": {"application/json", true}, ".md": {"text/markdown", true}, ".srt": {"application/x-subrip", true},
	".vtt": {"text/vtt", true}, ".xml": {"application/xml", true}, ".yaml": {"application/yaml", true},
	".yml": {"application/yaml", true}, ".cube": {"text/x-cube-lut", true},
	".xmp":  {"application/rdf+xml", true},
	".indd": {"application/x-indesign", false}, ".blend": {"application/x-blender", false},
	".sketch": {"application/x-sketch", false}, ".raf": {"image/x-fuji-raf", false},
	".rw2": {"image/x-panasonic-rw2", false}, ".orf": {"image/x-olympus-orf", false},
}
