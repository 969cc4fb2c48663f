package main

import (
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
)

const (
	photoWidth  = 6000
	photoHeight = 4000
)

// makePhotos draws pictures with structure at every scale and a sensor's grain, so that decoding their
// entropy costs what a camera's photos of 8 MB cost.
func makePhotos(dir string, count int) ([]string, error) {
	var photos []string
	for i := range count {
		photo := filepath.Join(dir, fmt.Sprintf("photo-%02d.jpg", i))
		f, err := os.Create(photo)
		if err != nil {
			return nil, err
		}
		err = jpeg.Encode(f, drawPhoto(rand.New(rand.NewPCG(uint64(i), 24))), &jpeg.Options{Quality: 92})
		if err != nil {
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
		photos = append(photos, photo)
	}
	return photos, nil
}

func drawPhoto(random *rand.Rand) image.Image {
	light := []layer{
		newLayer(random, 900, 60), newLayer(random, 220, 35), newLayer(random, 50, 18), newLayer(random, 11, 9),
	}
	grain, fine := newLayer(random, 2, 14), newLayer(random, 1, 8)
	blue, red := newLayer(random, 700, 40), newLayer(random, 500, 40)
	m := image.NewYCbCr(image.Rect(0, 0, photoWidth, photoHeight), image.YCbCrSubsampleRatio420)
	row := make([]float32, photoWidth)
	for y := range photoHeight {
		fill(row, 128)
		for _, l := range light {
			l.add(row, y)
		}
		grain.add(row, y)
		fine.add(row, y)
		put(m.Y[y*m.YStride:], row, 1)
		if y%2 == 0 {
			fill(row, 128)
			blue.add(row, y)
			put(m.Cb[y/2*m.CStride:], row, 2)
			fill(row, 128)
			red.add(row, y)
			put(m.Cr[y/2*m.CStride:], row, 2)
		}
	}
	return m
}

// layer is a grid of random heights, smoothly joined.
type layer struct {
	cell, columns int
	heights       []float32
}

func newLayer(random *rand.Rand, cell int, height float32) layer {
	l := layer{cell: cell, columns: photoWidth/cell + 2}
	l.heights = make([]float32, l.columns*(photoHeight/cell+2))
	for i := range l.heights {
		l.heights[i] = (random.Float32()*2 - 1) * height
	}
	return l
}

func (l layer) add(row []float32, y int) {
	above := l.heights[y/l.cell*l.columns:]
	below := above[l.columns:]
	down := float32(y%l.cell) / float32(l.cell)
	for x := range row {
		column := x / l.cell
		right := float32(x%l.cell) / float32(l.cell)
		a := above[column] + (above[column+1]-above[column])*right
		b := below[column] + (below[column+1]-below[column])*right
		row[x] += a + (b-a)*down
	}
}

func fill(row []float32, value float32) {
	for i := range row {
		row[i] = value
	}
}

func put(out []uint8, row []float32, step int) {
	for i := 0; i < len(row); i += step {
		out[i/step] = uint8(max(0, min(255, row[i])))
	}
}
