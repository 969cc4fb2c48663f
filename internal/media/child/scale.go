package child

import "vitrine/internal/media/vips"

// shrunk makes RGBA pixels smaller, each new one the mean of all that it covers. It is for marks: less
// sharp than how libvips makes pictures smaller, and several times cheaper. Neither side may grow.
func shrunk(from vips.Pixels, width, height int) vips.Pixels {
	across, down := spread(from.Width, width), spread(from.Height, height)
	to := vips.Pixels{Width: width, Height: height, Bands: 4, Pix: make([]byte, 0, width*height*4)}
	row := make([]uint32, (width+1)*4) // an old row, made narrower: colours times alpha, and alpha
	this, next := make([]uint64, len(row)), make([]uint64, len(row))
	whole := uint64(from.Width) * uint64(from.Height)
	for y, part := range down {
		narrow(row, from.Pix[y*from.Width*4:][:from.Width*4], across)
		for i, value := range row {
			this[i] += uint64(value) * uint64(part.first)
			next[i] += uint64(value) * uint64(part.second)
		}
		if y+1 == len(down) || down[y+1].at > part.at {
			to.Pix = appendMeans(to.Pix, this[:width*4], whole)
			this, next = next, this
			clear(next)
		}
	}
	return to
}

// share is how an old pixel is divided: its parts fall on the new one at, and on the one behind it.
type share struct{ at, first, second int }

// spread lays old pixels over no more new ones. All that falls on a new one adds up to old.
func spread(old, new int) []share {
	shares := make([]share, old)
	for i := range shares {
		at := i * new / old
		second := max(0, (i+1)*new-(at+1)*old)
		shares[i] = share{at, new - second, second}
	}
	return shares
}

func narrow(row []uint32, from []byte, across []share) {
	clear(row)
	for _, part := range across {
		alpha := uint32(from[3])
		if alpha > 0 {
			to, first, second := row[part.at*4:][:8], uint32(part.first), uint32(part.second)
			for k, value := range [4]uint32{uint32(from[0]) * alpha, uint32(from[1]) * alpha, uint32(from[2]) * alpha, alpha} {
				to[k] += value * first
				to[k+4] += value * second
			}
		}
		from = from[4:]
	}
}

func appendMeans(pix []byte, sums []uint64, whole uint64) []byte {
	for ; len(sums) >= 4; sums = sums[4:] {
		alpha := max(1, sums[3])
		for _, colour := range sums[:3] {
			pix = append(pix, byte((colour+alpha/2)/alpha))
		}
		pix = append(pix, byte((sums[3]+whole/2)/whole))
	}
	return pix
}
