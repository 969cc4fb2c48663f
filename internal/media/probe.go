package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// VideoFacts are what a file that plays is. Sound alone has no Video, Width, Height and Rate.
type VideoFacts struct {
	Width, Height int     // upright, with square pixels
	Duration      float64 // seconds
	Rate          float64 // frames a second, on average
	Video, Audio  string  // codecs; empty: none
	Bitrate       int64   // bits a second, of everything
	HDR           bool
	Variable      bool // frames come at no constant rate
	Interlaced    bool
	Copyable      bool // every browser plays its picture and sound as they are, put into an MP4
	SoundCopyable bool // or its sound at least
}

// Probe tells what a video or a piece of sound is. Errors: ErrRefused (dam kind Invalid) for what will
// never play: not a container we read, nothing in it or nothing but references to other files, more than
// 32 tracks, frames of more than 8192 pixels a side; ErrCrashed (Unavailable), Unavailable if ffprobe is not installed, the context's own.
func (t *Tools) Probe(ctx context.Context, path string) (VideoFacts, error) {
	elsewhere, err := refersElsewhere(path)
	if err == nil && elsewhere {
		err = neverPlays(saidElsewhere, "")
	}
	if err != nil {
		return VideoFacts{}, fmt.Errorf("probe: %w", err)
	}
	said, err := t.run(ctx, toolRun{
		Program: "ffprobe", Input: path, Ext: "bin", Memory: 2 << 30, Stdout: 4 << 20,
		Args: func(in, _ string) []string {
			return reading(in, "-v", "error", "-print_format", "json", "-show_format", "-show_streams",
				"-show_packets", "-read_intervals", "%+#1")
		},
	})
	if err != nil {
		return VideoFacts{}, fmt.Errorf("probe: %w", settled(err))
	}
	var p probed
	if err := json.Unmarshal(said, &p); err != nil {
		return VideoFacts{}, fmt.Errorf("probe: %w", crashed(err))
	}
	f, err := p.facts()
	if err != nil {
		return f, fmt.Errorf("probe: %w", err)
	}
	if f.Duration == 0 {
		if f.Duration, err = t.measure(ctx, path); err != nil {
			return f, fmt.Errorf("measure the duration: %w", err)
		}
	}
	return f, nil
}

// measure reads a file that does not say how long it is, as live recordings don't, to its end.
func (t *Tools) measure(ctx context.Context, path string) (seconds float64, err error) {
	_, err = t.ffmpeg(ctx, ffmpegRun{
		input: path, wall: stillWall,
		writing:  []string{"-map", "0:V:0?", "-map", "0:a:0?", "-c", "copy", "-t", strconv.Itoa(maxSeconds + 1), "-f", "null", "-"},
		progress: func(at float64) { seconds = max(seconds, at) },
	})
	if errors.Is(err, errTooLong) {
		err = neverPlays(saidHeavy, err.Error())
	}
	if err == nil && seconds == 0 {
		err = neverPlays(saidEmpty, "no duration")
	}
	return seconds, err
}

// probed is the part of ffprobe's answer that is of use.
type probed struct {
	Streams []track
	Packets []struct{}
	Format  struct {
		Name     string `json:"format_name"`
		Duration string
		Bitrate  string `json:"bit_rate"`
	}
}

type track struct {
	Type     string `json:"codec_type"`
	Codec    string `json:"codec_name"`
	Profile  string
	Width    int
	Height   int
	Aspect   string `json:"sample_aspect_ratio"`
	Pixels   string `json:"pix_fmt"`
	Fields   string `json:"field_order"`
	Transfer string `json:"color_transfer"`
	Rate     string `json:"avg_frame_rate"`
	Steps    string `json:"r_frame_rate"`
	Duration string
	Channels int
	Bitrate  string `json:"bit_rate"`
	Position struct {
		Cover int `json:"attached_pic"`
		Still int `json:"timed_thumbnails"`
	} `json:"disposition"`
	Beside []struct{ Rotation float64 } `json:"side_data_list"`
}

