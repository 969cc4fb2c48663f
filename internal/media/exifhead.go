package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// Tags of a TIFF's first directory.
const (
	tagOrientation = 0x0112
	tagGPS         = 0x8825
)

// exifTag finds a number in the first directory of EXIF data, which may begin with its marker.
func exifTag(exif []byte, tag uint16) (value uint32, found bool) {
	exif = bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	if len(exif) < 8 {
		return 0, false
	}
	var order binary.ByteOrder = binary.LittleEndian
	if exif[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(exif[4:]))
	if order.Uint16(exif[2:]) != 42 || at+2 > int64(len(exif)) {
		return 0, false
	}
	count := int(order.Uint16(exif[at:]))
	for entries := exif[at+2:]; count > 0 && len(entries) >= 12; count, entries = count-1, entries[12:] {
		if order.Uint16(entries) != tag {
			continue
		}
		if order.Uint16(entries[2:]) == 3 { // a short
			return uint32(order.Uint16(entries[8:])), true
		}
		return order.Uint32(entries[8:]), true
	}
	return 0, false
}

// orientationOnly makes EXIF data that say which side of the picture is up and nothing else; nil: upright.
func orientationOnly(exif []byte) []byte {
	turned, found := exifTag(exif, tagOrientation)
	if !found || turned < 2 || turned > 8 {
		return nil
	}
	return []byte{
		'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1,
		tagOrientation >> 8, tagOrientation & 0xff, 0, 3, 0, 0, 0, 1, 0, byte(turned), 0, 0,
		0, 0, 0, 0,
	}
}

// writeChunk writes a chunk of a PNG, or nothing for an empty one.
func writeChunk(w io.Writer, name string, body []byte) error {
	if len(body) == 0 {
		return nil
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	_, err := w.Write(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:])))
	return err
}
