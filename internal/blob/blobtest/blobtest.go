// Package blobtest is what every kind of blob store has to pass. It knows only the Store interface
// and never looks behind it. The tests of blob call it, once for each kind.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
)

// Suite runs every test on stores that open makes; each call must give an empty one.
func Suite(t *testing.T, open func(t *testing.T) blob.Store) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, s blob.Store)
	}{
		{"what is put comes back with its size and sums", comesBack},
		{"64 MB come back whole", bigComesBack},
		{"a reader that breaks leaves nothing and its error", brokenReader},
		{"a put that is called off leaves nothing", calledOff},
		{"the same content is one blob, put by many at once", manyPutOne},
		{"putting again renews the time", renews},
		{"delete keeps what was put again since", deleteKeepsRenewed},
		{"deleting what is not there is fine", deleteAbsent},
		{"an unknown key is not found", unknownKey},
		{"a key that is no key reaches nothing", traversal},
		{"walk meets each blob once and stops when told", walk},
		{"HTTP ranges are served from the reader", ranges},
		{"a blob has a path to read while it is needed", localPath},
		{"verify reads what is there", verify},
		{"the store is ready, and readiness is no blob", ready},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// Noise makes bytes that no compression or sparse file makes small; the seed says which.
func Noise(seed uint64, size int) []byte {
	data := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}).Read(data) //nolint:errcheck // it never fails
	return data
}

func comesBack(t *testing.T, s blob.Store) {
	for _, data := range [][]byte{nil, []byte("x"), []byte("hello"), Noise(1, 4096), Noise(2, 1<<20+1)} {
		b := put(t, s, data)
		sum := sha256.Sum256(data)
		name := hex.EncodeToString(sum[:])
		want := blob.Blob{
			Key: name[:2] + "/" + name, Size: int64(len(data)), SHA256: name, CRC32: crc32.ChecksumIEEE(data),
		}
		if b != want {
			t.Errorf("%d bytes: got %+v, want %+v", len(data), b, want)
		}
		if got := read(t, s, b.Key); !bytes.Equal(got, data) {
			t.Errorf("%d bytes were put and %d others came back", len(data), len(got))
		}
	}
}

func bigComesBack(t *testing.T, s blob.Store) {
	data := Noise(3, 64<<20)
	b := put(t, s, data)
	r, size := open(t, s, b.Key)
	if size != int64(len(data)) {
		t.Fatalf("size is %d, want %d", size, len(data))
	}
	sum := sha256.New()
	if n, err := io.Copy(sum, r); err != nil || n != size {
		t.Fatalf("read %d bytes, %v", n, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != b.SHA256 {
		t.Error("other bytes came back")
	}
}

func brokenReader(t *testing.T, s blob.Store) {
	cut := dam.Errorf(dam.TooLarge, "cut here")
	for _, data := range [][]byte{nil, []byte("some"), Noise(4, 3<<20)} {
		_, err := s.Put(t.Context(), io.MultiReader(bytes.NewReader(data), iotest.ErrReader(cut)))
		if !errors.Is(err, cut) || dam.KindOf(err) != dam.TooLarge {
			t.Errorf("after %d bytes: got %v, want the reader's own error", len(data), err)
		}
	}
	if left := keys(t, s); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func calledOff(t *testing.T, s blob.Store) {
	ctx, callOff := context.WithCancel(t.Context())
	data := bytes.NewReader(Noise(5, 8<<20))
	halfway := readerFunc(func(p []byte) (int, error) {
		if data.Len() < 4<<20 {
			callOff()
		}
		return data.Read(p)
	})
	if _, err := s.Put(ctx, halfway); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was called off", err)
	}
	if left := keys(t, s); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func manyPutOne(t *testing.T, s blob.Store) {
	data := Noise(6, 300_000)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 4 {
				b, err := s.Put(t.Context(), bytes.NewReader(data))
				if err != nil {
					t.Error(err)
					return
				}
				if got := read(t, s, b.Key); !bytes.Equal(got, data) {
					t.Error("a reader saw other bytes while others put the same content")
				}
			}
		})
	}
	all.Wait()
	if got := keys(t, s); len(got) != 1 {
		t.Errorf("one content became %v", got)
	}
}

