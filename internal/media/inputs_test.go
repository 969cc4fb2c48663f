package media_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The picture all good inputs show: one colour a quarter, so that turning, mirroring and wrong colours
// are seen. All are inside the small gamut of printing inks.
var quarters = [2][2]color.RGBA{
	{{200, 40, 40, 255}, {40, 160, 60, 255}},
	{{60, 80, 150, 255}, {230, 200, 60, 255}},
}

func quarterPicture(width, height int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for row := range 2 {
		for column := range 2 {
			quarter := image.Rect(width*column/2, height*row/2, width*(column+1)/2, height*(row+1)/2)
			draw.Draw(m, quarter, image.NewUniform(quarters[row][column]), image.Point{}, draw.Src)
		}
	}
	return m
}

// stored returns the picture as a camera held in that orientation stores it: turning by it makes it
// upright again.
func stored(upright *image.RGBA, orientation int) *image.RGBA {
	w, h := upright.Rect.Dx(), upright.Rect.Dy()
	sw, sh := w, h
	if orientation >= 5 {
		sw, sh = h, w
	}
	m := image.NewRGBA(image.Rect(0, 0, sw, sh))
	for y := range h {
		for x := range w {
			sx, sy := x, y
			switch orientation {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, w-1-x
			case 7:
				sx, sy = h-1-y, w-1-x
			case 8:
				sx, sy = h-1-y, x
			}
			m.SetRGBA(sx, sy, upright.RGBAAt(x, y))
		}
	}
	return m
}

func writeJPEG(t *testing.T, path string, m image.Image) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return write(t, path, b.Bytes())
}

func writePNG(t *testing.T, path string, m image.Image) string {
	t.Helper()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return write(t, path, b.Bytes())
}

func write(t *testing.T, path string, content []byte) string {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// run needs a tool that `make` installs; without it the test fails rather than pass untested.
func run(t *testing.T, tool string, args ...string) string {
	t.Helper()
	out, err := exec.Command(tool, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", tool, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func tag(t *testing.T, path string, tags ...string) string {
	t.Helper()
	run(t, "exiftool", append(append([]string{"-q", "-n", "-overwrite_original"}, tags...), path)...)
	return path
}

func animatedGIF(t *testing.T, path string) string {
	t.Helper()
	pal := color.Palette{quarters[0][0], quarters[0][1], quarters[1][0], quarters[1][1], color.Black}
	anim := &gif.GIF{}
	for frame := range 3 {
		m := image.NewPaletted(image.Rect(0, 0, 640, 480), pal)
		for y := range 480 {
			for x := range 640 {
				index := uint8(2*(2*y/480) + 2*x/640)
				if frame > 0 {
					index = 4 // only the first frame is to be shown
				}
				m.SetColorIndex(x, y, index)
			}
		}
		anim.Image, anim.Delay = append(anim.Image, m), append(anim.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, anim); err != nil {
		t.Fatal(err)
	}
	return write(t, path, b.Bytes())
}

// gifBomb is a GIF of a few bytes with a screen and a frame of 65535 x 65535.
func gifBomb() []byte {
	side := []byte{0xff, 0xff, 0xff, 0xff}
	b := append([]byte("GIF89a"), side...)
	b = append(b, 0x80, 0, 0, 0, 0, 0, 255, 255, 255)
	b = append(b, ',', 0, 0, 0, 0)
	b = append(b, side...)
	return append(b, 0, 2, 2, 0x4c, 0x01, 0, ';')
}

// gifWithFrames is a 1x1 GIF of so many frames.
func gifWithFrames(frames int) []byte {
	b := []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff")
	for range frames {
		b = append(b, "!\xf9\x04\x00\x01\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"...)
	}
	return append(b, ';')
}

func pngChunk(kind string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// oneBitPNG is a correct, complete PNG of one bit a pixel: 60000 x 60000 is less than half a megabyte.
func oneBitPNG(t *testing.T, side int) []byte {
	t.Helper()
	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]byte, 1+(side+7)/8)
	for range side {
		z.Write(row)
	}
	z.Close()
	header := binary.BigEndian.AppendUint32(nil, uint32(side))
	header = binary.BigEndian.AppendUint32(header, uint32(side))
	b := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(header, 1, 0, 0, 0, 0))...)
	b = append(b, pngChunk("IDAT", packed.Bytes())...)
	return append(b, pngChunk("IEND", nil)...)
}

// profileBomb is a small PNG whose colour profile unpacks to 256 MB.
func profileBomb(t *testing.T) []byte {
	t.Helper()
	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 1 << 8 {
		z.Write(zeros)
	}
	z.Close()
	var b bytes.Buffer
	if err := png.Encode(&b, quarterPicture(16, 16)); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	profile := pngChunk("iCCP", append([]byte("p\x00\x00"), packed.Bytes()...))
	return append(append(bytes.Clone(whole[:33]), profile...), whole[33:]...)
}

// hugeProgressiveJPEG claims to be progressive and 16000 x 16000: inside the limit of pixels, but a
// decoder that believes it wants more than a gigabyte for coefficients.
func hugeProgressiveJPEG(t *testing.T, dir string) []byte {
	t.Helper()
	small := writePNG(t, filepath.Join(dir, "small.png"), quarterPicture(64, 64))
	out := filepath.Join(dir, "progressive.jpg")
	run(t, "vips", "jpegsave", small, out, "--interlace", "--strip", "--subsample-mode", "off")
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	frame := bytes.Index(b, []byte{0xff, 0xc2})
	binary.BigEndian.PutUint16(b[frame+5:], 16_000)
	binary.BigEndian.PutUint16(b[frame+7:], 16_000)
	return b
}

// tiffOfPages is a TIFF of so many 1x1 pages.
func tiffOfPages(pages int) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00")
	for page := range pages {
		entries := [][2]uint32{{256, 1}, {257, 1}, {258, 8}, {259, 1}, {262, 1}, {273, 0}, {277, 1}, {278, 1}, {279, 1}}
		b = binary.LittleEndian.AppendUint16(b, uint16(len(entries)))
		for _, e := range entries {
			b = binary.LittleEndian.AppendUint16(b, uint16(e[0]))
			b = binary.LittleEndian.AppendUint16(b, 4)
			b = binary.LittleEndian.AppendUint32(b, 1)
			b = binary.LittleEndian.AppendUint32(b, e[1])
		}
		next := uint32(len(b) + 4)
		if page == pages-1 {
			next = 0
		}
		b = binary.LittleEndian.AppendUint32(b, next)
	}
	return b
}

// svgzBomb is a packed SVG whose nested references multiply to billions of elements.
func svgzBomb() []byte {
	var svg strings.Builder
	svg.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink"><g id="a0"><path d="M0 0"/></g>`)
	for i := range 10 {
		n := strconv.Itoa(i)
		svg.WriteString(`<g id="a` + strconv.Itoa(i+1) + `">` + strings.Repeat(`<use x:href="#a`+n+`"/>`, 10) + `</g>`)
	}
	svg.WriteString(`</svg>`)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(svg.String()))
	z.Close()
	return b.Bytes()
}
