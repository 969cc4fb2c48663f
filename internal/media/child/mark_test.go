package child

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"vitrine/internal/media/vips"
	"vitrine/internal/media/wire"
)

func pixels(width, height, bands int, pix ...byte) vips.Pixels {
	return vips.Pixels{Width: width, Height: height, Bands: bands, Pix: bytes.Repeat(pix, width*height*bands/len(pix))}
}

func TestBlendIsExactAtItsEnds(t *testing.T) {
	for _, c := range []struct {
		what    string
		over    []byte
		opacity int
		want    []byte
	}{
		{"opaque", []byte{10, 20, 30, 255}, 100, []byte{10, 20, 30}},
		{"not there", []byte{10, 20, 30, 0}, 100, []byte{200, 100, 50}},
		{"half there", []byte{10, 20, 30, 255}, 50, []byte{105, 60, 40}},
		{"half of half", []byte{10, 20, 30, 128}, 50, []byte{152, 80, 45}},
		{"the same colour", []byte{200, 100, 50, 77}, 33, []byte{200, 100, 50}},
	} {
		under := canvas{pixels(3, 3, 3, 200, 100, 50)}
		under.blend(1, 1, pixels(1, 1, 4, c.over...), c.opacity)
		for i, b := range under.Pix {
			want := []byte{200, 100, 50}[i%3]
			if i/3 == 4 {
				want = c.want[i%3]
			}
			if d := int(b) - int(want); d < -1 || d > 1 || c.opacity == 100 && d != 0 {
				t.Errorf("%s: byte %d is %d, want %d", c.what, i, b, want)
			}
		}
	}
}

func TestBlendOverWhatCanBeSeenThrough(t *testing.T) {
	for _, c := range []struct {
		what        string
		under, over []byte
		want        []byte
	}{
		{"opaque over nothing", []byte{9, 9, 9, 0}, []byte{10, 20, 30, 255}, []byte{10, 20, 30, 255}},
		{"half over nothing keeps its colour", []byte{9, 9, 9, 0}, []byte{10, 20, 30, 128}, []byte{10, 20, 30, 128}},
		{"nothing over half", []byte{90, 90, 90, 128}, []byte{10, 20, 30, 0}, []byte{90, 90, 90, 128}},
		{"half over opaque", []byte{200, 100, 50, 255}, []byte{10, 20, 30, 128}, []byte{105, 60, 40, 255}},
		{"half over half", []byte{210, 210, 210, 128}, []byte{30, 30, 30, 128}, []byte{90, 90, 90, 192}},
	} {
		under := canvas{pixels(1, 1, 4, c.under...)}
		under.blend(0, 0, pixels(1, 1, 4, c.over...), 100)
		for i, want := range c.want {
			if d := int(under.Pix[i]) - int(want); d < -1 || d > 1 {
				t.Errorf("%s: got %v, want %v", c.what, under.Pix, c.want)
			}
		}
	}
}

func TestAMarkThatSticksOutIsCutOff(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		bands := 3 + random.IntN(2)
		under := canvas{pixels(1+random.IntN(9), 1+random.IntN(9), bands, 7)}
		over := pixels(1+random.IntN(20), 1+random.IntN(20), 4, 255)
		x, y := random.IntN(40)-20, random.IntN(40)-20
		under.blend(x, y, over, 100)
		for at, b := range under.Pix {
			px, py := at/bands%under.Width, at/bands/under.Width
			inside := px >= x && px < x+over.Width && py >= y && py < y+over.Height
			if inside != (b == 255) {
				t.Fatalf("%dx%d at %d,%d: pixel %d,%d is %d", over.Width, over.Height, x, y, px, py, b)
			}
		}
	}
}

func TestSmallerPixelsAreTheMeanOfThoseTheyCover(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		width, height := 1+random.IntN(40), 1+random.IntN(40)
		flat := pixels(width, height, 4, 200, 100, 50, 128)
		to := shrunk(flat, 1+random.IntN(width), 1+random.IntN(height))
		if !bytes.Equal(to.Pix, bytes.Repeat([]byte{200, 100, 50, 128}, to.Width*to.Height)) {
			t.Fatalf("a flat picture of %dx%d at %dx%d is no longer flat", width, height, to.Width, to.Height)
		}
	}
	// Two opaque pixels and two that can't be seen: their colour does not bleed.
	quarter := vips.Pixels{Width: 2, Height: 2, Bands: 4, Pix: []byte{
		100, 0, 0, 255, 0, 0, 0, 0,
		0, 0, 0, 0, 200, 0, 0, 255,
	}}
	if got := shrunk(quarter, 1, 1).Pix; !bytes.Equal(got, []byte{150, 0, 0, 128}) {
		t.Errorf("got %v", got)
	}
	thirds := vips.Pixels{Width: 3, Height: 1, Bands: 4, Pix: []byte{0, 0, 0, 255, 90, 0, 0, 255, 180, 0, 0, 255}}
	if got := shrunk(thirds, 2, 1).Pix; !bytes.Equal(got, []byte{30, 0, 0, 255, 150, 0, 0, 255}) {
		t.Errorf("got %v", got)
	}
	if got := shrunk(thirds, 3, 1).Pix; !bytes.Equal(got, thirds.Pix) {
		t.Errorf("got %v", got)
	}
}

func TestAMarkNeverBecomesLargerThanThePictureOrItsCell(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		width, height := 1+random.IntN(3000), 1+random.IntN(3000)
		mark := wire.Mark{Position: "bottom-right", Tiled: random.IntN(2) == 0, Size: 5 + random.IntN(96)}
		w, h, at := layout(width, height, 1+random.IntN(2000), 1+random.IntN(2000), mark)
		roomW, roomH := width, height
		if mark.Tiled {
			cell := max(min(width, height)/3, max(width, height)/24, 1)
			roomW, roomH = cell, cell
		}
		if w < 1 || h < 1 || w > roomW || h > roomH || len(at) == 0 || len(at) > 26*26 {
			t.Fatalf("on %dx%d: %dx%d, %d times, %+v", width, height, w, h, len(at), mark)
		}
		if p := at[0]; !mark.Tiled && (p.x < 0 || p.y < 0 || p.x+w > width || p.y+h > height) {
			t.Fatalf("on %dx%d: %dx%d at %v", width, height, w, h, p)
		}
	}
}

func TestOnlyThePictureIsLeftOfAWebP(t *testing.T) {
	chunk := func(kind, body string) string {
		if len(body)%2 == 1 {
			body += "\x00"
		}
		return kind + string([]byte{byte(len(body)), 0, 0, 0}) + body
	}
	extended := "\x3c\x00\x00\x00\x20\x00\x00\x14\x00\x00"
	whole := "RIFF\xff\x00\x00\x00WEBP" + chunk("VP8X", extended) + chunk("ICCP", "profile") + chunk("ALPH", "alpha.") +
		chunk("VP8 ", "picture.") + chunk("EXIF", "place") + chunk("XMP ", "name") + chunk("ANIM", "x")
	want := "WEBP" + chunk("VP8X", "\x10"+extended[1:]) + chunk("ALPH", "alpha.") + chunk("VP8 ", "picture.")
	got := string(bareWebP([]byte(whole)))
	if got[8:] != want || int(got[4]) != len(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzBareWebP(f *testing.F) {
	f.Add([]byte("RIFF\x0c\x00\x00\x00WEBPVP8X\x00\x00\x00\x00"))
	f.Fuzz(func(_ *testing.T, content []byte) { bareWebP(content) })
}
