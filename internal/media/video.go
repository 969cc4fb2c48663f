package media

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/media/wire"
)

// maxPoster is the long side of a poster before it is made into renditions.
const maxPoster = 4096

// Poster makes a JPEG of a frame worth showing, in full size but at most 4096 pixels a side, upright and
// in the colours of ordinary screens. Errors: ErrRefused (dam kind Invalid) if no frame can be read,
// ErrCrashed (Unavailable), the context's own.
func (t *Tools) Poster(ctx context.Context, path string, f VideoFacts, out string) (string, error) {
	const name = "frame.jpg"
	width, height := wire.Fit(f.Width, f.Height, maxPoster)
	still := ffmpegRun{
		input: path, out: out, to: name, size: stillSize, wall: stillWall, memory: frameMemory(f),
		writing: []string{
			"-map", "0:V:0", "-frames:v", "1", "-map_metadata", "-1",
			"-vf", f.filter(width, height, jpegPixels), "-q:v", "2", "-f", "mjpeg",
		},
	}
	// What a video begins with is often black. The frame before that moment that stands for itself is
	// found without decoding any other.
	moment := min(f.Duration/10, 10)
	still.reading = []string{"-threads", "1", "-noaccurate_seek", "-skip_frame", "nokey", "-ss", seconds(moment)}
	_, err := t.ffmpeg(ctx, still)
	if _, _, missing := made(out, name); missing == nil && err == nil {
		return filepath.Join(out, name), nil
	}
	if err != nil && !errors.Is(err, ErrRefused) {
		return "", fmt.Errorf("make a poster: %w", err)
	}
	still.reading = nil
	if _, err := t.ffmpeg(ctx, still); err != nil {
		return "", fmt.Errorf("make a poster: %w", err)
	}
	poster, _, err := made(out, name)
	if err != nil {
		return "", fmt.Errorf("make a poster: %w", neverPlays(saidEmpty, err.Error()))
	}
	return poster, nil
}

// Pixel formats, with what else the scaler needs to know.
const (
	videoPixels = "yuv420p"
	jpegPixels  = "yuvj420p"
)

// filter makes upright frames of one size in ordinary colours; ffmpeg itself turns them.
func (f VideoFacts) filter(width, height int, pixels string) string {
	chain := ""
	if f.Interlaced {
		chain = "bwdif=mode=send_frame,"
	}
	if f.HDR {
		// Files forget to say what HDR always is: BT.2020.
		if f.Rate > 31 {
			chain += "fps=30," // to bring each frame's colours home is most of the work
		}
		chain += fmt.Sprintf("setparams=color_primaries=bt2020:colorspace=bt2020nc,zscale=w=%d:h=%d:t=linear:npl=100,format=gbrpf32le,"+
			"zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p,", width, height)
	}
	chain += fmt.Sprintf("scale=%d:%d", width, height)
	if pixels == jpegPixels {
		chain += ":out_color_matrix=bt601:out_range=full"
	} else {
		chain += ":flags=bilinear" // for less work, and of films nobody sees the difference
	}
	return chain + ",format=" + pixels + ",setsar=1"
}

