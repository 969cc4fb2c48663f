// Package media knows what a file is, and has pictures made and metadata read by child processes that
// it limits, confines and replaces. It never decodes a byte of an upload in its own process and never
// believes what a child says: pictures are checked, texts are cleaned. The library's jobs call it.
package media

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"vitrine/internal/media/wire"
)

// HeadSize is how much of a file's beginning Sniff wants to see.
const HeadSize = 64 << 10

// Type is what a file is, as its first bytes tell.
type Type struct {
	MIME   string
	Kind   string // image, video, audio, document or other
	Work   Work
	Loader string // how a child opens it as a picture; empty: never
}

// Work is how renditions are made of a file. The zero value is the safest: not at all, the asset gets a
// type card.
type Work string

// The ways to work on a file. Each is an allow-list: what Sniff does not name for it is never handed to
// a program that decodes.
const (
	WorkPicture Work = "picture" // by Pool.Render, with Type.Loader
	WorkRaw     Work = "raw"     // a camera's raw file: by its embedded preview
	WorkVideo   Work = "video"   // a container that may hold films, and may turn out to hold sound only
	WorkAudio   Work = "audio"
	WorkPDF     Work = "pdf"
	WorkOffice  Work = "office"
)

// Renderable says whether pictures may be made of such a file directly.
func (t Type) Renderable() bool { return t.Loader != "" }

// Sniff tells what a file is by its first bytes. The name chooses only among what the bytes leave open
// (texts, containers of the same make, unknown bytes), and it can close a door (a camera's raw file is a
// TIFF by its bytes) but never open one to a decoder that the bytes alone would not.
func Sniff(head []byte, name string) Type {
	ext := strings.ToLower(filepath.Ext(name))
	if mime := rawFormat(head, ext); mime != "" {
		return Type{MIME: mime, Kind: "image", Work: WorkRaw}
	}
	if mime, loader := picture(head); loader != "" {
		return Type{MIME: mime, Kind: "image", Work: WorkPicture, Loader: loader}
	}
	mime := byName(container(head), ext)
	return Type{MIME: mime, Kind: kindOf(mime), Work: works[mime]}
}

// container tells what is no picture apart by its bytes alone.
func container(head []byte) string {
	mime, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	switch mime {
	case "application/octet-stream":
		if isTransportStream(head) {
			return "video/mp2t"
		}
	case "application/zip":
		return officeInZip(head)
	case "audio/aac":
		if !isADTS(head) {
			return "application/octet-stream"
		}
	case "audio/x-m4a":
		return "audio/mp4"
	}
	return mime
}

// byName lets the name choose among what the bytes leave open.
func byName(mime, ext string) string {
	if named, known := equals[mime][ext]; known {
		return named
	}
	return mime
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
	case isSVG(head):
		return "image/svg+xml", wire.Vector
	case isPSD(head):
		return "image/vnd.adobe.photoshop", "psd"
	}
	switch heifBrand(head) {
	case "avif", "avis":
		return "image/avif", "heif"
	case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
		return "image/heic", "heif"
	}
	return "", ""
}

// isPSD wants what the child reads: 8 or 16 bits of grey, RGB, CMYK or duotone.
func isPSD(head []byte) bool {
	return len(head) >= 26 && string(head[:6]) == "8BPS\x00\x01" &&
		(head[23] == 8 || head[23] == 16) && slices.Contains([]byte{1, 3, 4, 8}, head[25])
}

// isSVG wants an svg element before any other. Packed drawings are no drawings: what they unpack to is
// for a decoder to find out.
func isSVG(head []byte) bool {
	rest := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		end := ">"
		switch {
		case bytes.HasPrefix(rest, []byte("<?")):
			end = "?>"
		case bytes.HasPrefix(rest, []byte("<!--")):
			end = "-->"
		case bytes.HasPrefix(rest, []byte("<!DOCTYPE")):
			if subset := bytes.IndexByte(rest, '['); subset >= 0 && subset < bytes.IndexByte(rest, '>') {
				end = "]"
			}
		case len(rest) > 0 && rest[0] == '>': // behind the ] of a DOCTYPE
		default:
			return bytes.HasPrefix(rest, []byte("<svg")) && len(rest) > 4 && strings.IndexByte(" \t\r\n/>", rest[4]) >= 0
		}
		_, after, found := bytes.Cut(rest, []byte(end))
		if !found {
			return false
		}
		rest = after
	}
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
	"application/json":              true,
	"application/xml":               true,
	"application/postscript":        true,
}
