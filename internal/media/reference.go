package media

import (
	"encoding/binary"
	"io"
	"os"
)

// refersElsewhere says whether a file is a film of the QuickTime family that keeps frames in other files,
// as editors' reference films do. ffmpeg would not follow it, but would take what is in the file for them.
func refersElsewhere(path string) (bool, error) {
	file, err := openRegular(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return false, err
	}
	w := boxWalk{file: file, left: maxBoxes}
	return w.elsewhere(0, info.Size(), 0), nil
}

const maxBoxes = 10_000 // of a file that are looked at

type boxWalk struct {
	file *os.File
	left int
}

// elsewhere looks into the boxes from one place to another. What is not such a box ends the search: such
// a file is not of that family, or is damaged.
func (w *boxWalk) elsewhere(from, to int64, depth int) bool {
	for from+8 <= to && w.left > 0 {
		w.left--
		kind, body, end, ok := w.box(from, to)
		if !ok {
			return false
		}
		switch kind {
		case "moov", "trak", "mdia", "minf", "dinf":
			if depth < 8 && w.elsewhere(body, end, depth+1) {
				return true
			}
		case "dref":
			if w.anyOutside(body+8, end) {
				return true
			}
		}
		from = end
	}
	return false
}

// anyOutside looks at the entries of a "dref": the flag 1 says that the data is in this file.
func (w *boxWalk) anyOutside(from, to int64) bool {
	for from+12 <= to && w.left > 0 {
		w.left--
		_, body, end, ok := w.box(from, to)
		if !ok {
			return false
		}
		var flags [4]byte
		if _, err := w.file.ReadAt(flags[:], body); err != nil || flags[3]&1 == 0 {
			return true
		}
		from = end
	}
	return false
}

func (w *boxWalk) box(from, to int64) (kind string, body, end int64, ok bool) {
	var head [16]byte
	if n, err := w.file.ReadAt(head[:], from); n < 8 || err != nil && err != io.EOF {
		return "", 0, 0, false
	}
	size, body := int64(binary.BigEndian.Uint32(head[:])), from+8
	switch size {
	case 0: // to the end
		size = to - from
	case 1:
		size, body = int64(binary.BigEndian.Uint64(head[8:])), from+16
	}
	if size < body-from || size > to-from {
		return "", 0, 0, false
	}
	return string(head[4:8]), body, from + size, true
}
