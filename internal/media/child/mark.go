package child

import (
	"errors"
	"math"
	"os"
	"strings"

	"vitrine/internal/media/vips"
	"vitrine/internal/media/wire"
)

// marginPercent is the room between a mark and the picture's edge, of the short side.
const marginPercent = 3

// marked makes one picture of the file's own size with the mark drawn over it.
func marked(j job, header vips.Header) ([]vips.Picture, []byte, error) {
	if len(j.Recipes) != 1 || j.Mark.Picture != (j.mark != nil) {
		return nil, nil, errors.New("a mark that can't be drawn")
	}
	base := vips.Pixels{Bands: 3}
	base.Width, base.Height = header.Upright()
	format := vips.Format(j.Recipes[0].Format)
	if header.Alpha && format != vips.JPEG {
		base.Bands = 4
	}
	if err := vips.Render(vips.Source{File: j.file, Loader: j.Loader}, nil, &base); err != nil {
		return nil, nil, err
	}
	under := canvas{base}
	if j.mark != nil {
		if err := under.drawPicture(j.mark, *j.Mark, j.Limits); err != nil {
			return nil, nil, err
		}
	}
	if j.Mark.Text != "" {
		if err := under.drawText(j.Mark.Text); err != nil {
			return nil, nil, err
		}
	}
	made := []vips.Picture{{Width: base.Width, Height: base.Height, Format: format, Quality: j.Recipes[0].Quality}}
	return made, nil, vips.Render(vips.Source{Raw: &base}, made, nil)
}

// drawPicture draws the mark's picture once or, tiled, over the whole frame.
func (c canvas) drawPicture(file *os.File, mark wire.Mark, limits wire.Limits) error {
	const loader = "png"
	header, err := vips.ReadHeader(file, loader)
	if err != nil {
		return err
	}
	if limits.Check(header.Width, header.Height, header.Pages) != "" {
		return errors.New("a mark that is too large")
	}
	width, height, at := layout(c.Width, c.Height, header.Width, header.Height, mark)
	over := vips.Pixels{Width: max(width, header.Width), Height: max(height, header.Height), Bands: 4}
	if err := vips.Render(vips.Source{File: file, Loader: loader}, nil, &over); err != nil {
		return err
	}
	over = shrunk(over, width, height)
	for _, p := range at {
		c.blend(p.x, p.y, over, mark.Opacity)
	}
	return nil
}

type point struct{ x, y int }

// layout is how large a mark of markW x markH becomes on a picture, and where it stands. It never
// becomes larger than the picture or, tiled, than its cell.
func layout(width, height, markW, markH int, mark wire.Mark) (w, h int, at []point) {
	if mark.Tiled {
		return tiles(width, height, markW, markH, mark.Size)
	}
	w, h = inside(width*mark.Size/100, height, markW, markH)
	margin := min(width, height) * marginPercent / 100
	place := func(room, size int, low, high bool) int {
		edge := min(margin, (room-size)/2)
		switch {
		case low:
			return edge
		case high:
			return room - size - edge
		}
		return (room - size) / 2
	}
	return w, h, []point{{
		place(width, w, strings.HasSuffix(mark.Position, "left"), strings.HasSuffix(mark.Position, "right")),
		place(height, h, strings.HasPrefix(mark.Position, "top"), strings.HasPrefix(mark.Position, "bottom")),
	}}
}

// tiles are laid like bricks: every second row is moved by half a cell.
func tiles(width, height, markW, markH, size int) (w, h int, at []point) {
	short, long := min(width, height), max(width, height)
	cell := max(short/3, long/24, 1) // at most 25 a side, however long the picture
	w, h = inside(max(1, cell*size/100), cell, markW, markH)
	for row := 0; row*cell < height; row++ {
		for x := -(row % 2) * cell / 2; x < width; x += cell {
			at = append(at, point{x + (cell-w)/2, row*cell + (cell-h)/2})
		}
	}
	return w, h, at
}

// inside scales a mark to a width, and further down if it would be too high.
func inside(width, height, markW, markH int) (int, int) {
	scale := min(float64(width)/float64(markW), float64(height)/float64(markH))
	size := func(side int) int { return max(1, int(math.Round(float64(side)*scale))) }
	return size(markW), size(markH)
}

// canvas is a picture that is drawn on: RGB or RGBA.
type canvas struct{ vips.Pixels }

// blend draws RGBA pixels over the canvas with their corner at x, y; what lies outside is cut off.
func (c canvas) blend(x, y int, over vips.Pixels, opacity int) {
	left, right := max(0, -x), min(over.Width, c.Width-x)
	if left >= right {
		return
	}
	var strength [256]uint32
	for alpha := range strength {
		strength[alpha] = uint32(alpha*opacity+50) / 100
	}
	for row := max(0, -y); row < min(over.Height, c.Height-y); row++ {
		from := over.Pix[(row*over.Width+left)*4 : (row*over.Width+right)*4]
		to := c.Pix[((y+row)*c.Width+x+left)*c.Bands:][:(right-left)*c.Bands]
		if c.Bands == 3 {
			blendRow(to, from, &strength)
		} else {
			blendRowAlpha(to, from, &strength)
		}
	}
}

func blendRow(to, from []byte, strength *[256]uint32) {
	for len(from) >= 4 && len(to) >= 3 {
		if a := strength[from[3]]; a > 0 {
			to[0] = mix(to[0], from[0], a)
			to[1] = mix(to[1], from[1], a)
			to[2] = mix(to[2], from[2], a)
		}
		from, to = from[4:], to[3:]
	}
}

// blendRowAlpha keeps what can be seen through: the colour is the mean of both, weighed by how much each
// is seen.
func blendRowAlpha(to, from []byte, strength *[256]uint32) {
	for len(from) >= 4 && len(to) >= 4 {
		if a := strength[from[3]]; a > 0 {
			all := a*255 + uint32(to[3])*(255-a)
			share := (a*255*255 + all/2) / all
			to[0] = mix(to[0], from[0], share)
			to[1] = mix(to[1], from[1], share)
			to[2] = mix(to[2], from[2], share)
			to[3] = byte((all + 127) / 255)
		}
		from, to = from[4:], to[4:]
	}
}

func mix(under, over byte, a uint32) byte {
	return byte((uint32(under)*(255-a) + uint32(over)*a + 127) / 255)
}
