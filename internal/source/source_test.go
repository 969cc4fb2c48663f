package source_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/source"
	"vitrine/internal/testkit"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, parts ...string) string {
	t.Helper()
	name := filepath.Join(parts...)
	must(t, os.MkdirAll(filepath.Dir(name), 0o700))
	must(t, os.WriteFile(name, []byte("x"), 0o600))
	return name
}

func at(t *testing.T, address string, roots ...string) source.Place {
	t.Helper()
	place, err := source.At(dam.SourceFolder, address, roots)
	must(t, err)
	return place
}

func list(t *testing.T, place source.Place) (paths, unread []string, err error) {
	t.Helper()
	unread, err = place.List(t.Context(), func(f source.File) error {
		paths = append(paths, f.Path)
		return nil
	})
	slices.Sort(paths)
	return paths, unread, err
}

// shut takes a folder or file away from its reader for the rest of the test.
func shut(t *testing.T, name string) {
	t.Helper()
	must(t, os.Chmod(name, 0))
	t.Cleanup(func() { must(t, os.Chmod(name, 0o700)) })
}

func TestAFolderIsNamedBeneathARoot(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	write(t, root, "in", "a.txt")
	write(t, outside, "secret.txt")
	must(t, os.Symlink(outside, filepath.Join(root, "out")))
	must(t, os.Symlink("in", filepath.Join(root, "again")))
	must(t, os.Symlink(filepath.Join(root, "in"), filepath.Join(root, "whole")))
	alias := filepath.Join(t.TempDir(), "alias")
	must(t, os.Symlink(root, alias))
	for _, c := range []struct {
		name, address, root string
		allowed             bool
	}{
		{"the root itself", root, root, true},
		{"a folder in it", filepath.Join(root, "in"), root, true},
		{"by a link that stays inside", filepath.Join(root, "again"), root, true},
		{"by a link with a whole path that stays inside", filepath.Join(root, "whole"), root, true},
		{"by another name of the root", filepath.Join(alias, "in"), root, true},
		{"beneath a root that is a link", filepath.Join(alias, "in"), alias, true},
		{"by a link out of it", filepath.Join(root, "out"), root, false},
		{"elsewhere", outside, root, false},
		{"above it", filepath.Dir(root), root, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			place, err := source.At(dam.SourceFolder, c.address, []string{c.root})
			if (err == nil) != c.allowed {
				t.Fatalf("got %v", err)
			}
			if !c.allowed {
				return
			}
			if paths, _, err := list(t, place); err != nil || len(paths) == 0 {
				t.Errorf("it lists %v, %v", paths, err)
			}
		})
	}
}

func TestAFolderThatBecameALinkOutOfItsRootIsNotRead(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	write(t, root, "in", "a.txt")
	write(t, outside, "a.txt")
	place := at(t, filepath.Join(root, "in"), root)
	must(t, os.RemoveAll(filepath.Join(root, "in")))
	must(t, os.Symlink(outside, filepath.Join(root, "in")))
	if paths, _, err := list(t, place); dam.KindOf(err) != dam.Unavailable {
		t.Errorf("it lists %v, %v", paths, err)
	}
	if _, _, err := place.Open(t.Context(), "a.txt"); dam.KindOf(err) != dam.Unavailable {
		t.Errorf("it is opened: %v", err)
	}
}

