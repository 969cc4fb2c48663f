package library_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/media"
)

// works gives a house its children, each of which says that it begins, waits until the gate is open, and
// goes on.
func (h *house) works() (began func() int, open func()) {
	h.t.Helper()
	dir := h.t.TempDir()
	said, gate, script := filepath.Join(dir, "said"), filepath.Join(dir, "gate"), filepath.Join(dir, "child")
	self, err := os.Executable()
	must(h.t, err)
	must(h.t, os.WriteFile(script, fmt.Appendf(nil,
		"#!/bin/sh\necho begins >>'%s'\nwhile [ ! -e '%s' ]; do sleep 0.02; done\nexec '%s' \"$@\"\n", said, gate, self), 0o700))
	options := media.Options{Executable: script, Scratch: dir, Workers: 1, Log: slog.New(slog.NewTextHandler(h.t.Output(), nil))}
	h.Tools, h.Marks = media.NewTools(options), media.NewPool(options)
	h.t.Cleanup(h.Tools.Close)
	h.t.Cleanup(h.Marks.Close)
	began = func() int {
		text, err := os.ReadFile(said)
		if err != nil && !os.IsNotExist(err) {
			h.t.Fatal(err)
		}
		return strings.Count(string(text), "begins")
	}
	return began, func() { must(h.t, os.WriteFile(gate, nil, 0o600)) }
}

// photo is a picture that no other number gives.
func photo(t *testing.T, n int) string {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 40, 30))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * (n + 3))
	}
	var out bytes.Buffer
	must(t, jpeg.Encode(&out, img, nil))
	return out.String()
}

func (h *house) photos(n int) (all []dam.Asset, ids []string) {
	h.t.Helper()
	for i := range n {
		a := h.bring(h.editor, fmt.Sprintf("%03d.jpg", i), photo(h.t, i))
		h.edit(a, func(a *dam.Asset) { a.Status, a.Work = dam.StatusReady, dam.WorkNone })
		all, ids = append(all, a), append(ids, a.ID)
	}
	return all, ids
}

var cleanOriginals = dam.Terms{Original: true, Files: dam.CleanGPS}

// Guests are strangers: however many ask at once, one file is cleaned at a time, few wait, and the others
// hear at once that they should come again.
func TestFortyGuestsStartOneCleaning(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		began, open := h.works()
		all, ids := h.photos(40)
		link := h.link(library.NewLink{AssetIDs: ids, Terms: cleanOriginals})
		var guests sync.WaitGroup
		var soon sync.Map
		for _, a := range all {
			guests.Go(func() {
				start := time.Now()
				_, err := h.guest(link, a.ID, dam.VersionOriginal, true)
				wantKind(t, err, dam.NotReady)
				if time.Since(start) < time.Second {
					soon.Store(a.ID, true)
				}
			})
		}
		guests.Wait()
		atOnce := 0
		soon.Range(func(any, any) bool { atOnce++; return true })
		if n := began(); n != 1 || atOnce < 20 {
			t.Errorf("%d children began; %d guests were told at once", n, atOnce)
		}
		open()
		waiting := time.Now()
		for done := 0; done < 5; {
			if time.Since(waiting) > time.Minute {
				t.Fatalf("%d of those that waited were made", done)
			}
			done = 0
			for _, a := range all {
				if _, err := h.store.Rendition(h.ctx, a.ID, "original@no_gps"); err == nil {
					done++
				}
			}
		}
		if _, err := h.guest(link, all[39].ID, dam.VersionOriginal, true); err != nil && dam.KindOf(err) != dam.NotReady {
			t.Error(err)
		}
	})
}

func TestWhatCantBeCleanedIsNotTriedAgainForEveryGuest(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		began, open := h.works()
		open()
		a := h.bring(h.editor, "a.jpg", "\xff\xd8\xff no picture")
		h.edit(a, func(a *dam.Asset) { a.Status, a.Work = dam.StatusReady, dam.WorkNone })
		link := h.link(library.NewLink{AssetIDs: []string{a.ID}, Terms: cleanOriginals})
		for kind := dam.NotReady; kind == dam.NotReady; { // until the child has said so
			_, err := h.guest(link, a.ID, dam.VersionOriginal, true)
			kind = dam.KindOf(err)
			if kind != dam.NotReady && kind != dam.NotAllowed {
				t.Fatal(err)
			}
		}
		before := began()
		for range 5 {
			_, err := h.guest(link, a.ID, dam.VersionOriginal, true)
			wantKind(t, err, dam.NotAllowed)
		}
		must(t, h.MarkLink(h.ctx, dam.Job{ID: link.ID}))
		if n := began(); before == 0 || n != before {
			t.Errorf("%d children, and then %d", before, n)
		}
	})
}

func TestOnlySmallOriginalsOfTheFirstPageAreCleanedAhead(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		began, open := h.works()
		open()
		all, ids := h.photos(123)
		for _, a := range all[2:122] {
			h.edit(a, func(a *dam.Asset) { a.Size = 65 << 20 })
		}
		broken, release, err := blob.Local(h.ctx, h.blobs, all[0].Key, t.TempDir())
		must(t, err)
		release()
		must(t, os.Remove(broken))
		must(t, os.Mkdir(broken, 0o700))
		link := h.link(library.NewLink{AssetIDs: ids, Terms: cleanOriginals})
		must(t, h.MarkLink(h.ctx, dam.Job{ID: link.ID}))
		for i, a := range all {
			_, err := h.store.Rendition(h.ctx, a.ID, "original@no_gps")
			if made := err == nil; made != (i == 1) {
				t.Errorf("%d is made: %v", i, made)
			}
		}
		if began() == 0 {
			t.Error("no child began")
		}
	})
}
