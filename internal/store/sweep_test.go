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

func TestWhatIsIdleIsListedPartByPartToItsEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const all = 1203
		w.addAsset(nil)
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			for i := range all {
				if err := tx.UseBlob(ctx, fmt.Sprintf("idle %04d", i), 1, 1, noon.Add(time.Duration(i%7)*time.Second)); err != nil {
					return err
				}
			}
			return tx.UseBlob(ctx, "young", 1, 1, noon.Add(time.Hour))
		})
		seen, last, parts := map[string]bool{}, store.IdleBlob{}, 0
		for ; ; parts++ {
			list, err := w.IdleBlobs(w.ctx, noon.Add(time.Minute), last)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) == 0 {
				break
			}
			for _, b := range list {
				seen[b.Key] = true
			}
			last = list[len(list)-1]
		}
		if len(seen) != all || parts != 3 || seen["young"] {
			t.Errorf("%d blobs in %d parts", len(seen), parts)
		}
	})
}

func TestExternalBytesWithoutAnAssetAreForgottenAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			for i := range 700 {
				if err := tx.UseExternal(ctx, fmt.Sprintf("external/gone-%d", i), 1, noon); err != nil {
					return err
				}
			}
			if err := tx.UseExternal(ctx, "external/young", 1, noon.Add(time.Hour)); err != nil {
				return err
			}
			return tx.UseExternal(ctx, "external/shown", 1, noon)
		})
		w.addAsset(func(a *dam.Asset) { a.Key, a.Source = "external/shown", "a source" })
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.UseExternal(ctx, "external/shown", 1, noon) })
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.DropExternal(ctx, noon.Add(time.Minute)) })
		rows, err := w.Blobs(w.ctx, "")
		var keys []string
		for _, row := range rows {
			keys = append(keys, row.Key)
		}
		if err != nil || !slices.Equal(keys, []string{"external/shown", "external/young"}) {
			t.Errorf("left are %v, %v", keys, err)
		}
	})
}

func TestABlobNamesEveryAssetThatNeedsItOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.addAsset(func(a *dam.Asset) { a.Key = "shared" })
		b := w.addAsset(nil)
		c := w.addAsset(nil)
		w.addAsset(nil)
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			for _, r := range []dam.Rendition{{AssetID: a.ID, Name: "preview", Key: "shared"}, {AssetID: b.ID, Name: "preview", Key: "shared"}, {AssetID: b.ID, Name: "thumbnail", Key: "shared"}} {
				if err := tx.SaveRenditions(ctx, r); err != nil {
					return err
				}
			}
			return tx.InsertAttachment(ctx, dam.Attachment{ID: "t", AssetID: c.ID, Key: "shared", CreatedAt: noon})
		})
		got, err := w.AssetsOfBlob(w.ctx, "shared")
		if err != nil || !slices.Equal(got, []int64{a.Number, b.Number, c.Number}) {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

func TestASaidStateOfOriginalsIsFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.addAsset(func(a *dam.Asset) { a.Key = "here" })
		w.addAsset(func(a *dam.Asset) { a.Key, a.Original = "gone", dam.OriginalMissing })
		w.addAsset(func(a *dam.Asset) { a.Key, a.Original = "away", dam.OriginalArchived })
		for missing, want := range map[bool]string{true: "gone", false: "here"} {
			got, err := w.SaidMissing(w.ctx, []string{"here", "gone", "away"}, missing)
			if err != nil || !slices.Equal(got, []string{want}) {
				t.Errorf("missing %v: got %v, %v", missing, got, err)
			}
		}
		if got, err := w.SaidMissing(w.ctx, nil, true); err != nil || len(got) != 0 {
			t.Errorf("of nothing: %v, %v", got, err)
		}
	})
}
