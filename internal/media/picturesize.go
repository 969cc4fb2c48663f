package media

import (
	"encoding/binary"
	"errors"
	"slices"
)

var (
	errNotWebP = errors.New("no still WebP picture")
	errNotAVIF = errors.New("no AVIF picture")
	errNotPNG  = errors.New("no PNG picture")
)

func pngSize(content []byte) (width, height int, err error) {
	const start = "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"
	if len(content) < len(start)+8 || string(content[:len(start)]) != start {
		return 0, 0, errNotPNG
	}
	size := content[len(start):]
	return int(binary.BigEndian.Uint32(size)), int(binary.BigEndian.Uint32(size[4:])), nil
}

// webpSize reads the first chunk of a WebP, and takes none but those of a picture that stands still:
// no metadata, no further frames.
func webpSize(content []byte) (width, height int, err error) {
	if len(content) < 30 || string(content[:4]) != "RIFF" || string(content[8:12]) != "WEBP" ||
		uint64(binary.LittleEndian.Uint32(content[4:]))+8 != uint64(len(content)) {
		return 0, 0, errNotWebP
	}
	for rest := content[12:]; len(rest) > 0; {
		if len(rest) < 8 || !slices.Contains([]string{"VP8X", "ALPH", "VP8 ", "VP8L"}, string(rest[:4])) {
			return 0, 0, errNotWebP
		}
		size := uint64(binary.LittleEndian.Uint32(rest[4:]))
		if size += 8 + size%2; size > uint64(len(rest)) {
			return 0, 0, errNotWebP
		}
		rest = rest[size:]
	}
	head := content[20:]
	switch string(content[12:16]) {
	case "VP8 ":
		if head[0]&1 == 0 && string(head[3:6]) == "\x9d\x01\x2a" {
			size := binary.LittleEndian.Uint32(head[6:])
			return int(size & 0x3fff), int(size >> 16 & 0x3fff), nil
		}
	case "VP8L":
		if head[0] == 0x2f {
			size := binary.LittleEndian.Uint32(head[1:])
			return int(size&0x3fff) + 1, int(size>>14&0x3fff) + 1, nil
		}
	case "VP8X":
		const alpha = 1 << 4
		if head[0]&^alpha == 0 {
			return int(uint24(head[4:])) + 1, int(uint24(head[7:])) + 1, nil
		}
	}
	return 0, 0, errNotWebP
}

func uint24(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }

// avifSize wants all images inside an AVIF, the picture and its alpha, to say one and the same size.
func avifSize(content []byte) (width, height int, err error) {
	file := boxes(content)
	kind := file.find("ftyp")
	if len(kind) < 4 || string(kind[:4]) != "avif" {
		return 0, 0, errNotAVIF
	}
	meta := file.find("meta")
	if len(meta) < 4 {
		return 0, 0, errNotAVIF
	}
	properties := boxes(boxes(meta[4:]).find("iprp"))
	sizes := 0
	boxes(properties.find("ipco")).each(func(kind string, body []byte) {
		if kind != "ispe" || len(body) < 12 {
			return
		}
		w, h := int(binary.BigEndian.Uint32(body[4:])), int(binary.BigEndian.Uint32(body[8:]))
		if sizes > 0 && (w != width || h != height) {
			err = errNotAVIF
		}
		width, height = w, h
		sizes++
	})
	if sizes == 0 {
		err = errNotAVIF
	}
	return width, height, err
}

// boxes is a sequence of ISO boxes.
type boxes []byte

// each calls take for every whole box; what follows a broken one is not looked at.
func (b boxes) each(take func(kind string, body []byte)) {
	for len(b) >= 8 {
		size := uint64(binary.BigEndian.Uint32(b))
		if size < 8 || size > uint64(len(b)) {
			return
		}
		take(string(b[4:8]), b[8:size])
		b = b[size:]
	}
}

// find returns the body of the first box of a kind.
func (b boxes) find(kind string) (found []byte) {
	b.each(func(k string, body []byte) {
		if k == kind && found == nil {
			found = body
		}
	})
	return found
}
