package media

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"

	"vitrine/internal/dam"
)

// The picture of a sound: bars, each as tall as the sound is loud for its part of the time.
const (
	waveWidth  = 1280
	waveHeight = 480
	waveBars   = 160
	waveBar    = 5 // pixels of a bar; the rest of its place is a gap

	waveRate  = 8000 // samples a second are enough to see by
	waveBlock = waveRate / 50
)

var (
	wavePaper = color.White
	waveInk   = color.Gray{Y: 0x8a}
)

// Waveform draws a PNG of what the file sounds like. Errors: ErrRefused (dam kind Invalid) if it can't be
// read or is too long, ErrCrashed (Unavailable), the context's own.
func (t *Tools) Waveform(ctx context.Context, path string, f VideoFacts, out string) (string, error) {
	if err := f.playable(); err != nil {
		return "", fmt.Errorf("draw a sound: %w", err)
	}
	var heard loudness
	_, err := t.run(ctx, toolRun{
		Program: "ffmpeg", Input: path, Ext: "bin", Wall: playingWall(f), CPU: playingWork(f),
		Bytes: heard.add,
		Args: func(in, _ string) []string {
			args := reading(in, "-nostdin", "-hide_banner", "-v", "error")
			return append(args, "-map", "0:a:0", "-t", seconds(f.Duration+5), "-map_metadata", "-1",
				"-ac", "1", "-ar", fmt.Sprint(waveRate), "-f", "s16le", "pipe:1")
		},
	})
	if err != nil {
		return "", fmt.Errorf("draw a sound: %w", settled(tooHeavy(err, playingWork(f))))
	}
	if heard.in > 0 {
		heard.blocks = append(heard.blocks, heard.most)
	}
	if len(heard.blocks) == 0 {
		return "", fmt.Errorf("draw a sound: %w", neverPlays(saidEmpty, "no sample"))
	}
	name := filepath.Join(out, "waveform.png")
	return name, wrapped("draw a sound", drawWave(name, heard.bars(waveBars)))
}

// loudness takes 16-bit samples and keeps the loudest of each block.
type loudness struct {
	blocks []uint16
	most   uint16
	in     int // samples of the block that is not whole yet
	low    byte
	half   bool // of a sample has come
}

func (l *loudness) add(b []byte) {
	for _, part := range b {
		if !l.half {
			l.low, l.half = part, true
			continue
		}
		l.half = false
		sample := int(int16(uint16(l.low) | uint16(part)<<8))
		l.most = max(l.most, uint16(max(sample, -sample)))
		if l.in++; l.in == waveBlock {
			l.blocks = append(l.blocks, l.most)
			l.in, l.most = 0, 0
		}
	}
}

// bars are from 0 to 1, the loudest of all being 1: what is recorded softly can be seen as well.
func (l *loudness) bars(count int) []float64 {
	bars := make([]float64, count)
	top := 0.0
	for i := range bars {
		from := i * len(l.blocks) / count
		to := max(from+1, (i+1)*len(l.blocks)/count)
		sum := 0.0
		for _, block := range l.blocks[from:to] {
			sum += float64(block) * float64(block)
		}
		bars[i] = math.Sqrt(sum / float64(to-from))
		top = max(top, bars[i])
	}
	for i := range bars {
		if top > 0 {
			bars[i] /= top
		}
	}
	return bars
}

func drawWave(name string, bars []float64) error {
	img := image.NewPaletted(image.Rect(0, 0, waveWidth, waveHeight), color.Palette{wavePaper, waveInk})
	place := waveWidth / len(bars)
	for i, bar := range bars {
		half := max(2, int(bar*0.45*waveHeight))
		left := i*place + (place-waveBar)/2
		at := image.Rect(left, waveHeight/2-half, left+waveBar, waveHeight/2+half)
		draw.Draw(img, at, image.NewUniform(waveInk), image.Point{}, draw.Src)
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(file, img), file.Close())
}

// TranscodeAudio makes the first sound of a file an M4A (AAC, 128 kbit/s) that plays everywhere and can
// begin before it is whole, without tags and cover. progress and errors are as those of Transcode.
func (t *Tools) TranscodeAudio(
	ctx context.Context, path string, f VideoFacts, r dam.Recipe, out string, progress func(float64),
) (Rendition, error) {
	if err := f.playable(); err != nil {
		return Rendition{}, fmt.Errorf("transcode: %w", err)
	}
	if f.Audio == "" {
		return Rendition{}, fmt.Errorf("transcode: %w", neverPlays(saidEmpty, "no sound"))
	}
	if r.MIME != "audio/mp4" {
		return Rendition{}, dam.InvalidField("recipes", "%s: sounds can't be made as %s", r.Name, r.MIME)
	}
	f.Video = ""
	m := Rendition{Name: r.Name, MIME: r.MIME}
	args := []string{"-vn", "-c:a", "aac", "-b:a", "128k", "-af", stereo, "-movflags", "+faststart", "-f", "mp4"}
	err := t.play(ctx, path, f, out, r.Name+".m4a", args, progress, &m)
	return m, wrapped("transcode", err)
}
