package library_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/store"
)

func (h *house) count(s blob.Store) (n int) {
	h.t.Helper()
	must(h.t, s.Walk(h.ctx, func(blob.Entry) error { n++; return nil }))
	return n
}

func (h *house) put(s blob.Store, body string) blob.Blob {
	h.t.Helper()
	b, err := s.Put(h.ctx, strings.NewReader(body))
	must(h.t, err)
	return b
}

func (h *house) tx(fn func(ctx context.Context, tx *store.Tx) error) {
	h.t.Helper()
	must(h.t, h.store.InTx(h.ctx, fn))
}

// later is when what lies there now is old; the times of files are the machine's.
func (h *house) later(days int) { h.clock.Set(time.Now().AddDate(0, 0, days)) }

func TestOneSweepRemovesAllThatIsUnused(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.bring(h.editor, "a.txt", "in use")
		const all = 520
		h.tx(func(ctx context.Context, tx *store.Tx) error {
			for i := range all {
				b := h.put(h.blobs, fmt.Sprint("unused ", i))
				if err := tx.UseBlob(ctx, b.Key, b.Size, b.CRC32, h.clock.Now()); err != nil {
					return err
				}
			}
			return nil
		})
		h.later(2)
		must(t, h.Sweep(h.ctx, dam.Job{}))
		rows, err := h.store.Blobs(h.ctx, "")
		if n := h.count(h.blobs); err != nil || n != 1 || len(rows) != 1 {
			t.Errorf("left are %d files and %d rows, %v", n, len(rows), err)
		}
	})
}

func TestWhatAKilledSweepDoomedIsRemovedByTheNext(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		b := h.put(h.blobs, "doomed")
		h.tx(func(ctx context.Context, tx *store.Tx) error {
			return tx.UseBlob(ctx, b.Key, b.Size, b.CRC32, h.clock.Now())
		})
		h.later(2)
		h.tx(func(ctx context.Context, tx *store.Tx) error {
			doomed, err := tx.DoomBlobs(ctx, h.clock.Now(), []string{b.Key})
			if len(doomed) != 1 {
				t.Errorf("doomed are %v", doomed)
			}
			return err
		})
		must(t, h.Sweep(h.ctx, dam.Job{}))
		if n := h.count(h.blobs); n != 0 {
			t.Errorf("left are %d", n)
		}
		h.bring(h.editor, "a.txt", "doomed")
	})
}

func TestACopyThatShouldLieInTheArchiveAloneIsRemoved(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "precious")
		_, err := h.ArchiveAsset(h.ctx, h.editor, a.ID)
		must(t, err)
		h.put(h.attic, "precious")
		h.tx(func(ctx context.Context, tx *store.Tx) error { return tx.SetArchived(ctx, a.Key, true, h.clock.Now()) })
		h.later(2)
		must(t, h.Sweep(h.ctx, dam.Job{}))
		h.clock.Set(time.Now())
		h.put(h.blobs, "precious") // what a sweep that was killed, or a refused upload, leaves
		must(t, h.Sweep(h.ctx, dam.Job{}))
		if n := h.count(h.blobs); n != 1 {
			t.Errorf("young bytes were removed: %d", n)
		}
		h.later(4)
		must(t, h.Sweep(h.ctx, dam.Job{}))
		if here, there := h.count(h.blobs), h.count(h.attic); here != 0 || there != 1 {
			t.Errorf("%d here, %d in the archive", here, there)
		}
		if place, err := h.store.Place(h.ctx, a.Key); err != nil || place.Kept || !place.Archived {
			t.Errorf("its bytes are %+v, %v", place, err)
		}
	})
}

func TestTheArchiveIsSweptOfWhatNoRowSaysIsThere(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		archived, present := h.bring(h.editor, "a.txt", "archived"), h.bring(h.editor, "b.txt", "present")
		_, err := h.ArchiveAsset(h.ctx, h.editor, archived.ID)
		must(t, err)
		for _, body := range []string{"archived", "present", "unknown"} {
			h.put(h.attic, body)
		}
		h.tx(func(ctx context.Context, tx *store.Tx) error {
			return tx.SetArchived(ctx, archived.Key, true, h.clock.Now())
		})
		h.clock.Set(time.Now())
		must(t, h.Sweep(h.ctx, dam.Job{}))
		if n := h.count(h.attic); n != 3 {
			t.Errorf("young bytes were removed: %d left", n)
		}
		h.later(2)
		must(t, h.Sweep(h.ctx, dam.Job{}))
		_, _, err = h.attic.Open(h.ctx, archived.Key)
		if n := h.count(h.attic); n != 1 || err != nil {
			t.Errorf("left are %d, %v", n, err)
		}
		if got := h.text(h.AssetContent(h.ctx, h.editor, present.ID, dam.VersionOriginal, true)); got != "present" {
			t.Errorf("got %q", got)
		}
	})
}

