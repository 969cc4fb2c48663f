package media_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/media/child"
)

// The test binary is its own child, as the server's is; and also a child that lies.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "render":
			os.Exit(child.Main(os.Args[2:]))
		case "lie":
			lie(os.Args[2])
		}
	}
	os.Exit(m.Run())
}

func newPool(t *testing.T, o media.Options) *media.Pool {
	t.Helper()
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	p := media.NewPool(o)
	t.Cleanup(p.Close)
	return p
}

func newExif(t *testing.T, o media.Options) *media.Exif {
	t.Helper()
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	o.Scratch = t.TempDir()
	e := media.NewExif(o)
	t.Cleanup(e.Close)
	return e
}

// jobFor asks for the built-in recipes of a file that Sniff calls a picture.
func jobFor(t *testing.T, path string) media.Job {
	t.Helper()
	typ := sniffFile(t, path)
	if !typ.Renderable() {
		t.Fatalf("%s is %v: not a picture", filepath.Base(path), typ)
	}
	return media.Job{Path: path, Loader: typ.Loader, Recipes: dam.ImageRecipes(), Out: t.TempDir()}
}

func sniffFile(t *testing.T, path string) media.Type {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	head := make([]byte, media.HeadSize)
	n, _ := f.Read(head)
	return media.Sniff(head[:n], filepath.Base(path))
}
