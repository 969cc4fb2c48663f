package badmedia_test

import (
	"bytes"
	"compress/zlib"
	"image/gif"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/testkit/badmedia"
)

func TestEveryFileIsWrittenAndIsWhatItSays(t *testing.T) {
	dir := t.TempDir()
	trap := badmedia.Trap{File: filepath.Join(dir, "canary.ts"), Address: "127.0.0.1:9"}
	files, err := badmedia.Write(dir, trap)
	if err != nil {
		t.Fatal(err)
	}
	total, at := int64(0), map[string][]byte{}
	for _, f := range files {
		content, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		if at[f.Name] != nil || f.About == "" || f.Class == "" {
			t.Errorf("%s: twice, or without a word about it", f.Name)
		}
		at[f.Name] = append([]byte{}, content...)
		total += int64(len(content))
		luring := bytes.Contains(content, []byte(trap.File)) || bytes.Contains(content, []byte(trap.Address))
		if luring != (f.Class == badmedia.Lure) {
			t.Errorf("%s is of class %s and leads to the trap: %v", f.Name, f.Class, luring)
		}
	}
	if total > 40<<20 {
		t.Errorf("all together have %d MB", total>>20)
	}
	for name, side := range map[string]int{"one-bit.png": 60_000, "colour.png": 20_000} {
		c, err := png.DecodeConfig(bytes.NewReader(at[name]))
		if err != nil || c.Width != side || c.Height != side {
			t.Errorf("%s: %v %v", name, c, err)
		}
	}
	packed := at["one-bit.png"][8+25+8:]
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, z); err != nil || n != 60_000*7501 {
		t.Errorf("the PNG unpacks to %d bytes, %v", n, err)
	}
	if g, err := gif.DecodeAll(bytes.NewReader(at["frames.gif"])); err != nil || len(g.Image) != 100_000 {
		t.Errorf("the GIF: %v", err)
	}
	for name, want := range map[string]string{
		"hour-8k.mp4":  "7680,4320,108000,3600.000000",
		"no-frame.mp4": "64,64,N/A,10.000000",
	} {
		said, err := exec.Command("ffprobe", "-v", "quiet", "-select_streams", "v", "-show_entries",
			"stream=width,height,nb_frames:format=duration", "-of", "csv=p=0", filepath.Join(dir, name)).Output()
		if got := strings.Join(strings.Fields(string(said)), ","); err != nil || got != want {
			t.Errorf("%s is %s (%v), want %s", name, got, err, want)
		}
	}
}
