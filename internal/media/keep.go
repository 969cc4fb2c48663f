package media

import (
	"bytes"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/media/wire"
)

// encoding is one of the kinds of pictures that children make.
type encoding struct {
	name   string // what the child calls it
	loader string
	ext    string
	side   int           // of the largest that is made: what a larger box allows, too
	time   time.Duration // what a megapixel may take to encode, on top of Limits
	// size reads what a picture's header says, and decodes no pixel.
	size func(content []byte) (width, height int, err error)
}

const mimeJPEG = "image/jpeg"

var encodings = map[string]encoding{
	mimeJPEG:     {"jpeg", "jpeg", ".jpg", 16_384, 0, jpegSize},
	"image/webp": {"webp", "webp", ".webp", 16_383, time.Second, webpSize},
	"image/avif": {"avif", "heif", ".avif", 4096, 2 * time.Second, avifSize}, // more would not fit into a child
	"image/png":  {"png", "png", ".png", 16_384, time.Second, pngSize},
}

// checkRecipes makes sure that names can be file names and that the child can make what is asked.
func checkRecipes(recipes []dam.Recipe) error {
	if len(recipes) == 0 {
		return dam.InvalidField("recipes", "no recipe was given")
	}
	for _, r := range recipes {
		_, known := encodings[r.MIME]
		switch {
		case r.Name == "" || strings.ContainsAny(r.Name, "/\\\x00") || strings.HasPrefix(r.Name, "."):
			return dam.InvalidField("recipes", "%q can't be a file's name", r.Name)
		case !known:
			return dam.InvalidField("recipes", "%s: pictures can't be made as %q", r.Name, r.MIME)
		case r.Box < 1 || r.Box > 16_384:
			return dam.InvalidField("recipes", "%s: the longest side must be between 1 and 16384", r.Name)
		case r.Quality < 1 || r.Quality > 100:
			return dam.InvalidField("recipes", "%s: quality must be between 1 and 100", r.Name)
		}
	}
	return nil
}

// box is the recipe's, or what its format can take.
func box(r dam.Recipe) int { return min(r.Box, encodings[r.MIME].side) }

// pictures reads what the child announced. Before a byte is read, each picture must have the size that
// follows from header and recipe, and no more bytes than raw pixels would have.
func (p *process) pictures(a answer, job Job) ([][]byte, error) {
	if len(a.done.Pictures) != len(job.Recipes) || len(a.done.Placeholder) > 64 {
		return nil, errOutOfStep
	}
	all := make([][]byte, len(job.Recipes))
	for i, picture := range a.done.Pictures {
		w, h := wire.Sized(job.Loader, a.header.Width, a.header.Height, box(job.Recipes[i]))
		if picture.Width != w || picture.Height != h || picture.Size < 1 || picture.Size > 5*w*h+lineLimit {
			return nil, errors.New("a picture of a size that was not asked for")
		}
		all[i] = make([]byte, picture.Size)
		if _, err := io.ReadFull(p.lines, all[i]); err != nil {
			return nil, fmt.Errorf("read picture: %w", err)
		}
		foundW, foundH, err := encodings[job.Recipes[i].MIME].size(all[i])
		if err != nil {
			return nil, fmt.Errorf("check picture: %w", err)
		}
		if foundW != w || foundH != h {
			return nil, errors.New("a picture of another size than announced")
		}
	}
	return all, nil
}

func jpegSize(content []byte) (width, height int, err error) {
	found, err := jpeg.DecodeConfig(bytes.NewReader(content))
	return found.Width, found.Height, err
}

// keep writes checked pictures. The child has no part in it.
func keep(a answer, job Job) (Result, error) {
	result := Result{Width: a.header.Width, Height: a.header.Height, Placeholder: a.done.Placeholder}
	for i, recipe := range job.Recipes {
		path := filepath.Join(job.Out, recipe.Name+encodings[recipe.MIME].ext)
		if err := os.WriteFile(path, a.pictures[i], 0o600); err != nil {
			for _, made := range result.Renditions {
				os.Remove(made.Path)
			}
			return Result{}, fmt.Errorf("keep rendition: %w", err)
		}
		result.Renditions = append(result.Renditions, Rendition{
			Name: recipe.Name, Path: path, MIME: recipe.MIME,
			Width: a.done.Pictures[i].Width, Height: a.done.Pictures[i].Height, Size: int64(len(a.pictures[i])),
		})
	}
	return result, nil
}
