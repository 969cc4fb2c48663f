package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

func (w *world) rendition(a dam.Asset, name string) {
	w.t.Helper()
	w.tx(func(ctx context.Context, tx *store.Tx) error {
		return tx.SaveRenditions(ctx, dam.Rendition{AssetID: a.ID, Name: name, MIME: "image/jpeg", Key: a.Key})
	})
}

func (w *world) stored(a dam.Asset, names ...string) (there []string) {
	w.t.Helper()
	for _, name := range names {
		_, err := w.Rendition(w.ctx, a.ID, name)
		if err == nil {
			there = append(there, name)
		} else if dam.KindOf(err) != dam.NotFound {
			w.t.Fatal(err)
		}
	}
	return there
}

func TestListsShowNeitherPagesNorWhatWasMadeOfRenditions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.addAsset(func(*dam.Asset) {})
		for _, name := range []string{"preview", "page-2", "preview@w1", "original@no_gps"} {
			w.rendition(a, name)
		}
		got, err := w.Asset(w.ctx, a.ID)
		if err != nil || len(got.Renditions) != 1 || got.Renditions[0].Name != "preview" {
			t.Errorf("got %v, %v", got.Renditions, err)
		}
	})
}

func TestAChangedWatermarkForgetsWhatBearsTheOldOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.addAsset(func(*dam.Asset) {})
		all := []string{"preview", "preview@wold", "preview@wold-12", "preview@r1@wold", "preview@wnew", "original@no_gps"}
		for _, name := range all {
			w.rendition(a, name)
		}
		mark := dam.Watermark{Version: "new", Key: a.Key, Position: "center", Size: 10, Opacity: 20, CreatedAt: noon}
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.ReplaceWatermark(ctx, mark) })
		if got := w.stored(a, all...); !slices.Equal(got, []string{"preview", "preview@wnew", "original@no_gps"}) {
			t.Errorf("left are %v", got)
		}
		if got, err := w.Watermark(w.ctx); err != nil || got != mark {
			t.Errorf("got %+v, %v", got, err)
		}
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.ReplaceWatermark(ctx, dam.Watermark{}) })
		if got := w.stored(a, all...); !slices.Equal(got, []string{"preview", "original@no_gps"}) {
			t.Errorf("without a watermark left are %v", got)
		}
	})
}

func TestAnEarlierOriginalKeepsItsRenditionsUnderItsNumber(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.addAsset(func(*dam.Asset) {})
		for _, name := range []string{"preview", "page-1", "preview@w1", "original@none", "preview@r1"} {
			w.rendition(a, name)
		}
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			return tx.SetAside(ctx, dam.Revision{AssetID: a.ID, Number: 2, Name: "b", Key: a.Key, Since: noon})
		})
		if got := w.stored(a, "preview", "preview@w1", "original@none", "preview@r2", "page-1@r2", "preview@r1"); !slices.Equal(got, []string{"preview@r2", "page-1@r2", "preview@r1"}) {
			t.Errorf("stored are %v", got)
		}
		list, err := w.EarlierRenditions(w.ctx, a.ID, 2)
		if err != nil || len(list) != 1 || list[0].Name != "preview" {
			t.Errorf("got %v, %v", list, err)
		}
	})
}

func TestTheOriginalOfAMomentIsFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.addAsset(func(*dam.Asset) {})
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			for i := range 3 {
				r := dam.Revision{AssetID: a.ID, Number: i + 1, Key: a.Key, Since: noon.Add(time.Duration(i) * time.Hour)}
				if err := tx.SetAside(ctx, r); err != nil {
					return err
				}
			}
			return nil
		})
		for at, want := range map[time.Duration]int{-time.Hour: 1, 0: 1, 90 * time.Minute: 2, 2 * time.Hour: 3, 9 * time.Hour: 3} {
			if got, err := w.EarlierAt(w.ctx, a.ID, noon.Add(at)); err != nil || got.Number != want {
				t.Errorf("after %v: got %d, %v, want %d", at, got.Number, err, want)
			}
		}
	})
}

