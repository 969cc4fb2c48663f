package main

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/media/vips"
)

// kinds are the marks that are measured.
var kinds = []struct {
	name string
	mark media.MarkJob
}{
	{"logo in a corner", media.MarkJob{Position: "bottom-right", Size: 25, Opacity: 60}},
	{"tiled", media.MarkJob{Tiled: true, Size: 60, Opacity: 30}},
	{"logo and a line of text", media.MarkJob{
		Position: "bottom-right", Size: 25, Opacity: 60, Text: "Press kit · 2026-11-23 · somebody@example.org",
	}},
}

// compareMarks measures the first view of a watermarked preview: its clean rendition decoded, blended
// and encoded by a confined child, asked for through the pool, against the same decoded and encoded in
// this process and nothing else. Both take turns, picture by picture; what counts is the median of all
// pairs by the clock, and all of them together by processor time.
func compareMarks(rounds int, photos []string) error {
	pool := media.NewPool(media.Options{Workers: 1})
	defer pool.Close()
	if err := vips.Init(); err != nil {
		return err
	}
	out := filepath.Dir(photos[0])
	logo, err := drawLogo(filepath.Join(out, "logo.png"))
	if err != nil {
		return err
	}
	if logo, _, _, err = pool.Overlay(context.Background(), logo, "png", out); err != nil {
		return err
	}
	for _, kind := range kinds {
		kind.mark.Overlay = logo
		// The first round wakes the child and its fonts.
		if _, err := takeTurns(pool, 1, photos, kind.mark); err != nil {
			return err
		}
		p, err := takeTurns(pool, 10*rounds, photos, kind.mark)
		if err != nil {
			return err
		}
		slices.Sort(p.ratios)
		fmt.Printf("watermarked 1280, %s: ratio %.2f (%.2f-%.2f), processor time %.2f, %.1f ms against %.1f ms\n",
			kind.name, median(p.ratios), p.ratios[len(p.ratios)/10], p.ratios[len(p.ratios)*9/10],
			p.markedWork.Seconds()/p.plainWork.Seconds(), median(p.marked), median(p.plain))
	}
	return nil
}

// pairs is what both cost: milliseconds by the clock, and processor time in all.
type pairs struct {
	plain, marked, ratios []float64
	plainWork, markedWork time.Duration
}

func takeTurns(pool *media.Pool, rounds int, photos []string, m media.MarkJob) (p pairs, err error) {
	for range rounds {
		for _, photo := range photos {
			preview, err := findPreview(photo)
			if err != nil {
				return p, err
			}
			m.Path, m.MIME, m.Quality = preview, "image/jpeg", quality
			began, worked := time.Now(), ownWork()
			if err := decodeAndEncode(preview); err != nil {
				return p, err
			}
			plain := time.Since(began)
			p.plainWork += ownWork() - worked
			began, worked = time.Now(), childrenWorked()
			if _, err := pool.Mark(context.Background(), m, filepath.Dir(preview)); err != nil {
				return p, err
			}
			marked := time.Since(began)
			p.markedWork += childrenWorked() - worked
			p.plain = append(p.plain, plain.Seconds()*1000)
			p.marked = append(p.marked, marked.Seconds()*1000)
			p.ratios = append(p.ratios, marked.Seconds()/plain.Seconds())
		}
	}
	return p, nil
}

const quality = 82

func findPreview(photo string) (string, error) {
	path := filepath.Join(strings.TrimSuffix(photo, ".jpg"), dam.Preview+".jpg")
	_, err := os.Stat(path)
	return path, err
}

// decodeAndEncode is what there is to do without any mark.
func decodeAndEncode(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	header, err := vips.ReadHeader(f, "jpeg")
	if err != nil {
		return err
	}
	picture := []vips.Picture{{Width: header.Width, Height: header.Height, Format: vips.JPEG, Quality: quality}}
	return vips.Render(vips.Source{File: f, Loader: "jpeg"}, picture, nil)
}

func ownWork() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used) // can't fail for oneself
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// drawLogo makes what people upload as a watermark: a sign and letters, white with soft edges, on
// nothing.
func drawLogo(path string) (string, error) {
	const width, height = 800, 260
	soft := func(distance float64) float64 { return max(0, min(1, 0.5-distance)) }
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			fromCentre := math.Hypot(float64(x)-130, float64(y)-130)
			covered := soft(math.Abs(fromCentre-90) - 24)
			if stroke := math.Mod(float64(x), 100); x > 280 && y > 70 && y < 190 {
				slant := math.Abs(stroke - 30 - float64(y-70)/4)
				covered = max(covered, soft(slant-11), soft(math.Abs(float64(y)-130)-9)*soft(math.Abs(stroke-45)-25))
			}
			m.SetNRGBA(x, y, color.NRGBA{255, 255, 255, uint8(255 * covered)})
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	if err := png.Encode(f, m); err != nil {
		return "", err
	}
	return path, f.Close()
}
