package media

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// What follows walks through the pieces of containers without looking into pictures: to leave pieces out
// where exiftool can't, and to see that nothing is in a file but what a picture needs.

// errContainer is about files that are not built as their kind is.
var errContainer = errors.New("a broken container")

// maxPiece bounds a piece of metadata that is held in memory.
const maxPiece = 16 << 20

// verdict says what becomes of a piece, given its beginning.
type verdict func(name string, body []byte) bool

// pngNeeds are the chunks that make the picture. Everything else is about it.
var pngNeeds = setOf("IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCv cLLi sBIT bKGD hIST sPLT pHYs acTL fcTL fdAT")

// filterPNG copies a PNG up to its end, without the chunks that keep refuses. The orientation survives.
func filterPNG(w io.Writer, r io.Reader, keep verdict) error {
	const signature = "\x89PNG\r\n\x1a\n"
	in := bufio.NewReaderSize(r, 64<<10)
	head := make([]byte, len(signature))
	if _, err := io.ReadFull(in, head); err != nil || string(head) != signature {
		return errContainer
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	for {
		var h [8]byte
		if _, err := io.ReadFull(in, h[:]); err != nil {
			return errContainer
		}
		size, name := int64(binary.BigEndian.Uint32(h[:])), string(h[4:])
		if pngNeeds[name] {
			if err := copyPiece(w, in, h[:], size+4); err != nil || name == "IEND" {
				return err
			}
			continue
		}
		body, err := readPiece(in, size+4)
		if err != nil {
			return err
		}
		switch data := body[:size]; {
		case keep(name, data):
			_, err = w.Write(append(h[:], body...))
		case name == "eXIf":
			err = writeChunk(w, "eXIf", orientationOnly(data))
		}
		if err != nil {
			return err
		}
	}
}

var (
	webpNeeds  = setOf("VP8_ VP8L ALPH ANIM ICCP")
	frameNeeds = setOf("VP8_ VP8L ALPH")
)

// Flags of a WebP's first chunk.
const (
	webpXMP  = 1 << 2
	webpExif = 1 << 3
)

// filterWebP copies a WebP without the chunks that keep refuses and what stands behind its end. The
// orientation survives.
func filterWebP(w io.WriteSeeker, r io.Reader, keep verdict) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var head [12]byte
	if _, err := io.ReadFull(in, head[:]); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WEBP" {
		return errContainer
	}
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	f := webpFilter{in: in, out: w, keep: keep, written: 4}
	for left := int64(binary.LittleEndian.Uint32(head[4:])) - 4; left >= 8; {
		size, err := f.chunk(left)
		if err != nil {
			return err
		}
		left -= size
	}
	return f.correct(w)
}

type webpFilter struct {
	in       io.Reader
	out      io.Writer
	keep     verdict
	written  int64
	flags    byte   // of the metadata that was written
	extended []byte // the body of the first chunk, where there is metadata or more
}

// chunk copies, changes or leaves out one chunk, and returns how much of the input it was.
func (f *webpFilter) chunk(left int64) (int64, error) {
	var h [8]byte
	if _, err := io.ReadFull(f.in, h[:]); err != nil {
		return 0, errContainer
	}
	name := strings.ReplaceAll(string(h[:4]), " ", "_")
	size := int64(binary.LittleEndian.Uint32(h[4:]))
	padded := size + size&1
	if 8+padded > left {
		return 0, errContainer
	}
	if webpNeeds[name] {
		f.written += 8 + padded
		return 8 + padded, copyPiece(f.out, f.in, h[:], padded)
	}
	body, err := readPiece(f.in, padded)
	if err != nil {
		return 0, err
	}
	body = body[:size]
	switch {
	case name == "VP8X" && size == 10 && f.written == 4:
		f.extended = bytes.Clone(body)
	case name == "ANMF" && frameIsPlain(body), f.keep(name, body):
	case name == "EXIF":
		body = orientationOnly(body)
	case name == "ANMF" || name == "VP8X":
		return 0, errContainer
	default:
		body = nil
	}
	if len(body) == 0 {
		return 8 + padded, nil
	}
	switch name {
	case "EXIF":
		f.flags |= webpExif
	case "XMP_":
		f.flags |= webpXMP
	}
	n, err := f.out.Write(riffChunk(string(h[:4]), body))
	f.written += int64(n)
	return 8 + padded, err
}

// correct writes the size and what there is to the places at the beginning that tell it.
func (f *webpFilter) correct(w io.WriteSeeker) error {
	if _, err := w.Seek(4, io.SeekStart); err != nil {
		return err
	}
	if err := binary.Write(w, binary.LittleEndian, uint32(f.written)); err != nil {
		return err
	}
	if f.extended == nil {
		if f.flags != 0 {
			return errContainer // a simple WebP has no place for metadata
		}
		return nil
	}
	f.extended[0] = f.extended[0]&^(webpExif|webpXMP) | f.flags
	if _, err := w.Seek(20, io.SeekStart); err != nil {
		return err
	}
	_, err := w.Write(f.extended)
	return err
}

// frameIsPlain says whether a frame of an animation holds its picture and nothing else.
func frameIsPlain(frame []byte) bool {
	const header = 16
	if len(frame) < header {
		return false
	}
	for rest := frame[header:]; len(rest) > 0; {
		if len(rest) < 8 || !frameNeeds[strings.ReplaceAll(string(rest[:4]), " ", "_")] {
			return false
		}
		size := int64(binary.LittleEndian.Uint32(rest[4:]))
		if size += 8 + size&1; size > int64(len(rest)) {
			return false
		}
		rest = rest[size:]
	}
	return true
}

func riffChunk(name string, body []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
	b = append(b, body...)
	if len(body)&1 == 1 {
		b = append(b, 0)
	}
	return b
}

func copyPiece(w io.Writer, r io.Reader, head []byte, size int64) error {
	if _, err := w.Write(head); err != nil {
		return err
	}
	if n, err := io.CopyN(w, r, size); err != nil {
		if n < size && errors.Is(err, io.EOF) {
			return errContainer
		}
		return err
	}
	return nil
}

func readPiece(r io.Reader, size int64) ([]byte, error) {
	if size > maxPiece {
		return nil, fmt.Errorf("%w: a piece of %d bytes", errContainer, size)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, errContainer
	}
	return body, nil
}

func setOf(all string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(all) {
		set[word] = true
	}
	return set
}