func renews(t *testing.T, s blob.Store) {
	b := put(t, s, []byte("again"))
	first := entry(t, s, b.Key).Modified
	if age := time.Since(first); age < -2*time.Second || age > time.Minute {
		t.Fatalf("a blob put now is %s old", age)
	}
	// The times of S3 are whole seconds: put until the next one has begun.
	for deadline := time.Now().Add(5 * time.Second); ; {
		put(t, s, []byte("again"))
		if entry(t, s, b.Key).Modified.After(first) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the time of a blob that was put again stands still")
		}
	}
}

func deleteKeepsRenewed(t *testing.T, s blob.Store) {
	b := put(t, s, []byte("wanted"))
	modified := entry(t, s, b.Key).Modified
	for _, before := range []time.Time{{}, modified.Add(-24 * time.Hour), modified} {
		if err := s.Delete(t.Context(), b.Key, before); err != nil {
			t.Fatal(err)
		}
		if got := keys(t, s); len(got) != 1 {
			t.Fatalf("a blob put at %s is gone by a delete of those before %s", modified, before)
		}
	}
	if err := s.Delete(t.Context(), b.Key, modified.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, s); len(got) != 0 {
		t.Errorf("after the delete there is %v", got)
	}
	if _, _, err := s.Open(t.Context(), b.Key); dam.KindOf(err) != dam.NotFound {
		t.Errorf("opening the deleted blob: got %v, want not found", err)
	}
	if again := put(t, s, []byte("wanted")); again != b {
		t.Errorf("put after the delete: got %+v, want %+v", again, b)
	}
}

func deleteAbsent(t *testing.T, s blob.Store) {
	kept := put(t, s, []byte("kept"))
	for range 2 {
		if err := s.Delete(t.Context(), absentKey, time.Now().Add(time.Hour)); err != nil {
			t.Error(err)
		}
	}
	if got := keys(t, s); !slices.Equal(got, []string{kept.Key}) {
		t.Errorf("the deletes left %v", got)
	}
}

var absentKey = "aa/aa" + strings.Repeat("0", 62)

func unknownKey(t *testing.T, s blob.Store) {
	if _, _, err := s.Open(t.Context(), absentKey); dam.KindOf(err) != dam.NotFound {
		t.Errorf("open: got %v, want not found", err)
	}
	if _, _, err := blob.Local(t.Context(), s, absentKey, t.TempDir()); dam.KindOf(err) != dam.NotFound {
		t.Errorf("local: got %v, want not found", err)
	}
	if _, _, err := blob.Verify(t.Context(), s, absentKey); dam.KindOf(err) != dam.NotFound {
		t.Errorf("verify: got %v, want not found", err)
	}
}

