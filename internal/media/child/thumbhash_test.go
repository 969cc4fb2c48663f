package child

import (
	"math"
	"testing"
)

// average and shape read a ThumbHash back as the format says a reader does.
func average(hash []byte) (r, g, b float64) {
	head := int(hash[0]) | int(hash[1])<<8 | int(hash[2])<<16
	l := float64(head&63) / 63
	p := float64(head>>6&63)/31.5 - 1
	q := float64(head>>12&63)/31.5 - 1
	b = l - 2.0/3*p
	r = (3*l - b + q) / 2
	return r, r - q, b
}

func shape(hash []byte) float64 {
	tail := int(hash[3]) | int(hash[4])<<8
	landscape := tail>>15 == 1
	lx, ly := 7, tail&7
	if !landscape {
		lx, ly = tail&7, 7
	}
	return float64(lx) / float64(ly)
}

// paint reads the whole hash back at a point; x and y run from 0 to 1.
func paint(hash []byte, x, y float64) (r, g, b float64) {
	head := int(hash[0]) | int(hash[1])<<8 | int(hash[2])<<16
	tail := int(hash[3]) | int(hash[4])<<8
	lx, ly := 7, max(3, tail&7)
	if tail>>15 == 0 {
		lx, ly = max(3, tail&7), 7
	}
	nibble := 0
	channel := func(mean, scale float64, nx, ny int) float64 {
		value := mean
		for cy := range ny {
			for cx := 0; cx*ny < nx*(ny-cy); cx++ {
				if cx == 0 && cy == 0 {
					continue
				}
				f := float64(hash[5+nibble/2]>>(4*(nibble%2))&15)/7.5 - 1
				value += 2 * f * scale * math.Cos(math.Pi*float64(cx)*x) * math.Cos(math.Pi*float64(cy)*y)
				nibble++
			}
		}
		return value
	}
	l := channel(float64(head&63)/63, float64(head>>18&31)/31, lx, ly)
	p := channel(float64(head>>6&63)/31.5-1, float64(tail>>3&63)/63, 3, 3)
	q := channel(float64(head>>12&63)/31.5-1, float64(tail>>9&63)/63, 3, 3)
	b = l - 2.0/3*p
	r = (3*l - b + q) / 2
	return r, r - q, b
}

func plain(w, h int, colour func(x, y int) [3]byte) []byte {
	rgb := make([]byte, 0, 3*w*h)
	for y := range h {
		for x := range w {
			c := colour(x, y)
			rgb = append(rgb, c[:]...)
		}
	}
	return rgb
}

func TestThumbHashHoldsTheAverageColourAndTheShape(t *testing.T) {
	for _, c := range []struct {
		name    string
		w, h    int
		colour  func(x, y int) [3]byte
		r, g, b float64
	}{
		{"all white", 100, 100, func(int, int) [3]byte { return [3]byte{255, 255, 255} }, 1, 1, 1},
		{"all black", 100, 50, func(int, int) [3]byte { return [3]byte{} }, 0, 0, 0},
		{"all orange, lying", 100, 67, func(int, int) [3]byte { return [3]byte{255, 128, 0} }, 1, 0.5, 0},
		{"all blue, standing", 56, 100, func(int, int) [3]byte { return [3]byte{0, 0, 255} }, 0, 0, 1},
		{"half red, half green", 100, 80, func(x, _ int) [3]byte {
			if x < 50 {
				return [3]byte{255, 0, 0}
			}
			return [3]byte{0, 255, 0}
		}, 0.5, 0.5, 0},
		{"one pixel high", 100, 1, func(int, int) [3]byte { return [3]byte{10, 200, 100} }, 10. / 255, 200. / 255, 100. / 255},
		{"one pixel", 1, 1, func(int, int) [3]byte { return [3]byte{10, 200, 100} }, 10. / 255, 200. / 255, 100. / 255},
	} {
		t.Run(c.name, func(t *testing.T) {
			hash := thumbHash(c.w, c.h, plain(c.w, c.h, c.colour))
			r, g, b := average(hash)
			if math.Abs(r-c.r) > 0.04 || math.Abs(g-c.g) > 0.04 || math.Abs(b-c.b) > 0.04 {
				t.Errorf("average is %.2f %.2f %.2f, want %.2f %.2f %.2f", r, g, b, c.r, c.g, c.b)
			}
			want := min(7, max(1./7, float64(c.w)/float64(c.h)))
			if got := shape(hash); math.Abs(got/want-1) > 0.16 {
				t.Errorf("shape is %.2f, want %.2f", got, want)
			}
			if len(hash) > 25 {
				t.Errorf("%d bytes", len(hash))
			}
		})
	}
}

func TestThumbHashShowsWhereColoursAre(t *testing.T) {
	hash := thumbHash(100, 100, plain(100, 100, func(x, y int) [3]byte {
		return [3]byte{byte(255 * x / 100), byte(255 * y / 100), 40}
	}))
	for _, at := range []float64{0.1, 0.5, 0.9} {
		r, _, _ := paint(hash, at, 0.5)
		_, g, _ := paint(hash, 0.5, at)
		if math.Abs(r-at) > 0.12 || math.Abs(g-at) > 0.12 {
			t.Errorf("at %.1f: red %.2f, green %.2f", at, r, g)
		}
	}
}

func TestTheDecoderShrinksAsFarAsItMay(t *testing.T) {
	for _, c := range []struct{ long, wanted, want int }{
		{6000, 2560, 2}, {5120, 2560, 2}, {5119, 2560, 1}, {6000, 500, 8}, {4000, 500, 8}, {3999, 500, 4}, {500, 500, 1}, {100, 100, 1},
	} {
		if got := decodeShrink(c.long, c.wanted); got != c.want {
			t.Errorf("%d to %d: got %d, want %d", c.long, c.wanted, got, c.want)
		}
	}
}
