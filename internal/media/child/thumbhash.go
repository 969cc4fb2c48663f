package child

import "math"

// thumbHash makes a ThumbHash of an opaque RGB picture of at most 100x100 pixels: about 25 bytes that
// hold its average colour, its shape and a blur. The format is Evan Wallace's,
// https://evanw.github.io/thumbhash/ (MIT); written from its description, without the alpha channel,
// which our renditions do not have.
func thumbHash(width, height int, rgb []byte) []byte {
	long := float64(max(width, height))
	lx := max(1, int(math.Round(7*float64(width)/long)))
	ly := max(1, int(math.Round(7*float64(height)/long)))

	// Luminance, yellow-blue, red-green.
	n := width * height
	l, p, q := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		r, g, b := float64(rgb[3*i])/255, float64(rgb[3*i+1])/255, float64(rgb[3*i+2])/255
		l[i] = (r + g + b) / 3
		p[i] = (r+g)/2 - b
		q[i] = r - g
	}
	lc := cosines(l, width, height, max(3, lx), max(3, ly))
	pc := cosines(p, width, height, 3, 3)
	qc := cosines(q, width, height, 3, 3)

	landscape := width > height
	shape := lx
	if landscape {
		shape = ly
	}
	head := level(lc.mean, 63) | level((pc.mean+1)/2, 63)<<6 | level((qc.mean+1)/2, 63)<<12 |
		level(lc.scale, 31)<<18
	tail := shape | level(pc.scale, 63)<<3 | level(qc.scale, 63)<<9
	if landscape {
		tail |= 1 << 15
	}
	hash := []byte{byte(head), byte(head >> 8), byte(head >> 16), byte(tail), byte(tail >> 8)}
	nibbles := 0
	for _, c := range []spectrum{lc, pc, qc} {
		for _, f := range c.rest {
			if nibbles%2 == 0 {
				hash = append(hash, 0)
			}
			hash[len(hash)-1] |= byte(level(f, 15) << (4 * (nibbles % 2)))
			nibbles++
		}
	}
	return hash
}

// spectrum is the low end of a cosine transform; rest is scaled to 0..1 around one half.
type spectrum struct {
	mean, scale float64
	rest        []float64
}

func cosines(channel []float64, width, height, nx, ny int) spectrum {
	var s spectrum
	row := make([]float64, width)
	for cy := range ny {
		for cx := 0; cx*ny < nx*(ny-cy); cx++ {
			for x := range row {
				row[x] = math.Cos(math.Pi / float64(width) * float64(cx) * (float64(x) + 0.5))
			}
			sum := 0.0
			for y := range height {
				fy := math.Cos(math.Pi / float64(height) * float64(cy) * (float64(y) + 0.5))
				for x, fx := range row {
					sum += channel[y*width+x] * fx * fy
				}
			}
			sum /= float64(width * height)
			if cx == 0 && cy == 0 {
				s.mean = sum
				continue
			}
			s.rest = append(s.rest, sum)
			s.scale = max(s.scale, math.Abs(sum))
		}
	}
	if s.scale > 0 {
		for i, f := range s.rest {
			s.rest[i] = 0.5 + 0.5/s.scale*f
		}
	}
	return s
}

func level(share float64, steps int) int { return int(math.Round(share * float64(steps))) }