func traversal(t *testing.T, s blob.Store) {
	b := put(t, s, []byte("inside"))
	shard, name := b.Key[:2], b.Key[3:]
	for _, key := range []string{
		"", ".", "..", "/", shard, shard + "/", name, "/" + b.Key, "./" + b.Key, shard + "//" + name,
		"../" + b.Key, shard + "/../" + b.Key, "zz/" + name, "00/" + name, strings.ToUpper(b.Key), b.Key + "/",
		b.Key + "\x00", b.Key + "\n", b.Key[:len(b.Key)-1], b.Key + "0", "tmp/x", "../../etc/passwd", "/etc/passwd",
		"vitrine-ready", shard + `\` + name,
	} {
		if r, _, err := s.Open(t.Context(), key); dam.KindOf(err) != dam.NotFound {
			t.Errorf("open %q: got %v, %v, want not found", key, r, err)
		}
		if file, _, err := blob.Local(t.Context(), s, key, t.TempDir()); dam.KindOf(err) != dam.NotFound {
			t.Errorf("local %q: got %q, %v, want not found", key, file, err)
		}
		if err := s.Delete(t.Context(), key, time.Now().Add(time.Hour)); err == nil {
			t.Errorf("delete %q: want an error", key)
		}
	}
	if got := keys(t, s); !slices.Equal(got, []string{b.Key}) {
		t.Errorf("there is %v now", got)
	}
}

func walk(t *testing.T, s blob.Store) {
	want := map[string]int64{}
	for i := range 40 {
		b := put(t, s, Noise(uint64(i), i*100))
		want[b.Key] = b.Size
	}
	got := map[string]int64{}
	err := s.Walk(t.Context(), func(e blob.Entry) error {
		if _, twice := got[e.Key]; twice {
			t.Errorf("%s was met twice", e.Key)
		}
		got[e.Key] = e.Size
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, size := range want {
		if got[key] != size {
			t.Errorf("%s: walk says %d bytes, want %d", key, got[key], size)
		}
	}
	if len(got) != len(want) {
		t.Errorf("walk met %d blobs, want %d", len(got), len(want))
	}

	stop, met := errors.New("stop"), 0
	err = s.Walk(t.Context(), func(blob.Entry) error { met++; return stop })
	if !errors.Is(err, stop) || met != 1 {
		t.Errorf("met %d after being told to stop, %v", met, err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Walk(over, func(blob.Entry) error { return nil }); err == nil {
		t.Error("a walk that was called off ended well")
	}
}

func ranges(t *testing.T, s blob.Store) {
	data := Noise(7, 3<<20+17)
	b := put(t, s, data)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reader, _, err := s.Open(r.Context(), b.Key)
		if err != nil {
			t.Error(err)
			return
		}
		defer reader.Close()
		w.Header().Set("ETag", `"tag"`)
		http.ServeContent(w, r, "photo.jpg", time.Time{}, reader)
	}))
	defer server.Close()
	size := len(data)
	for _, c := range []struct {
		name, spec string
		status     int
		want       []byte
	}{
		{"the whole", "", 200, data},
		{"the first byte", "bytes=0-0", 206, data[:1]},
		{"a part in the middle", "bytes=1048576-1048999", 206, data[1048576:1049000]},
		{"from the middle on", fmt.Sprintf("bytes=%d-", size-1000), 206, data[size-1000:]},
		{"the last byte", "bytes=-1", 206, data[size-1:]},
		{"more than there is", "bytes=0-99999999", 206, data},
		{"nothing of it", fmt.Sprintf("bytes=%d-", size), 416, nil},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.spec != "" {
			req.Header.Set("Range", c.spec)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != c.status || (c.want != nil && !bytes.Equal(got, c.want)) {
			t.Errorf("%s: status %d and %d bytes, %v, want %d and %d", c.name, res.StatusCode, len(got), err, c.status, len(c.want))
		}
	}
}

func localPath(t *testing.T, s blob.Store) {
	data := Noise(8, 100_000)
	b := put(t, s, data)
	dir := t.TempDir()
	file, release, err := blob.Local(t.Context(), s, b.Key, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, data) {
		t.Errorf("the file holds %d bytes, %v", len(got), err)
	}
	release()
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left after the release: %v", left)
	}
	if got := read(t, s, b.Key); !bytes.Equal(got, data) {
		t.Error("the release took the blob itself")
	}
}

func verify(t *testing.T, s blob.Store) {
	b := put(t, s, Noise(9, 100_000))
	found, damaged, err := blob.Verify(t.Context(), s, b.Key)
	if err != nil || damaged || found != b {
		t.Errorf("got %+v, damaged %v, %v, want %+v", found, damaged, err, b)
	}
}

func ready(t *testing.T, s blob.Store) {
	for range 2 {
		if err := s.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := keys(t, s); len(got) != 0 {
		t.Errorf("asking made blobs: %v", got)
	}
}

func put(t *testing.T, s blob.Store, data []byte) blob.Blob {
	t.Helper()
	b, err := s.Put(t.Context(), bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t *testing.T, s blob.Store, key string) (io.ReadSeekCloser, int64) {
	t.Helper()
	r, size, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r, size
}

// read may run beside the test's own goroutine and therefore does not end the test.
func read(t *testing.T, s blob.Store, key string) []byte {
	r, _, err := s.Open(t.Context(), key)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Error(err)
	}
	return data
}

func keys(t *testing.T, s blob.Store) []string {
	t.Helper()
	var all []string
	if err := s.Walk(t.Context(), func(e blob.Entry) error { all = append(all, e.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

func entry(t *testing.T, s blob.Store, key string) (found blob.Entry) {
	t.Helper()
	err := s.Walk(t.Context(), func(e blob.Entry) error {
		if e.Key == key {
			found = e
		}
		return nil
	})
	if err != nil || found.Key == "" {
		t.Fatalf("%s is not met by walk: %v", key, err)
	}
	return found
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
