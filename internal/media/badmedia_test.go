package media

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vitrine/internal/dam"
	"vitrine/internal/testkit/badmedia"
)

// trap sees whether its file is opened and whether anybody connects to its address.
type trap struct {
	badmedia.Trap
	watch    int
	visitors atomic.Int32
}

func newTrap(t *testing.T) *trap {
	t.Helper()
	// What is bait for ffmpeg must be something that it would play.
	bait := clip(t, "canary.ts", split("-f lavfi -i testsrc2=s=64x64:r=10:d=1 -c:v mpeg2video")...)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	watch, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unix.InotifyAddWatch(watch, bait, unix.IN_OPEN|unix.IN_ACCESS); err != nil {
		t.Fatal(err)
	}
	tr := &trap{Trap: badmedia.Trap{File: bait, Address: listener.Addr().String()}, watch: watch}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			tr.visitors.Add(1)
			conn.Close()
		}
	}()
	t.Cleanup(func() { listener.Close(); unix.Close(watch) })
	return tr
}

// touched tells what happened to the trap since it was last asked.
func (tr *trap) touched(t *testing.T) (opened, connected bool) {
	t.Helper()
	n, err := unix.Read(tr.watch, make([]byte, 4096))
	if err != nil && !errors.Is(err, unix.EAGAIN) {
		t.Fatal(err)
	}
	return n > 0, tr.visitors.Swap(0) > 0
}

func TestTheTrapCatchesWhoeverFollowsALure(t *testing.T) {
	tr, dir := newTrap(t), t.TempDir()
	for name, protocols := range map[string]string{"hls.mp4": "file,http,tcp", "ffconcat.mp4": "file,http,tcp"} {
		path := written(t, name, dir, tr.Trap)
		// On purpose without what holds it back.
		_ = exec.Command("ffmpeg", "-v", "quiet", "-nostdin", "-protocol_whitelist", protocols, "-safe", "0", "-allowed_extensions", "ALL",
			"-i", path, "-f", "null", "-").Run()
		if opened, _ := tr.touched(t); !opened {
			t.Errorf("%s: nobody opened the canary: the trap shows nothing", name)
		}
	}
	path := written(t, "dref-alias.mov", dir, tr.Trap)
	_ = exec.Command("ffmpeg", "-v", "quiet", "-nostdin", "-enable_drefs", "1", "-use_absolute_path", "1", "-i", path, "-f", "null", "-").Run()
	if opened, _ := tr.touched(t); !opened {
		t.Error("dref-alias.mov: nobody opened the canary: the trap shows nothing")
	}
	_ = exec.Command("ffmpeg", "-v", "quiet", "-nostdin", "-protocol_whitelist", "http,tcp", "-i", "http://"+tr.Address+"/a.ts", "-f", "null", "-").Run()
	if _, connected := tr.touched(t); !connected {
		t.Error("nobody connected: the trap shows nothing")
	}
}

func written(t *testing.T, name, dir string, tr badmedia.Trap) string {
	t.Helper()
	for _, f := range badmedia.Files() {
		if f.Name == name {
			if err := f.Write(dir, tr); err != nil {
				t.Fatal(err)
			}
			return f.Path
		}
	}
	t.Fatalf("no bad file %s", name)
	return ""
}

// Even an ffmpeg that is told to follow lures reaches nothing: the kernel holds it.
func TestConfinementAloneKeepsFFmpegFromALure(t *testing.T) {
	tr, dir, tools := newTrap(t), t.TempDir(), newTools(t)
	for name, args := range map[string][]string{
		"hls.mp4":        split("-protocol_whitelist file,http,tcp -allowed_extensions ALL"),
		"ffconcat.mp4":   split("-protocol_whitelist file,http,tcp -safe 0"),
		"dref-alias.mov": split("-enable_drefs 1 -use_absolute_path 1"),
	} {
		path := written(t, name, dir, tr.Trap)
		_, err := tools.run(t.Context(), toolRun{
			Program: "ffmpeg", Input: path, Ext: "bin",
			Args: func(in, _ string) []string {
				return append(append(split("-v error -nostdin"), args...), "-i", in, "-f", "null", "-")
			},
		})
		if opened, connected := tr.touched(t); opened || connected {
			t.Errorf("%s: canary opened: %v, connected: %v (%v)", name, opened, connected, err)
		}
	}
}

// Each file is worked on as the library does it: by what Sniff says, and then by all programs whatever
// it says.
func TestNoBadFileIsFollowedAndEachComesToAnEnd(t *testing.T) {
	tr, dir := newTrap(t), t.TempDir()
	files, err := badmedia.Write(dir, tr.Trap)
	if err != nil {
		t.Fatal(err)
	}
	tools := newTools(t)
	pool := NewPool(Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Workers: 1})
	t.Cleanup(pool.Close)
	exif := NewExif(Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Scratch: t.TempDir()})
	t.Cleanup(exif.Close)
	tr.touched(t)
	for _, f := range files {
		t.Run(f.Name, func(t *testing.T) {
			head := make([]byte, HeadSize)
			file, err := os.Open(f.Path)
			if err != nil {
				t.Fatal(err)
			}
			n, _ := file.Read(head)
			file.Close()
			typ := Sniff(head[:n], f.Name)
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if f.Class == badmedia.Lure {
				if _, err := exif.Read(ctx, f.Path); err != nil {
					t.Error("metadata: ", err)
				}
			}
			switch {
			case typ.Renderable():
				_, err = pool.Render(ctx, Job{Path: f.Path, Loader: typ.Loader, Recipes: dam.ImageRecipes(), Out: t.TempDir()})
			case typ.Work == WorkPDF:
				_, err = tools.DocumentText(ctx, f.Path)
				if err == nil {
					_, err = tools.Pages(ctx, f.Path, 1, dam.MaxPages, 1280, t.TempDir())
				}
			default:
				err = watchFilm(ctx, t, tools, f.Path)
			}
			took := time.Since(began).Round(time.Millisecond)
			t.Logf("%s %s: %v: %v", typ.MIME, typ.Work, took, err)
			if err != nil && !errors.Is(err, ErrRefused) {
				took *= 3 // it is tried again
			}
			if took > time.Minute || ctx.Err() != nil {
				t.Errorf("took %v", took)
			}
			if err == nil && f.Film && f.Class == badmedia.Lure {
				t.Error("was taken for a film")
			}
			if opened, connected := tr.touched(t); opened || connected {
				t.Errorf("canary opened: %v, connected: %v", opened, connected)
			}
		})
	}
}

func watchFilm(ctx context.Context, t *testing.T, tools *Tools, path string) error {
	t.Helper()
	out := t.TempDir()
	f, err := tools.Probe(ctx, path)
	if err != nil {
		return err
	}
	t.Logf("facts are %+v", f)
	if _, err := tools.Poster(ctx, path, f, out); err != nil {
		return err
	}
	made, err := tools.Transcode(ctx, path, f, recipe(t, dam.Video720), out, nil)
	if err != nil {
		return err
	}
	_, err = tools.Storyboard(ctx, made.Path, f, out)
	return err
}
