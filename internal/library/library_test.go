package library_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"log/slog"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/secret"
	"vitrine/internal/store"
	"vitrine/internal/testkit"
)

// house is a library over a real database and a real disk, with the people of a small team.
type house struct {
	*library.Library
	t      *testing.T
	ctx    context.Context
	store  *store.Store
	blobs  blob.Store
	attic  blob.Store // the archive
	place  string     // a folder in which external sources may lie
	clock  *testkit.Clock
	queue  *wanted
	admin  dam.Viewer
	editor dam.Viewer
	other  dam.Viewer
	viewer dam.Viewer
}

// wanted notes which work was asked for in transactions that were committed or not.
type wanted struct{ jobs []dam.Job }

func (w *wanted) Enqueue(_ context.Context, _ *store.Tx, jobs ...dam.Job) error {
	w.jobs = append(w.jobs, jobs...)
	return nil
}

func each(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	testkit.Engines(t, func(t *testing.T, url string) { test(t, newHouse(t, url)) })
}

func newHouse(t *testing.T, url string) *house {
	t.Helper()
	dir := t.TempDir()
	rows, err := store.Open(t.Context(), url)
	must(t, err)
	t.Cleanup(func() { rows.Close() })
	keys, err := secret.Open(filepath.Join(dir, "key"))
	must(t, err)
	blobs, err := blob.OpenURL(t.Context(), "file:"+filepath.Join(dir, "blobs"), dir)
	must(t, err)
	attic, err := blob.OpenURL(t.Context(), "file:"+filepath.Join(dir, "archive"), dir)
	must(t, err)
	h := &house{
		t: t, ctx: t.Context(), store: rows, blobs: blobs, attic: attic, place: t.TempDir(), queue: &wanted{},
		clock: testkit.NewClock(time.Date(2026, 11, 23, 9, 36, 0, 0, time.UTC)),
	}
	h.Library = library.New(library.Config{
		Store: rows, Blobs: blobs, Keys: keys, Hasher: secret.NewHasher(), Queue: h.queue, Scratch: dir,
		BaseURL: "https://dam.example.org", Now: h.clock.Now, Log: slog.New(slog.DiscardHandler),
		Archive: attic, SourceRoots: []string{h.place},
	})
	t.Cleanup(h.Close)
	h.admin, h.editor = h.add("admin", dam.RoleAdmin), h.add("editor", dam.RoleEditor)
	h.other, h.viewer = h.add("other", dam.RoleEditor), h.add("viewer", dam.RoleViewer)
	return h
}

// correctHorse is the hash of everybody's password, made once: hashing is slow on purpose.
var correctHorse = sync.OnceValues(func() (string, error) {
	return secret.NewHasher().Hash(context.Background(), "correct horse")
})

func (h *house) add(name string, role dam.Role) dam.Viewer {
	h.t.Helper()
	hash, err := correctHorse()
	must(h.t, err)
	u := dam.User{
		ID: name, Email: name + "@example.org", Name: name, Role: role, PasswordHash: hash, Epoch: 1, CreatedAt: h.clock.Now(),
	}
	must(h.t, h.store.InTx(h.ctx, func(ctx context.Context, tx *store.Tx) error { return tx.InsertUser(ctx, u) }))
	return u.Viewer()
}

func (h *house) bring(v dam.Viewer, name, body string) dam.Asset {
	h.t.Helper()
	a, _, err := h.BringIn(h.ctx, v, library.NewAsset{Name: name, Body: strings.NewReader(body)})
	must(h.t, err)
	return a
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKind(t *testing.T, err error, want dam.Kind) {
	t.Helper()
	if dam.KindOf(err) != want || err == nil {
		t.Errorf("got %v (kind %q), want kind %q", err, dam.KindOf(err), want)
	}
}

func (h *house) door(l library.LinkView) library.Door {
	return library.Door{Token: secret.Token(l.URL[strings.LastIndexByte(l.URL, '/')+1:]), Address: netip.MustParseAddr("192.0.2.7")}
}

func (h *house) text(c *library.Content, err error) string {
	h.t.Helper()
	must(h.t, err)
	defer c.Close()
	b, err := io.ReadAll(c)
	must(h.t, err)
	return string(b)
}

func TestAFileOfUnknownKindIsAnAssetToo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, `C:\tmp\..\note`+"\u202e"+`.blend`, "BLENDER-v300\x00\x01")
		if a.Status != dam.StatusReady || a.Kind != dam.KindOther || a.Name != "note.blend" || a.Number != 1 || a.Size != 14 {
			t.Errorf("got %+v", a)
		}
		if got := h.text(h.AssetContent(h.ctx, h.editor, "VTR-1", "original", false)); got != "BLENDER-v300\x00\x01" {
			t.Errorf("the original came back as %q", got)
		}
		if len(h.queue.jobs) != 0 {
			t.Errorf("work was asked for that nobody can do: %v", h.queue.jobs)
		}
	})
}

