package media

import (
	"image"
	_ "image/png" // to look at waveforms
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/dam"
)

// loudThenSoft is a second of a tone and a second of the same at a tenth.
const loudThenSoft = "-f lavfi -i sine=f=440:d=2:r=44100 -af volume='if(lt(t,1),1,0.1)':eval=frame "

func TestEveryKindOfSoundIsDrawnAndPlaysEverywhere(t *testing.T) {
	cover := clip(t, "cover.png", split("-f lavfi -i color=red:s=64x64 -frames:v 1")...)
	for _, c := range []struct{ name, file, args string }{
		{"MP3 with a cover and tags", "a.mp3", "-i COVER -map 0 -map 1 -c:v copy -disposition:v attached_pic -metadata artist=Secretville"},
		{"WAV", "a.wav", "-metadata comment=Secretville"},
		{"FLAC", "a.flac", "-metadata comment=Secretville"},
		{"M4A", "a.m4a", "-c:a aac -metadata comment=Secretville"},
		{"ALAC", "a.m4a", "-c:a alac"},
		{"Ogg Vorbis", "a.ogg", "-c:a libvorbis"},
		{"Opus", "a.opus", "-c:a libopus"},
		{"AIFF", "a.aiff", ""},
		{"AAC", "a.aac", ""},
		{"Windows Media", "a.wma", ""},
		{"six channels at 96 kHz", "a.wav", "-ac 6 -ar 96000 -c:a pcm_s24le"},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := split(loudThenSoft)
			args := split(strings.ReplaceAll(c.args, "COVER", cover))
			if strings.Contains(c.args, "COVER") {
				source, args = append(source[:4:4], args[:2]...), append(split("-af volume='if(lt(t,1),1,0.1)':eval=frame"), args[2:]...)
			}
			path, out, tools := clip(t, c.file, append(source, args...)...), t.TempDir(), newTools(t)
			f, err := tools.Probe(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if f.Video != "" || f.Audio == "" || !near(f.Duration, 2, 0.2) {
				t.Errorf("facts are %+v", f)
			}
			wave, err := tools.Waveform(t.Context(), path, f, out)
			if err != nil {
				t.Fatal(err)
			}
			checkWave(t, wave)
			last := 0.0
			made, err := tools.TranscodeAudio(t.Context(), path, f, recipe(t, dam.Audio128), out, func(part float64) { last = part })
			if err != nil {
				t.Fatal(err)
			}
			if last < 0.9 || made.MIME != "audio/mp4" || filepath.Base(made.Path) != "audio128.m4a" {
				t.Errorf("made %+v, progress ends at %v", made, last)
			}
			s := look(t, made.Path)
			if len(s.Streams) != 1 || s.Streams[0].Codec != "aac" || s.Streams[0].Channels > 2 {
				t.Errorf("tracks are %+v", s.Streams)
			}
			content, err := os.ReadFile(made.Path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(content), "Secretville") {
				t.Error("it still has its tags")
			}
		})
	}
}

// checkWave wants tall bars on the left, short ones on the right.
func checkWave(t *testing.T, path string) {
	t.Helper()
	img := decoded(t, path)
	if img.Bounds().Size() != image.Pt(1280, 480) {
		t.Fatalf("the picture has %v", img.Bounds())
	}
	bar := func(x int) (height int) {
		for y := range 480 {
			if grey, _, _, _ := img.At(x, y).RGBA(); grey>>8 < 0xff {
				height++
			}
		}
		return height
	}
	if loud, soft := bar(40*8+3), bar(120*8+3); loud < 380 || soft < 20 || soft > 80 {
		t.Errorf("bars are %d and %d pixels tall", loud, soft)
	}
	if gap := bar(40 * 8); gap != 0 {
		t.Errorf("between bars there is one of %d", gap)
	}
}

func TestSilenceAndHardlyAnySoundCanBeDrawn(t *testing.T) {
	for name, args := range map[string]string{
		"silence":        "-f lavfi -i anullsrc -t 1",
		"a few blocks":   "-f lavfi -i sine=d=0.1",
		"hardly a block": "-f lavfi -i sine=d=0.01",
	} {
		path, tools := clip(t, "a.wav", split(args)...), newTools(t)
		f, err := tools.Probe(t.Context(), path)
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err = tools.Waveform(t.Context(), path, f, t.TempDir()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
