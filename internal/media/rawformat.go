package media

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// rawByName are the raw files that are TIFF by their bytes.
var rawByName = map[string]string{
	".3fr": "image/x-hasselblad-3fr", ".arw": "image/x-sony-arw", ".cr2": "image/x-canon-cr2",
	".dcr": "image/x-kodak-dcr", ".dng": "image/x-adobe-dng", ".erf": "image/x-epson-erf",
	".fff": "image/x-hasselblad-fff",
	".iiq": "image/x-phaseone-iiq", ".kdc": "image/x-kodak-kdc", ".mef": "image/x-mamiya-mef",
	".mos": "image/x-leaf-mos", ".nef": "image/x-nikon-nef", ".nrw": "image/x-nikon-nrw",
	".pef": "image/x-pentax-pef", ".sr2": "image/x-sony-sr2", ".srw": "image/x-samsung-srw",
}

// rawByMagic are the raw files that say so in their first bytes.
var rawByMagic = []struct {
	at          int
	magic, mime string
}{
	{0, "FUJIFILMCCD-RAW", "image/x-fuji-raf"},
	{0, "IIU\x00", "image/x-panasonic-rw2"},
	{0, "IIRO", "image/x-olympus-orf"}, {0, "IIRS", "image/x-olympus-orf"}, {0, "MMOR", "image/x-olympus-orf"},
	{0, "FOVb", "image/x-sigma-x3f"},
	{0, "\x00MRM", "image/x-minolta-mrw"},
	{4, "ftypcrx ", "image/x-canon-cr3"},
	{6, "HEAPCCDR", "image/x-canon-crw"},
	{0, "II*\x00\x10\x00\x00\x00CR", "image/x-canon-cr2"},
}

// rawByMaker are the makers whose TIFF is a raw file if its first picture is a mere preview.
var rawByMaker = map[string]string{
	"NIKON": "image/x-nikon-nef", "SONY": "image/x-sony-arw", "SAMSUNG": "image/x-samsung-srw",
}

// rawFormat names a camera's raw file; empty: it is none. Most are a TIFF whose first picture is a
// stamp-sized preview, so to show them as pictures would show the wrong one.
func rawFormat(head []byte, ext string) string {
	for _, r := range rawByMagic {
		if len(head) > r.at && bytes.HasPrefix(head[r.at:], []byte(r.magic)) {
			return r.mime
		}
	}
	if !isTIFF(head) {
		return ""
	}
	tags := firstDirectory(head)
	if tags.dng {
		return rawByName[".dng"]
	}
	if named := rawByName[ext]; named != "" {
		return named
	}
	maker, _, _ := strings.Cut(strings.ToUpper(tags.maker), " ")
	if tags.preview && tags.inner {
		return rawByMaker[maker]
	}
	return ""
}

// directory is what the first directory of a TIFF says about being raw.
type directory struct {
	dng     bool // it has a DNGVersion
	preview bool // its picture is a reduced one
	inner   bool // it has further pictures inside
	maker   string
}

// firstDirectory reads as much of a classic TIFF's first directory as head holds.
func firstDirectory(head []byte) (d directory) {
	if len(head) < 8 {
		return d
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(head[4:]))
	if order.Uint16(head[2:]) != 42 || at+2 > int64(len(head)) {
		return d
	}
	count := int(order.Uint16(head[at:]))
	for entries := head[at+2:]; count > 0 && len(entries) >= 12; count, entries = count-1, entries[12:] {
		length, value := int64(order.Uint32(entries[4:])), int64(order.Uint32(entries[8:]))
		switch order.Uint16(entries) {
		case 254: // NewSubfileType
			d.preview = value&1 == 1
		case 271: // Make
			if length > 4 && value+length <= int64(len(head)) {
				d.maker = string(head[value : value+min(length, 64)])
			}
		case 330: // SubIFDs
			d.inner = true
		case 50706: // DNGVersion
			d.dng = true
		}
	}
	return d
}
