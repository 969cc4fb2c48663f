package wire_test

import (
	"testing"

	"vitrine/internal/media/wire"
)

func TestFitMakesTheLongSideExactlyTheBoxAndEnlargesNothing(t *testing.T) {
	for _, c := range []struct{ w, h, box, wantW, wantH int }{
		{6000, 4000, 2560, 2560, 1707},
		{4000, 6000, 2560, 1707, 2560},
		{2560, 1707, 1280, 1280, 854},
		{100, 100, 50, 50, 50},
		{100, 80, 100, 100, 80},
		{99, 80, 100, 99, 80},
		{65535, 1, 500, 500, 1},
		{1, 65535, 500, 1, 500},
	} {
		if w, h := wire.Fit(c.w, c.h, c.box); w != c.wantW || h != c.wantH {
			t.Errorf("%dx%d in %d: got %dx%d, want %dx%d", c.w, c.h, c.box, w, h, c.wantW, c.wantH)
		}
	}
}

func TestLimitsNameWhatIsTooMuch(t *testing.T) {
	limits := wire.Limits{Pixels: 1000, Side: 100, Pages: 10}
	for _, c := range []struct {
		name                 string
		width, height, pages int
		want                 wire.Refusal
	}{
		{"all at the limit", 100, 10, 10, ""},
		{"a pixel too many", 77, 13, 1, wire.TooManyPixels},
		{"a side too long", 101, 1, 1, wire.TooManyPixels},
		{"the other side too long", 1, 101, 1, wire.TooManyPixels},
		{"sides whose product overflows 32 bits", 1 << 31, 1 << 31, 1, wire.TooManyPixels},
		{"a page too many", 10, 10, 11, wire.TooManyPages},
		{"no width", 0, 10, 1, wire.NotThatFormat},
		{"less than no height", 10, -1, 1, wire.NotThatFormat},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := limits.Check(c.width, c.height, c.pages); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if (wire.Limits{}).Check(1, 1, 1) == "" {
		t.Error("no limits allow a picture")
	}
}
