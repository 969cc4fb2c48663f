package store_test

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"vitrine/internal/dam"
	"vitrine/internal/store"
	"vitrine/internal/testkit"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC)

// world is a fresh database of one engine with an editor in it.
type world struct {
	*store.Store
	t      *testing.T
	url    string
	ctx    context.Context
	editor dam.User
}

// each runs a test on both engines, the one suite of the store.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	testkit.Engines(t, func(t *testing.T, url string) {
		s, err := store.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		w := &world{Store: s, t: t, url: url, ctx: t.Context()}
		w.editor = w.addUser("editor@example.org", dam.RoleEditor)
		test(t, w)
	})
}

func (w *world) tx(fn func(ctx context.Context, tx *store.Tx) error) {
	w.t.Helper()
	if err := w.InTx(w.ctx, fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) addUser(email string, role dam.Role) dam.User {
	w.t.Helper()
	u := dam.User{ID: uuid.NewString(), Email: email, Name: email, Role: role, Epoch: 1, CreatedAt: noon}
	w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.InsertUser(ctx, u) })
	return u
}

func (w *world) addAsset(change func(*dam.Asset)) dam.Asset {
	w.t.Helper()
	a := dam.Asset{
		ID: uuid.Must(uuid.NewV7()).String(), Name: "IMG_2041.jpg", Kind: dam.KindImage, MIME: "image/jpeg", Size: 3,
		SHA256: "ab", Key: "00/" + strings.Repeat("0", 64), Original: dam.OriginalAvailable, Source: dam.SourceUpload,
		Status: dam.StatusReady, OwnerID: w.editor.ID, CreatedAt: noon,
	}
	if change != nil {
		change(&a)
	}
	w.tx(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.UseBlob(ctx, a.Key, a.Size, 7, noon); err != nil {
			return err
		}
		var err error
		if a.Number, err = tx.NextNumber(ctx); err != nil {
			return err
		}
		if err := tx.InsertAsset(ctx, a); err != nil {
			return err
		}
		return tx.UpdateAsset(ctx, a)
	})
	return a
}

func (w *world) list(q store.AssetQuery) []string {
	w.t.Helper()
	return w.listAs(w.editor.Viewer(), q)
}

func (w *world) listAs(v dam.Viewer, q store.AssetQuery) []string {
	w.t.Helper()
	assets, _, _, err := w.Assets(w.ctx, v, q)
	if err != nil {
		w.t.Fatal(err)
	}
	names := make([]string, len(assets))
	for i, a := range assets {
		names[i] = a.Name
	}
	return names
}

func TestAnAssetComesBackAsItWasKept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		want := w.addAsset(func(a *dam.Asset) {
			a.Title, a.Description, a.Placeholder = "Ёлка", "line\nline 'quoted' \\ ?", []byte{0, 1, 255}
			a.Width, a.Height, a.Duration, a.TakenAt = 6000, 4000, 1.5, noon.Add(-time.Hour)
			a.Metadata = dam.Metadata{Camera: "X", Keywords: []string{"a", "b"}, GPS: &dam.Point{Lat: -36.8, Lon: 174.7}}
			a.Restricted, a.Readers = true, []string{w.editor.ID}
			a.Pages, a.Tags, a.Rights = 12, []string{"x", "ёж"}, dam.Rights{Licence: "CC BY", UsageUntil: "2027-01-01"}
			a.Codec, a.Revision, a.RevisedAt, a.RevisedBy = dam.Codec{Video: "h264", Rate: 29.97}, 2, noon, "u"
			a.Path, a.Note, a.Work = "a/b", "why", dam.WorkTranscoding
		})
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			return tx.SaveRenditions(ctx, dam.Rendition{AssetID: want.ID, Name: "preview", MIME: "image/jpeg", Width: 1280, Height: 853, Size: 3, Key: want.Key, CRC32: 4294967295})
		})
		got, err := w.Asset(w.ctx, want.ID)
		if err != nil {
			t.Fatal(err)
		}
		want.OwnerName = w.editor.Name
		want.Renditions = []dam.Rendition{{AssetID: want.ID, Name: "preview", MIME: "image/jpeg", Width: 1280, Height: 853, Size: 3, Key: want.Key, CRC32: 4294967295}}
		if fmt.Sprintf("%+v %v", got, *got.Metadata.GPS) != fmt.Sprintf("%+v %v", withGPS(want, got.Metadata.GPS), *want.Metadata.GPS) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}