func TestBringingInRefusesWhatItCannotKeep(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, _, err := h.BringIn(h.ctx, h.editor, library.NewAsset{Name: "a", Body: strings.NewReader("")})
		wantKind(t, err, dam.Invalid)
		_, _, err = h.BringIn(h.ctx, h.viewer, library.NewAsset{Name: "a", Body: strings.NewReader("x")})
		wantKind(t, err, dam.Forbidden)
		_, _, err = h.BringIn(h.ctx, dam.Viewer{}, library.NewAsset{Name: "a", Body: strings.NewReader("x")})
		wantKind(t, err, dam.Unauthenticated)
		cut := errors.New("connection lost")
		_, _, err = h.BringIn(h.ctx, h.editor, library.NewAsset{Name: "a", Body: io.MultiReader(strings.NewReader(strings.Repeat("x", 9000)), failing{cut})})
		if !errors.Is(err, cut) {
			t.Errorf("got %v", err)
		}
		list, err := h.Assets(h.ctx, h.admin, store.AssetQuery{})
		if err != nil || list.Total != 0 {
			t.Errorf("%d assets are there, %v", list.Total, err)
		}
		must(t, h.blobs.Walk(h.ctx, func(e blob.Entry) error {
			t.Errorf("bytes were left behind: %s", e.Key)
			return nil
		}))
	})
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestTheSameBytesTwiceAreNoticed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		first := h.bring(h.editor, "a.txt", "same")
		second, twin, err := h.BringIn(h.ctx, h.editor, library.NewAsset{Name: "b.txt", Body: strings.NewReader("same")})
		if err != nil || twin == nil || twin.ID != first.ID || second.ID == first.ID {
			t.Fatalf("got %+v, twin %+v, %v", second, twin, err)
		}
		_, err = h.EditAsset(h.ctx, h.editor, first.ID, library.AssetPatch{SetReaders: true, Restricted: true})
		must(t, err)
		_, err = h.EditAsset(h.ctx, h.editor, second.ID, library.AssetPatch{SetReaders: true, Restricted: true})
		must(t, err)
		if _, twin, err = h.BringIn(h.ctx, h.other, library.NewAsset{Name: "c.txt", Body: strings.NewReader("same")}); err != nil || twin != nil {
			t.Errorf("the hash told of an asset the uploader may not see: %+v, %v", twin, err)
		}
	})
}

func TestAnUploadInPiecesBecomesOneAsset(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		whole := make([]byte, 300_000)
		_, err := rand.Read(whole)
		must(t, err)
		u, err := h.StartUpload(h.ctx, h.editor, library.NewUpload{Size: int64(len(whole)), Name: "big.bin"})
		must(t, err)

		cut := io.MultiReader(bytes.NewReader(whole[:100_000]), failing{io.ErrUnexpectedEOF})
		u, err = h.Append(h.ctx, h.editor, u.ID, 0, cut, nil)
		if err != nil || u.Offset != 100_000 {
			t.Fatalf("after a cut line %d bytes are safe, %v", u.Offset, err)
		}
		_, err = h.Append(h.ctx, h.editor, u.ID, 0, bytes.NewReader(whole), nil)
		wantKind(t, err, dam.Conflict)
		_, err = h.Append(h.ctx, h.other, u.ID, 100_000, bytes.NewReader(whole), nil)
		wantKind(t, err, dam.NotFound)
		_, err = h.Append(h.ctx, h.editor, u.ID, 100_000, bytes.NewReader(whole), nil)
		wantKind(t, err, dam.TooLarge)
		wrong := &library.Checksum{New: func() hash.Hash { return crc32.NewIEEE() }, Sum: []byte{1, 2, 3, 4}}
		_, err = h.Append(h.ctx, h.editor, u.ID, 100_000, bytes.NewReader(whole[100_000:]), wrong)
		wantKind(t, err, dam.Invalid)

		u, err = h.Append(h.ctx, h.editor, u.ID, 100_000, bytes.NewReader(whole[100_000:]), nil)
		must(t, err)
		if got := h.text(h.AssetContent(h.ctx, h.editor, u.AssetID, "original", false)); got != string(whole) {
			t.Error("the asset is not what was sent")
		}
		_, err = h.Append(h.ctx, h.editor, u.ID, 300_000, strings.NewReader("x"), nil)
		wantKind(t, err, dam.Conflict)
	})
}

