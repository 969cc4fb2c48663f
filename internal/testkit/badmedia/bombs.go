package badmedia

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
)

// pictures are small files of much to see.
var pictures = []File{
	{Name: "one-bit.png", Class: Bomb, About: "a whole PNG of 60000 x 60000 pixels of one bit", make: always(func() []byte { return blackPNG(60_000, 1, 0) })},
	{Name: "colour.png", Class: Bomb, About: "a whole PNG of 20000 x 20000 pixels in colour", make: always(func() []byte { return blackPNG(20_000, 8, 2) })},
	{Name: "frames.gif", Class: Bomb, About: "a GIF of one pixel and 100,000 frames", make: always(func() []byte { return gifOfFrames(100_000) })},
	{Name: "tile.tif", Class: Bomb, About: "a TIFF of 100 x 100 pixels in one tile of 65520 x 65520", make: always(tiffOfOneTile)},
	{Name: "pages.tif", Class: Bomb, About: "a TIFF of 65535 pages", make: always(func() []byte { return tiffOfPages(65_535) })},
	{Name: "pages.pdf", Class: Bomb, About: "a PDF of 65535 pages", make: always(func() []byte { return pdfOfPages(65_535) })},
}

// blackPNG is a whole and correct PNG: its pixels are zeros, and zeros pack well.
func blackPNG(side int, depth, colour byte) []byte {
	channels := map[byte]int{0: 1, 2: 3}[colour]
	row := 1 + (side*int(depth)*channels+7)/8
	header := binary.BigEndian.AppendUint32(nil, uint32(side))
	header = binary.BigEndian.AppendUint32(header, uint32(side))
	header = append(header, depth, colour, 0, 0, 0)
	return bytes.Join([][]byte{
		[]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", header), pngChunk("IDAT", zeros(row*side)), pngChunk("IEND", nil),
	}, nil)
}

func pngChunk(kind string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// zeros packs so many zeros as zlib would, but without ever having them: packed blocks that refer to
// nothing before them can be repeated.
func zeros(count int) []byte {
	const block = 1 << 20
	packed := []byte{0x78, 0x9c}
	packed = append(packed, bytes.Repeat(packedZeros(block), count/block)...)
	packed = append(packed, packedZeros(count%block)...)
	packed = append(packed, 0x03, 0x00) // an empty block, the last one
	return binary.BigEndian.AppendUint32(packed, uint32(count%65_521)<<16|1)
}

func packedZeros(count int) []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression) // the level is known
	_, _ = w.Write(make([]byte, count))                // into memory
	_ = w.Flush()
	return b.Bytes()
}

func gifOfFrames(frames int) []byte {
	var whole bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.Black, color.White})
	_ = gif.EncodeAll(&whole, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{1}}) // into memory
	at := bytes.IndexByte(whole.Bytes()[19:], ',') + 19                                   // after the header and its palette of two
	if control := bytes.Index(whole.Bytes(), []byte{0x21, 0xf9}); control >= 0 {
		at = control
	}
	b := whole.Bytes()
	one := b[at : len(b)-1]
	return append(append(bytes.Clone(b[:at]), bytes.Repeat(one, frames)...), ';')
}

// A directory of a TIFF, little-endian: entries of tag, type, count and value.
type entry struct {
	tag, kind    uint16
	count, value uint32
}

const (
	short = 3
	long  = 4
)

func directory(b []byte, next uint32, entries ...entry) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		b = binary.LittleEndian.AppendUint16(b, e.tag)
		b = binary.LittleEndian.AppendUint16(b, e.kind)
		b = binary.LittleEndian.AppendUint32(b, e.count)
		b = binary.LittleEndian.AppendUint32(b, e.value)
	}
	return binary.LittleEndian.AppendUint32(b, next)
}

func tiffOfPages(pages int) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00")
	for page := range pages {
		size := uint32(2 + 8*12 + 4)
		next := uint32(len(b)) + size
		if page == pages-1 {
			next = 0
		}
		b = directory(b, next,
			entry{256, short, 1, 1}, entry{257, short, 1, 1}, entry{258, short, 1, 8}, entry{259, short, 1, 1},
			entry{262, short, 1, 1}, entry{273, long, 1, 4}, entry{278, short, 1, 1}, entry{279, long, 1, 1})
	}
	return b
}

func tiffOfOneTile() []byte {
	const side = 65_520
	packed := zeros(256 << 20)
	b := []byte("II*\x00\x08\x00\x00\x00")
	data := uint32(8 + 2 + 11*12 + 4)
	b = directory(b, 0,
		entry{256, short, 1, 100}, entry{257, short, 1, 100}, entry{258, short, 1, 8}, entry{259, short, 1, 8},
		entry{262, short, 1, 2}, entry{277, short, 1, 3}, entry{284, short, 1, 1},
		entry{322, long, 1, side}, entry{323, long, 1, side}, entry{324, long, 1, data}, entry{325, long, 1, uint32(len(packed))})
	return append(b, packed...)
}

func pdfOfPages(pages int) []byte {
	var b bytes.Buffer
	offsets := make([]int, 0, pages+2)
	object := func(format string, args ...any) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(offsets)}, args...)...)
	}
	b.WriteString("%PDF-1.4\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	var kids bytes.Buffer
	for i := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", i+3)
	}
	object("<</Type/Pages/Count %d/Kids[%s]/MediaBox[0 0 100 100]>>", pages, kids.String())
	for range pages {
		object("<</Type/Page/Parent 2 0 R>>")
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return b.Bytes()
}

func smallJPEG() []byte {
	var b bytes.Buffer
	m := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range m.Pix {
		m.Pix[i] = byte(i * 37)
	}
	_ = jpeg.Encode(&b, m, nil) // into memory
	return b.Bytes()
}
