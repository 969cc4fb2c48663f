package media

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"vitrine/internal/dam"
	"vitrine/internal/media/wire"
)

// MarkJob asks for a picture with a mark drawn over it: a watermark, a line of text, or both.
type MarkJob struct {
	Path    string // of a rendition of our own making
	MIME    string // of it, and of what is made
	Quality int

	Overlay  string // a picture that Overlay made; empty: none
	Position dam.Position
	Tiled    bool
	Size     int // percent of the picture's width, 5 to 100; tiled: of a cell's
	Opacity  int // percent, 5 to 100

	Text string // plain; it becomes one line
}

// overlaySide bounds a normalised watermark.
const overlaySide = 2000

// textLimit is how many letters of a line can still be read on a preview.
const textLimit = 120

// Mark draws a mark over a rendition and keeps the result in the directory out. Errors are as those of
// Render, with Invalid also for a mark that can't be drawn.
func (p *Pool) Mark(ctx context.Context, m MarkJob, out string) (Rendition, error) {
	text := oneLine(m.Text)
	if err := checkMark(m, text); err != nil {
		return Rendition{}, err
	}
	f := encodings[m.MIME]
	job := Job{Path: m.Path, Loader: f.loader, Out: out, Recipes: []dam.Recipe{
		{Name: "marked", Box: p.opts.Limits.Side, MIME: m.MIME, Quality: m.Quality},
	}}
	request := p.request(job)
	request.Mark = &wire.Mark{Text: text}
	var further []string
	if m.Overlay != "" {
		further = []string{m.Overlay}
		request.Mark = &wire.Mark{
			Picture: true, Position: string(m.Position), Tiled: m.Tiled, Size: m.Size, Opacity: m.Opacity, Text: text,
		}
	}
	result, err := p.work(ctx, job, request, further...)
	if err != nil {
		return Rendition{}, fmt.Errorf("mark: %w", err)
	}
	return result.Renditions[0], nil
}

func checkMark(m MarkJob, text string) error {
	_, known := encodings[m.MIME]
	switch {
	case !known:
		return dam.InvalidField("mime", "%q can't be marked", m.MIME)
	case m.Quality < 1 || m.Quality > 100:
		return dam.InvalidField("quality", "quality must be between 1 and 100")
	case m.Overlay == "" && text == "":
		return dam.InvalidField("mark", "there is neither a picture nor a text")
	case m.Overlay == "":
		return nil
	case !m.Tiled && !slices.Contains(dam.Positions(), m.Position):
		return dam.InvalidField("position", "%q is no position", m.Position)
	case m.Size < 5 || m.Size > 100 || m.Opacity < 5 || m.Opacity > 100:
		return dam.InvalidField("mark", "size and opacity must be between 5 and 100 percent")
	}
	return nil
}

// oneLine makes a text fit to be drawn as one line.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(clean(text, 4*utf8.UTFMax*textLimit)), " ")
	if letters := []rune(text); len(letters) > textLimit {
		return string(letters[:textLimit-1]) + "…"
	}
	return text
}

// Overlay makes of an uploaded picture what Mark draws: a PNG that keeps its transparency and is no
// larger than need be. It is kept in the directory out. Errors are as those of Render.
func (p *Pool) Overlay(ctx context.Context, path, loader, out string) (made string, width, height int, err error) {
	result, err := p.Render(ctx, Job{Path: path, Loader: loader, Out: out, Recipes: []dam.Recipe{
		{Name: "overlay", Box: overlaySide, MIME: "image/png", Quality: 100},
	}})
	if err != nil {
		return "", 0, 0, err
	}
	r := result.Renditions[0]
	return r.Path, r.Width, r.Height, nil
}