func TestAnUploadWhoseProcessDiedAfterTheLastByteIsFinishedWhenAskedFor(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		u, err := h.StartUpload(h.ctx, h.editor, library.NewUpload{Size: 4, Name: "a.bin"})
		must(t, err)
		kept, err := h.blobs.Put(h.ctx, strings.NewReader("body"))
		must(t, err)
		must(t, h.store.InTx(h.ctx, func(ctx context.Context, tx *store.Tx) error {
			must(t, tx.UseBlob(ctx, kept.Key, kept.Size, kept.CRC32, h.clock.Now()))
			return tx.AppendPart(ctx, u.ID, store.Part{Size: 4, Key: kept.Key})
		}))
		u, err = h.Upload(h.ctx, h.editor, u.ID)
		must(t, err)
		if got := h.text(h.AssetContent(h.ctx, h.editor, u.AssetID, "original", false)); got != "body" {
			t.Errorf("got %q", got)
		}
	})
}

func TestSeveralAssetsShareWhatCanBeShared(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var ids []string
		for i := range 4 {
			ids = append(ids, h.bring(h.editor, fmt.Sprintf("%d.txt", i), fmt.Sprint(i)).ID)
		}
		foreign := h.bring(h.other, "secret.txt", "secret")
		_, err := h.EditAsset(h.ctx, h.other, foreign.ID, library.AssetPatch{SetReaders: true, Restricted: true})
		must(t, err)
		_, err = h.TrashAsset(h.ctx, h.editor, ids[3])
		must(t, err)

		got, err := h.CreateLink(h.ctx, h.editor, library.NewLink{
			Kind: dam.LinkKindPublic, AssetIDs: []string{ids[2], foreign.ID, ids[0], ids[3], ids[1]}, TimeZone: "Europe/Berlin",
		})
		must(t, err)
		if got.Shared != 3 || got.Total != 5 || got.Name != "Link from 23 Nov 2026, 10:36" {
			t.Errorf("got %d of %d, %q", got.Shared, got.Total, got.Name)
		}
		c, err := h.Collection(h.ctx, h.editor, got.CollectionID)
		if err != nil || c.Kind != dam.CollectionPersonal || c.Name != "New collection from 23 Nov 2026" || c.Count != 3 || c.OwnerID != h.editor.ID {
			t.Errorf("got %+v, %v", c, err)
		}
		page, err := h.Open(h.ctx, h.door(got), "")
		must(t, err)
		var names []string
		for _, item := range page.Items {
			names = append(names, item.Name)
		}
		if !slices.Equal(names, []string{"2.txt", "0.txt", "1.txt"}) || !page.ViewOnly {
			t.Errorf("the guest sees %v", names)
		}
		_, err = h.Collection(h.ctx, h.other, got.CollectionID)
		wantKind(t, err, dam.NotFound)
	})
}

