package media

import (
	"encoding/json"
	"errors"
	"image"
	_ "image/jpeg" // to look at posters
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vitrine/internal/dam"
)

// clip makes a test file by ffmpeg.
func clip(t *testing.T, name string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	args = append(append([]string{"-nostdin", "-v", "error"}, args...), path)
	if text, err := exec.Command("ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %q: %v: %s", args, err, text)
	}
	return path
}

// split takes arguments that have no spaces in them apart.
func split(text string) []string { return strings.Fields(text) }

func recipe(t *testing.T, name string) dam.Recipe {
	t.Helper()
	r, ok := dam.FindRecipe(dam.BuiltInRecipes(), name)
	if !ok {
		t.Fatalf("no recipe %s", name)
	}
	return r
}

// seen is what ffprobe says of a file that we made.
type seen struct {
	Streams []struct {
		Type     string `json:"codec_type"`
		Codec    string `json:"codec_name"`
		Pixels   string `json:"pix_fmt"`
		Transfer string `json:"color_transfer"`
		Rate     string `json:"avg_frame_rate"`
		Steps    string `json:"r_frame_rate"`
		Width    int
		Height   int
		Channels int
		Tags     map[string]string
		Beside   []struct{ Rotation float64 } `json:"side_data_list"`
	}
	Chapters []any
	Format   struct {
		Duration string
		Tags     map[string]string
	}
}

