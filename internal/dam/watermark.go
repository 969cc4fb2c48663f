package dam

import (
	"encoding/hex"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

// Position is where on a picture a watermark stands.
type Position string

// Positions lists the nine places, row by row.
func Positions() []Position {
	return []Position{"top-left", "top", "top-right", "left", "center", "right", "bottom-left", "bottom", "bottom-right"}
}

// Watermark is the mark of the installation. Size is the mark's width in percent of the picture's,
// Opacity is in percent. Version changes with every change of it; the zero value is no watermark.
type Watermark struct {
	Version     string
	Key         string
	ImageSize   int64
	ImageWidth  int
	ImageHeight int
	Position    Position
	Tiled       bool
	Size        int
	Opacity     int
	CreatedAt   time.Time
}

// MaxWatermarkImage is the largest picture of a watermark in bytes (R137).
const MaxWatermarkImage = 2 << 20

// Configured says whether there is a watermark at all.
func (w Watermark) Configured() bool { return w.Version != "" }

// ValidWatermark checks how a watermark is laid. Errors: Invalid with the field.
func ValidWatermark(w Watermark) error {
	switch {
	case !slices.Contains(Positions(), w.Position):
		return InvalidField("position", "A watermark stands at one of nine places, such as bottom-right.")
	case w.Size < 5 || w.Size > 100:
		return InvalidField("size", "Size is a number from 5 to 100 percent.")
	case w.Opacity < 5 || w.Opacity > 100:
		return InvalidField("opacity", "Opacity is a number from 5 to 100 percent.")
	}
	return nil
}

// Mark is what a link's pictures bear: the watermark and, with Text, a line that tells which link
// they came from. Name tells marks apart in the names of renditions.
type Mark struct {
	Name string
	Text string
}

// Mark makes the mark of a link. Errors: NotAllowed when the link demands a watermark and none is
// configured: its pictures stay closed.
func (w Watermark) Mark(l Link) (Mark, error) {
	if !w.Configured() {
		return Mark{}, &Error{Kind: NotAllowed, Msg: "This link demands a watermark, and none is configured now."}
	}
	m := Mark{Name: "w" + w.Version, Text: l.TraceText()}
	if m.Text != "" {
		h := fnv.New128a()
		h.Write([]byte(m.Text))
		m.Name += "-" + hex.EncodeToString(h.Sum(nil))
	}
	return m, nil
}

// TraceText is the line that tells which link a picture came from: its name, its day and to whom it
// was given. Empty for links that do not ask for it.
func (l Link) TraceText() string {
	if !l.Terms.Trace {
		return ""
	}
	parts := []string{l.Name, l.CreatedAt.UTC().Format(time.DateOnly)}
	if l.Terms.Recipient != "" {
		parts = append(parts, l.Terms.Recipient)
	}
	return strings.Join(parts, " · ")
}
