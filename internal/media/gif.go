package media

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// filterGIF copies a GIF up to its end, without the extensions that keep refuses. It is told the kind and
// the application of an extension that the picture doesn't need.
func filterGIF(w io.Writer, r io.Reader, keep verdict) error {
	in := bufio.NewReaderSize(r, 64<<10)
	screen, err := readPiece(in, 13)
	if err != nil || !bytes.HasPrefix(screen, []byte("GIF8")) {
		return errContainer
	}
	if err := copyPiece(w, in, screen, coloursSize(screen[10])); err != nil {
		return err
	}
	for {
		kind, err := in.ReadByte()
		if err != nil {
			return errContainer
		}
		switch kind {
		case ';':
			_, err := w.Write([]byte{kind})
			return err
		case '!':
			err = filterExtension(w, in, keep)
		case ',':
			err = copyFrame(w, in)
		default:
			err = errContainer
		}
		if err != nil {
			return err
		}
	}
}

// gifNeeds are the applications whose extensions make the picture: how often it plays, and its colours.
var gifNeeds = setOf("NETSCAPE2.0 ANIMEXTS1.0 ICCRGBG1012")

func filterExtension(w io.Writer, in *bufio.Reader, keep verdict) error {
	const timing, application = 0xf9, 0xff
	kind, err := in.ReadByte()
	if err != nil {
		return errContainer
	}
	name := ""
	if next, err := in.Peek(12); kind == application && err == nil && next[0] == 11 {
		name = string(next[1:])
	}
	if kind != timing && !gifNeeds[name] && !keep(fmt.Sprintf("%02x %q", kind, name), nil) {
		w = io.Discard
	}
	if _, err := w.Write([]byte{'!', kind}); err != nil {
		return err
	}
	return copyBlocks(w, in)
}

func copyFrame(w io.Writer, in *bufio.Reader) error {
	frame, err := readPiece(in, 9)
	if err != nil {
		return err
	}
	head := append([]byte{','}, frame...)
	if err := copyPiece(w, in, head, coloursSize(frame[8])+1); err != nil { // and the size of a code
		return err
	}
	return copyBlocks(w, in)
}

func coloursSize(flags byte) int64 {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (1 + flags&7)
}

func copyBlocks(w io.Writer, in *bufio.Reader) error {
	for {
		size, err := in.ReadByte()
		if err != nil {
			return errors.Join(errContainer, err)
		}
		if err := copyPiece(w, in, []byte{size}, int64(size)); err != nil || size == 0 {
			return err
		}
	}
}
