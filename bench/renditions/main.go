// Command renditions measures how fast the three built-in renditions of 24-megapixel photos are made by
// our pool, against `vipsthumbnail` run as a chain. Both have two processes at work and take turns for
// several rounds; what counts is the median of the rounds' ratios. Then it measures what a mark costs.
//
//	go run ./bench/renditions [-rounds 5] [-photos 10]
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
	"time"

	"golang.org/x/sync/errgroup"

	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/media/child"
)

const workers = 2

func main() {
	if len(os.Args) > 1 && os.Args[1] == "render" {
		os.Exit(child.Main(os.Args[2:]))
	}
	rounds := flag.Int("rounds", 5, "rounds in which both take turns")
	count := flag.Int("photos", 10, "photos a round")
	flag.Parse()
	if err := run(*rounds, *count); err != nil {
		fmt.Fprintln(os.Stderr, "renditions:", err)
		os.Exit(1)
	}
}

func run(rounds, count int) error {
	dir, err := os.MkdirTemp("", "renditions-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	photos, err := makePhotos(dir, count)
	if err != nil {
		return err
	}
	pool := media.NewPool(media.Options{Workers: workers})
	defer pool.Close()
	layers, err := pool.Layers(context.Background())
	if err != nil {
		return err
	}
	fmt.Printf("%d photos of 24 MP, %d workers, %d rounds; children held by %s\n",
		count, workers, rounds, strings.Join(layers, ", "))
	err = compare(rounds, photos,
		func(photo, out string) error { return byChain(photo, out) },
		func(photo, out string) error { return byPool(pool, photo, out) })
	if err != nil {
		return err
	}
	return compareMarks(rounds, photos)
}

// compare lets both take turns on the same photos and prints each round and the medians.
func compare(rounds int, photos []string, yardstick, ours func(photo, out string) error) error {
	if _, err := timed(photos, ours); err != nil { // reads the files into the cache and starts the children
		return err
	}
	var wall, work, rates []float64
	memory := watchChildren()
	for round := range rounds {
		theirs, err := timed(photos, yardstick)
		if err != nil {
			return err
		}
		memory.resume()
		own, err := timed(photos, ours)
		memory.pause()
		if err != nil {
			return err
		}
		wall = append(wall, theirs.wall.Seconds()/own.wall.Seconds())
		work = append(work, theirs.work.Seconds()/own.work.Seconds())
		rates = append(rates, own.rate)
		fmt.Printf("round %d: vipsthumbnail chain %.2f photos/s, pool %.2f photos/s, ratio %.2f (processor time %.2f)\n",
			round+1, theirs.rate, own.rate, wall[round], work[round])
	}
	slices.Sort(wall)
	fmt.Printf("renditions: ratio %.2f (%.2f-%.2f), processor time %.2f, %.2f photos/s, peak RSS of the children %d MB\n",
		median(wall), wall[0], wall[rounds-1], median(work), median(rates), memory.most()>>20)
	return nil
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// turn is what one pass over all photos cost.
type turn struct {
	wall, work time.Duration // by the clock; of all processors
	rate       float64       // photos a second
}

func timed(photos []string, make func(photo, out string) error) (turn, error) {
	began, worked := time.Now(), childrenWorked()
	var all errgroup.Group
	all.SetLimit(workers)
	for _, photo := range photos {
		all.Go(func() error {
			out := strings.TrimSuffix(photo, ".jpg")
			if err := os.MkdirAll(out, 0o700); err != nil {
				return err
			}
			return make(photo, out)
		})
	}
	err := all.Wait()
	wall := time.Since(began)
	return turn{wall, childrenWorked() - worked, float64(len(photos)) / wall.Seconds()}, err
}

func byPool(pool *media.Pool, photo, out string) error {
	_, err := pool.Render(context.Background(), media.Job{
		Path: photo, Loader: "jpeg", Recipes: dam.ImageRecipes(), Out: out,
	})
	return err
}

// byChain makes each rendition from the one before, as a script would.
func byChain(photo, out string) error {
	from := photo
	for _, r := range dam.ImageRecipes() {
		to := filepath.Join(out, "chain-"+r.Name+".jpg")
		saved := fmt.Sprintf("%s[Q=%d,strip]", to, r.Quality)
		tool := exec.Command("vipsthumbnail", from, "-s", fmt.Sprint(r.Box), "-o", saved)
		tool.Env = append(os.Environ(), "VIPS_CONCURRENCY=1")
		if text, err := tool.CombinedOutput(); err != nil {
			return fmt.Errorf("vipsthumbnail: %w: %s", err, text)
		}
		from = to
	}
	return nil
}
