package media

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"

	"vitrine/internal/dam"
)

// SamplePicture draws a JPEG to try a watermark on: a sky over a ground, light, dark or upright
// (portrait). Errors: dam kind Invalid with field sample.
func SamplePicture(name string) ([]byte, error) {
	width, height := 1280, 853
	sky, ground := color.RGBA{236, 240, 243, 255}, color.RGBA{186, 196, 178, 255}
	switch name {
	case "light":
	case "dark":
		sky, ground = color.RGBA{24, 30, 46, 255}, color.RGBA{12, 14, 18, 255}
	case "portrait":
		width, height = 853, 1280
		sky, ground = color.RGBA{201, 172, 150, 255}, color.RGBA{92, 74, 66, 255}
	default:
		return nil, dam.InvalidField("sample", "The samples are light, dark and portrait.")
	}
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	horizon := 2 * height / 3
	for y := range height {
		c, depth := sky, float64(y)/float64(horizon)
		if y >= horizon {
			c, depth = ground, float64(y-horizon)/float64(height-horizon)
		}
		shade := func(v uint8) uint8 { return uint8(float64(v) * (1 - 0.25*depth)) }
		line := color.RGBA{shade(c.R), shade(c.G), shade(c.B), 255}
		for x := range width {
			picture.SetRGBA(x, y, line)
		}
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 90})
	return b.Bytes(), err
}
