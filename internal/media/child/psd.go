package child

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"

	"vitrine/internal/media/vips"
)

// loaderPSD is the one format read here and not by libvips: of the picture of all layers that Photoshop
// keeps in a file, in its plain or its packed form.
const loaderPSD = "psd"

var (
	errPSD      = errors.New("no Photoshop picture of a known kind")
	errUnmerged = errors.New("saved without a picture of all layers")
	errTooLarge = errors.New("out of memory: too many pixels at once")
)

const psdCMYK = 4

// psdColours are the modes that are read (grey, RGB, CMYK, duotone), and how many channels their colours have.
var psdColours = map[int]int{1: 1, 3: 3, psdCMYK: 4, 8: 1}

type psd struct {
	file            io.ReaderAt
	width, height   int
	channels, depth int
	mode            int
	alpha, merged   bool
	profile         []byte
	data            int64 // where the picture begins
}

func openPSD(file io.ReaderAt) (psd, error) {
	c := cursor{file: file}
	d := psd{file: file, merged: true}
	magic := string(c.bytes(6))
	c.skip(6)
	d.channels, d.height, d.width = c.number(2), c.number(4), c.number(4)
	d.depth, d.mode = c.number(2), c.number(2)
	colours := psdColours[d.mode]
	const side = 30_000 // of the largest there is
	if c.err != nil || magic != "8BPS\x00\x01" || d.width > side || d.height > side || d.depth != 8 && d.depth != 16 || colours == 0 || d.channels < colours {
		return d, errPSD
	}
	c.skip(c.number(4)) // a palette, or how a duotone is printed
	size := c.number(4)
	end := c.at + int64(size)
	d.readResources(&c, end)
	c.at = end
	size = c.number(4)
	d.data = c.at + int64(size)
	if size > 4 {
		c.skip(4)
		// A negative number of layers says that the first channel behind the colours is their alpha.
		d.alpha = c.number(2) >= 1<<15 && d.channels > colours && d.mode != psdCMYK
	}
	if c.err == nil && !d.merged {
		return d, errUnmerged
	}
	return d, c.err
}

func (d *psd) readResources(c *cursor, end int64) {
	const profile, version = 1039, 1057
	for c.at+12 <= end && string(c.bytes(4)) == "8BIM" {
		id := c.number(2)
		c.skip(c.number(1) | 1) // a name; with the byte of its length it is even
		size := c.number(4)
		next := c.at + int64(size+size%2)
		switch {
		case id == profile && size < 4<<20:
			d.profile = c.bytes(size)
		case id == version && size >= 5:
			c.skip(4)
			d.merged = c.number(1) != 0
		}
		c.at = next
	}
}

// pixels decodes the picture, made smaller by a whole factor as long as it is not smaller than wanted.
func (d psd) pixels(wanted int) (vips.Pixels, error) {
	shrink := max(1, max(d.width, d.height)/wanted)
	across, down := min(shrink, d.width), min(shrink, d.height)
	out := vips.Pixels{Width: d.width / across, Height: d.height / down, Bands: psdColours[d.mode]}
	if d.alpha {
		out.Bands++
	}
	if out.Width*out.Height*out.Bands > 300<<20 {
		return out, errTooLarge
	}
	out.Pix = make([]byte, out.Width*out.Height*out.Bands)
	next, err := d.rows()
	row, sums := make([]byte, d.width*d.depth/8), make([]int, out.Width)
	for i := 0; err == nil && i < out.Bands*d.height; i++ {
		band, y := i/d.height, i%d.height
		if err = next(row); err != nil || y/down >= out.Height {
			continue
		}
		for x := range sums {
			for k := range across {
				sums[x] += int(row[(x*across+k)*d.depth/8])
			}
			if y%down == down-1 {
				out.Pix[(y/down*out.Width+x)*out.Bands+band] = byte(sums[x] / (across * down))
				sums[x] = 0
			}
		}
	}
	if d.mode == psdCMYK { // which is kept as light, not as ink
		for i := range out.Pix {
			out.Pix[i] = 255 - out.Pix[i]
		}
	}
	return out, err
}

// rows returns what reads one row after the other, plane by plane.
func (d psd) rows() (func(row []byte) error, error) {
	r := bufio.NewReaderSize(io.NewSectionReader(d.file, d.data, math.MaxInt64-d.data), 256<<10)
	var method uint16
	if err := binary.Read(r, binary.BigEndian, &method); err != nil {
		return nil, err
	}
	switch method {
	case 0:
		return func(row []byte) error { _, err := io.ReadFull(r, row); return err }, nil
	case 1:
		// How long each packed row is; the rows say so themselves.
		_, err := io.CopyN(io.Discard, r, 2*int64(d.channels)*int64(d.height))
		return func(row []byte) error { return unpack(r, row) }, err
	}
	return nil, errPSD
}

// unpack fills a row from PackBits.
func unpack(r *bufio.Reader, row []byte) error {
	for len(row) > 0 {
		head, err := r.ReadByte()
		if err != nil {
			return err
		}
		count, literal := int(head)+1, head < 128
		if !literal {
			count = 257 - int(head)
		}
		switch {
		case head == 128:
			continue
		case count > len(row):
			return errPSD
		case literal:
			_, err = io.ReadFull(r, row[:count])
		default:
			row[0], err = r.ReadByte()
			for i := range row[:count] {
				row[i] = row[0]
			}
		}
		if err != nil {
			return err
		}
		row = row[count:]
	}
	return nil
}

// cursor reads numbers one after the other, and nothing more after its first error.
type cursor struct {
	file io.ReaderAt
	at   int64
	err  error
}

func (c *cursor) bytes(n int) []byte {
	if c.err != nil {
		return nil
	}
	b := make([]byte, n)
	if _, c.err = c.file.ReadAt(b, c.at); c.err != nil {
		return nil
	}
	c.skip(n)
	return b
}

func (c *cursor) skip(n int) { c.at += int64(n) }

func (c *cursor) number(n int) (value int) {
	for _, b := range c.bytes(n) {
		value = value<<8 | int(b)
	}
	return value
}
