package media

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// plain are walks through a file that must hold nothing but what its picture needs. Each returns an error
// that names the first piece too many.
var plain = map[string]func(io.Reader) error{
	"image/jpeg": plainJPEG, "image/gif": plainGIF, "image/heic": plainHEIF, "image/avif": plainHEIF,
	"image/png": plainPNG, "image/webp": plainWebP,
}

// errTooMuch is about a piece that should be gone.
var errTooMuch = errors.New("left in the file")

// smallExif is what EXIF data of an orientation and a colour space may take.
const smallExif = 1 << 10

func plainJPEG(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	if begin := [2]byte{}; readFull(in, begin[:]) != nil || begin != [2]byte{0xff, 0xd8} {
		return errContainer
	}
	for scan := false; ; {
		marker, err := nextMarker(in, scan)
		if err != nil {
			return err
		}
		if marker == 0xd9 { // the end
			return atEnd(in)
		}
		var size [2]byte
		if readFull(in, size[:]) != nil || binary.BigEndian.Uint16(size[:]) < 2 {
			return errContainer
		}
		body, err := readPiece(in, int64(binary.BigEndian.Uint16(size[:]))-2)
		if err != nil {
			return err
		}
		if !neededInJPEG(marker, body) {
			return fmt.Errorf("%w: segment %02x", errTooMuch, marker)
		}
		scan = marker == 0xda
	}
}

// nextMarker skips coded data where a scan runs, and nothing elsewhere.
func nextMarker(in *bufio.Reader, scan bool) (byte, error) {
	for {
		b, err := in.ReadByte()
		if err != nil {
			return 0, errContainer
		}
		if b != 0xff {
			if !scan {
				return 0, errContainer
			}
			continue
		}
		for b == 0xff {
			if b, err = in.ReadByte(); err != nil {
				return 0, errContainer
			}
		}
		stuffed := b == 0 || b >= 0xd0 && b <= 0xd7
		if !stuffed {
			return b, nil
		}
		if !scan {
			return 0, errContainer
		}
	}
}

func neededInJPEG(marker byte, body []byte) bool {
	switch marker {
	case 0xe0:
		return bytes.HasPrefix(body, []byte("JFIF\x00")) && len(body) == 14 && body[12] == 0 && body[13] == 0 // no stamp
	case 0xe1:
		return bytes.HasPrefix(body, []byte("Exif\x00\x00")) && len(body) < smallExif
	case 0xe2:
		return bytes.HasPrefix(body, []byte("ICC_PROFILE\x00"))
	case 0xee:
		return bytes.HasPrefix(body, []byte("Adobe")) && len(body) == 12
	}
	return marker >= 0xc0 && marker < 0xe0 && marker != 0xd8
}

func plainGIF(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var left error
	err := filterGIF(io.Discard, in, func(name string, _ []byte) bool {
		left = fmt.Errorf("%w: extension %s", errTooMuch, name)
		return false
	})
	if err = errors.Join(err, left); err != nil {
		return err
	}
	return atEnd(in)
}

var heifNeeds = setOf("ftyp meta mdat free skip moov")

func plainHEIF(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		var h [16]byte
		if n, err := io.ReadFull(in, h[:8]); n == 0 && errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return errContainer
		}
		size, head := int64(binary.BigEndian.Uint32(h[:])), int64(8)
		if size == 1 {
			if readFull(in, h[8:]) != nil {
				return errContainer
			}
			size, head = int64(binary.BigEndian.Uint64(h[8:])), 16
		}
		if name := string(h[4:8]); !heifNeeds[name] {
			return fmt.Errorf("%w: box %q", errTooMuch, name)
		}
		if size == 0 { // to the end
			return nil
		}
		if size < head {
			return errContainer
		}
		if _, err := io.CopyN(io.Discard, in, size-head); err != nil {
			return errContainer
		}
	}
}

func plainWebP(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var head [12]byte
	if readFull(in, head[:]) != nil || string(head[8:]) != "WEBP" {
		return errContainer
	}
	left := int64(binary.LittleEndian.Uint32(head[4:])) - 4
	for left >= 8 {
		var h [8]byte
		if readFull(in, h[:]) != nil {
			return errContainer
		}
		size := int64(binary.LittleEndian.Uint32(h[4:]))
		name := string(bytes.TrimRight(h[:4], " "))
		small := name == "EXIF" && size < smallExif
		if !small && name != "VP8" && name != "VP8X" && name != "ANMF" && !webpNeeds[name] {
			return fmt.Errorf("%w: chunk %q", errTooMuch, name)
		}
		size += size & 1
		left -= 8 + size
		if _, err := io.CopyN(io.Discard, in, size); err != nil {
			return errContainer
		}
	}
	return atEnd(in)
}

func plainPNG(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var left error
	err := filterPNG(io.Discard, in, func(name string, body []byte) bool {
		if name != "eXIf" || len(body) > smallExif {
			left = fmt.Errorf("%w: chunk %q", errTooMuch, name)
		}
		return false
	})
	if err = errors.Join(err, left); err != nil {
		return err
	}
	return atEnd(in)
}

// nothingElse refuses every piece that the picture doesn't need.
func nothingElse(string, []byte) bool { return false }

// atEnd makes sure that nothing stands behind the end of the picture.
func atEnd(in *bufio.Reader) error {
	if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: bytes behind the end", errTooMuch)
	}
	return nil
}

func readFull(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	return err
}
