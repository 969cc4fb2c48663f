package library_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/store"
)

func TestAnAddressTooLongForAnAccountIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		long := strings.Repeat("a", 100_000) + "@example.org"
		for range 12 { // more than an account's budget: it has none
			_, err := h.SignIn(h.ctx, long, "wrong horse", "192.0.2.1")
			wantKind(t, err, dam.Unauthenticated)
		}
		_, err := h.AddUser(h.ctx, h.admin, library.NewUser{Email: long, Name: "A", Role: dam.RoleViewer, Password: "correct horse"})
		wantKind(t, err, dam.Invalid)
	})
}

func TestAnAssetOneDoesNotSeeAndOneThatIsNotThereAreTheSame(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		hidden := h.bring(h.editor, "hidden.txt", "bytes")
		_, err := h.EditAsset(h.ctx, h.editor, hidden.ID, library.AssetPatch{SetReaders: true, Restricted: true})
		must(t, err)
		share := func(id string) *dam.Error {
			_, err := h.CreateLink(h.ctx, h.other, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: []string{id}})
			known, _ := err.(*dam.Error)
			if known == nil {
				t.Fatal(err)
			}
			return known
		}
		if a, b := share(hidden.ID), share("nothing"); !reflect.DeepEqual(a, b) {
			t.Errorf("%+v tells more than %+v", a, b)
		}
	})
}

func TestAManagerOpensNoLinkWiderThanTheySee(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		manager := h.add("manager", dam.RoleManager)
		seen, hidden := h.bring(h.editor, "seen.txt", "seen"), h.bring(h.editor, "hidden.txt", "hidden")
		_, err := h.EditAsset(h.ctx, h.editor, hidden.ID, library.AssetPatch{SetReaders: true, Restricted: true})
		must(t, err)
		all, none := &library.Allow{Original: true}, &library.Allow{}
		for _, c := range []struct {
			sentence string
			who      dam.Viewer
			assets   []string
			from, to *library.Allow
			want     dam.Kind
		}{
			{"an asset the manager sees", manager, []string{seen.ID}, none, all, ""},
			{"an asset the manager does not see", manager, []string{hidden.ID}, none, all, dam.Forbidden},
			{"a collection with one of these", manager, []string{seen.ID, hidden.ID}, none, all, dam.Forbidden},
			{"allowing less is no widening", manager, []string{hidden.ID}, all, none, ""},
			{"allowing the same is none", manager, []string{hidden.ID}, all, all, ""},
			{"the creator's own link", h.editor, []string{hidden.ID}, none, all, ""},
			{"an administrator sees everything", h.admin, []string{seen.ID, hidden.ID}, none, all, ""},
		} {
			t.Run(c.sentence, func(t *testing.T) {
				l, err := h.CreateLink(h.ctx, h.editor, library.NewLink{
					Kind: dam.LinkKindPublic, AssetIDs: c.assets, Terms: dam.Terms{Original: c.from.Original},
				})
				must(t, err)
				_, err = h.EditLink(h.ctx, c.who, l.ID, library.LinkPatch{Allow: c.to})
				if got := dam.KindOf(err); err != nil && got != c.want || err == nil && c.want != "" {
					t.Errorf("got %v, want kind %q", err, c.want)
				}
			})
		}
	})
}

func TestTheWordsOfAnUploadAreCleanFromItsBeginning(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		u, err := h.StartUpload(h.ctx, h.editor, library.NewUpload{Size: 1, Name: "../a\x00.txt", Title: "b\x00", Description: "\x00c"})
		must(t, err)
		u, err = h.Upload(h.ctx, h.editor, u.ID)
		must(t, err)
		if u.Name != "a.txt" || u.Title != "b" || u.Description != "c" {
			t.Errorf("%q %q %q", u.Name, u.Title, u.Description)
		}
	})
}

func TestWhatIsTakenOutOfTheTrashInTimeStays(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "bytes")
		err := h.store.InTx(h.ctx, func(ctx context.Context, tx *store.Tx) error { return tx.DeleteAsset(ctx, a) })
		wantKind(t, err, dam.NotFound)
		_, err = h.TrashAsset(h.ctx, h.editor, a.ID)
		must(t, err)
		h.clock.Advance(31 * 24 * time.Hour)
		must(t, h.Sweep(h.ctx, dam.Job{}))
		_, err = h.Asset(h.ctx, h.editor, a.ID)
		wantKind(t, err, dam.NotFound)
	})
}