func TestAFailedCreationLeavesNeitherLinkNorCollection(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b := h.bring(h.editor, "a.txt", "a"), h.bring(h.editor, "b.txt", "b")
		foreign := h.bring(h.other, "c.txt", "c")
		_, err := h.EditAsset(h.ctx, h.other, foreign.ID, library.AssetPatch{SetReaders: true, Restricted: true})
		must(t, err)
		both := []string{a.ID, b.ID}
		for _, c := range []struct {
			name string
			by   dam.Viewer
			link library.NewLink
			want dam.Kind
		}{
			{"nobody asks", dam.Viewer{}, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: both}, dam.Unauthenticated},
			{"the role makes no links", h.viewer, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: both}, dam.Forbidden},
			{"no kind", h.editor, library.NewLink{AssetIDs: both}, dam.Invalid},
			{"nothing to share", h.editor, library.NewLink{Kind: dam.LinkKindPublic}, dam.Invalid},
			{"assets and a collection", h.editor, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: both, CollectionID: "c"}, dam.Invalid},
			{"an unknown collection", h.editor, library.NewLink{Kind: dam.LinkKindPublic, CollectionID: "c"}, dam.NotFound},
			{"an asset that does not exist for the asker", h.editor, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: []string{foreign.ID}}, dam.NotFound},
			{"only assets that do not exist", h.editor, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: []string{foreign.ID, "none"}}, dam.NotFound},
			{"a download link of two", h.editor, library.NewLink{Kind: dam.LinkKindDownload, AssetIDs: both}, dam.Invalid},
			{"a download link of a collection", h.editor, library.NewLink{Kind: dam.LinkKindDownload, CollectionID: "c"}, dam.Invalid},
			{"a download link with a password", h.editor, library.NewLink{Kind: dam.LinkKindDownload, AssetIDs: both[:1], Password: "long enough"}, dam.Invalid},
			{"a download link with proxies", h.editor, library.NewLink{Kind: dam.LinkKindDownload, AssetIDs: both[:1], Terms: dam.Terms{Proxies: []string{"preview"}}}, dam.Invalid},
			{"a short password", h.editor, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: both, Password: "short"}, dam.Invalid},
			{"a proxy nobody makes", h.editor, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: both, Terms: dam.Terms{Proxies: []string{"huge"}}}, dam.Invalid},
			{"a watermark nobody configured", h.editor, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: both, Terms: dam.Terms{Watermark: true}}, dam.Invalid},
			{"yesterday", h.editor, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: both, ExpiresOn: "2026-11-22"}, dam.Invalid},
			{"a zone that does not exist", h.editor, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: both, ExpiresOn: "2026-12-05", TimeZone: "Mars/Olympus"}, dam.Invalid},
		} {
			t.Run(c.name, func(t *testing.T) {
				_, err := h.CreateLink(h.ctx, c.by, c.link)
				wantKind(t, err, c.want)
			})
		}
		links, err := h.Links(h.ctx, h.admin, store.LinkQuery{})
		must(t, err)
		collections, err := h.Collections(h.ctx, h.admin, store.CollectionQuery{})
		must(t, err)
		if links.Total != 0 || collections.Total != 0 {
			t.Errorf("%d links and %d collections were left", links.Total, collections.Total)
		}
	})
}

func TestADownloadLinkOfAnArchivedOriginalWaits(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "bytes")
		link, err := h.CreateLink(h.ctx, h.editor, library.NewLink{Kind: dam.LinkKindDownload, AssetIDs: []string{a.ID}})
		must(t, err)
		_, err = h.ArchiveAsset(h.ctx, h.editor, a.ID)
		must(t, err)
		_, err = h.DirectContent(h.ctx, h.door(link), false)
		wantKind(t, err, dam.OriginalUnavailable)
		_, err = h.CreateLink(h.ctx, h.editor, library.NewLink{Kind: dam.LinkKindDownload, AssetIDs: []string{a.ID}})
		wantKind(t, err, dam.OriginalNotHere)
		if !strings.Contains(err.Error(), dam.OriginalNote) {
			t.Errorf("the note is missing: %v", err)
		}
		_, err = h.UnarchiveAsset(h.ctx, h.editor, a.ID)
		must(t, err)
		if got := h.text(h.DirectContent(h.ctx, h.door(link), false)); got != "bytes" {
			t.Errorf("got %q", got)
		}
		h.FlushVisits()
		view, err := h.Link(h.ctx, h.editor, link.ID)
		if err != nil || view.Downloads != 1 {
			t.Errorf("%d downloads were counted, %v", view.Downloads, err)
		}
	})
}

