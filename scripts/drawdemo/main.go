// Command drawdemo draws twelve landscapes for the demo library when no photographs can be had.
// It knows gradients and hills; it never reads a file or the network. scripts/demo-media.sh calls it.
package main

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
)

type words struct {
	EN string `json:"en"`
	RU string `json:"ru"`
}

type entry struct {
	File        string `json:"file"`
	Title       words  `json:"title"`
	Description words  `json:"description"`
	Author      string `json:"author"`
	Licence     string `json:"licence"`
}

type manifest struct {
	Licence       string  `json:"licence"`
	SourcePackage string  `json:"source_package"`
	Files         []entry `json:"files"`
}

// scene is one landscape: a sky from top to bottom, a sun, and hills of one colour seen through haze.
type scene struct {
	file          string
	title         words
	top, low, sun color.RGBA
	hill          color.RGBA
	portrait      bool
}

func rgb(hex uint32) color.RGBA {
	return color.RGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 255}
}

var scenes = []scene{
	{"dawn.jpg", words{"Dawn", "Заря"}, rgb(0x31406e), rgb(0xf6b38e), rgb(0xfff1d6), rgb(0x2a2540), false},
	{"morning.jpg", words{"Morning", "Утро"}, rgb(0x5f9cc9), rgb(0xf3ead2), rgb(0xffffff), rgb(0x2f5d50), false},
	{"noon.jpg", words{"Noon", "Полдень"}, rgb(0x2c7fc0), rgb(0xd8ecf5), rgb(0xffffff), rgb(0x3f6b2e), true},
	{"dunes.jpg", words{"Dunes", "Дюны"}, rgb(0x7ab4d8), rgb(0xf7e3bd), rgb(0xfffaf0), rgb(0xb0713a), false},
	{"evening.jpg", words{"Evening", "Вечер"}, rgb(0x3c2f63), rgb(0xef8354), rgb(0xffd9a0), rgb(0x24152c), false},
	{"dusk.jpg", words{"Dusk", "Сумерки"}, rgb(0x161b33), rgb(0xa4508b), rgb(0xf7c8e0), rgb(0x10101e), true},
	{"moonrise.jpg", words{"Moonrise", "Восход луны"}, rgb(0x0b1020), rgb(0x33476b), rgb(0xf4f1de), rgb(0x080b14), false},
	{"fog.jpg", words{"Fog", "Туман"}, rgb(0x9aa8ad), rgb(0xe7e9e6), rgb(0xf8f8f4), rgb(0x55666b), false},
	{"sea-of-hills.jpg", words{"Sea of hills", "Море холмов"}, rgb(0x4a8fa3), rgb(0xe4f0ea), rgb(0xffffff), rgb(0x14454f), true},
	{"red-valley.jpg", words{"Red valley", "Красная долина"}, rgb(0x8c4a5c), rgb(0xf9d5a7), rgb(0xfff0d0), rgb(0x5c1f24), false},
	{"winter.jpg", words{"Winter", "Зима"}, rgb(0x7d98b3), rgb(0xf2f4f7), rgb(0xffffff), rgb(0x6d86a0), false},
	{"spring.jpg", words{"Spring", "Весна"}, rgb(0x84c5e0), rgb(0xfdf3d8), rgb(0xffffff), rgb(0x4f8a3c), false},
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: drawdemo FOLDER")
	}
	if err := draw(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func draw(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make demo folder: %w", err)
	}
	list := manifest{Licence: "CC0-1.0", SourcePackage: "none: drawn by scripts/drawdemo"}
	for i, s := range scenes {
		if err := save(filepath.Join(dir, s.file), s.paint(rand.New(rand.NewPCG(uint64(i), 7)))); err != nil {
			return err
		}
		list.Files = append(list.Files, entry{
			File: s.file, Title: s.title, Author: "drawdemo", Licence: "CC0-1.0",
			Description: words{"A drawn landscape.", "Нарисованный пейзаж."},
		})
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, "manifest.json"), text, 0o644)
}

func save(path string, img image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("save picture: %w", err)
	}
	defer f.Close()
	if err := jpeg.Encode(f, img, &jpeg.Options{Quality: 90}); err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	return f.Close()
}

func (s scene) paint(r *rand.Rand) image.Image {
	w, h := 2400, 1600
	if s.portrait {
		w, h = h, w
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	sunX, sunY := (0.25+r.Float64()/2)*float64(w), (0.2+r.Float64()/4)*float64(h)
	size := float64(min(w, h)) * 0.05
	for y := range h {
		sky := mix(s.top, s.low, float64(y)/float64(h)/0.75)
		for x := range w {
			away := math.Hypot(float64(x)-sunX, float64(y)-sunY) / size
			img.SetRGBA(x, y, mix(sky, s.sun, glow(away)))
		}
	}
	const ranges = 6
	for i := range ranges {
		depth := float64(i+1) / ranges
		s.ridge(img, r, 0.48+0.42*depth, mix(s.low, s.hill, depth*0.95))
	}
	return img
}

// glow is 1 inside the disc and fades with distance outside it.
func glow(away float64) float64 {
	if away <= 1 {
		return 1
	}
	return 0.7 / (1 + (away-1)*(away-1)/3)
}

// ridge fills one range of hills whose crest runs about the given share of the height.
func (s scene) ridge(img *image.RGBA, r *rand.Rand, level float64, c color.RGBA) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	var phase, turns [5]float64
	for k := range phase {
		phase[k], turns[k] = r.Float64()*2*math.Pi, (float64(k)+r.Float64())*1.7+0.6
	}
	for x := range w {
		crest := level
		for k := range phase {
			crest += 0.05 / float64(k+1) * math.Sin(phase[k]+turns[k]*2*math.Pi*float64(x)/float64(w))
		}
		for y := max(0, int(crest*float64(h))); y < h; y++ {
			img.SetRGBA(x, y, c)
		}
	}
}

func mix(a, b color.RGBA, t float64) color.RGBA {
	t = math.Max(0, math.Min(1, t))
	part := func(p, q uint8) uint8 { return uint8(float64(p) + (float64(q)-float64(p))*t) }
	return color.RGBA{R: part(a.R, b.R), G: part(a.G, b.G), B: part(a.B, b.B), A: 255}
}
