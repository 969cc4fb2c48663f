// Command video measures how fast a film of 20 seconds in Full HD becomes a proxy of 720 lines and a poster
// by our confined ffmpeg, against a bare ffmpeg that only decodes the film, or only seeks a keyframe and
// decodes that. Both take turns for several rounds; what counts is the median of the rounds' ratios.
//
//	go run ./bench/video [-rounds 5] [-film FILE]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/media/child"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "render" {
		os.Exit(child.Main(os.Args[2:]))
	}
	rounds := flag.Int("rounds", 5, "rounds in which both take turns")
	film := flag.String("film", "", "a film of one's own instead of the drawn one")
	flag.Parse()
	if err := run(*rounds, *film); err != nil {
		fmt.Fprintln(os.Stderr, "video:", err)
		os.Exit(1)
	}
}

func run(rounds int, film string) error {
	dir, err := os.MkdirTemp("", "video-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if film == "" {
		if film, err = drawFilm(dir); err != nil {
			return err
		}
	}
	tools := media.NewTools(media.Options{Scratch: dir})
	defer tools.Close()
	b := bench{tools: tools, film: film, out: dir, rounds: rounds}
	if b.facts, err = tools.Probe(context.Background(), film); err != nil {
		return err
	}
	fmt.Printf("%s %dx%d, %.1f s, %.1f Mbit/s; %d rounds\n", b.facts.Video, b.facts.Width, b.facts.Height,
		b.facts.Duration, float64(b.facts.Bitrate)/1e6, rounds)
	if err := b.compare("proxy", 2.7, b.decode, b.proxy); err != nil {
		return err
	}
	if err := b.compare("poster", 1.2, b.seek, b.poster); err != nil {
		return err
	}
	return b.alone("storyboard", b.storyboard)
}

// drawFilm makes a test pattern at the rates of a camera: 30 frames a second, 12 Mbit/s, a keyframe every
// other second, with sound.
func drawFilm(dir string) (string, error) {
	film := filepath.Join(dir, "film.mp4")
	return film, bare(strings.Fields("-y -f lavfi -i testsrc2=s=1920x1080:r=30:d=20 -f lavfi -i sine=d=20 " +
		"-c:v libx264 -preset veryfast -b:v 12M -maxrate 15M -bufsize 30M -g 60 " +
		"-pix_fmt yuv420p -c:a aac " + film)...)
}

type bench struct {
	tools  *media.Tools
	film   string
	facts  media.VideoFacts
	out    string
	rounds int
}

// bare runs ffmpeg as anybody would, but as patient as our children are: else a busy machine would
// be measured.
func bare(args ...string) error {
	args = append([]string{"-n", "5", "ffmpeg", "-nostdin", "-v", "error"}, args...)
	if text, err := exec.Command("nice", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ffmpeg: %w: %s", err, text)
	}
	return nil
}

func (b bench) decode() error { return bare("-i", b.film, "-f", "null", "-") }

func (b bench) seek() error {
	at := fmt.Sprintf("%.3f", min(b.facts.Duration/10, 10))
	return bare("-ss", at, "-skip_frame", "nokey", "-i", b.film, "-frames:v", "1", "-y", filepath.Join(b.out, "bare.jpg"))
}

func (b bench) proxy() error {
	recipe, _ := dam.FindRecipe(dam.BuiltInRecipes(), dam.Video720)
	_, err := b.tools.Transcode(context.Background(), b.film, b.facts, recipe, b.out, nil)
	return err
}

func (b bench) poster() error {
	_, err := b.tools.Poster(context.Background(), b.film, b.facts, b.out)
	return err
}

func (b bench) storyboard() error {
	_, err := b.tools.Storyboard(context.Background(), filepath.Join(b.out, dam.Video720+".mp4"), b.facts, b.out)
	return err
}

// compare lets both take turns and prints each round and the median.
func (b bench) compare(name string, goal float64, yardstick, ours func() error) error {
	if err := ours(); err != nil { // reads the film into the cache
		return err
	}
	wall, work := make([]float64, b.rounds), make([]float64, b.rounds)
	for round := range b.rounds {
		theirs, err := timed(yardstick)
		if err != nil {
			return err
		}
		own, err := timed(ours)
		if err != nil {
			return err
		}
		wall[round] = own.wall.Seconds() / theirs.wall.Seconds()
		work[round] = own.work.Seconds() / theirs.work.Seconds()
		fmt.Printf("round %d: %s %.3f s, yardstick %.3f s, ratio %.2f (processor time %.2f)\n",
			round+1, name, own.wall.Seconds(), theirs.wall.Seconds(), wall[round], work[round])
	}
	slices.Sort(wall)
	slices.Sort(work)
	fmt.Printf("%s: ratio %.2f (%.2f-%.2f), goal %.1f; processor time %.2f\n",
		name, wall[b.rounds/2], wall[0], wall[b.rounds-1], goal, work[b.rounds/2])
	return nil
}

func (b bench) alone(name string, ours func() error) error {
	took, err := timed(ours)
	fmt.Printf("%s: %.3f s\n", name, took.wall.Seconds())
	return err
}

// turn is what one run cost.
type turn struct{ wall, work time.Duration } // by the clock; of all processors

func timed(do func() error) (turn, error) {
	began, worked := time.Now(), childrenWorked()
	err := do()
	return turn{time.Since(began), childrenWorked() - worked}, err
}

// childrenWorked is the processor time of all children that have ended.
func childrenWorked() time.Duration {
	var ended syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_CHILDREN, &ended) // can't fail: the question is always allowed
	return time.Duration(ended.Utime.Nano() + ended.Stime.Nano())
}