// Transcode makes a video that plays everywhere: MP4 (H.264, AAC) or WebM (VP9, Opus), with the first
// picture and sound and nothing else, metadata least of all. What is like that already is not encoded
// again. progress is told the part that is done; it may be nil. Errors: ErrRefused (dam kind Invalid) for
// what can't be read or is beyond the limits, ErrCrashed (Unavailable), the context's own, Invalid for a
// recipe of something else.
func (t *Tools) Transcode(
	ctx context.Context, path string, f VideoFacts, r dam.Recipe, out string, progress func(float64),
) (Rendition, error) {
	if err := f.playable(); err != nil {
		return Rendition{}, fmt.Errorf("transcode: %w", err)
	}
	var name string
	var encode func(dam.Recipe) []string
	switch r.MIME {
	case "video/mp4":
		name, encode = r.Name+".mp4", asMP4
	case "video/webm":
		name, encode = r.Name+".webm", asWebM
	default:
		return Rendition{}, dam.InvalidField("recipes", "%s: videos can't be made as %s", r.Name, r.MIME)
	}
	width, height := even(wire.Fit(f.Width, f.Height, r.Box))
	m := Rendition{Name: r.Name, MIME: r.MIME, Width: width, Height: height}
	if r.MIME == "video/mp4" && f.fits(r) {
		err := t.play(ctx, path, f, out, name, remux, progress, &m)
		if !errors.Is(err, ErrRefused) {
			return m, wrapped("remux", err)
		}
	}
	args := append(encode(r), "-vf", f.filter(width, height, videoPixels))
	if f.SoundCopyable && r.MIME == "video/mp4" {
		args = append(args, "-c:a", "copy")
	} else {
		args = append(args, "-af", stereo)
	}
	args = append(args, f.pace()...)
	if f.HDR {
		args = append(args, "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
	}
	err := t.play(ctx, path, f, out, name, args, progress, &m)
	return m, wrapped("transcode", err)
}

func wrapped(verb string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", verb, err)
}

// play makes one file that plays of the first picture, if any, and the first sound.
func (t *Tools) play(
	ctx context.Context, path string, f VideoFacts, out, name string, args []string,
	progress func(float64), m *Rendition,
) error {
	first := []string{"-map", "0:V:0?", "-map", "0:a:0?", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1",
		"-t", seconds(f.Duration + 5)} // a file may be longer than it says
	run := ffmpegRun{
		input: path, out: out, to: name, size: maxMade, memory: frameMemory(f),
		wall: playingWall(f), work: playingWork(f),
		writing: append(first, args...),
	}
	if progress != nil {
		run.progress = func(at float64) { progress(max(0, min(1, at/f.Duration))) }
	}
	frames, err := t.ffmpeg(ctx, run)
	if err != nil {
		return tooHeavy(err, playingWork(f))
	}
	if f.Video != "" && frames == 0 {
		return neverPlays(saidEmpty, "no frame")
	}
	m.Path, m.Size, err = made(out, name)
	return err
}

// remux copies the picture without what its encoder said of itself beside it (SEI), and the sound.
var remux = []string{"-c", "copy", "-bsf:v", "filter_units=remove_types=6", "-movflags", "+faststart", "-f", "mp4"}

// fits says whether a video needs no encoding for a recipe: small enough, and no heavier than
// the recipe would make it.
func (f VideoFacts) fits(r dam.Recipe) bool {
	area := float64(f.Width) * float64(f.Height) / (1280 * 720)
	return f.Copyable && max(f.Width, f.Height) <= r.Box && f.Width%2 == 0 && f.Height%2 == 0 &&
		f.Rate <= maxRate && f.Bitrate > 0 && float64(f.Bitrate) <= 5e6*max(area, 0.2)
}

// maxRate is how many frames a second are shown at most.
const maxRate = 60

// pace gives a constant rate to what has none. A show of slides keeps its own: one frame would become
// thousands.
func (f VideoFacts) pace() []string {
	switch {
	case f.HDR && f.Rate > 31:
		return []string{"-r", "30"}
	case f.Rate > maxRate || f.Variable && f.Rate > 31:
		return []string{"-r", "60"}
	case f.Variable && f.Rate < 3:
		return []string{"-vsync", "vfr"}
	case f.Variable || f.Rate <= 0:
		return []string{"-r", "30"}
	}
	return nil
}

func even(width, height int) (int, int) { return max(2, width&^1), max(2, height&^1) }

// rateFactor turns a recipe's quality (75 by default) into an encoder's own scale, where less is better
// and usual is what 75 means.
func rateFactor(r dam.Recipe, usual float64) string {
	factor := usual + 0.3*float64(75-cmp.Or(r.Quality, 75))
	return fmt.Sprintf("%.1f", max(12, factor))
}

// A frame that stands for itself every 60 is what seeking and storyboards live on.
const keyEvery = "60"

func asMP4(r dam.Recipe) []string {
	return []string{
		"-c:v", "libx264", "-preset", "veryfast", "-crf", rateFactor(r, 23), "-profile:v", "high", "-g", keyEvery,
		"-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", "-f", "mp4",
	}
}

func asWebM(r dam.Recipe) []string {
	return []string{
		"-c:v", "libvpx-vp9", "-crf", rateFactor(r, 33), "-b:v", "0", "-deadline", "realtime", "-cpu-used", "6",
		"-row-mt", "1", "-tile-columns", "2", "-g", keyEvery,
		"-c:a", "libopus", "-b:a", "96k", "-f", "webm",
	}
}

// stereo keeps one or two channels, mixes more into two, and keeps what rates players know.
const stereo = "aformat=channel_layouts=stereo|mono:sample_rates=48000|44100|32000|24000|22050|16000"

const stillWidth = 160 // of a storyboard

// Storyboard makes one JPEG of stills, see dam.StoryboardGrid, from the frames of a proxy that stand for
// themselves. f are the facts of the original. Errors: ErrRefused (dam kind Invalid) if it can't be read,
// ErrCrashed (Unavailable), the context's own.
func (t *Tools) Storyboard(ctx context.Context, proxy string, f VideoFacts, out string) (Rendition, error) {
	grid := dam.StoryboardGrid(f.Duration)
	stills := grid * grid
	_, height := even(stillWidth, int(math.Round(stillWidth*float64(f.Height)/float64(f.Width))))
	height = min(height, 4*stillWidth)
	keys, err := t.keyframes(ctx, proxy)
	if err != nil {
		return Rendition{}, fmt.Errorf("make a storyboard: %w", err)
	}
	const name = dam.Storyboard + ".jpg"
	board := ffmpegRun{
		input: proxy, out: out, to: name, size: stillSize, wall: playingWall(f),
		// Of two moments a still the later is where the still belongs: it shows what was seen last before.
		writing: []string{"-map", "0:V:0", "-frames:v", "1", "-map_metadata", "-1", "-an", "-vf", fmt.Sprintf(
			"setpts=PTS-STARTPTS,fps=%d/%.6f:round=down,select='not(mod(n\\,2))',"+
				"scale=%d:%d:out_color_matrix=bt601:out_range=full,format=yuvj420p,setsar=1,"+
				"tpad=stop=-1:stop_mode=clone,tile=%dx%d",
			2*stills, f.Duration, stillWidth, height, grid, grid), "-q:v", "4", "-f", "mjpeg"},
	}
	if keys >= stills/2 {
		board.reading = []string{"-skip_frame", "nokey"}
	}
	if _, err := t.ffmpeg(ctx, board); err != nil {
		return Rendition{}, fmt.Errorf("make a storyboard: %w", err)
	}
	m := Rendition{Name: dam.Storyboard, MIME: mimeJPEG, Width: grid * stillWidth, Height: grid * height}
	m.Path, m.Size, err = made(out, name)
	return m, wrapped("make a storyboard", err)
}

// keyframes counts the frames that stand for themselves. A video that was copied may have few.
func (t *Tools) keyframes(ctx context.Context, path string) (count int, err error) {
	_, err = t.run(ctx, toolRun{
		Program: "ffprobe", Input: path, Ext: "bin", Wall: 5 * time.Minute,
		Line: func(line string) {
			if len(line) > 0 && line[0] == 'K' {
				count++
			}
		},
		Args: func(in, _ string) []string {
			return reading(in, "-v", "error", "-select_streams", "V:0", "-show_entries", "packet=flags",
				"-print_format", "default=noprint_wrappers=1:nokey=1")
		},
	})
	if err != nil {
		return 0, settled(err)
	}
	return count, nil
}

func seconds(n float64) string { return fmt.Sprintf("%.3f", n) }
