package child

import (
	"cmp"
	"encoding/json"
	"errors"
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
	defer j.close()
	if err := v.say(wire.Reply{Taken: true}); err != nil {
		return err
	}
	header, err := readHeader(j.file, j.Loader)
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
	work := render
	if j.Mark != nil {
		work = marked
	}
	pictures, placeholder, err := work(j, header)
	if err != nil {
		return v.refuse(reason(err, wire.Damaged), err.Error())
	}
	done := wire.Done{Placeholder: placeholder}
	for i, p := range pictures {
		if p.Format == vips.WebP {
			p.Encoded = bareWebP(p.Encoded)
			pictures[i] = p
		}
		done.Pictures = append(done.Pictures, wire.Picture{Width: p.Width, Height: p.Height, Size: len(p.Encoded)})
	}
	if err := v.say(wire.Reply{Done: &done}); err != nil {
		return err
	}
	for _, p := range pictures {
		if _, err := v.out.Write(p.Encoded); err != nil {
			return err
		}
	}
	return nil
}

// render makes the pictures in the order of the request from one decode, small ones from large ones.
func render(j job, header vips.Header) ([]vips.Picture, []byte, error) {
	width, height := header.Upright()
	order := make([]int, len(j.Recipes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(j.Recipes[b].Box, j.Recipes[a].Box) })
	sorted := make([]vips.Picture, len(order))
	for i, at := range order {
		r := j.Recipes[at]
		sorted[i] = vips.Picture{Format: vips.Format(r.Format), Quality: r.Quality}
		sorted[i].Width, sorted[i].Height = wire.Sized(j.Loader, width, height, r.Box)
	}
	smallest := sorted[len(sorted)-1]
	pixels := vips.Pixels{Bands: 3}
	pixels.Width, pixels.Height = wire.Fit(smallest.Width, smallest.Height, placeholderSide)
	source := vips.Source{File: j.file, Loader: j.Loader}
	long, wanted := max(width, height), max(sorted[0].Width, sorted[0].Height)
	switch j.Loader {
	case "jpeg":
		source.Shrink = decodeShrink(long, wanted)
	case wire.Vector:
		source.Scale = float64(wanted) / float64(long)
	case loaderPSD:
		if err := photoshop(&source, wanted); err != nil {
			return nil, nil, err
		}
	}
	if err := vips.Render(source, sorted, &pixels); err != nil {
		return nil, nil, err
	}
	pictures := make([]vips.Picture, len(order))
	for i, at := range order {
		pictures[at] = sorted[i]
	}
	return pictures, thumbHash(pixels.Width, pixels.Height, pixels.Pix), nil
}

func readHeader(file *os.File, loader string) (vips.Header, error) {
	if loader != loaderPSD {
		return vips.ReadHeader(file, loader)
	}
	d, err := openPSD(file)
	return vips.Header{Width: d.width, Height: d.height, Pages: 1, Orientation: 1, Alpha: d.alpha}, err
}

// photoshop makes a source of the file's raw pixels.
func photoshop(source *vips.Source, wanted int) error {
	d, err := openPSD(source.File)
	if err != nil {
		return err
	}
	pixels, err := d.pixels(wanted)
	source.Raw, source.CMYK, source.Profile = &pixels, d.mode == psdCMYK, d.profile
	return err
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
	if errors.Is(err, errUnmerged) {
		return wire.Unmerged
	}
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