func (p probed) facts() (VideoFacts, error) {
	if len(p.Streams) > maxTracks {
		return VideoFacts{}, neverPlays(saidTracks, fmt.Sprint(len(p.Streams), " tracks"))
	}
	var f VideoFacts
	var picture, sound *track
	for i := range p.Streams {
		switch s := &p.Streams[i]; {
		case s.Codec == "" || s.Codec == "unknown":
		case s.Type == "video" && s.Position.Cover == 0 && s.Position.Still == 0 && picture == nil:
			picture = s
		case s.Type == "audio" && sound == nil:
			sound = s
		}
	}
	if picture == nil && sound == nil || len(p.Packets) == 0 {
		return f, neverPlays(saidEmpty, fmt.Sprint(len(p.Streams), " tracks"))
	}
	f.Duration, f.Bitrate = positive(p.Format.Duration), int64(positive(p.Format.Bitrate))
	if sound != nil {
		f.Audio = sound.Codec
		f.Duration = max(f.Duration, positive(sound.Duration))
		f.SoundCopyable = sound.Codec == "aac" && sound.Profile == "LC" && sound.Channels <= 2 &&
			positive(sound.Bitrate) > 0 && positive(sound.Bitrate) <= 200e3
	}
	if picture == nil {
		return f, nil
	}
	if picture.Width < 1 || picture.Height < 1 {
		return f, neverPlays(saidUnreadable, "frames without a size")
	}
	if max(picture.Width, picture.Height) > maxSide {
		return f, neverPlays(saidFrames, fmt.Sprintf("%d x %d", picture.Width, picture.Height))
	}
	picture.describe(&f)
	f.Copyable = picture.copyable() && (sound == nil || f.SoundCopyable) &&
		!f.Variable && (strings.HasPrefix(p.Format.Name, "mov") || strings.HasPrefix(p.Format.Name, "matroska"))
	return f, nil
}

func (s *track) describe(f *VideoFacts) {
	f.Video = s.Codec
	f.Width, f.Height = s.upright()
	f.Duration = max(f.Duration, positive(s.Duration))
	f.Rate = ratio(s.Rate, "/")
	steps := ratio(s.Steps, "/")
	f.Variable = f.Rate > 0 && math.Abs(steps-f.Rate) > 0.02*f.Rate
	if f.Rate == 0 {
		f.Rate = steps
	}
	f.HDR = s.Transfer == "smpte2084" || s.Transfer == "arib-std-b67"
	f.Interlaced = slices.Contains([]string{"tt", "bb", "tb", "bt"}, s.Fields)
}

// upright is the size a player shows: turned, and with square pixels.
func (s *track) upright() (width, height int) {
	width, height = s.Width, s.Height
	if aspect := ratio(s.Aspect, ":"); aspect > 0.1 && aspect < 10 {
		width = max(1, int(math.Round(float64(width)*aspect)))
	}
	if turned := math.Mod(math.Abs(s.rotation()), 180); turned > 89 && turned < 91 {
		width, height = height, width
	}
	return width, height
}

func (s *track) rotation() float64 {
	for _, data := range s.Beside {
		if data.Rotation != 0 {
			return data.Rotation
		}
	}
	return 0
}

func (s *track) copyable() bool {
	aspect := ratio(s.Aspect, ":")
	return s.Codec == "h264" && s.Pixels == "yuv420p" && (aspect == 0 || aspect == 1) && s.rotation() == 0 &&
		(s.Fields == "progressive" || s.Fields == "unknown" || s.Fields == "") &&
		slices.Contains([]string{"Constrained Baseline", "Main", "High"}, s.Profile)
}

// positive reads a number and takes nothing but a sensible one.
func positive(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) || n < 0 || n > 1e15 {
		return 0
	}
	return n
}

func ratio(text, sign string) float64 {
	a, b, _ := strings.Cut(text, sign)
	if positive(b) == 0 {
		return 0
	}
	return positive(a) / positive(b)
}

// playable says whether a file is within the limits. Errors: ErrRefused (dam kind Invalid).
func (f VideoFacts) playable() error {
	pixels := float64(f.Width) * float64(f.Height) * f.Rate * f.Duration
	if f.Duration > maxSeconds || pixels > maxPixels {
		return neverPlays(saidHeavy, fmt.Sprintf("%v, %dx%d at %g a second",
			time.Duration(f.Duration)*time.Second, f.Width, f.Height, f.Rate))
	}
	if f.Video == "" && f.Audio == "" {
		return errors.New("facts of nothing")
	}
	return nil
}
