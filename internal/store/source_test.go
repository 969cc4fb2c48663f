package store_test

import (
	"context"
	"fmt"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

func (w *world) addSource(id string) dam.Source {
	w.t.Helper()
	s := dam.Source{ID: id, Name: id, Kind: dam.SourceFolder, Address: "/srv/" + id, State: dam.SourceOK, CreatedAt: noon}
	w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.SaveSource(ctx, s) })
	return s
}

func (w *world) addFile(source, path string) dam.Asset {
	w.t.Helper()
	return w.addAsset(func(a *dam.Asset) { a.Source, a.Path, a.Name, a.SHA256 = source, path, path, "tag" })
}

func TestNothingBringsADeletedSourceBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.addSource("nas")
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteSource(ctx, "nas") })
		for name, write := range map[string]func(context.Context, *store.Tx) error{
			"its state": func(ctx context.Context, tx *store.Tx) error {
				return tx.MarkSource(ctx, "nas", dam.SourceOK, "", noon)
			},
			"its name": func(ctx context.Context, tx *store.Tx) error { return tx.RenameSource(ctx, "nas", "other") },
			"a hold":   func(ctx context.Context, tx *store.Tx) error { return tx.HoldSource(ctx, "nas") },
			"its end":  func(ctx context.Context, tx *store.Tx) error { return tx.DeleteSource(ctx, "nas") },
		} {
			if err := w.InTx(w.ctx, write); dam.KindOf(err) != dam.NotFound {
				t.Errorf("%s gives %v", name, err)
			}
		}
		if all, err := w.Sources(w.ctx); err != nil || len(all) != 0 {
			t.Errorf("there are %v, %v", all, err)
		}
	})
}

func TestAStateLeavesTheNameAndANameTheState(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		want := w.addSource("nas")
		w.addSource("other")
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.RenameSource(ctx, "nas", "NAS") })
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			return tx.MarkSource(ctx, "nas", dam.SourceOffline, "Away.", noon)
		})
		want.Name, want.State, want.Message, want.ScannedAt = "NAS", dam.SourceOffline, "Away.", noon
		if got, err := w.Source(w.ctx, "nas"); err != nil || got != want {
			t.Errorf("got %+v, %v", got, err)
		}
		err := w.InTx(w.ctx, func(ctx context.Context, tx *store.Tx) error { return tx.RenameSource(ctx, "nas", "other") })
		if dam.KindOf(err) != dam.Conflict {
			t.Errorf("a name that is taken gives %v", err)
		}
	})
}

func TestASourceLosesItsAssetsInPieces(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.addSource("nas")
		w.addSource("other")
		for i := range 5 {
			w.addFile("nas", fmt.Sprintf("word%d.jpg", i))
		}
		kept := w.addFile("other", "word5.jpg")
		for _, want := range []int{2, 2, 1, 0} {
			w.tx(func(ctx context.Context, tx *store.Tx) error {
				n, err := tx.DropSourceAssets(ctx, "nas", 2)
				if n != want {
					t.Errorf("%d went, want %d", n, want)
				}
				return err
			})
		}
		if got := w.list(store.AssetQuery{Words: "word"}); len(got) != 1 || got[0] != kept.Name {
			t.Errorf("left are %v", got)
		}
	})
}

func TestWhatIsGoneLiesInTheTrashAndIsStillKnown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.addSource("nas")
		a, b, c := w.addFile("nas", "a.jpg"), w.addFile("nas", "b.jpg"), w.addFile("nas", "c.jpg")
		b.TrashedAt = noon
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.UpdateAsset(ctx, b) })
		later := noon.AddDate(0, 0, 1)
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			return tx.TrashGone(ctx, "nas", []string{a.ID, b.ID, "gone already"}, later)
		})
		rows, err := w.IndexedFiles(w.ctx, "nas", "")
		want := []store.Indexed{
			{ID: a.ID, Path: "a.jpg", Tag: "tag", Trashed: true, Gone: true},
			{ID: b.ID, Path: "b.jpg", Tag: "tag", Trashed: true},
			{ID: c.ID, Path: "c.jpg", Tag: "tag"},
		}
		if err != nil || fmt.Sprint(rows) != fmt.Sprint(want) {
			t.Errorf("known are %+v, %v", rows, err)
		}
		if got, err := w.Asset(w.ctx, b.ID); err != nil || !got.TrashedAt.Equal(noon) {
			t.Errorf("what was in the trash is there since %s, %v", got.TrashedAt, err)
		}
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			n, err := tx.SetSourceState(ctx, "nas", dam.OriginalMissing, 10)
			if n != 1 {
				t.Errorf("%d are missing, want those that are not in the trash", n)
			}
			return err
		})
	})
}
