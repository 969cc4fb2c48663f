package child

import (
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"strings"

	"vitrine/internal/media/vips"
	"vitrine/internal/media/wire"
)

// placeholderSide is the largest picture a ThumbHash is made from.
const placeholderSide = 100

// voice is how a child speaks to its parent.
type voice struct{ out *os.File }

func (v voice) say(r wire.Reply) error { return json.NewEncoder(v.out).Encode(r) }

func (v voice) answer(j job) error {
	defer j.file.Close()
	if err := v.say(wire.Reply{Taken: true}); err != nil {
		return err
	}
	header, err := vips.ReadHeader(j.file, j.Loader)
	if err != nil {
		return v.refuse(reason(err, wire.NotThatFormat), err.Error())
	}
	width, height := header.Upright()
	if why := j.Limits.Check(width, height, header.Pages); why != "" {
		return v.refuse(why, "")
	}
	if err := v.say(wire.Reply{Header: &wire.Header{Width: width, Height: height}}); err != nil {
		return err
	}
	pictures, placeholder, err := render(j, width, height)
	if err != nil {
		return v.refuse(reason(err, wire.Damaged), err.Error())
	}
	done := wire.Done{Placeholder: placeholder}
	for _, p := range pictures {
		done.Pictures = append(done.Pictures, wire.Picture{Width: p.Width, Height: p.Height, Size: len(p.JPEG)})
	}
	if err := v.say(wire.Reply{Done: &done}); err != nil {
		return err
	}
	for _, p := range pictures {
		if _, err := v.out.Write(p.JPEG); err != nil {
			return err
		}
	}
	return nil
}

// render makes the pictures in the order of the request from one decode, small ones from large ones.
func render(j job, width, height int) ([]vips.Picture, []byte, error) {
	order := make([]int, len(j.Recipes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(j.Recipes[b].Box, j.Recipes[a].Box) })
	sorted := make([]vips.Picture, len(order))
	for i, at := range order {
		w, h := wire.Fit(width, height, j.Recipes[at].Box)
		sorted[i] = vips.Picture{Width: w, Height: h, Quality: j.Recipes[at].Quality}
	}
	smallest := sorted[len(sorted)-1]
	pixels := vips.Pixels{}
	pixels.Width, pixels.Height = wire.Fit(smallest.Width, smallest.Height, placeholderSide)
	shrink := 1
	if j.Loader == "jpeg" {
		shrink = decodeShrink(max(width, height), max(sorted[0].Width, sorted[0].Height))
	}
	if err := vips.Render(j.file, j.Loader, shrink, sorted, &pixels); err != nil {
		return nil, nil, err
	}
	pictures := make([]vips.Picture, len(order))
	for i, at := range order {
		pictures[at] = sorted[i]
	}
	return pictures, thumbHash(pixels.Width, pixels.Height, pixels.RGB), nil
}

// decodeShrink is the largest factor by which the JPEG decoder may make the picture smaller so that it
// still isn't smaller than wanted: that halves the work of everything after it.
func decodeShrink(long, wanted int) int {
	for _, shrink := range []int{8, 4, 2} {
		if long/shrink >= wanted {
			return shrink
		}
	}
	return 1
}

func reason(err error, otherwise wire.Refusal) wire.Refusal {
	for _, text := range []string{"out of memory", "Insufficient memory", "Memory allocation"} {
		if strings.Contains(err.Error(), text) {
			return wire.TooHeavy
		}
	}
	return otherwise
}

func (v voice) refuse(why wire.Refusal, detail string) error {
	return v.say(wire.Reply{Refused: why, Detail: detail[:min(len(detail), 1000)]})
}