// withGPS makes two assets comparable as text, where a pointer would print its address.
func withGPS(a dam.Asset, p *dam.Point) dam.Asset {
	a.Metadata.GPS = p
	return a
}

func TestPagesShowEveryAssetOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var all []string
		for i := range 57 {
			w.addAsset(func(a *dam.Asset) {
				a.Name, a.Size = fmt.Sprintf("n%02d", i%10), int64(i%7)
				a.CreatedAt = noon.Add(time.Duration(i%5) * time.Microsecond)
				all = append(all, a.ID)
			})
		}
		for _, sort := range []string{"newest", "oldest", "name", "number", "size"} {
			var seen []string
			q := store.AssetQuery{Sort: sort, Page: store.Page{Limit: 10}}
			for {
				assets, next, total, err := w.Assets(w.ctx, w.editor.Viewer(), q)
				if err != nil || total != 57 {
					t.Fatalf("sort %s: total %d, %v", sort, total, err)
				}
				for _, a := range assets {
					seen = append(seen, a.ID)
				}
				if q.Cursor = next; next == "" {
					break
				}
			}
			slices.Sort(seen)
			want := slices.Sorted(slices.Values(all))
			if !slices.Equal(seen, want) {
				t.Errorf("sort %s: saw %d rows, %d of them different", sort, len(seen), len(slices.Compact(seen)))
			}
		}
	})
}

func TestACursorOfAnotherListIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 3 {
			w.addAsset(nil)
		}
		_, next, _, err := w.Assets(w.ctx, w.editor.Viewer(), store.AssetQuery{Sort: "name", Page: store.Page{Limit: 1}})
		if err != nil || next == "" {
			t.Fatal(next, err)
		}
		for _, cursor := range []string{next, "nonsense", "e30"} {
			_, _, _, err := w.Assets(w.ctx, w.editor.Viewer(), store.AssetQuery{Sort: "newest", Page: store.Page{Cursor: cursor}})
			if dam.KindOf(err) != dam.Invalid {
				t.Errorf("cursor %q: %v", cursor, err)
			}
		}
	})
}

func TestACursorHoldsNothingButAPlace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.addAsset(nil)
		for _, value := range []string{`"abc"`, `[1,2]`, `{"a":1}`, `true`, `null`, `1.5`, `1e99`, `"\u0000"`} {
			for _, sort := range []string{"newest", "name"} {
				if sort == "name" && value == `"abc"` {
					continue // a place among names
				}
				cursor := base64.RawURLEncoding.EncodeToString([]byte(`{"s":"` + sort + `","v":` + value + `,"i":"x"}`))
				_, _, _, err := w.Assets(w.ctx, w.editor.Viewer(), store.AssetQuery{Sort: sort, Page: store.Page{Cursor: cursor}})
				if dam.KindOf(err) != dam.Invalid {
					t.Errorf("%s at %s: %v", sort, value, err)
				}
			}
		}
		cursor := base64.RawURLEncoding.EncodeToString([]byte(`{"s":"newest","v":1,"i":"\u0000"}`))
		_, _, _, err := w.Assets(w.ctx, w.editor.Viewer(), store.AssetQuery{Page: store.Page{Cursor: cursor}})
		if dam.KindOf(err) != dam.Invalid {
			t.Errorf("a zero in the id: %v", err)
		}
	})
}

