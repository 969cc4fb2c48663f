package library

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/store"
)

// Watermark tells how the watermark is laid; where there is none, how a first one would be.
// Errors: Unauthenticated.
func (l *Library) Watermark(ctx context.Context, v dam.Viewer) (dam.Watermark, error) {
	if err := v.Require(dam.AssetView); err != nil {
		return dam.Watermark{}, err
	}
	return l.laid(ctx)
}

// laid reads the watermark for the settings.
func (l *Library) laid(ctx context.Context) (dam.Watermark, error) {
	w, err := l.Store.Watermark(ctx)
	if err == nil && !w.Configured() {
		w = dam.Watermark{Position: "bottom-right", Size: 25, Opacity: 50}
	}
	return w, err
}

// WatermarkImage gives the picture of the watermark. Errors: Unauthenticated, NotFound.
func (l *Library) WatermarkImage(ctx context.Context, v dam.Viewer) (*Content, error) {
	w, err := l.Watermark(ctx, v)
	if err != nil {
		return nil, err
	}
	if !w.Configured() {
		return nil, &dam.Error{Kind: dam.NotFound, Msg: "No watermark is configured in the settings."}
	}
	c := &Content{Name: "watermark.png", MIME: "image/png"}
	if err := l.open(ctx, c, w.Key); err != nil {
		return nil, err
	}
	return c, nil
}

// WatermarkChange says what to change of the watermark; nil keeps. The first one needs an image.
type WatermarkChange struct {
	Image         io.Reader
	Position      *string
	Tiled         *bool
	Size, Opacity *int
}

func (c WatermarkChange) apply(w *dam.Watermark) error {
	if c.Position != nil {
		w.Position = dam.Position(*c.Position)
	}
	if c.Tiled != nil {
		w.Tiled = *c.Tiled
	}
	if c.Size != nil {
		w.Size = *c.Size
	}
	if c.Opacity != nil {
		w.Opacity = *c.Opacity
	}
	return dam.ValidWatermark(*w)
}

// PutWatermark changes the watermark. Every change is a new version: what bears an older one is
// forgotten in the same transaction and made anew when somebody asks.
// Errors: Unauthenticated, Forbidden, Invalid with the field, TooLarge for an image over 2 MB.
func (l *Library) PutWatermark(ctx context.Context, v dam.Viewer, c WatermarkChange) (dam.Watermark, error) {
	if err := v.Require(dam.Admin); err != nil {
		return dam.Watermark{}, err
	}
	w, err := l.laid(ctx)
	if err != nil {
		return w, err
	}
	if err := c.apply(&w); err != nil {
		return dam.Watermark{}, err
	}
	var kept blob.Blob
	if c.Image != nil {
		if kept, err = l.overlay(ctx, c.Image, &w); err != nil {
			return dam.Watermark{}, err
		}
	}
	if w.Key == "" {
		return dam.Watermark{}, dam.InvalidField("image", "A watermark needs a picture.")
	}
	w.Version, w.CreatedAt = newVersion(), l.now()
	return w, l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if c.Image != nil {
			if err := tx.UseBlob(ctx, kept.Key, kept.Size, kept.CRC32, l.now()); err != nil {
				return err
			}
		}
		if err := tx.ReplaceWatermark(ctx, w); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "settings.watermark", w.Version, nil)
	})
}

// DeleteWatermark takes the watermark away. Links that demand one show no pictures until there is
// another. Errors: Unauthenticated, Forbidden.
func (l *Library) DeleteWatermark(ctx context.Context, v dam.Viewer) error {
	if err := v.Require(dam.Admin); err != nil {
		return err
	}
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.ReplaceWatermark(ctx, dam.Watermark{}); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "settings.watermark", "removed", nil)
	})
}