func TestACheckWritesOnlyWhatIsNews(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var all []dam.Asset
		for i := range 5 {
			all = append(all, h.bring(h.editor, "a.txt", fmt.Sprint("bytes ", i)))
		}
		check := func() (commits uint64) {
			before := h.store.Commits()
			_, err := h.Check(h.ctx, false, func(int) {})
			must(t, err)
			return h.store.Commits() - before
		}
		if n := check(); n != 0 {
			t.Errorf("nothing is new, and %d transactions were written", n)
		}
		for _, a := range all[:3] {
			must(t, h.blobs.Delete(h.ctx, a.Key, time.Now().Add(time.Hour)))
		}
		if n := check(); n != 1 {
			t.Errorf("three originals are gone: %d transactions", n)
		}
		for i, want := range []dam.OriginalState{dam.OriginalMissing, dam.OriginalMissing, dam.OriginalMissing, dam.OriginalAvailable, dam.OriginalAvailable} {
			if a, err := h.Asset(h.ctx, h.editor, all[i].ID); err != nil || a.Original != want {
				t.Errorf("%d is %s, %v", i, a.Original, err)
			}
		}
		h.put(h.blobs, "bytes 0")
		if n := check(); n != 1 {
			t.Errorf("one is there again: %d transactions", n)
		}
	})
}

func TestALinkCanBeNarrowedWhateverWasTakenFromTheSettings(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.jpg", "\xff\xd8\xff picture")
		_, err := h.AddRecipe(h.ctx, h.admin, dam.Recipe{Name: "web", Kind: dam.RecipeImage, Box: 800, MIME: "image/webp", Quality: 70})
		must(t, err)
		h.tx(func(ctx context.Context, tx *store.Tx) error {
			return tx.ReplaceWatermark(ctx, dam.Watermark{Version: "1", Key: a.Key, CreatedAt: h.clock.Now()})
		})
		link := h.link(library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Watermark: true, Original: true, Proxies: []string{dam.Fullscreen, "web"}}})
		other := h.link(library.NewLink{AssetIDs: []string{a.ID}})
		h.tx(func(ctx context.Context, tx *store.Tx) error { return tx.ReplaceWatermark(ctx, dam.Watermark{}) })
		off, on := false, true
		_, err = h.EditRecipe(h.ctx, h.admin, "web", library.RecipePatch{Enabled: &off, Confirm: true})
		must(t, err)
		narrowed, err := h.EditLink(h.ctx, h.editor, link.ID, library.LinkPatch{Allow: &library.Allow{Proxies: []string{dam.Fullscreen, "web"}}})
		must(t, err)
		if got := narrowed.Terms; got.Original || !got.Watermark || len(got.Proxies) != 1 {
			t.Errorf("got %+v", got)
		}
		_, err = h.EditLink(h.ctx, h.editor, other.ID, library.LinkPatch{Watermark: &on})
		wantKind(t, err, dam.Invalid)
		_, err = h.EditLink(h.ctx, h.editor, other.ID, library.LinkPatch{Allow: &library.Allow{Proxies: []string{"web"}}})
		wantKind(t, err, dam.Invalid)
	})
}

func TestWhatIsNotThereCantBeSwitchedOn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b := h.bring(h.editor, "a.txt", "a"), h.bring(h.editor, "b.txt", "b")
		one := h.link(library.NewLink{AssetIDs: []string{a.ID}})
		two := h.link(library.NewLink{AssetIDs: []string{a.ID, b.ID}})
		had := h.link(library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Original: true}})
		edit := func(l library.LinkView, allow library.Allow) error {
			_, err := h.EditLink(h.ctx, h.editor, l.ID, library.LinkPatch{Allow: &allow})
			return err
		}
		wantKind(t, edit(one, library.Allow{Attachments: true}), dam.Invalid)
		wantKind(t, edit(two, library.Allow{Attachments: true}), dam.Invalid)
		_, err := h.Attach(h.ctx, h.editor, b.ID, library.NewFile{Name: "c.txt", Body: strings.NewReader("c")})
		must(t, err)
		wantKind(t, edit(one, library.Allow{Attachments: true}), dam.Invalid)
		must(t, edit(two, library.Allow{Attachments: true}))

		_, err = h.ArchiveAsset(h.ctx, h.editor, a.ID)
		must(t, err)
		wantKind(t, edit(one, library.Allow{Original: true}), dam.Invalid)
		must(t, edit(two, library.Allow{Original: true, Attachments: true}))
		must(t, edit(had, library.Allow{Original: true, Proxies: []string{dam.Fullscreen}}))
	})
}