func look(t *testing.T, path string) seen {
	t.Helper()
	text, err := exec.Command("ffprobe", "-v", "error", "-print_format", "json",
		"-show_streams", "-show_format", "-show_chapters", path).Output()
	if err != nil {
		t.Fatalf("ffprobe: %v", err)
	}
	var s seen
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func decoded(t *testing.T, path string) image.Image {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	img, _, err := image.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func near(a, b, by float64) bool { return a >= b-by && a <= b+by }

func TestEveryKindOfVideoBecomesOneThatPlaysEverywhere(t *testing.T) {
	h264 := "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
	tone := "-f lavfi -i sine=d=1"
	picture := func(size string) string { return "-f lavfi -i testsrc2=s=" + size + ":r=30:d=1" }
	for _, c := range []struct {
		name, file, args string
		width, height    int // as a player shows the original
		proxy            image.Point
		rate             float64 // of the proxy
		sound            bool
		copied           bool
	}{
		{"MP4 in Full HD", "a.mp4", picture("1920x1080") + " " + tone + " " + h264 + " -c:a aac", 1920, 1080, image.Pt(1280, 720), 30, true, false},
		{"MP4 that fits", "a.mp4", picture("640x360") + " " + tone + " " + h264 + " -b:v 500k -c:a aac", 640, 360, image.Pt(640, 360), 30, true, true},
		{"MP4 that fits, with rich sound", "a.mp4", picture("640x360") + " " + tone + " " + h264 + " -b:v 500k -c:a ac3 -ac 6", 640, 360, image.Pt(640, 360), 30, true, false},
		{"MOV turned by 90 degrees", "a.mov", picture("640x360") + " " + h264, 360, 640, image.Pt(360, 640), 30, false, false},
		{"MOV turned by 180 degrees", "a.mov", picture("640x360") + " " + h264, 640, 360, image.Pt(640, 360), 30, false, false},
		{"odd sizes", "a.mkv", picture("642x362") + " -vf format=yuv444p,crop=641:361 -c:v libx264 -preset ultrafast", 641, 361, image.Pt(640, 360), 30, false, false},
		{"MKV without sound", "a.mkv", picture("320x240") + " -c:v mpeg4 -b:v 4M", 320, 240, image.Pt(320, 240), 30, false, false},
		{"WebM", "a.webm", picture("320x240") + " " + tone + " -c:v libvpx -c:a libvorbis", 320, 240, image.Pt(320, 240), 30, true, false},
		{"AVI", "a.avi", picture("320x240") + " " + tone + " -c:v mjpeg -c:a pcm_s16le", 320, 240, image.Pt(320, 240), 30, true, false},
		{"MPEG transport stream", "a.ts", picture("320x240") + " " + tone + " -c:v mpeg2video -c:a mp2", 320, 240, image.Pt(320, 240), 30, true, false},
		{"MPEG program stream", "a.mpg", picture("320x240") + " -c:v mpeg2video", 320, 240, image.Pt(320, 240), 30, false, false},
		{"Flash", "a.flv", picture("320x240") + " " + tone + " -c:v flv -c:a mp3", 320, 240, image.Pt(320, 240), 30, true, false},
		{"Windows Media", "a.wmv", picture("320x240") + " " + tone + " -c:v wmv2 -c:a wmav2", 320, 240, image.Pt(320, 240), 30, true, false},
		{"pixels that are not square", "a.mkv", picture("720x576") + " -vf setsar=64/45 -c:v mpeg4 -b:v 4M", 1024, 576, image.Pt(1024, 576), 30, false, false},
		{"interlaced", "a.ts", picture("320x240") + " -c:v mpeg2video -flags +ilme+ildct -field_order tt -top 1", 320, 240, image.Pt(320, 240), 30, false, false},
		{"HDR", "a.mkv", picture("640x360") + " -vf format=yuv420p10le,setparams=color_trc=smpte2084:color_primaries=bt2020:colorspace=bt2020nc -c:v libx265 -preset ultrafast -x265-params log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc", 640, 360, image.Pt(640, 360), 30, false, false},
		{"HDR that forgets its colours", "a.mkv", picture("640x360") + " -vf format=yuv420p10le,setparams=color_trc=arib-std-b67 -c:v libx265 -preset ultrafast -x265-params log-level=none:transfer=arib-std-b67", 640, 360, image.Pt(640, 360), 30, false, false},
		{"HDR, 60 frames a second", "a.mkv", "-f lavfi -i testsrc2=s=320x180:r=60:d=1 -vf format=yuv420p10le,setparams=color_trc=arib-std-b67:color_primaries=bt2020:colorspace=bt2020nc -c:v libx265 -preset ultrafast -x265-params log-level=none:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc", 320, 180, image.Pt(320, 180), 30, false, false},
		{"variable rate", "a.mp4", picture("320x240") + " -vf select='not(mod(n\\,3))+gt(n\\,30)' -vsync vfr " + h264, 320, 240, image.Pt(320, 240), 30, false, false},
		{"120 frames a second", "a.mp4", "-f lavfi -i testsrc2=s=320x240:r=120:d=1 " + h264, 320, 240, image.Pt(320, 240), 60, false, false},
		{"one pixel", "a.mkv", "-f lavfi -i color=red:s=16x16:r=30:d=1 -vf scale=1:1 -c:v ffv1", 1, 1, image.Pt(2, 2), 30, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, out, tools := clip(t, c.file, split(c.args)...), t.TempDir(), newTools(t)
			for _, degrees := range []string{"90", "180"} {
				if strings.HasPrefix(c.name, "MOV turned by "+degrees) {
					path = clip(t, c.file, append([]string{"-i", path}, split("-c copy -metadata:s:v:0 rotate="+degrees)...)...)
				}
			}
			f, err := tools.Probe(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if f.Width != c.width || f.Height != c.height || (f.Audio != "") != c.sound || f.Duration < 0.9 || f.Duration > 1.2 {
				t.Errorf("facts are %+v", f)
			}
			if f.HDR != strings.HasPrefix(c.name, "HDR") || f.Variable != (c.name == "variable rate") || f.Interlaced != (c.name == "interlaced") {
				t.Errorf("facts are %+v", f)
			}
			poster, err := tools.Poster(t.Context(), path, f, out)
			if err != nil {
				t.Fatal(err)
			}
			if got := decoded(t, poster).Bounds().Size(); got != image.Pt(c.width, c.height) {
				t.Errorf("the poster has %v", got)
			}
			var last float64
			r := recipe(t, dam.Video720)
			made, err := tools.Transcode(t.Context(), path, f, r, out, func(part float64) {
				if part < last || part > 1 {
					t.Errorf("progress goes from %v to %v", last, part)
				}
				last = part
			})
			if err != nil {
				t.Fatal(err)
			}
			if last < 0.9 {
				t.Errorf("progress ends at %v", last)
			}
			checkPlays(t, made, c.proxy, c.rate, c.sound)
			if f.fits(r) != c.copied {
				t.Errorf("needs no encoding: %v, want %v", f.fits(r), c.copied)
			}
		})
	}
}

func checkPlays(t *testing.T, made Rendition, size image.Point, rate float64, sound bool) {
	t.Helper()
	if image.Pt(made.Width, made.Height) != size || made.Size == 0 {
		t.Errorf("made %+v", made)
	}
	s := look(t, made.Path)
	kinds := map[string]string{}
	for _, stream := range s.Streams {
		kinds[stream.Type] = stream.Codec
		if stream.Type != "video" {
			continue
		}
		if stream.Width != size.X || stream.Height != size.Y || stream.Pixels != "yuv420p" || len(stream.Beside) != 0 ||
			stream.Transfer == "smpte2084" || stream.Transfer == "arib-std-b67" {
			t.Errorf("the picture is %+v", stream)
		}
		if got := ratio(stream.Rate, "/"); !near(got, rate, 0.5) || stream.Rate != stream.Steps && !near(ratio(stream.Steps, "/"), got, 0.5) {
			t.Errorf("the rate is %s (%s), want %v", stream.Rate, stream.Steps, rate)
		}
	}
	want := map[string]string{"video": "h264"}
	if sound {
		want["audio"] = "aac"
	}
	if len(kinds) != len(s.Streams) || len(kinds) != len(want) || kinds["video"] != want["video"] || kinds["audio"] != want["audio"] {
		t.Errorf("tracks are %v, want %v", kinds, want)
	}
	head, err := os.ReadFile(made.Path)
	if err != nil {
		t.Fatal(err)
	}
	if index, data := strings.Index(string(head), "moov"), strings.Index(string(head), "mdat"); index > data {
		t.Error("the index comes last: a browser can't start before it has everything")
	}
}

func TestARenditionOfAVideoHoldsNothingButItsFirstPictureAndSound(t *testing.T) {
	chapters := filepath.Join(t.TempDir(), "chapters.txt")
	writeFile(t, chapters, ";FFMETADATA1\ntitle=Secretville\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=Secretville\n")
	subtitles := filepath.Join(t.TempDir(), "s.srt")
	writeFile(t, subtitles, "1\n00:00:00,000 --> 00:00:01,000\nSecretville\n")
	for _, size := range []string{"1600x900", "640x360"} {
		path := clip(t, "a.mp4", append(split("-f lavfi -i testsrc2=s="+size+":r=30:d=2 -f lavfi -i sine=d=2 -f lavfi -i sine=d=2"),
			"-i", subtitles, "-i", chapters, "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map_metadata", "4", "-map_chapters", "4",
			"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", "500k", "-c:a", "aac", "-c:s", "mov_text",
			"-metadata", "location=+48.8584+002.2945/", "-metadata:s:v:0", "handler_name=Secretville", "-metadata", "comment=Secretville",
			"-bsf:v", "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+Secretville")...)
		tools := newTools(t)
		f, err := tools.Probe(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		made, err := tools.Transcode(t.Context(), path, f, recipe(t, dam.Video720), t.TempDir(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if s := look(t, made.Path); len(s.Streams) != 2 || len(s.Chapters) != 0 || len(s.Format.Tags) > 4 {
			t.Errorf("%s: it holds %d tracks, %d chapters, tags %v", size, len(s.Streams), len(s.Chapters), s.Format.Tags)
		}
		content, err := os.ReadFile(made.Path)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"Secretville", "48.8584"} {
			if strings.Contains(string(content), secret) {
				t.Errorf("%s: it still says %s", size, secret)
			}
		}
	}
}

func TestHDRBecomesAsBrightAsOrdinaryScreensShowIt(t *testing.T) {
	// A PQ value of 0.58 is 203 nits, the white of paper.
	path := clip(t, "a.mkv", split("-f lavfi -i color=0x949494:s=320x180:r=10:d=1 -vf "+
		"format=yuv420p10le,setparams=color_trc=smpte2084:color_primaries=bt2020:colorspace=bt2020nc -c:v libx265 -preset ultrafast "+
		"-x265-params log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc")...)
	tools := newTools(t)
	f, err := tools.Probe(t.Context(), path)
	if err != nil || !f.HDR {
		t.Fatal(f, err)
	}
	poster, err := tools.Poster(t.Context(), path, f, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	red, green, blue, _ := decoded(t, poster).At(160, 90).RGBA()
	t.Log("white is", red>>8, green>>8, blue>>8)
	if min(red, green, blue)>>8 < 180 || max(red, green, blue)-min(red, green, blue) > 4<<8 {
		t.Errorf("white became %d %d %d", red>>8, green>>8, blue>>8)
	}
}

func TestAVideoCanBeMadeAsWebM(t *testing.T) {
	path := clip(t, "a.mp4", split("-f lavfi -i testsrc2=s=640x360:r=30:d=2 -f lavfi -i sine=d=2 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac")...)
	tools := newTools(t)
	f, err := tools.Probe(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	r := dam.Recipe{Name: "small", Kind: dam.RecipeVideo, Box: 320, MIME: "video/webm", Quality: 60}
	made, err := tools.Transcode(t.Context(), path, f, r, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, stream := range look(t, made.Path).Streams {
		got = append(got, stream.Codec)
	}
	if !slices.Equal(got, []string{"vp9", "opus"}) || made.Width != 320 || made.Height != 180 {
		t.Errorf("made %+v of %v", made, got)
	}
	r.MIME = "image/gif"
	if _, err := tools.Transcode(t.Context(), path, f, r, t.TempDir(), nil); dam.KindOf(err) != dam.Invalid {
		t.Errorf("a GIF: %v", err)
	}
}

// The clip is grey, a step brighter each second: a still's brightness tells its time.
func TestAStoryboardShowsEachMomentInItsPlace(t *testing.T) {
	for _, c := range []struct {
		name, args string
		duration   float64
		grid       int
	}{
		{"short, keyframes each second", "-g 10", 100, 5},
		{"short, one keyframe", "-g 10000 -sc_threshold 0", 100, 5},
		{"long", "-g 10", 200, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := clip(t, "a.mp4", split("-f lavfi -i color=black:s=64x36:r=10:d="+strconv.Itoa(int(c.duration))+
				" -vf geq=lum='16+floor(T)':cb=128:cr=128 -c:v libx264 -preset ultrafast -pix_fmt yuv420p "+c.args)...)
			tools := newTools(t)
			f, err := tools.Probe(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			board, err := tools.Storyboard(t.Context(), path, f, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if board.Width != c.grid*160 || board.Height != c.grid*90 || board.Name != dam.Storyboard {
				t.Fatalf("made %+v", board)
			}
			img := decoded(t, board.Path)
			for i := range c.grid * c.grid {
				wanted := (float64(i) + 0.5) * c.duration / float64(c.grid*c.grid)
				at := image.Pt(i%c.grid*160+80, i/c.grid*90+45)
				grey, _, _, _ := img.At(at.X, at.Y).RGBA()
				shown := float64(grey>>8) * 219 / 255 // full range to luma steps, which are seconds
				if !near(shown, wanted, 3) {
					t.Errorf("still %d is of second %.1f, want %.1f", i, shown, wanted)
				}
			}
		})
	}
}

func TestAVideoBeyondTheLimitsIsRefusedByItsFacts(t *testing.T) {
	tools := newTools(t)
	for name, f := range map[string]VideoFacts{
		"four hours and more": {Width: 320, Height: 240, Rate: 25, Duration: 4*3600 + 1, Video: "h264"},
		"an hour of 8K":       {Width: 7680, Height: 4320, Rate: 30, Duration: 3600, Video: "hevc"},
	} {
		_, err := tools.Transcode(t.Context(), "/nonexistent", f, recipe(t, dam.Video720), t.TempDir(), nil)
		if !errors.Is(err, ErrRefused) || dam.KindOf(err) != dam.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (VideoFacts{Width: 3840, Height: 2160, Rate: 60, Duration: 3600, Video: "hevc"}).playable(); err != nil {
		t.Errorf("an hour of 4K at 60 a second: %v", err)
	}
}
