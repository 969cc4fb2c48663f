package media_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/media/wire"
)

// lies are what a child that a hostile file has taken over might do instead of its work.
var lies = map[string]func(out *os.File){
	"says nothing and never ends":          func(*os.File) { select {} },
	"dies":                                 func(*os.File) { os.Exit(3) },
	"writes what is no answer":             func(out *os.File) { fmt.Fprintln(out, "<html>") },
	"writes a line without end":            func(out *os.File) { fmt.Fprint(out, strings.Repeat("x", 1<<20)) },
	"answers before there is a header":     func(out *os.File) { say(out, wire.Reply{Done: &wire.Done{}}) },
	"refuses for a reason nobody knows":    func(out *os.File) { say(out, wire.Reply{Refused: "because <b>"}) },
	"claims a size over the limits":        func(out *os.File) { say(out, header(70_000, 70_000)) },
	"claims a size below nothing":          func(out *os.File) { say(out, header(-1, 10)) },
	"makes too few pictures":               func(out *os.File) { say(out, header(100, 100)); say(out, done(nil)) },
	"makes pictures of other sizes":        func(out *os.File) { say(out, header(100, 100)); say(out, done([]int{1}, 100, 90)) },
	"announces gigabytes":                  func(out *os.File) { say(out, header(100, 100)); say(out, done([]int{1 << 31}, 100, 100)) },
	"announces no bytes":                   func(out *os.File) { say(out, header(100, 100)); say(out, done([]int{0}, 100, 100)) },
	"sends HTML as a picture":              func(out *os.File) { sendPictures(out, []byte("<script>alert(1)</script>")) },
	"sends a picture of another size":      func(out *os.File) { sendPictures(out, jpegOf(200, 200)) },
	"announces pictures and sends nothing": func(out *os.File) { say(out, header(100, 100)); say(out, done([]int{500}, 100, 100)) },
}

func say(out *os.File, r wire.Reply) { json.NewEncoder(out).Encode(r) }

func header(w, h int) wire.Reply { return wire.Reply{Header: &wire.Header{Width: w, Height: h}} }

func done(sizes []int, side ...int) wire.Reply {
	d := &wire.Done{}
	for _, size := range sizes {
		d.Pictures = append(d.Pictures, wire.Picture{Width: side[0], Height: side[1], Size: size})
	}
	return wire.Reply{Done: d}
}

func sendPictures(out *os.File, content []byte) {
	say(out, header(100, 100))
	say(out, done([]int{len(content)}, 100, 100))
	out.Write(content)
}

func jpegOf(w, h int) []byte {
	var b bytes.Buffer
	jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil)
	return b.Bytes()
}

// lie is the main function of a lying child: it says it is ready, waits for a job, and lies.
func lie(name string) {
	say(os.Stdout, wire.Reply{Ready: &wire.Ready{}})
	unix.Recvmsg(3, make([]byte, 64<<10), make([]byte, unix.CmsgSpace(4)), 0)
	say(os.Stdout, wire.Reply{Taken: true})
	lies[name](os.Stdout)
	select {}
}

func TestWhatALyingChildSaysIsNotBelieved(t *testing.T) {
	path := writePNG(t, filepath.Join(t.TempDir(), "p.png"), quarterPicture(100, 100))
	for name := range lies {
		t.Run("a child that "+name, func(t *testing.T) {
			t.Parallel()
			pool := newPool(t, media.Options{
				Args: []string{"lie", name}, Workers: 1,
				Limits: media.Limits{Header: 2 * time.Second, Decode: time.Second},
			})
			job := jobFor(t, path)
			job.Recipes = []dam.Recipe{{Name: "x", Box: 500, MIME: "image/jpeg", Quality: 80}}
			_, err := pool.Render(t.Context(), job)
			if !errors.Is(err, media.ErrCrashed) || errors.Is(err, media.ErrRefused) || dam.KindOf(err) != dam.Unavailable {
				t.Errorf("got %v", err)
			}
			sentence(t, err)
			if left, _ := os.ReadDir(job.Out); len(left) > 0 {
				t.Errorf("left %v", left)
			}
			for _, pid := range children(t) {
				if strings.Contains(commandLine(pid), name) {
					t.Errorf("the child still runs as %d", pid)
				}
			}
		})
	}
}
