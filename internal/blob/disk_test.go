package blob_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/blob/blobtest"
	"vitrine/internal/dam"
)

func TestADiskGivesTheFileItselfSoThatTheKernelSendsIt(t *testing.T) {
	s := openURL(t, "file:"+t.TempDir())
	b := mustPut(t, s, []byte("photo"))
	r, _, err := s.Open(t.Context(), b.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, ok := r.(*os.File); !ok {
		t.Errorf("got a %T, which no sendfile sees through", r)
	}
}

func TestNobodyElseReadsWhatADiskKeeps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "blobs")
	mustPut(t, openURL(t, "file:"+dir), []byte("photo"))
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAFailedPutLeavesNoTemporaryFile(t *testing.T) {
	dir := t.TempDir()
	s := openURL(t, "file:"+dir)
	mustPut(t, s, []byte("photo"))
	broken := io.MultiReader(bytes.NewReader(blobtest.Noise(1, 1<<20)), iotest.ErrReader(errors.New("cut")))
	if _, err := s.Put(t.Context(), broken); err == nil {
		t.Fatal("a cut upload was kept")
	}
	if left := tempFiles(t, dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestTemporaryFilesOfTheDeadAreSweptAtOpenAndThoseOfTheLivingStay(t *testing.T) {
	dir := t.TempDir()
	s := openURL(t, "file:"+dir)
	if err := os.WriteFile(filepath.Join(dir, "tmp", "of-a-killed-process"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	put := make(chan error, 1)
	go func() {
		_, err := s.Put(t.Context(), r)
		put <- err
	}()
	if _, err := w.Write([]byte("first half, ")); err != nil { // returns once the Put has begun
		t.Fatal(err)
	}

	again := openURL(t, "file:"+dir)

	if left := tempFiles(t, dir); len(left) != 1 || left[0] == "of-a-killed-process" {
		t.Errorf("after the sweep there is %v, want only the file being written", left)
	}
	if _, err := w.Write([]byte("second half")); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if err := <-put; err != nil {
		t.Errorf("the upload under way: %v", err)
	}
	if left := tempFiles(t, dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	want := mustPut(t, openURL(t, "file:"+t.TempDir()), []byte("first half, second half"))
	if found, damaged, err := blob.Verify(t.Context(), again, want.Key); err != nil || damaged || found != want {
		t.Errorf("got %+v, damaged %v, %v", found, damaged, err)
	}
}

func TestABlobPutAgainWhileItIsSweptStays(t *testing.T) {
	dir := t.TempDir()
	putter, sweeper := openURL(t, "file:"+dir), openURL(t, "file:"+dir)
	data := []byte("put again")
	key := mustPut(t, putter, data).Key
	grace := time.Now().Add(-24 * time.Hour)
	for round := range 300 {
		old := grace.Add(-time.Hour)
		if err := os.Chtimes(filepath.Join(dir, key), old, old); err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		both.Go(func() {
			if err := sweeper.Delete(t.Context(), key, grace); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			if _, err := putter.Put(t.Context(), bytes.NewReader(data)); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		if _, err := os.Stat(filepath.Join(dir, key)); err != nil {
			t.Fatalf("round %d: an acknowledged blob is gone: %v", round, err)
		}
	}
}

func TestVerifyNamesADamagedBlob(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(file string) error
	}{
		{"one bit flipped", func(file string) error {
			data, err := os.ReadFile(file)
			data[50_000] ^= 1
			return errors.Join(err, os.WriteFile(file, data, 0o600))
		}},
		{"cut by a byte", func(file string) error { return os.Truncate(file, 99_999) }},
		{"emptied", func(file string) error { return os.Truncate(file, 0) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			s := openURL(t, "file:"+dir)
			data := blobtest.Noise(1, 100_000)
			b := mustPut(t, s, data)
			if err := c.damage(filepath.Join(dir, b.Key)); err != nil {
				t.Fatal(err)
			}
			if _, damaged, err := blob.Verify(t.Context(), s, b.Key); err != nil || !damaged {
				t.Errorf("got damaged %v, %v", damaged, err)
			}
			mustPut(t, s, data)
			if _, damaged, err := blob.Verify(t.Context(), s, b.Key); err != nil || damaged {
				t.Errorf("after the content was put again: damaged %v, %v", damaged, err)
			}
		})
	}
}

// A full disk is a tmpfs of 1 MiB in a mount namespace of this test's own thread, which needs root;
// without it, a child process with a limit on the size of files stands in.
func TestAFullDiskIsSaidAndNothingIsLeft(t *testing.T) {
	if limited := os.Getenv("BLOB_TEST_LIMITED"); limited != "" {
		fillDisk(t, limited)
		return
	}
	dir := t.TempDir()
	if err := mountSmall(dir); err == nil {
		defer syscall.Unmount(dir, syscall.MNT_DETACH)
		t.Log("on a tmpfs of 1 MiB")
		fillDisk(t, dir)
		return
	}
	t.Log("no right to mount: in a process whose files end at 1 MiB")
	child := exec.Command("/bin/sh", "-c", `ulimit -f 2048 && exec "$0" -test.run='^`+t.Name()+`$'`, os.Args[0])
	child.Env = append(os.Environ(), "BLOB_TEST_LIMITED="+dir)
	if said, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}

// mountSmall makes dir a small file system that only this goroutine sees and that goes with it.
func mountSmall(dir string) error {
	runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
	if err := syscall.Unshare(syscall.CLONE_FS | syscall.CLONE_NEWNS); err != nil {
		return err
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	return syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m")
}

func fillDisk(t *testing.T, dir string) {
	s := openURL(t, "file:"+dir)
	small := mustPut(t, s, []byte("small"))
	_, err := s.Put(t.Context(), bytes.NewReader(blobtest.Noise(1, 2<<20)))
	if dam.KindOf(err) != dam.StorageFull {
		t.Errorf("got %v, want that the storage is full", err)
	}
	if left := tempFiles(t, dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	var all []string
	if err := s.Walk(t.Context(), func(e blob.Entry) error { all = append(all, e.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0] != small.Key {
		t.Errorf("there is %v, want only what was there before", all)
	}
	if _, damaged, err := blob.Verify(t.Context(), s, small.Key); err != nil || damaged {
		t.Errorf("what was there before: damaged %v, %v", damaged, err)
	}
	mustPut(t, s, []byte("fits again"))
}

func TestADiskThatCannotBeWrittenIsNotReady(t *testing.T) {
	dir := t.TempDir()
	s := openURL(t, "file:"+dir)
	if err := os.RemoveAll(filepath.Join(dir, "tmp")); err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); dam.KindOf(err) != dam.Unavailable {
		t.Errorf("got %v, want unavailable", err)
	}
	if _, err := s.Put(t.Context(), strings.NewReader("x")); dam.KindOf(err) != dam.Unavailable {
		t.Errorf("put: got %v, want unavailable", err)
	}
}

func mustPut(t *testing.T, s blob.Store, data []byte) blob.Blob {
	t.Helper()
	b, err := s.Put(t.Context(), bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func tempFiles(t *testing.T, dir string) []string {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(dir, "tmp"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}