func TestWhatCantBeReadIsNamedAndTheRestIsListed(t *testing.T) {
	root := t.TempDir()
	write(t, root, "a", "1.txt")
	write(t, root, "b", "2.txt")
	write(t, root, "c.txt")
	testkit.AsNobody(t, filepath.Dir(root))
	shut(t, filepath.Join(root, "a"))
	shut(t, filepath.Join(root, "c.txt"))
	place := at(t, root, root)
	paths, unread, err := list(t, place)
	if err != nil || !slices.Equal(paths, []string{"b/2.txt", "c.txt"}) || !slices.Equal(unread, []string{"a"}) {
		t.Errorf("it lists %v without %v, %v", paths, unread, err)
	}
	for name, want := range map[string]dam.Kind{"c.txt": dam.Forbidden, "a/1.txt": dam.Forbidden, "d.txt": dam.NotFound} {
		if _, _, err := place.Open(t.Context(), name); dam.KindOf(err) != want {
			t.Errorf("%s gives %v", name, err)
		}
	}
	shut(t, root)
	if _, _, err := list(t, place); dam.KindOf(err) != dam.Unavailable {
		t.Errorf("shut itself it gives %v", err)
	}
}

func TestAPipeInThePlaceOfAFileIsNotWaitedFor(t *testing.T) {
	root := t.TempDir()
	must(t, syscall.Mkfifo(filepath.Join(root, "pipe.txt"), 0o600))
	write(t, root, "a.txt")
	place := at(t, root, root)
	done := make(chan error, 1)
	go func() {
		_, _, err := place.Open(context.Background(), "pipe.txt")
		done <- err
	}()
	select {
	case err := <-done:
		if dam.KindOf(err) != dam.Forbidden {
			t.Errorf("it gives %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it still waits for somebody to write")
	}
	body, f, err := place.Open(t.Context(), "a.txt")
	must(t, err)
	defer body.Close()
	if text, err := io.ReadAll(body); err != nil || string(text) != "x" || f.Size != 1 {
		t.Errorf("a file is %q, %+v, %v", text, f, err)
	}
}

func TestChangesAreToldOfFoldersMadeLater(t *testing.T) {
	root := t.TempDir()
	write(t, root, "0-file-before-the-folders.txt")
	write(t, root, "old", "a.txt")
	changes := at(t, root, root).Changes(t.Context())
	told := func(what string) {
		t.Helper()
		select {
		case <-changes:
		case <-time.After(10 * time.Second):
			t.Fatalf("nothing is told of %s", what)
		}
	}
	write(t, root, "old", "b.txt")
	told("a file in a folder that was there")
	write(t, root, "new", "deep", "a.txt")
	told("a new folder")
	// The watch of a new folder begins a moment after it is made; until then it is itself the news.
	for end := time.Now().Add(10 * time.Second); ; {
		write(t, root, "new", "deep", "b.txt")
		select {
		case <-changes:
			if !quiet(changes) {
				continue
			}
		case <-time.After(100 * time.Millisecond):
			if time.Now().Before(end) {
				continue
			}
			t.Fatal("nothing is told of a file in a new folder")
		}
		break
	}
	write(t, root, "new", "deep", "c.txt")
	told("a file in a new folder")
}

// quiet says whether nothing more is told for a moment.
func quiet(changes <-chan struct{}) bool {
	select {
	case <-changes:
		return false
	case <-time.After(200 * time.Millisecond):
		return true
	}
}

func TestABucketIsAServerWithoutAPath(t *testing.T) {
	for address, allowed := range map[string]bool{
		"s3://photos?endpoint=https://s3.example.org":          true,
		"s3://photos/2026?endpoint=https://s3.example.org/":    true,
		"s3://photos?endpoint=https://s3.example.org/minio":    false,
		"s3://photos?endpoint=https://key:word@s3.example.org": false,
		"s3://photos?endpoint=https://s3.example.org%3Fa=b":    false,
		"s3://photos?endpoint=ftp://s3.example.org":            false,
		"s3://photos":                                             false,
		"s3:///?endpoint=https://s3.example.org":                  false,
		"https://photos.example.org?endpoint=https://example.org": false,
	} {
		t.Run(address, func(t *testing.T) {
			_, err := source.At(dam.SourceBucket, address, nil)
			if (err == nil) != allowed || err != nil && dam.KindOf(err) != dam.Invalid {
				t.Errorf("got %v", err)
			}
		})
	}
}