func TestAPasswordOpensItsLinkUntilItChanges(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "bytes")
		create := func() library.LinkView {
			l, err := h.CreateLink(h.ctx, h.editor, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: []string{a.ID}, Password: "the password"})
			must(t, err)
			return l
		}
		link, twin := create(), create()
		door := h.door(link)
		_, err := h.Open(h.ctx, door, "")
		wantKind(t, err, dam.PasswordRequired)
		_, _, err = h.Unlock(h.ctx, door, "The password")
		wantKind(t, err, dam.WrongPassword)
		pass, expires, err := h.Unlock(h.ctx, door, "the password")
		must(t, err)
		if want := h.clock.Now().Add(12 * time.Hour); !expires.Equal(want) {
			t.Errorf("the pass ends %s, want %s", expires, want)
		}
		door.Pass = pass
		_, err = h.Open(h.ctx, door, "")
		must(t, err)
		other := h.door(twin)
		other.Pass = pass
		_, err = h.Open(h.ctx, other, "")
		wantKind(t, err, dam.PasswordRequired)

		_, err = h.EditLink(h.ctx, h.editor, link.ID, library.LinkPatch{Name: ptr("Renamed")})
		must(t, err)
		_, err = h.Open(h.ctx, door, "")
		must(t, err) // a change of the name leaves people inside
		_, err = h.EditLink(h.ctx, h.editor, link.ID, library.LinkPatch{SetPassword: true, Password: "another one"})
		must(t, err)
		_, err = h.Open(h.ctx, door, "")
		wantKind(t, err, dam.PasswordRequired)
		_, err = h.EditLink(h.ctx, h.editor, link.ID, library.LinkPatch{SetPassword: true})
		must(t, err)
		_, err = h.Open(h.ctx, h.door(link), "")
		must(t, err)
	})
}

func ptr[T any](v T) *T { return &v }

func TestGuessesAreLimitedForEachLinkAndNetwork(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "bytes")
		var doors []library.Door
		for range 2 {
			l, err := h.CreateLink(h.ctx, h.editor, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: []string{a.ID}, Password: "the password"})
			must(t, err)
			doors = append(doors, h.door(l))
		}
		inside := doors[0]
		pass, _, err := h.Unlock(h.ctx, inside, "the password")
		must(t, err)
		inside.Pass = pass
		for range 10 {
			_, _, err := h.Unlock(h.ctx, doors[0], "a wrong guess")
			wantKind(t, err, dam.WrongPassword)
		}
		_, _, err = h.Unlock(h.ctx, doors[0], "the password")
		wantKind(t, err, dam.TooMany)
		var known *dam.Error
		if !errors.As(err, &known) || known.RetryAfter != 10*time.Minute {
			t.Errorf("the wait is not told: %+v", known)
		}
		_, err = h.Open(h.ctx, inside, "")
		must(t, err) // who is inside stays inside
		_, _, err = h.Unlock(h.ctx, doors[1], "the password")
		must(t, err) // another link has its own budget
		elsewhere := doors[0]
		elsewhere.Address = netip.MustParseAddr("198.51.100.1")
		_, _, err = h.Unlock(h.ctx, elsewhere, "the password")
		must(t, err) // another network too
		h.clock.Advance(10 * time.Minute)
		_, _, err = h.Unlock(h.ctx, doors[0], "the password")
		must(t, err)
	})
}

func TestWhatAGuestMakesUpIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "bytes")
		n := library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: []string{a.ID}, Terms: dam.Terms{Original: true}}
		open, err := h.CreateLink(h.ctx, h.editor, n)
		must(t, err)
		n.ExpiresAt = h.clock.Now().Add(time.Minute)
		over, err := h.CreateLink(h.ctx, h.editor, n)
		must(t, err)
		h.clock.Advance(time.Hour)

		long := strings.Repeat("x", 10_000)
		_, _, err = h.OpenItem(h.ctx, h.door(over), long)
		wantKind(t, err, dam.Expired)
		_, _, err = h.OpenItem(h.ctx, h.door(over), a.ID)
		wantKind(t, err, dam.Expired)
		_, err = h.GuestContent(h.ctx, h.door(over), library.Want{AssetID: long, Version: long})
		wantKind(t, err, dam.Expired)
		_, err = h.GuestContent(h.ctx, h.door(open), library.Want{AssetID: a.ID, Version: long})
		wantKind(t, err, dam.NotFound)
		_ = h.text(h.GuestContent(h.ctx, h.door(open), library.Want{AssetID: a.ID, Version: "original"}))
		h.FlushVisits()

		var kept []string
		for _, l := range []library.LinkView{over, open} {
			visits, _, err := h.LinkVisits(h.ctx, h.editor, l.ID, store.Page{})
			must(t, err)
			for _, v := range visits {
				kept = append(kept, strings.TrimSpace(string(v.Reason)+" "+strings.ReplaceAll(v.AssetID, a.ID, "a")+" "+v.Version))
			}
		}
		slices.Sort(kept)
		if want := []string{"a original", "expired", "expired  preview", "expired a preview", "not_found a"}; !slices.Equal(kept, want) {
			t.Errorf("kept %.200q, want %q", kept, want)
		}
	})
}

