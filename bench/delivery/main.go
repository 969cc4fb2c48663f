// Command delivery measures how fast bytes leave through a link, against nginx serving the same bytes as
// plain files. It starts both on loopback, pins server and client to a core each, runs them in turn and
// prints ratios; it never touches data that it did not make. `make bench` calls it.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"
)

func main() {
	log.SetFlags(0)
	bin := flag.String("bin", "bin/vitrine", "the server")
	rounds := flag.Int("rounds", 5, "how often everything is run in turn")
	span := flag.Duration("span", 4*time.Second, "how long one run takes")
	links := flag.Int("links", 1_000_000, "links in the database for the cold run")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b := bench{bin: *bin, rounds: *rounds, span: *span, links: *links}
	if err := b.run(ctx); err != nil {
		log.Fatal("delivery: ", err)
	}
}

type bench struct {
	bin    string
	rounds int
	span   time.Duration
	links  int
	dir    string
}

func (b bench) run(ctx context.Context) error {
	for _, program := range []string{"nginx", "wrk", "taskset", "convert"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%s is missing: run scripts/deps.sh run bench", program)
		}
	}
	dir, err := os.MkdirTemp("", "vitrine-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.dir = dir

	stage, err := b.prepare(ctx)
	if err != nil {
		return err
	}
	vitrine, err := startVitrine(ctx, b.bin, stage.data)
	if err != nil {
		return err
	}
	defer vitrine.stop()
	nginx, err := startNginx(ctx, dir, stage.static)
	if err != nil {
		return err
	}
	defer nginx.stop()

	contenders := []contender{
		{name: "nginx, static file", server: nginx, paths: always("/preview.jpg")},
		{name: "vitrine, one link (cached)", server: vitrine, paths: always(stage.preview)},
		{name: fmt.Sprintf("vitrine, another link each time, of %d (cold)", b.links), server: vitrine, paths: stage.cold},
	}
	fmt.Printf("Preview of %d bytes through a public link, 1 server core, 1 client core, wrk 32 connections, %d rounds of %s\n\n",
		stage.previewSize, b.rounds, b.span)
	if err := b.compare(ctx, contenders, 32, perRequest); err != nil {
		return err
	}
	fmt.Printf("\nOriginal of %d bytes through a download link, wrk 4 connections\n\n", stage.originalSize)
	return b.compare(ctx, []contender{
		{name: "nginx, static file", server: nginx, paths: always("/original.bin")},
		{name: "vitrine, download link", server: vitrine, paths: always(stage.download)},
	}, 4, perGigabyte)
}

func (b bench) path(name string) string { return filepath.Join(b.dir, name) }