func TestSearchFindsWhatPeopleType(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.addAsset(func(a *dam.Asset) { a.Name = "IMG_2041.CR3"; a.Title = "Осенняя выставка" })
		w.addAsset(func(a *dam.Asset) { a.Name = "café-garden.jpg"; a.Metadata.Keywords = []string{"Ёлка"} })
		last := w.addAsset(func(a *dam.Asset) { a.Name = "plain.png"; a.Description = "The Old Bridge" })
		for _, c := range []struct {
			name  string
			query store.AssetQuery
			want  []string
		}{
			{"a Cyrillic word", store.AssetQuery{Words: "выставка"}, []string{"IMG_2041.CR3"}},
			{"the beginning of a Cyrillic word in capitals", store.AssetQuery{Words: "ОСЕН"}, []string{"IMG_2041.CR3"}},
			{"the letter ё written as е", store.AssetQuery{Words: "елка"}, []string{"café-garden.jpg"}},
			{"the beginning of a word", store.AssetQuery{Words: "brid"}, []string{"plain.png"}},
			{"two words in any order", store.AssetQuery{Words: "bridge old"}, []string{"plain.png"}},
			{"a part of a file name", store.AssetQuery{Words: "2041"}, []string{"IMG_2041.CR3"}},
			{"a word without its accent", store.AssetQuery{Words: "cafe"}, []string{"café-garden.jpg"}},
			{"words of different assets find none", store.AssetQuery{Words: "cafe bridge"}, []string{}},
			{"an id", store.AssetQuery{Words: last.ID}, []string{"plain.png"}},
			{"a number", store.AssetQuery{Words: "VTR-1", Number: 1}, []string{"IMG_2041.CR3"}},
			{"quotes and operators are no syntax", store.AssetQuery{Words: `"old" OR bridge:* & !x'`}, []string{}},
			{"only signs find nothing", store.AssetQuery{Words: "!!!"}, []string{}},
			{"blank finds all", store.AssetQuery{Words: "  ", Sort: "number"}, []string{"IMG_2041.CR3", "café-garden.jpg", "plain.png"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				if got := w.list(c.query); !slices.Equal(got, c.want) {
					t.Errorf("got %v, want %v", got, c.want)
				}
			})
		}
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			last.Description = "The new tunnel"
			return tx.UpdateAsset(ctx, last)
		})
		if got := w.list(store.AssetQuery{Words: "bridge"}); len(got) != 0 {
			t.Errorf("words that were taken out are still found: %v", got)
		}
	})
}

func TestReachAgreesWithTheRule(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		random := rand.New(rand.NewPCG(1, 2))
		viewers := []dam.Viewer{{}, w.editor.Viewer()}
		for i, role := range append(dam.Roles(), "unknown") {
			viewers = append(viewers, w.addUser(fmt.Sprintf("u%d@example.org", i), role).Viewer())
		}
		var assets []dam.Asset
		for i := range 40 {
			assets = append(assets, w.addAsset(func(a *dam.Asset) {
				a.Name = fmt.Sprintf("a%02d", i)
				a.OwnerID = viewers[1+random.IntN(len(viewers)-1)].ID
				a.Restricted = random.IntN(2) == 0
				for _, v := range viewers[1:] {
					if random.IntN(4) == 0 {
						a.Readers = append(a.Readers, v.ID)
					}
				}
			}))
		}
		for _, v := range viewers {
			want := []string{}
			for _, a := range assets {
				if v.Sees(a) {
					want = append(want, a.Name)
				}
			}
			if got := w.listAs(v, store.AssetQuery{Sort: "name", Page: store.Page{Limit: 100}}); !slices.Equal(got, want) {
				t.Errorf("role %q: SQL says %v, the rule says %v", v.Role, got, want)
			}
		}
	})
}

func TestAFailedTransactionLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before := w.Commits()
		err := w.InTx(w.ctx, func(ctx context.Context, tx *store.Tx) error {
			if err := tx.InsertUser(ctx, dam.User{ID: "x", Email: "x@example.org", Role: dam.RoleViewer, CreatedAt: noon}); err != nil {
				return err
			}
			return fmt.Errorf("no")
		})
		if err == nil {
			t.Fatal("the error got lost")
		}
		if _, err := w.User(w.ctx, "x"); dam.KindOf(err) != dam.NotFound {
			t.Errorf("the row is there: %v", err)
		}
		if w.Commits() != before {
			t.Error("a transaction that failed counts as a commit")
		}
	})
}

func TestASecondAccountOfAnAddressIsAConflict(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		err := w.InTx(w.ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.InsertUser(ctx, dam.User{ID: "x", Email: "EDITOR@example.org", CreatedAt: noon})
		})
		if dam.KindOf(err) != dam.Conflict {
			t.Errorf("got %v", err)
		}
	})
}