// overlay has a picture made fit to be laid upon others, by a child, and keeps it.
func (l *Library) overlay(ctx context.Context, image io.Reader, w *dam.Watermark) (blob.Blob, error) {
	text, err := io.ReadAll(io.LimitReader(image, dam.MaxWatermarkImage+1))
	if err != nil {
		return blob.Blob{}, fmt.Errorf("read the picture: %w", err)
	}
	if len(text) > dam.MaxWatermarkImage {
		return blob.Blob{}, &dam.Error{Kind: dam.TooLarge, Field: "image", Msg: "The picture of a watermark has at most 2 MB."}
	}
	what := media.Sniff(text[:min(len(text), headSize)], "")
	if what.Loader == "" {
		return blob.Blob{}, dam.InvalidField("image", "Use a PNG, WebP, JPEG or SVG picture.")
	}
	out, err := os.MkdirTemp(l.Scratch, "render-*")
	if err != nil {
		return blob.Blob{}, fmt.Errorf("make a scratch folder: %w", err)
	}
	defer os.RemoveAll(out)
	in := filepath.Join(out, "picture")
	if err := os.WriteFile(in, text, 0o600); err != nil {
		return blob.Blob{}, err
	}
	path, width, height, err := l.Marks.Overlay(ctx, in, what.Loader, out)
	var refusal *dam.Error
	if errors.Is(err, media.ErrRefused) && errors.As(err, &refusal) {
		return blob.Blob{}, &dam.Error{Kind: dam.Invalid, Field: "image", Msg: refusal.Msg, Err: err}
	}
	if err != nil {
		return blob.Blob{}, err
	}
	kept, err := l.keep(ctx, path)
	w.Key, w.ImageSize, w.ImageWidth, w.ImageHeight = kept.Key, int64(len(text)), width, height
	return kept, err
}

// PreviewWatermark lays the watermark as it would be after a change upon a sample of ours: light, dark
// or portrait. Errors: Unauthenticated, Forbidden, Invalid with the field, TooLarge.
func (l *Library) PreviewWatermark(ctx context.Context, v dam.Viewer, c WatermarkChange, sample string) ([]byte, error) {
	if err := v.Require(dam.Admin); err != nil {
		return nil, err
	}
	w, err := l.laid(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.apply(&w); err != nil {
		return nil, err
	}
	if c.Image != nil {
		if _, err := l.overlay(ctx, c.Image, &w); err != nil {
			return nil, err
		}
	}
	if w.Key == "" {
		return nil, dam.InvalidField("image", "A watermark needs a picture.")
	}
	picture, err := media.SamplePicture(sample)
	if err != nil {
		return nil, err
	}
	out, err := os.MkdirTemp(l.Scratch, "render-*")
	if err != nil {
		return nil, fmt.Errorf("make a scratch folder: %w", err)
	}
	defer os.RemoveAll(out)
	in := filepath.Join(out, "sample.jpg")
	if err := os.WriteFile(in, picture, 0o600); err != nil {
		return nil, err
	}
	r, err := l.lay(ctx, w, dam.Mark{}, in, dam.Recipe{Name: "preview", MIME: "image/jpeg", Quality: 82}, out)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(r.Path)
}

// lay has a child lay the watermark upon a rendition.
func (l *Library) lay(ctx context.Context, w dam.Watermark, m dam.Mark, path string, r dam.Recipe, out string) (media.Rendition, error) {
	overlay, release, err := blob.Local(ctx, l.Blobs, w.Key, l.Scratch)
	if err != nil {
		return media.Rendition{}, fmt.Errorf("fetch the watermark: %w", err)
	}
	defer release()
	return l.Marks.Mark(ctx, media.MarkJob{
		Path: path, MIME: r.MIME, Quality: r.Quality, Overlay: overlay, Position: w.Position, Tiled: w.Tiled,
		Size: w.Size, Opacity: w.Opacity, Text: m.Text,
	}, out)
}

// remembered holds one thing that was read, for as long as no transaction of this process commits and a
// second at most, as resolutions do.
type remembered[T any] struct {
	value   T
	commits uint64
	at      time.Time
}

// watermark reads the watermark for the gate.
func (l *Library) watermark(ctx context.Context) (dam.Watermark, error) {
	commits, now := l.Store.Commits(), time.Now()
	if known := l.mark.Load(); known != nil && known.commits == commits && now.Sub(known.at) < resolutionTime {
		return known.value, nil
	}
	w, err := l.Store.Watermark(ctx)
	if err == nil {
		l.mark.Store(&remembered[dam.Watermark]{w, commits, now})
	}
	return w, err
}