func TestARecipeHasARowOnlyOnceItIsChanged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before, err := w.Recipes(w.ctx)
		if err != nil || fmt.Sprint(before) != fmt.Sprint(dam.BuiltInRecipes()) {
			t.Fatalf("got %v, %v", before, err)
		}
		off, _ := dam.FindRecipe(before, dam.Fullscreen)
		off.Enabled = false
		own := dam.Recipe{Name: "web", Kind: dam.RecipeImage, Box: 800, MIME: "image/webp", Quality: 70, Enabled: true}
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.SaveRecipe(ctx, off); err != nil {
				return err
			}
			return tx.SaveRecipe(ctx, own)
		})
		list, err := w.Recipes(w.ctx)
		got, _ := dam.FindRecipe(list, dam.Fullscreen)
		added, _ := dam.FindRecipe(list, "web")
		if err != nil || len(list) != len(before)+1 || got.Enabled || added != own {
			t.Errorf("got %v, %v", list, err)
		}
	})
}

func TestAssetsThatLackARenditionAreFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		has := w.addAsset(func(a *dam.Asset) { a.Kind = dam.KindImage })
		lacks := w.addAsset(func(a *dam.Asset) { a.Kind = dam.KindImage })
		w.addAsset(func(a *dam.Asset) { a.Kind = dam.KindVideo })
		w.rendition(has, "web")
		kinds := []dam.AssetKind{dam.KindImage}
		ids, err := w.Lacking(w.ctx, kinds, "web", "", 10)
		if err != nil || !slices.Equal(ids, []string{lacks.ID}) {
			t.Errorf("got %v, %v", ids, err)
		}
		if n, err := w.CountLacking(w.ctx, kinds, "web"); err != nil || n != 1 {
			t.Errorf("counted %d, %v", n, err)
		}
		if ids, err := w.Lacking(w.ctx, kinds, "web", lacks.ID, 10); err != nil || len(ids) != 0 {
			t.Errorf("after the last: %v, %v", ids, err)
		}
	})
}

func TestWordsInDocumentsAreFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.addAsset(func(a *dam.Asset) { a.Name = "report.pdf" })
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			groups := []dam.FactGroup{{Name: "PDF", Items: []dam.Fact{{Name: "Title", Value: "x"}}}}
			if err := tx.SaveFacts(ctx, a.ID, groups, "The quarterly Überschuss"); err != nil {
				return err
			}
			return tx.UpdateAsset(ctx, a)
		})
		if got := w.list(store.AssetQuery{Words: "überschuss"}); !slices.Equal(got, []string{"report.pdf"}) {
			t.Errorf("found %v", got)
		}
		if groups, body, err := w.Facts(w.ctx, a.ID); err != nil || len(groups) != 1 || body == "" {
			t.Errorf("got %v, %q, %v", groups, body, err)
		}
	})
}

func TestTheSweeperLeavesWhatAnyRowNeeds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.addAsset(func(a *dam.Asset) { a.Original = dam.OriginalArchived })
		keys := []string{"attached", "earlier", "mark", "nobody's"}
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			for _, key := range keys {
				if err := tx.UseBlob(ctx, key, 1, 1, noon); err != nil {
					return err
				}
			}
			if err := tx.InsertAttachment(ctx, dam.Attachment{ID: "t", AssetID: a.ID, Key: "attached", CreatedAt: noon}); err != nil {
				return err
			}
			if err := tx.SetAside(ctx, dam.Revision{AssetID: a.ID, Number: 1, Key: "earlier", Since: noon}); err != nil {
				return err
			}
			return tx.ReplaceWatermark(ctx, dam.Watermark{Version: "1", Key: "mark", CreatedAt: noon})
		})
		doomed := func() (list []string) {
			var idle []string
			found, err := w.IdleBlobs(w.ctx, noon.Add(time.Hour), store.IdleBlob{})
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range found {
				idle = append(idle, b.Key)
			}
			w.tx(func(ctx context.Context, tx *store.Tx) (err error) {
				list, err = tx.DoomBlobs(ctx, noon.Add(time.Hour), append(keys, a.Key))
				return err
			})
			if !slices.Equal(idle, list) {
				t.Errorf("idle are %v, doomed %v", idle, list)
			}
			return list
		}
		if got := doomed(); !slices.Equal(got, []string{"nobody's"}) {
			t.Errorf("doomed are %v", got)
		}
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.ForgetBlob(ctx, "nobody's") })
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.SetArchived(ctx, a.Key, true, noon) })
		if got := doomed(); !slices.Equal(got, []string{a.Key}) {
			t.Errorf("of an archived original doomed are %v", got)
		}
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.ForgetBlob(ctx, a.Key) })
		if place, err := w.Place(w.ctx, a.Key); err != nil || place.Kept || !place.Archived {
			t.Errorf("its bytes are %+v, %v", place, err)
		}
		if got := doomed(); len(got) != 0 {
			t.Errorf("doomed again are %v", got)
		}
	})
}
