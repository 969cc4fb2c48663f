// Package wire is what the pool and its child say to each other, and the arithmetic both must agree on.
// It knows no process and no decoder. Package media speaks it on one side, package child on the other.
package wire

import "math"

// Request asks for pictures of the file whose open descriptor travels with it; the second descriptor, if
// there is a mark with a picture, is that picture's. One request is one message on the child's socket
// (descriptor 3).
type Request struct {
	Loader  string   `json:"loader"`
	Recipes []Recipe `json:"recipes"`
	Mark    *Mark    `json:"mark,omitempty"`
	Limits  Limits   `json:"limits"`
}

// Recipe is what the child needs to know of a recipe.
type Recipe struct {
	Box     int    `json:"box"`
	Format  string `json:"format"` // jpeg, webp, avif or png
	Quality int    `json:"quality"`
}

// Mark is what is drawn over a picture before it is encoded: a picture, a line of text, or both. Such a
// request has one recipe, and its picture gets the file's own size.
type Mark struct {
	Picture  bool   `json:"picture,omitempty"` // a PNG, as the second descriptor
	Position string `json:"position,omitempty"`
	Tiled    bool   `json:"tiled,omitempty"`
	Size     int    `json:"size,omitempty"`    // percent of the width; tiled: of a cell's
	Opacity  int    `json:"opacity,omitempty"` // percent
	Text     string `json:"text,omitempty"`
}

// Limits bound what a header may claim before anything is decoded.
type Limits struct {
	Pixels int64 `json:"pixels"`
	Side   int   `json:"side"`
	Pages  int   `json:"pages"`
}

// Reply is one line on the child's standard output. A job has three: Taken before anything of the file
// is read, Header, then Done (followed by the pictures' bytes in the order of the request's recipes), or
// Refused instead of either. The very first line of a child has Ready.
type Reply struct {
	Ready   *Ready  `json:"ready,omitempty"`
	Taken   bool    `json:"taken,omitempty"`
	Header  *Header `json:"header,omitempty"`
	Done    *Done   `json:"done,omitempty"`
	Refused Refusal `json:"refused,omitempty"`
	Detail  string  `json:"detail,omitempty"`
}

// Ready names the layers of confinement that hold the child.
type Ready struct {
	Layers []string `json:"layers"`
}

// Header is the picture's size when upright.
type Header struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// Done has the pictures' sizes and the ThumbHash.
type Done struct {
	Pictures    []Picture `json:"pictures"`
	Placeholder []byte    `json:"placeholder"`
}

// Picture is one rendition; Size is its number of bytes.
type Picture struct {
	Width  int `json:"width"`
	Height int `json:"height"`
	Size   int `json:"size"`
}

// Refusal is why a file will never be shown.
type Refusal string

// The refusals.
const (
	TooManyPixels Refusal = "too_many_pixels"
	TooManyPages  Refusal = "too_many_pages"
	NotThatFormat Refusal = "not_that_format"
	Damaged       Refusal = "damaged"
	TooHeavy      Refusal = "too_heavy"
	Unmerged      Refusal = "unmerged"
)

// Check compares a header with the limits; empty means allowed.
func (l Limits) Check(width, height, pages int) Refusal {
	switch {
	case width < 1 || height < 1:
		return NotThatFormat
	case width > l.Side || height > l.Side || int64(width)*int64(height) > l.Pixels:
		return TooManyPixels
	case pages > l.Pages:
		return TooManyPages
	}
	return ""
}

// Fit is the size of a picture inside a box: the long side is exactly the box, nothing is enlarged.
func Fit(width, height, box int) (int, int) {
	if max(width, height) <= box {
		return width, height
	}
	return fill(width, height, box)
}

// Vector is the loader of drawings, which have no pixels of their own.
const Vector = "svg"

// Sized is the size of the picture that a loader's file gives for a box: a drawing fills it, all else is
// never enlarged.
func Sized(loader string, width, height, box int) (int, int) {
	if loader == Vector {
		return fill(width, height, box)
	}
	return Fit(width, height, box)
}

func fill(width, height, box int) (int, int) {
	scale := float64(box) / float64(max(width, height))
	short := max(1, int(math.Round(float64(min(width, height))*scale)))
	if width >= height {
		return box, short
	}
	return short, box
}
