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

	"vitrine/internal/dam"
	"vitrine/internal/media/wire"
)

const mimeJPEG = "image/jpeg"

// checkRecipes makes sure that names can be file names and that the child can make what is asked.
func checkRecipes(recipes []dam.Recipe) error {
	if len(recipes) == 0 {
		return dam.InvalidField("recipes", "no recipe was given")
	}
	for _, r := range recipes {
		switch {
		case r.Name == "" || strings.ContainsAny(r.Name, "/\\\x00") || strings.HasPrefix(r.Name, "."):
			return dam.InvalidField("recipes", "%q can't be a file's name", r.Name)
		case r.MIME != mimeJPEG:
			return dam.InvalidField("recipes", "%s: pictures can be made as %s only", r.Name, mimeJPEG)
		case r.Box < 1 || r.Box > 16_384:
			return dam.InvalidField("recipes", "%s: the longest side must be between 1 and 16384", r.Name)
		case r.Quality < 1 || r.Quality > 100:
			return dam.InvalidField("recipes", "%s: quality must be between 1 and 100", r.Name)
		}
	}
	return nil
}

// pictures reads what the child announced. Before a byte is read, each picture must have the size that
// follows from header and recipe, and no more bytes than raw pixels would have.
func (p *process) pictures(a answer, recipes []dam.Recipe) ([][]byte, error) {
	if len(a.done.Pictures) != len(recipes) || len(a.done.Placeholder) > 64 {
		return nil, errOutOfStep
	}
	all := make([][]byte, len(recipes))
	for i, picture := range a.done.Pictures {
		w, h := wire.Fit(a.header.Width, a.header.Height, recipes[i].Box)
		if picture.Width != w || picture.Height != h || picture.Size < 1 || picture.Size > 3*w*h+lineLimit {
			return nil, errors.New("a picture of a size that was not asked for")
		}
		all[i] = make([]byte, picture.Size)
		if _, err := io.ReadFull(p.lines, all[i]); err != nil {
			return nil, fmt.Errorf("read picture: %w", err)
		}
		found, err := jpeg.DecodeConfig(bytes.NewReader(all[i]))
		if err != nil {
			return nil, fmt.Errorf("check picture: %w", err)
		}
		if found.Width != w || found.Height != h {
			return nil, errors.New("a picture of another size than announced")
		}
	}
	return all, nil
}

// keep writes checked pictures. The child has no part in it.
func keep(a answer, job Job) (Result, error) {
	result := Result{Width: a.header.Width, Height: a.header.Height, Placeholder: a.done.Placeholder}
	for i, recipe := range job.Recipes {
		path := filepath.Join(job.Out, recipe.Name+".jpg")
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
