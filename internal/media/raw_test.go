package media_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/media"
)

// entry is one field of a TIFF's directory; a value of more than four bytes is put behind the directories.
type entry struct {
	tag, kind uint16
	values    []uint32
}

// tiffOf lays out directories one after another, the first being IFD0 and the others its SubIFDs, then blobs.
// A value of blob(i) stands for where that blob begins.
func tiffOf(directories [][]entry, blobs ...[]byte) []byte {
	at := uint32(8)
	var starts []uint32
	for _, d := range directories {
		starts = append(starts, at)
		at += 2 + 12*uint32(len(d)) + 4
		for _, e := range d {
			if len(e.values) > 1 {
				at += 4 * uint32(len(e.values))
			}
		}
	}
	var places []uint32
	for _, b := range blobs {
		places = append(places, at)
		at += uint32(len(b))
	}
	out := []byte("II*\x00\x08\x00\x00\x00")
	for i, d := range directories {
		out = binary.LittleEndian.AppendUint16(out, uint16(len(d)))
		var behind []byte
		end := starts[i] + 2 + 12*uint32(len(d)) + 4
		for _, e := range d {
			values := slices.Clone(e.values)
			for j, v := range values {
				if v >= firstBlob {
					values[j] = places[v-firstBlob]
				}
			}
			if e.tag == subIFDs {
				values = starts[1:]
			}
			out = binary.LittleEndian.AppendUint16(out, e.tag)
			count := len(values)
			if e.kind == fourBytes {
				e.kind, count = 1, 4
			}
			out = binary.LittleEndian.AppendUint16(out, e.kind)
			out = binary.LittleEndian.AppendUint32(out, uint32(count))
			if len(values) == 1 {
				out = binary.LittleEndian.AppendUint32(out, values[0])
				continue
			}
			out = binary.LittleEndian.AppendUint32(out, end+uint32(len(behind)))
			for _, v := range values {
				behind = binary.LittleEndian.AppendUint32(behind, v)
			}
		}
		out = append(binary.LittleEndian.AppendUint32(out, 0), behind...)
	}
	for _, b := range blobs {
		out = append(out, b...)
	}
	return out
}

const (
	short, long = 3, 4
	fourBytes   = 100 // four bytes as one value
	subIFDs     = 330
	firstBlob   = 1 << 31
)

func one(tag, kind uint16, value uint32) entry { return entry{tag, kind, []uint32{value}} }

// dng is a raw file by Adobe's rules: a stamp in IFD0, two previews and some sensor data beneath it.
func dng(t *testing.T, orientation uint32) []byte {
	t.Helper()
	dir := t.TempDir()
	file := func(name string, w, h int) []byte {
		b, err := os.ReadFile(writeJPEG(t, filepath.Join(dir, name), stored(quarterPicture(w, h), int(orientation))))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	small, large := file("small.jpg", 320, 240), file("large.jpg", 1600, 1200)
	stamp, sensor := make([]byte, 16*12), make([]byte, 64*48)
	picture := func(subfile uint32, w, h, compression uint32, blob int, size int) []entry {
		return []entry{
			one(254, long, subfile), one(256, long, w), one(257, long, h), one(258, short, 8), one(259, short, compression),
			one(262, short, 1), one(273, long, firstBlob+uint32(blob)), one(277, short, 1), one(278, long, h), one(279, long, uint32(size)),
		}
	}
	main := append(picture(1, 16, 12, 1, 0, len(stamp)),
		one(274, short, orientation), one(50706, fourBytes, 0x00000401), entry{subIFDs, long, []uint32{0, 0, 0}})
	slices.SortFunc(main, func(a, b entry) int { return int(a.tag) - int(b.tag) })
	return tiffOf([][]entry{
		main, picture(0, 64, 48, 1, 3, len(sensor)), picture(1, 320, 240, 7, 1, len(small)), picture(1, 1600, 1200, 7, 2, len(large)),
	}, stamp, small, large, sensor)
}

func TestTheLargestPictureInARawFileIsTakenOutUpright(t *testing.T) {
	tools, pool := newTools(t), newPool(t, media.Options{Workers: 1})
	for _, orientation := range []uint32{1, 6, 8} {
		t.Log("orientation", orientation)
		path := write(t, filepath.Join(t.TempDir(), "a.dng"), dng(t, orientation))
		if typ := sniffFile(t, path); typ.MIME != "image/x-adobe-dng" {
			t.Fatalf("it is %v", typ)
		}
		out := t.TempDir()
		preview, err := tools.RawPreview(t.Context(), path, out)
		if err != nil {
			t.Fatal(err)
		}
		result, err := pool.Render(t.Context(), jobFor(t, preview))
		if err != nil {
			t.Fatal(err)
		}
		checkRenditions(t, result, 1600, 1200)
		if left, _ := os.ReadDir(out); len(left) != 1 {
			t.Errorf("left %v", left)
		}
	}
}

func TestRawFilesWithoutAPictureAreRefused(t *testing.T) {
	whole := dng(t, 1)
	tools := newTools(t)
	for name, content := range map[string][]byte{
		"only sensor data": tiffOf([][]entry{{one(254, long, 0), one(256, long, 4), one(257, long, 4), one(259, short, 1), one(50706, fourBytes, 0x00000401)}}),
		"cut at the start": whole[:100],
		"nothing":          nil,
		"a text":           []byte("no camera wrote this"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tools.RawPreview(t.Context(), write(t, filepath.Join(t.TempDir(), "a.dng"), content), t.TempDir())
			if !errors.Is(err, media.ErrRefused) || dam.KindOf(err) != dam.Invalid {
				t.Fatalf("got %v", err)
			}
			sentence(t, err)
		})
	}
}

func TestRawFilesOfCameras(t *testing.T) {
	corpus := os.Getenv("VITRINE_TEST_MEDIA")
	if corpus == "" {
		t.Log("VITRINE_TEST_MEDIA is not set: only raw files made here were tried")
		return
	}
	found, err := filepath.Glob(filepath.Join(corpus, "real", "*"))
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, path := range found {
		if !strings.HasPrefix(sniffFile(t, path).MIME, "image/x-") {
			continue
		}
		tried++
		if _, err := newTools(t).RawPreview(t.Context(), path, t.TempDir()); err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
	t.Log(tried, "raw files of cameras were tried")
}
