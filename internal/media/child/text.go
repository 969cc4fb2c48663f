package child

import "vitrine/internal/media/vips"

const (
	legible = 6  // the height of the smallest type, in pixels
	faint   = 16 // percent: the opacity of the repetitions
)

// drawText draws one line along the bottom and repeats it faintly over the whole picture, so that
// cropping does not remove it. On a picture that is too small for the line there are only parts of
// repetitions.
func (c canvas) drawText(text string) error {
	short := min(c.Width, c.Height)
	room := c.Width - 2*short*marginPercent/100
	px := max(legible, short*7/200)
	mask, err := vips.Text(text, px)
	for err == nil && mask.Width > room && px > legible {
		px = max(legible, min(px-1, px*room/mask.Width))
		mask, err = vips.Text(text, px)
	}
	if err != nil {
		return err
	}
	line := outlined(mask, max(1, px/14))
	stepX, stepY := line.Width+4*line.Height, max(4*line.Height, short/5)
	for row := 0; row*stepY < c.Height; row++ {
		for x := -(row % 2) * stepX / 2; x < c.Width; x += stepX {
			c.blend(x, row*stepY+(stepY-line.Height)/2, line, faint)
		}
	}
	if line.Width <= c.Width {
		c.blend((c.Width-line.Width)/2, c.Height-line.Height-short*marginPercent/200, line, 100)
	}
	return nil
}

// outlined makes white letters with a dark edge of a mask: they can be read on anything.
func outlined(mask vips.Pixels, edge int) vips.Pixels {
	const white, dark = 230, 150 // how strong each is, of 255
	width, height := mask.Width+2*edge, mask.Height+2*edge
	wide := make([]byte, width*mask.Height) // the mask, its letters thicker to both sides
	for y := range mask.Height {
		for x := range width {
			from := mask.Pix[y*mask.Width:][:mask.Width]
			wide[y*width+x] = most(from, 1, x-2*edge, x)
		}
	}
	out := canvas{vips.Pixels{Width: width, Height: height, Bands: 4, Pix: make([]byte, width*height*4)}}
	for x := range width {
		for y := range height {
			covered := most(wide[x:], width, y-2*edge, min(y, mask.Height-1))
			out.Pix[(y*width+x)*4+3] = byte(uint32(covered) * dark / 255)
		}
	}
	letters := vips.Pixels{Width: mask.Width, Height: mask.Height, Bands: 4, Pix: make([]byte, len(mask.Pix)*4)}
	for i, covered := range mask.Pix {
		copy(letters.Pix[i*4:], []byte{255, 255, 255, byte(uint32(covered) * white / 255)})
	}
	out.blend(edge, edge, letters, 100)
	return out.Pixels
}

// most is the largest of the values first to last, each a step from the one before.
func most(values []byte, step, first, last int) (value byte) {
	for i := max(0, first); i <= last && i*step < len(values); i++ {
		value = max(value, values[i*step])
	}
	return value
}