func TestABudgetIsSpentOnceForAll(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		spend := func(at time.Time) time.Duration {
			t.Helper()
			wait, err := w.Spend(w.ctx, "k", 3, 10*time.Minute, at)
			if err != nil {
				t.Fatal(err)
			}
			return wait
		}
		for range 3 {
			if wait := spend(noon); wait != 0 {
				t.Fatalf("refused within the budget for %s", wait)
			}
		}
		if wait := spend(noon.Add(time.Minute)); wait != 9*time.Minute {
			t.Errorf("the fourth has to wait %s, want 9m", wait)
		}
		if err := w.Refund(w.ctx, "k"); err != nil {
			t.Fatal(err)
		}
		if wait := spend(noon.Add(time.Minute)); wait != 0 {
			t.Errorf("what was given back can't be spent: %s", wait)
		}
		if wait := spend(noon.Add(11 * time.Minute)); wait != 0 {
			t.Errorf("a new window refuses for %s", wait)
		}
	})
}

func TestABlobInUseIsNeverDoomed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		used := w.addAsset(nil)
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.UseBlob(ctx, "11/unused", 1, 1, noon) })
		var doomed []string
		w.tx(func(ctx context.Context, tx *store.Tx) (err error) {
			doomed, err = tx.DoomBlobs(ctx, noon.Add(time.Hour), []string{"11/unused", used.Key})
			return err
		})
		if !slices.Equal(doomed, []string{"11/unused"}) {
			t.Fatalf("doomed %v, in use is %s", doomed, used.Key)
		}
		err := w.InTx(w.ctx, func(ctx context.Context, tx *store.Tx) error { return tx.UseBlob(ctx, "11/unused", 1, 1, noon) })
		if dam.KindOf(err) != dam.Unavailable {
			t.Errorf("a doomed blob was taken up again: %v", err)
		}
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.ForgetBlob(ctx, "11/unused") })
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.UseBlob(ctx, "11/unused", 1, 1, noon) })
	})
}

func TestASweepThatWaitedForAnUploadLeavesItsBytes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const key = "11/old"
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.UseBlob(ctx, key, 1, 1, noon) })
		swept := make(chan error, 1)
		a := dam.Asset{
			ID: uuid.Must(uuid.NewV7()).String(), Number: 1, Key: key, Kind: dam.KindOther, Original: dam.OriginalAvailable,
			Source: dam.SourceUpload, Status: dam.StatusReady, OwnerID: w.editor.ID, CreatedAt: noon,
		}
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.UseBlob(ctx, key, 1, 1, noon.AddDate(0, 0, 2)); err != nil {
				return err
			}
			go func() {
				swept <- w.InTx(w.ctx, func(ctx context.Context, tx *store.Tx) error {
					_, err := tx.DoomBlobs(ctx, noon.AddDate(0, 0, 1), []string{key})
					return err
				})
			}()
			w.untilSomebodyWaits()
			return tx.InsertAsset(ctx, a)
		})
		if err := <-swept; err != nil {
			t.Fatal(err)
		}
		rows, err := w.Blobs(w.ctx, "")
		if err != nil || len(rows) != 1 {
			t.Errorf("bytes that an asset needs are doomed: %v %v", rows, err)
		}
	})
}

// untilSomebodyWaits returns once a statement waits for a lock; on SQLite, where whole transactions
// wait for each other, at once.
func (w *world) untilSomebodyWaits() {
	for w.Postgres() != nil {
		var waiting bool
		err := w.Postgres().QueryRow(w.ctx, "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)").Scan(&waiting)
		if err != nil {
			w.t.Error(err)
		}
		if err != nil || waiting {
			return
		}
	}
}