func TestOneIPv6NetworkIsOneGuesser(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "bytes")
		l, err := h.CreateLink(h.ctx, h.editor, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: []string{a.ID}, Password: "the password"})
		must(t, err)
		door := h.door(l)
		for i := range 11 {
			door.Address = netip.MustParseAddr(fmt.Sprintf("2001:db8:1:2::%x", i+1))
			_, _, err = h.Unlock(h.ctx, door, "a wrong guess")
		}
		wantKind(t, err, dam.TooMany)
	})
}

func TestWhatIsTakenAwayIsGoneFromLinksAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "bytes")
		link, err := h.CreateLink(h.ctx, h.editor, library.NewLink{
			Kind: dam.LinkKindPublic, AssetIDs: []string{a.ID}, Terms: dam.Terms{Original: true}, ExpiresOn: "2026-12-05", TimeZone: "Pacific/Auckland",
		})
		must(t, err)
		door, want := h.door(link), library.Want{AssetID: a.ID, Version: "original"}
		ask := func() error {
			c, err := h.GuestContent(h.ctx, door, want)
			if err == nil {
				c.Close()
			}
			return err
		}
		must(t, ask())

		_, err = h.EditLink(h.ctx, h.editor, link.ID, library.LinkPatch{Allow: &library.Allow{}})
		must(t, err)
		wantKind(t, ask(), dam.NotAllowed)
		_, err = h.EditLink(h.ctx, h.editor, link.ID, library.LinkPatch{Allow: &library.Allow{Original: true}})
		must(t, err)
		must(t, ask())

		_, err = h.TrashAsset(h.ctx, h.editor, a.ID)
		must(t, err)
		wantKind(t, ask(), dam.NotFound)
		_, err = h.RestoreAsset(h.ctx, h.editor, a.ID)
		must(t, err)
		must(t, ask())

		_, err = h.EditUser(h.ctx, h.admin, h.editor.ID, library.UserPatch{Disabled: ptr(true)})
		must(t, err)
		wantKind(t, ask(), dam.Inactive)
		_, err = h.EditUser(h.ctx, h.admin, h.editor.ID, library.UserPatch{Disabled: ptr(false)})
		must(t, err)
		must(t, ask())

		h.clock.Set(time.Date(2026, 12, 5, 10, 59, 59, 0, time.UTC))
		must(t, ask())
		h.clock.Set(time.Date(2026, 12, 5, 11, 0, 0, 0, time.UTC))
		wantKind(t, ask(), dam.Expired)
		_, err = h.EditLink(h.ctx, h.editor, link.ID, library.LinkPatch{SetExpiry: true})
		must(t, err)
		must(t, ask())

		must(t, h.DeleteLink(h.ctx, h.editor, link.ID))
		wantKind(t, ask(), dam.NotFound)
	})
}

func TestOthersCanNeitherSeeNorChangeALink(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "bytes")
		link, err := h.CreateLink(h.ctx, h.editor, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: []string{a.ID}})
		must(t, err)
		for _, v := range []dam.Viewer{h.other, h.viewer} {
			_, err = h.Link(h.ctx, v, link.ID)
			wantKind(t, err, dam.NotFound)
			_, err = h.EditLink(h.ctx, v, link.ID, library.LinkPatch{Name: ptr("mine")})
			wantKind(t, err, dam.NotFound)
			wantKind(t, h.DeleteLink(h.ctx, v, link.ID), dam.NotFound)
			own, via, _, err := h.AssetLinks(h.ctx, v, a.ID)
			if err != nil || len(own)+len(via) != 0 {
				t.Errorf("%s sees links: %v %v %v", v.Name, own, via, err)
			}
		}
		own, _, internal, err := h.AssetLinks(h.ctx, h.admin, a.ID)
		if err != nil || len(own) != 1 || own[0].OwnerName != "editor" || internal != "https://dam.example.org/a/VTR-1" {
			t.Errorf("the administrator sees %+v, %q, %v", own, internal, err)
		}
	})
}

func TestSignInIsLimitedAndTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, err := h.SignIn(h.ctx, " Editor@Example.org ", "correct horse", "192.0.2.1")
		must(t, err)
		_, wrong := h.SignIn(h.ctx, "editor@example.org", "wrong horse", "192.0.2.1")
		_, unknown := h.SignIn(h.ctx, "nobody@example.org", "wrong horse", "192.0.2.1")
		wantKind(t, wrong, dam.Unauthenticated)
		if wrong.Error() != unknown.Error() {
			t.Errorf("%q tells more than %q", wrong, unknown)
		}
		for range 9 {
			_, err = h.SignIn(h.ctx, "editor@example.org", "wrong horse", "192.0.2.1")
		}
		wantKind(t, err, dam.Unauthenticated)
		_, err = h.SignIn(h.ctx, "editor@example.org", "correct horse", "192.0.2.1")
		wantKind(t, err, dam.TooMany)
	})
}

func TestTheSweeperRemovesWhatNobodyNeedsAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		kept, gone := h.bring(h.editor, "kept.txt", "kept"), h.bring(h.editor, "gone.txt", "gone")
		twin := h.bring(h.editor, "twin.txt", "kept")
		stray, err := h.blobs.Put(h.ctx, strings.NewReader("nobody knows me"))
		must(t, err)
		for _, a := range []dam.Asset{gone, twin} {
			_, err := h.TrashAsset(h.ctx, h.editor, a.ID)
			must(t, err)
		}
		must(t, h.Sweep(h.ctx, dam.Job{}))
		has := func(key string) bool {
			body, _, err := h.blobs.Open(h.ctx, key)
			if err == nil {
				body.Close()
			}
			return err == nil
		}
		if !has(kept.Key) || !has(gone.Key) || !has(stray.Key) {
			t.Fatal("bytes are gone before their time")
		}
		// The rows follow the test's clock, the times of files the machine's.
		h.clock.Set(time.Now().AddDate(0, 0, 32))
		must(t, h.Sweep(h.ctx, dam.Job{}))
		if !has(kept.Key) {
			t.Error("bytes in use are gone")
		}
		if has(gone.Key) || has(stray.Key) {
			t.Error("bytes nobody needs are still there")
		}
		report, err := h.Check(h.ctx, true, func(int) {})
		if err != nil || len(report.Faults) != 0 || report.Blobs != 1 || report.Strays != 0 {
			t.Errorf("check says %+v, %v", report, err)
		}
		must(t, h.blobs.Delete(h.ctx, kept.Key, time.Now().AddDate(1, 0, 0)))
		report, err = h.Check(h.ctx, false, func(int) {})
		if err != nil || len(report.Faults) != 1 || !slices.Equal(report.Faults[0].Assets, []string{"VTR-1"}) {
			t.Errorf("check says %+v, %v", report, err)
		}
	})
}

func TestOnlyTheCodeInTheLogSetsUp(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, url string) {
		rows, err := store.Open(t.Context(), url)
		must(t, err)
		defer rows.Close()
		lib := library.New(library.Config{Store: rows, Hasher: secret.NewHasher(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		defer lib.Close()
		_, err = lib.SetUp(t.Context(), "AAAA-AAAA-AAAA-AAAA", "A", "a@example.org", "correct horse")
		wantKind(t, err, dam.Forbidden)
		u, err := lib.SetUp(t.Context(), lib.SetupCode(), "A", "a@example.org", "correct horse")
		if err != nil || u.Role != dam.RoleAdmin {
			t.Fatal(u, err)
		}
		_, err = lib.SetUp(t.Context(), lib.SetupCode(), "B", "b@example.org", "correct horse")
		wantKind(t, err, dam.Conflict)
	})
}
