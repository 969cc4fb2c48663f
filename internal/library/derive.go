package library

import (
	"context"
	"fmt"
	"os"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/store"
)

// Derive makes the facts and renditions of an asset. It is safe to run twice: what it makes has
// the same keys. Errors: Invalid for a file that will never be shown; any other is worth another
// attempt.
func (l *Library) Derive(ctx context.Context, job dam.Job) error {
	a, err := l.Store.Asset(ctx, job.ID)
	if dam.KindOf(err) == dam.NotFound || err == nil && a.Status != dam.StatusProcessing {
		return nil // deleted or done meanwhile
	}
	if err != nil {
		return err
	}
	path, release, err := blob.Local(ctx, l.Blobs, a.Key, l.Scratch)
	if err != nil {
		return fmt.Errorf("fetch the original: %w", err)
	}
	defer release()
	made, err := l.render(ctx, a, path)
	if err != nil {
		return err
	}
	facts := l.facts(ctx, a, path)
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now, err := tx.Asset(ctx, a.ID)
		if err != nil {
			return err
		}
		for _, r := range made.renditions {
			if err := tx.UseBlob(ctx, r.Key, r.Size, r.CRC32, l.now()); err != nil {
				return err
			}
		}
		if err := tx.ReplaceRenditions(ctx, a.ID, made.renditions); err != nil {
			return err
		}
		now.Width, now.Height, now.Placeholder = made.width, made.height, made.placeholder
		now.Status, now.Failure = dam.StatusReady, ""
		describe(&now, facts)
		tx.Announce(store.Event{AssetID: a.ID, Status: now.Status, Progress: 1})
		return tx.UpdateAsset(ctx, now)
	})
}

// derived is what the render child made, kept in the blob store.
type derived struct {
	width, height int
	placeholder   []byte
	renditions    []dam.Rendition
}

func (l *Library) render(ctx context.Context, a dam.Asset, path string) (derived, error) {
	head, err := readHead(path)
	if err != nil {
		return derived{}, err
	}
	out, err := os.MkdirTemp(l.Scratch, "render-*")
	if err != nil {
		return derived{}, fmt.Errorf("make a scratch folder: %w", err)
	}
	defer os.RemoveAll(out)
	result, err := l.Images.Render(ctx, media.Job{
		Path: path, Loader: media.Sniff(head, a.Name).Loader, Recipes: dam.ImageRecipes(), Out: out,
	})
	if err != nil {
		return derived{}, err
	}
	made := derived{width: result.Width, height: result.Height, placeholder: result.Placeholder}
	for i, r := range result.Renditions {
		kept, err := l.keep(ctx, r.Path)
		if err != nil {
			return derived{}, fmt.Errorf("keep rendition %s: %w", r.Name, err)
		}
		made.renditions = append(made.renditions, dam.Rendition{
			AssetID: a.ID, Name: r.Name, MIME: r.MIME, Width: r.Width, Height: r.Height,
			Size: kept.Size, Key: kept.Key, CRC32: kept.CRC32,
		})
		l.Store.Publish(ctx, store.Event{
			AssetID: a.ID, Status: dam.StatusProcessing, Progress: float64(i+1) / float64(len(result.Renditions)+1),
		})
	}
	return made, nil
}

func (l *Library) keep(ctx context.Context, path string) (blob.Blob, error) {
	f, err := os.Open(path)
	if err != nil {
		return blob.Blob{}, err
	}
	defer f.Close()
	return l.Blobs.Put(ctx, f)
}

// facts reads what the file says about itself. A file whose facts can't be read is still shown.
func (l *Library) facts(ctx context.Context, a dam.Asset, path string) media.Facts {
	facts, err := l.Exif.Read(ctx, path)
	if err != nil {
		l.Log.Warn("the facts of a file can't be read", "asset", a.ID, "error", err)
		return media.Facts{}
	}
	return facts
}

// describe fills what people left empty from what the file says.
func describe(a *dam.Asset, f media.Facts) {
	if a.Title == "" {
		a.Title, _ = words("title", f.Title, maxTitleLength)
	}
	if a.Description == "" {
		a.Description, _ = words("description", f.Description, maxDescriptionLength)
	}
	a.TakenAt = f.TakenAt
	a.Metadata = dam.Metadata{
		Camera: f.Camera, Lens: f.Lens, Exposure: f.Exposure, Creator: f.Creator, Copyright: f.Copyright, Keywords: f.Keywords,
	}
	if f.GPS != nil {
		a.Metadata.GPS = &dam.Point{Lat: f.GPS.Lat, Lon: f.GPS.Lon}
	}
}

// Failed marks an asset whose renditions can't be made, with a sentence for people; its original
// stays as it is, and RetryAsset begins again.
func (l *Library) Failed(ctx context.Context, job dam.Job, reason string) error {
	err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.Announce(store.Event{AssetID: job.ID, Status: dam.StatusFailed})
		return tx.SetStatus(ctx, job.ID, dam.StatusFailed, reason)
	})
	if dam.KindOf(err) == dam.NotFound {
		return nil // deleted meanwhile
	}
	return err
}

func readHead(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, headSize)
	n, err := f.Read(head)
	return head[:n], err
}