func TestALinkIsResolvedWithItsAssetInOneStep(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		in, out := w.addAsset(nil), w.addAsset(nil)
		c := dam.Collection{ID: uuid.NewString(), Name: "c", Kind: dam.CollectionPersonal, OwnerID: w.editor.ID, CreatedAt: noon}
		single := dam.Link{ID: uuid.NewString(), Kind: dam.LinkKindPublic, OwnerID: w.editor.ID, AssetID: in.ID, CreatedAt: noon, UpdatedAt: noon, SealedToken: []byte{1},
			Terms: dam.Terms{Proxies: []string{"preview"}}, ExpiresAt: noon.Add(time.Hour)}
		whole := dam.Link{ID: uuid.NewString(), Kind: dam.LinkKindPublic, OwnerID: w.editor.ID, CollectionID: c.ID, CreatedAt: noon, UpdatedAt: noon, SealedToken: []byte{1}}
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.InsertCollection(ctx, c); err != nil {
				return err
			}
			if err := tx.AddMembers(ctx, c.ID, []string{in.ID}); err != nil {
				return err
			}
			if err := tx.SaveRenditions(ctx, dam.Rendition{AssetID: in.ID, Name: "preview", MIME: "image/jpeg", Key: in.Key}); err != nil {
				return err
			}
			if err := tx.InsertLink(ctx, single, []byte("one")); err != nil {
				return err
			}
			return tx.InsertLink(ctx, whole, []byte("all"))
		})
		for _, c := range []struct {
			name, digest, asset string
			here, rendition     bool
		}{
			{"the asset of the link", "one", in.ID, true, true},
			{"a foreign asset", "one", out.ID, false, false},
			{"an asset of the collection", "all", in.ID, true, true},
			{"an asset outside the collection", "all", out.ID, false, false},
			{"an id that is none", "all", "'; DROP TABLE links", false, false},
		} {
			t.Run(c.name, func(t *testing.T) {
				got, err := w.ResolveAsset(w.ctx, []byte(c.digest), c.asset, "preview")
				if err != nil {
					t.Fatal(err)
				}
				_, rendition := got.Asset.Rendition("preview")
				if got.Here != c.here || rendition != c.rendition || got.Creator.Role != dam.RoleEditor {
					t.Errorf("got %+v", got)
				}
			})
		}
		got, err := w.ResolveLink(w.ctx, []byte("one"))
		if err != nil || !got.Link.ExpiresAt.Equal(noon.Add(time.Hour)) || got.Link.Terms.Proxies[0] != "preview" {
			t.Errorf("got %+v, %v", got, err)
		}
		if _, err := w.ResolveLink(w.ctx, []byte("none")); dam.KindOf(err) != dam.NotFound {
			t.Errorf("an unknown digest: %v", err)
		}
	})
}

func TestAnEditOfAnOldStateIsAConflict(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.addAsset(nil)
		l := dam.Link{ID: uuid.NewString(), Kind: dam.LinkKindPublic, OwnerID: w.editor.ID, AssetID: a.ID, CreatedAt: noon, UpdatedAt: noon, SealedToken: []byte{1}}
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.InsertLink(ctx, l, []byte("d")) })
		edit := func() error {
			changed := l
			changed.UpdatedAt = noon.Add(time.Second)
			return w.InTx(w.ctx, func(ctx context.Context, tx *store.Tx) error { return tx.UpdateLink(ctx, changed, noon) })
		}
		if err := edit(); err != nil {
			t.Fatal(err)
		}
		if err := edit(); dam.KindOf(err) != dam.Conflict {
			t.Errorf("the second edit of the same state: %v", err)
		}
	})
}

func TestVisitsAreCountedWhereTheyBelong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.addAsset(nil)
		l := dam.Link{ID: uuid.NewString(), Kind: dam.LinkKindPublic, OwnerID: w.editor.ID, AssetID: a.ID, CreatedAt: noon, UpdatedAt: noon, SealedToken: []byte{1}}
		w.tx(func(ctx context.Context, tx *store.Tx) error { return tx.InsertLink(ctx, l, []byte("d")) })
		err := w.AddVisits(w.ctx, []dam.Visit{
			{LinkID: l.ID, At: noon, Event: dam.VisitOpened},
			{LinkID: l.ID, At: noon.Add(time.Minute), Event: dam.VisitDownloadStarted, AssetID: a.ID, Version: "preview", Bytes: 9},
			{LinkID: l.ID, At: noon.Add(2 * time.Minute), Event: dam.VisitRefused, Reason: dam.NotAllowed},
			{LinkID: "deleted meanwhile", At: noon, Event: dam.VisitOpened},
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.Link(w.ctx, l.ID)
		if err != nil || got.Views != 1 || got.Downloads != 1 || !got.LastUsedAt.Equal(noon.Add(time.Minute)) {
			t.Errorf("got %+v, %v", got, err)
		}
		visits, next, err := w.Visits(w.ctx, l.ID, store.Page{Limit: 2})
		if err != nil || len(visits) != 2 || next == "" || visits[0].Reason != dam.NotAllowed {
			t.Fatalf("got %+v, %q, %v", visits, next, err)
		}
		visits, next, err = w.Visits(w.ctx, l.ID, store.Page{Limit: 2, Cursor: next})
		if err != nil || len(visits) != 1 || next != "" || visits[0].Event != dam.VisitOpened {
			t.Errorf("got %+v, %q, %v", visits, next, err)
		}
		stats, err := w.Stats(w.ctx, got, noon.Add(-time.Hour))
		if err != nil || stats.Refused != 1 || len(stats.Days) != 1 || stats.Days[0].Day != "2026-11-23" || stats.Days[0].Downloads != 1 {
			t.Errorf("got %+v, %v", stats, err)
		}
	})
}

func TestACollectionKeepsItsOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var ids []string
		for range 5 {
			ids = append(ids, w.addAsset(nil).ID)
		}
		slices.Reverse(ids)
		c := dam.Collection{ID: uuid.NewString(), Name: "c", Kind: dam.CollectionShared, OwnerID: w.editor.ID, CreatedAt: noon}
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.InsertCollection(ctx, c); err != nil {
				return err
			}
			return tx.AddMembers(ctx, c.ID, append(ids, ids[0]))
		})
		var seen []string
		page := store.Page{Limit: 2}
		for {
			assets, next, err := w.CollectionAssets(w.ctx, w.editor.Viewer(), c.ID, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range assets {
				seen = append(seen, a.ID)
			}
			if page.Cursor = next; next == "" {
				break
			}
		}
		if !slices.Equal(seen, ids) {
			t.Errorf("got %v, want %v", seen, ids)
		}
		before, after, place, err := w.Neighbours(w.ctx, w.editor.Viewer(), c.ID, ids[2])
		if err != nil || before != ids[1] || after != ids[3] || place != 3 {
			t.Errorf("neighbours of the third: %s %s %d %v", before, after, place, err)
		}
		before, after, place, err = w.Neighbours(w.ctx, w.editor.Viewer(), c.ID, ids[0])
		if err != nil || before != "" || after != ids[1] || place != 1 {
			t.Errorf("neighbours of the first: %q %s %d %v", before, after, place, err)
		}
	})
}

func TestEventsReachEverySubscriber(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		events := w.Subscribe(t.Context())
		deadline := time.After(10 * time.Second)
		// The listener of PostgreSQL connects by itself; announce until it hears.
		for tick := time.NewTicker(50 * time.Millisecond); ; {
			w.tx(func(_ context.Context, tx *store.Tx) error {
				tx.Announce(store.Event{AssetID: "a", Status: dam.StatusReady, Progress: 1})
				return nil
			})
			select {
			case e := <-events:
				if e.AssetID != "a" || e.Status != dam.StatusReady || e.Progress != 1 {
					t.Errorf("got %+v", e)
				}
				return
			case <-tick.C:
			case <-deadline:
				t.Fatal("no event came")
			}
		}
	})
}

func TestANewerDatabaseIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tx(func(ctx context.Context, tx *store.Tx) error {
			const newer = "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, TRUE)"
			if tx.SQL != nil {
				_, err := tx.SQL.ExecContext(ctx, newer)
				return err
			}
			_, err := tx.PGX.Exec(ctx, newer)
			return err
		})
		_, err := store.Open(t.Context(), w.url)
		if err == nil || !strings.Contains(err.Error(), "newer vitrine") {
			t.Errorf("got %v", err)
		}
	})
}

func TestNobodyElseOnTheMachineReadsTheDatabase(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "vitrine.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v, %v", f.Name(), info.Mode(), err)
		}
	}
}

func TestReadersOfSQLiteCannotWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.db")
	s, err := store.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var on int
	if err := s.ReaderPragma(t.Context(), "query_only", &on); err != nil || on != 1 {
		t.Errorf("query_only is %d, %v", on, err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var mode string
	if err := db.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		t.Errorf("journal mode %q, %v", mode, err)
	}
}

// A partial index makes SQLite weigh the bound values of every statement about its table, and
// prepare the statement anew each time: a guest's request then costs twice as much.
func TestNoIndexOfSQLiteIsPartial(t *testing.T) {
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "v.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows, err := s.SQLite().Query("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name NOT LIKE 'river%' AND sql LIKE '% WHERE %'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		t.Errorf("the index %s is partial", name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
