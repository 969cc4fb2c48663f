package library_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/store"
)

// renditions gives an asset renditions, each with its own name and mark as content.
func (h *house) renditions(a dam.Asset, body string, names ...string) {
	h.t.Helper()
	for _, name := range names {
		kept, err := h.blobs.Put(h.ctx, strings.NewReader(name+" "+body))
		must(h.t, err)
		r := dam.Rendition{AssetID: a.ID, Name: name, MIME: "image/jpeg", Width: 10, Height: 10, Size: kept.Size, Key: kept.Key, CRC32: kept.CRC32}
		if name == dam.Video720 {
			r.MIME = "video/mp4"
		}
		must(h.t, h.store.InTx(h.ctx, func(ctx context.Context, tx *store.Tx) error {
			if err := tx.UseBlob(ctx, kept.Key, kept.Size, kept.CRC32, h.clock.Now()); err != nil {
				return err
			}
			return tx.SaveRenditions(ctx, r)
		}))
	}
}

func (h *house) edit(a dam.Asset, change func(*dam.Asset)) {
	h.t.Helper()
	must(h.t, h.store.InTx(h.ctx, func(ctx context.Context, tx *store.Tx) error {
		now, err := tx.Asset(ctx, a.ID)
		if err != nil {
			return err
		}
		change(&now)
		return tx.UpdateAsset(ctx, now)
	}))
}

func (h *house) link(n library.NewLink) library.LinkView {
	h.t.Helper()
	n.Kind = dam.LinkKindPublic
	link, err := h.CreateLink(h.ctx, h.editor, n)
	must(h.t, err)
	return link
}

func (h *house) guest(l library.LinkView, asset, version string, download bool) (string, error) {
	h.t.Helper()
	c, err := h.GuestContent(h.ctx, h.door(l), library.Want{AssetID: asset, Version: version, Download: download})
	if err != nil {
		return "", err
	}
	return h.text(c, nil), nil
}

func (h *house) item(l library.LinkView) library.GuestItem {
	h.t.Helper()
	page, err := h.Peek(h.ctx, h.door(l), "")
	must(h.t, err)
	return page.Items[0]
}

func TestSupportingFilesAreARightOfTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "main")
		_, err := h.CreateLink(h.ctx, h.editor, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: []string{a.ID}, Terms: dam.Terms{Attachments: true}})
		wantKind(t, err, dam.Invalid)
		file, err := h.Attach(h.ctx, h.editor, a.ID, library.NewFile{Name: "../licence.pdf", Body: strings.NewReader("%PDF-1.4 terms")})
		must(t, err)
		if file.Name != "licence.pdf" || file.MIME != "application/pdf" || file.Size != 14 {
			t.Errorf("got %+v", file)
		}
		_, err = h.Attach(h.ctx, h.viewer, a.ID, library.NewFile{Name: "x", Body: strings.NewReader("x")})
		wantKind(t, err, dam.Forbidden)
		_, err = h.Attach(h.ctx, h.editor, a.ID, library.NewFile{Name: "x", Body: strings.NewReader("")})
		wantKind(t, err, dam.Invalid)
		without, with := h.link(library.NewLink{AssetIDs: []string{a.ID}}), h.link(library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Attachments: true}})
		_, err = h.guest(without, a.ID, file.ID, true)
		wantKind(t, err, dam.NotAllowed)
		if got, err := h.guest(with, a.ID, file.ID, true); err != nil || got != "%PDF-1.4 terms" {
			t.Errorf("got %q, %v", got, err)
		}
		_, err = h.guest(with, a.ID, dam.VersionOriginal, true)
		wantKind(t, err, dam.NotAllowed)
		if v := h.item(with).Versions; len(v) != 1 || v[0].Label != "licence.pdf" || v[0].Name != file.ID {
			t.Errorf("the page offers %+v", v)
		}
		foreign := h.bring(h.editor, "b.txt", "other")
		_, err = h.AttachmentContent(h.ctx, h.editor, foreign.ID, file.ID, true)
		wantKind(t, err, dam.NotFound)
		must(t, h.Detach(h.ctx, h.editor, a.ID, file.ID))
		_, err = h.guest(with, a.ID, file.ID, true)
		wantKind(t, err, dam.NotFound)
	})
}

func TestAMarkedLinkNeverGivesACleanRendition(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "original")
		h.edit(a, func(a *dam.Asset) { a.Kind, a.MIME = dam.KindImage, "image/jpeg" })
		h.renditions(a, "clean", dam.Preview, dam.Fullscreen)
		marked := library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Watermark: true, Original: true, Proxies: []string{dam.Fullscreen}}}
		_, err := h.CreateLink(h.ctx, h.editor, marked)
		wantKind(t, err, dam.Invalid)

		watermark := func(version string) {
			must(t, h.store.InTx(h.ctx, func(ctx context.Context, tx *store.Tx) error {
				w := dam.Watermark{Version: version, Key: a.Key, Position: "center", Size: 10, Opacity: 50, CreatedAt: h.clock.Now()}
				if version == "" {
					w = dam.Watermark{}
				}
				return tx.ReplaceWatermark(ctx, w)
			}))
		}
		watermark("1")
		link := h.link(marked)
		if !slices.Contains(h.queue.jobs, dam.Job{Kind: dam.JobMark, ID: link.ID}) {
			t.Error("nothing is made ahead for the link")
		}
		for _, version := range []string{dam.Preview, dam.Fullscreen} {
			_, err := h.guest(link, a.ID, version, version == dam.Fullscreen)
			wantKind(t, err, dam.NotReady)
		}
		h.renditions(a, "marked", "preview@w1")
		if got, err := h.guest(link, a.ID, dam.Preview, false); err != nil || got != "preview@w1 marked" {
			t.Errorf("got %q, %v", got, err)
		}
		for _, version := range []string{"preview@w1", "preview@", "preview@r1", "preview@w0"} {
			_, err := h.guest(link, a.ID, version, false)
			wantKind(t, err, dam.NotFound)
		}
		if got, err := h.guest(link, a.ID, dam.VersionOriginal, true); err != nil || got != "original" {
			t.Errorf("the original came as %q, %v", got, err)
		}
		watermark("2")
		_, err = h.guest(link, a.ID, dam.Preview, false)
		wantKind(t, err, dam.NotReady)
		watermark("")
		_, err = h.guest(link, a.ID, dam.Preview, false)
		wantKind(t, err, dam.NotAllowed)
	})
}

func TestWhatCantBearAWatermarkIsRefusedWithTheField(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		film, picture, sound := h.bring(h.editor, "f", "film"), h.bring(h.editor, "p", "picture"), h.bring(h.editor, "s", "sound")
		h.edit(film, func(a *dam.Asset) { a.Kind = dam.KindVideo })
		h.edit(picture, func(a *dam.Asset) { a.Kind = dam.KindImage })
		h.edit(sound, func(a *dam.Asset) { a.Kind = dam.KindAudio })
		h.renditions(film, "clean", dam.Poster, dam.Video720, dam.Storyboard)
		must(t, h.store.InTx(h.ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.ReplaceWatermark(ctx, dam.Watermark{Version: "1", Key: film.Key, CreatedAt: h.clock.Now()})
		}))
		for name, n := range map[string]library.NewLink{
			"a film":                      {AssetIDs: []string{film.ID}, Terms: dam.Terms{Watermark: true}},
			"a film and a sound":          {AssetIDs: []string{film.ID, sound.ID}, Terms: dam.Terms{Watermark: true}},
			"moving proxies":              {AssetIDs: []string{film.ID, picture.ID}, Terms: dam.Terms{Watermark: true, Proxies: []string{dam.Video720}}},
			"a trace without a watermark": {AssetIDs: []string{picture.ID}, Terms: dam.Terms{Trace: true}},
		} {
			t.Run(name, func(t *testing.T) {
				n.Kind = dam.LinkKindPublic
				_, err := h.CreateLink(h.ctx, h.editor, n)
				wantKind(t, err, dam.Invalid)
			})
		}
		link := h.link(library.NewLink{AssetIDs: []string{film.ID, picture.ID}, Terms: dam.Terms{Watermark: true}})
		for _, version := range []string{dam.Video720, dam.Storyboard} {
			_, err := h.guest(link, film.ID, version, false)
			wantKind(t, err, dam.NotAllowed)
		}
		if item := h.item(link); item.Play != "" || item.Storyboard != "" || item.Poster != dam.Poster {
			t.Errorf("the page shows %+v", item)
		}
	})
}

func TestAReplacedOriginalReachesLiveLinksAndLeavesPinnedOnes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "one.txt", "first")
		if a.Revision != 1 {
			t.Errorf("it begins with revision %d", a.Revision)
		}
		h.renditions(a, "first", dam.Preview)
		n := library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Original: true}}
		live := h.link(n)
		n.Pinned = true
		pinned := h.link(n)
		h.clock.Advance(time.Hour)

		_, err := h.ReplaceOriginal(h.ctx, h.editor, a.ID, library.NewFile{Name: "x.png", Body: strings.NewReader("\x89PNG\r\n\x1a\n....")})
		wantKind(t, err, dam.Invalid)
		_, err = h.ReplaceOriginal(h.ctx, h.editor, a.ID, library.NewFile{Name: "one.txt", Body: strings.NewReader("first")})
		wantKind(t, err, dam.Invalid)
		_, err = h.ReplaceOriginal(h.ctx, h.viewer, a.ID, library.NewFile{Name: "two.txt", Body: strings.NewReader("second")})
		wantKind(t, err, dam.Forbidden)
		b, err := h.ReplaceOriginal(h.ctx, h.editor, a.ID, library.NewFile{Name: "two.txt", Body: strings.NewReader("second")})
		if err != nil || b.ID != a.ID || b.Number != a.Number || b.Revision != 2 || b.Name != "two.txt" || b.Size != 6 {
			t.Fatalf("got %+v, %v", b, err)
		}
		h.renditions(a, "second", dam.Preview)
		for _, c := range []struct {
			link           library.LinkView
			version, wants string
		}{
			{live, dam.VersionOriginal, "second"}, {live, dam.Preview, "preview second"},
			{pinned, dam.VersionOriginal, "first"}, {pinned, dam.Preview, "preview first"},
		} {
			if got, err := h.guest(c.link, a.ID, c.version, c.version == dam.VersionOriginal); err != nil || got != c.wants {
				t.Errorf("%s: got %q, %v, want %q", c.version, got, err, c.wants)
			}
		}
		if h.item(live).Name != "two.txt" || h.item(pinned).Name != "one.txt" || h.item(pinned).View != dam.Preview {
			t.Errorf("the pages name %q and %q", h.item(live).Name, h.item(pinned).Name)
		}
		all, err := h.Originals(h.ctx, h.editor, a.ID)
		if err != nil || len(all) != 2 || !all[0].Current || all[0].Number != 2 || all[1].Number != 1 || all[1].ByName != "editor" {
			t.Errorf("the originals are %+v, %v", all, err)
		}
		h.clock.Advance(time.Hour)
		c, err := h.RestoreOriginal(h.ctx, h.editor, a.ID, 1)
		if err != nil || c.Revision != 3 || c.Name != "one.txt" {
			t.Errorf("restored as %+v, %v", c, err)
		}
		if got, err := h.guest(live, a.ID, dam.VersionOriginal, true); err != nil || got != "first" {
			t.Errorf("the live link gives %q, %v", got, err)
		}
		_, err = h.RestoreOriginal(h.ctx, h.editor, a.ID, 9)
		wantKind(t, err, dam.NotFound)
	})
}

func TestAnArchivedOriginalMovesToTheArchiveAndBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "precious")
		there := func(s blob.Store) (n int) {
			must(t, s.Walk(h.ctx, func(blob.Entry) error { n++; return nil }))
			return n
		}
		b, err := h.ArchiveAsset(h.ctx, h.editor, a.ID)
		if err != nil || b.Original != dam.OriginalArchived || b.Work != dam.WorkArchiving {
			t.Fatalf("got %+v, %v", b, err)
		}
		out, back := dam.OriginalJob(dam.JobArchive, a), dam.OriginalJob(dam.JobRestore, a)
		if !slices.Contains(h.queue.jobs, out) {
			t.Fatal("no job moves the bytes")
		}
		must(t, h.MoveToArchive(h.ctx, out))
		must(t, h.MoveToArchive(h.ctx, out))
		if there(h.blobs) != 1 || there(h.attic) != 1 {
			t.Errorf("%d here, %d in the archive", there(h.blobs), there(h.attic))
		}
		h.clock.Set(time.Now().AddDate(0, 0, 2)) // the times of files are the machine's
		must(t, h.Sweep(h.ctx, dam.Job{}))
		if there(h.blobs) != 0 || there(h.attic) != 1 {
			t.Errorf("a day later %d here, %d in the archive", there(h.blobs), there(h.attic))
		}
		report, err := h.Check(h.ctx, true, func(int) {})
		if err != nil || len(report.Faults) != 0 {
			t.Errorf("the check says %+v, %v", report, err)
		}
		b, err = h.UnarchiveAsset(h.ctx, h.editor, a.ID)
		if err != nil || b.Original != dam.OriginalArchived || b.Work != dam.WorkRestoring {
			t.Fatalf("got %+v, %v", b, err)
		}
		must(t, h.MoveFromArchive(h.ctx, back))
		if got := h.text(h.AssetContent(h.ctx, h.editor, a.ID, dam.VersionOriginal, true)); got != "precious" {
			t.Errorf("it came back as %q", got)
		}
		h.clock.Set(time.Now().AddDate(0, 0, 5)) // the times of files are the machine's
		must(t, h.Sweep(h.ctx, dam.Job{}))
		if there(h.blobs) != 1 || there(h.attic) != 0 {
			t.Errorf("in the end %d here, %d in the archive", there(h.blobs), there(h.attic))
		}
	})
}

func TestTheSameBytesOfAnotherAssetStayWhenOneIsArchived(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b := h.bring(h.editor, "a.txt", "same"), h.bring(h.editor, "b.txt", "same")
		_, err := h.ArchiveAsset(h.ctx, h.editor, a.ID)
		must(t, err)
		must(t, h.MoveToArchive(h.ctx, dam.OriginalJob(dam.JobArchive, a)))
		h.clock.Set(time.Now().AddDate(0, 0, 2)) // the times of files are the machine's
		must(t, h.Sweep(h.ctx, dam.Job{}))
		if got := h.text(h.AssetContent(h.ctx, h.editor, b.ID, dam.VersionOriginal, true)); got != "same" {
			t.Errorf("got %q", got)
		}
	})
}

func TestAMissingOriginalIsNoticedAndFoundAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "bytes")
		must(t, h.blobs.Delete(h.ctx, a.Key, time.Now().Add(time.Hour)))
		_, err := h.AssetContent(h.ctx, h.editor, a.ID, dam.VersionOriginal, true)
		wantKind(t, err, dam.OriginalUnavailable)
		state := func() dam.OriginalState {
			b, err := h.Asset(h.ctx, h.editor, a.ID)
			must(t, err)
			return b.Original
		}
		if state() != dam.OriginalMissing {
			t.Errorf("it is %s", state())
		}
		_, err = h.CreateLink(h.ctx, h.editor, library.NewLink{Kind: dam.LinkKindDownload, AssetIDs: []string{a.ID}})
		wantKind(t, err, dam.OriginalNotHere)
		_, err = h.blobs.Put(h.ctx, strings.NewReader("bytes"))
		must(t, err)
		_, err = h.Check(h.ctx, false, func(int) {})
		must(t, err)
		if state() != dam.OriginalAvailable {
			t.Errorf("after the check it is %s", state())
		}
	})
}

func TestAnExternalFolderIsShownWhereItLies(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		folder := filepath.Join(h.place, "photos")
		must(t, os.MkdirAll(filepath.Join(folder, "2026"), 0o700))
		write := func(name, body string) { must(t, os.WriteFile(filepath.Join(folder, name), []byte(body), 0o600)) }
		write("2026/a.txt", "one")
		write("b.txt", "two")
		write(".hidden", "no")
		must(t, os.Symlink("/etc/passwd", filepath.Join(folder, "passwd.txt")))

		for name, n := range map[string]library.NewSource{
			"outside of the roots":  {Name: "x", Kind: dam.SourceFolder, Address: "/etc"},
			"by a step up":          {Name: "x", Kind: dam.SourceFolder, Address: h.place + "/../"},
			"of another kind":       {Name: "x", Kind: "ftp", Address: folder},
			"a bucket of no server": {Name: "x", Kind: dam.SourceBucket, Address: "s3://b"},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := h.AddSource(h.ctx, h.admin, n)
				wantKind(t, err, dam.Invalid)
			})
		}
		_, err := h.AddSource(h.ctx, h.editor, library.NewSource{Name: "x", Kind: dam.SourceFolder, Address: folder})
		wantKind(t, err, dam.Forbidden)
		s, err := h.AddSource(h.ctx, h.admin, library.NewSource{Name: "NAS", Kind: dam.SourceFolder, Address: folder})
		must(t, err)
		scan := func() {
			t.Helper()
			must(t, h.ScanSources(h.ctx, dam.Job{}))
		}
		if s.State != dam.SourceOK || len(h.queue.jobs) != 1 {
			t.Errorf("it began as %+v with %v", s, h.queue.jobs)
		}
		must(t, h.StepRun(h.ctx, h.queue.jobs[0]))
		scan()
		names := func() (names []string) {
			list, err := h.Assets(h.ctx, h.editor, store.AssetQuery{Source: s.ID, Sort: "name"})
			must(t, err)
			for _, a := range list.Items {
				names = append(names, a.Name)
			}
			return names
		}
		if got := names(); !slices.Equal(got, []string{"a.txt", "b.txt"}) {
			t.Fatalf("the source has %v", got)
		}
		list, err := h.Assets(h.ctx, h.editor, store.AssetQuery{Words: "b.txt"})
		must(t, err)
		b := list.Items[0]
		if got := h.text(h.AssetContent(h.ctx, h.editor, b.ID, dam.VersionOriginal, true)); got != "two" {
			t.Errorf("its original is %q", got)
		}
		_, err = h.CreateLink(h.ctx, h.editor, library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: []string{b.ID}})
		wantKind(t, err, dam.Forbidden)
		_, err = h.ArchiveAsset(h.ctx, h.editor, b.ID)
		wantKind(t, err, dam.Forbidden)

		run, err := h.ImportCopies(h.ctx, h.editor, "", []string{b.ID})
		must(t, err)
		must(t, h.StepRun(h.ctx, dam.Job{Kind: dam.JobRun, ID: run.ID}))
		if run, err = h.Run(h.ctx, h.editor, run.ID); err != nil || run.State != dam.RunDone || run.Done != 1 || run.Failed != 0 {
			t.Fatalf("the import is %+v, %v", run, err)
		}
		list, err = h.Assets(h.ctx, h.editor, store.AssetQuery{Source: dam.SourceUpload})
		if err != nil || list.Total != 1 || list.Items[0].OwnerID != h.editor.ID || dam.Sharable(h.editor, list.Items[0]) != nil {
			t.Errorf("the copy is %+v, %v", list.Items, err)
		}

		must(t, os.Remove(filepath.Join(folder, "b.txt")))
		write("c.txt", "three")
		scan()
		if got := names(); !slices.Equal(got, []string{"a.txt", "c.txt"}) {
			t.Errorf("after a change it has %v", got)
		}
		must(t, os.Rename(folder, folder+"-away"))
		scan()
		scan()
		all, err := h.Sources(h.ctx, h.editor)
		if err != nil || all[0].State != dam.SourceOffline || all[0].Message == "" || len(names()) != 2 {
			t.Errorf("offline it is %+v with %v, %v", all, names(), err)
		}
		must(t, os.Rename(folder+"-away", folder))
		scan()
		if all, err = h.Sources(h.ctx, h.editor); err != nil || all[0].State != dam.SourceOK || all[0].Assets != 2 {
			t.Errorf("back again it is %+v, %v", all, err)
		}
		if all[0].Address != "" {
			t.Errorf("an editor is told that it lies at %s", all[0].Address)
		}
		must(t, h.DeleteSource(h.ctx, h.admin, s.ID))
		if got := names(); len(got) != 0 {
			t.Errorf("without the source there are %v", got)
		}
		h.clock.Advance(25 * time.Hour)
		must(t, h.Sweep(h.ctx, dam.Job{}))
	})
}

func TestWhatAPageTellsFollowsTheTerms(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "x")
		h.edit(a, func(a *dam.Asset) { a.Title, a.Description, a.Rights.Licence = "Title", "Words", "CC BY" })
		must(t, h.store.InTx(h.ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.SaveFacts(ctx, a.ID, []dam.FactGroup{{Name: "EXIF", Items: []dam.Fact{{Name: "Model", Value: "X"}, {Name: "GPSLatitude", Value: "1"}}}}, "")
		}))
		see := func(terms dam.Terms) (title, licence string, facts int) {
			item := h.item(h.link(library.NewLink{AssetIDs: []string{a.ID}, Terms: terms}))
			return item.Title + item.Description, item.Rights.Licence, len(item.Facts)
		}
		for _, c := range []struct {
			name           string
			terms          dam.Terms
			title, licence string
			facts          int
		}{
			{"nothing", dam.Terms{}, "", "", 0},
			{"the basics", dam.Terms{Show: dam.ShowBasic}, "TitleWords", "CC BY", 0},
			{"all, with the file that tells it", dam.Terms{Show: dam.ShowAll, Original: true}, "TitleWords", "CC BY", 2},
			{"all, without the file", dam.Terms{Show: dam.ShowAll}, "TitleWords", "CC BY", 1},
			{"all but the place", dam.Terms{Show: dam.ShowAll, Files: dam.CleanGPS}, "TitleWords", "CC BY", 1},
		} {
			t.Run(c.name, func(t *testing.T) {
				if title, licence, facts := see(c.terms); title != c.title || licence != c.licence || facts != c.facts {
					t.Errorf("got %q, %q, %d facts", title, licence, facts)
				}
			})
		}
	})
}

func TestARecipeInUseNamesItsLinksBeforeItGoes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "x")
		h.edit(a, func(a *dam.Asset) { a.Kind = dam.KindImage })
		_, err := h.AddRecipe(h.ctx, h.admin, dam.Recipe{Name: "web", Kind: dam.RecipeImage, Box: 800, MIME: "image/webp", Quality: 70})
		must(t, err)
		_, err = h.AddRecipe(h.ctx, h.admin, dam.Recipe{Name: "web", Kind: dam.RecipeImage, Box: 800, MIME: "image/webp", Quality: 70})
		wantKind(t, err, dam.Conflict)
		for _, bad := range []dam.Recipe{
			{Name: "original", Kind: dam.RecipeImage, Box: 800, MIME: "image/webp", Quality: 70},
			{Name: "page-3", Kind: dam.RecipeImage, Box: 800, MIME: "image/webp", Quality: 70},
			{Name: "a@b", Kind: dam.RecipeImage, Box: 800, MIME: "image/webp", Quality: 70},
			{Name: "big", Kind: dam.RecipeImage, Box: 80000, MIME: "image/webp", Quality: 70},
			{Name: "odd", Kind: dam.RecipeImage, Box: 800, MIME: "image/tiff", Quality: 70},
		} {
			_, err := h.AddRecipe(h.ctx, h.admin, bad)
			wantKind(t, err, dam.Invalid)
		}
		h.renditions(a, "x", "web")
		link := h.link(library.NewLink{AssetIDs: []string{a.ID}, Name: "Press", Terms: dam.Terms{Proxies: []string{"web"}}})
		if got, err := h.guest(link, a.ID, "web", true); err != nil || got != "web x" {
			t.Errorf("got %q, %v", got, err)
		}
		err = h.DeleteRecipe(h.ctx, h.admin, "web", false)
		wantKind(t, err, dam.InUse)
		if !strings.Contains(dam.Sentence(err), "Press") {
			t.Errorf("it says %q", dam.Sentence(err))
		}
		wantKind(t, h.DeleteRecipe(h.ctx, h.editor, "web", true), dam.Forbidden)
		must(t, h.DeleteRecipe(h.ctx, h.admin, "web", true))
		_, err = h.guest(link, a.ID, "web", true)
		wantKind(t, err, dam.NotFound)
		on := false
		_, err = h.EditRecipe(h.ctx, h.admin, dam.Preview, library.RecipePatch{Enabled: &on})
		wantKind(t, err, dam.Invalid)
		_, err = h.EditRecipe(h.ctx, h.admin, dam.Fullscreen, library.RecipePatch{Enabled: &on})
		must(t, err)
	})
}

func TestTagsAndRightsAreCheckedAndFound(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "x")
		tags := []string{" Spring  2026 ", "ёлка", "ёлка", ""}
		b, err := h.EditAsset(h.ctx, h.editor, a.ID, library.AssetPatch{Tags: &tags, Rights: &dam.Rights{Licence: "CC BY", UsageUntil: "2027-01-31"}})
		if err != nil || !slices.Equal(b.Tags, []string{"Spring 2026", "ёлка"}) {
			t.Errorf("got %+v, %v", b.Tags, err)
		}
		if list, err := h.Assets(h.ctx, h.editor, store.AssetQuery{Words: "ёлка"}); err != nil || list.Total != 1 {
			t.Errorf("found %d, %v", list.Total, err)
		}
		for _, bad := range []dam.Rights{{UsageFrom: "1.2.2026"}, {UsageFrom: "2027-01-01", UsageUntil: "2026-01-01"}} {
			_, err := h.EditAsset(h.ctx, h.editor, a.ID, library.AssetPatch{Rights: &bad})
			wantKind(t, err, dam.Invalid)
		}
	})
}

func TestTheSweeperForgetsWhatWasMadeForLinksThatAreGone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.jpg", "\xff\xd8\xff picture")
		must(t, h.store.InTx(h.ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.ReplaceWatermark(ctx, dam.Watermark{Version: "1", Key: a.Key, CreatedAt: h.clock.Now()})
		}))
		terms := dam.Terms{Watermark: true, Trace: true, Original: true, Files: dam.CleanGPS}
		one, other := h.link(library.NewLink{AssetIDs: []string{a.ID}, Name: "one", Terms: terms}), h.link(library.NewLink{AssetIDs: []string{a.ID}, Name: "other", Terms: terms})
		name := func(l library.LinkView) string {
			m, err := dam.Watermark{Version: "1"}.Mark(l.Link)
			must(t, err)
			return dam.MarkedName(dam.Preview, m.Name)
		}
		made := []string{dam.Preview, "preview@w1", name(one), name(other), "original@no_gps", "original@none"}
		h.renditions(a, "x", made...)
		left := func() (names []string) {
			must(t, h.Sweep(h.ctx, dam.Job{}))
			for _, name := range made {
				if _, err := h.store.Rendition(h.ctx, a.ID, name); err == nil {
					names = append(names, name)
				}
			}
			return names
		}
		if got := left(); !slices.Equal(got, made[:5]) {
			t.Errorf("with both links left are %v", got)
		}
		must(t, h.DeleteLink(h.ctx, h.editor, one.ID))
		if got := left(); !slices.Equal(got, []string{dam.Preview, "preview@w1", name(other), "original@no_gps"}) {
			t.Errorf("with one link left are %v", got)
		}
		must(t, h.DeleteLink(h.ctx, h.editor, other.ID))
		if got := left(); !slices.Equal(got, []string{dam.Preview, "preview@w1"}) {
			t.Errorf("without links left are %v", got)
		}
	})
}

func TestAFailureOfAnEarlierOriginalLeavesTheNewOneAlone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.png", "\x89PNG\r\n\x1a\n first")
		_, err := h.ReplaceOriginal(h.ctx, h.editor, a.ID, library.NewFile{Name: "b.png", Body: strings.NewReader("\x89PNG\r\n\x1a\n second")})
		must(t, err)
		must(t, h.Failed(h.ctx, dam.OriginalJob(dam.JobDerive, a), "The first file is damaged."))
		b, err := h.Asset(h.ctx, h.editor, a.ID)
		if err != nil || b.Status != dam.StatusProcessing || b.Failure != "" {
			t.Errorf("the new original is %s, %q, %v", b.Status, b.Failure, err)
		}
		must(t, h.Failed(h.ctx, dam.OriginalJob(dam.JobDerive, b), "The second file is damaged."))
		if b, err = h.Asset(h.ctx, h.editor, a.ID); err != nil || b.Status != dam.StatusFailed || b.Work != dam.WorkNone {
			t.Errorf("its own failure left it %s, %q, %v", b.Status, b.Work, err)
		}
	})
}

func TestAPinnedLinkTellsNothingOfTheNewOriginal(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "first")
		pinned := h.link(library.NewLink{AssetIDs: []string{a.ID}, Pinned: true, Terms: dam.Terms{Original: true, Show: dam.ShowAll}})
		h.clock.Advance(time.Hour)
		_, err := h.ReplaceOriginal(h.ctx, h.editor, a.ID, library.NewFile{Name: "b.txt", Body: strings.NewReader("second")})
		must(t, err)
		h.edit(a, func(a *dam.Asset) { a.TakenAt, a.Placeholder = h.clock.Now(), []byte{1, 2, 3} })
		if item := h.item(pinned); !item.TakenAt.IsZero() || item.Placeholder != nil || item.Name != "a.txt" {
			t.Errorf("the page tells %+v", item)
		}
		_, err = h.ArchiveAsset(h.ctx, h.editor, a.ID)
		must(t, err)
		_, err = h.guest(pinned, a.ID, dam.VersionOriginal, true)
		wantKind(t, err, dam.OriginalUnavailable)
	})
}

func TestTheNameOfADeletedRecipeDoesNotComeBackInLinks(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "x")
		web := dam.Recipe{Name: "web", Kind: dam.RecipeImage, Box: 100, MIME: "image/jpeg", Quality: 70}
		_, err := h.AddRecipe(h.ctx, h.admin, web)
		must(t, err)
		link := h.link(library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Proxies: []string{dam.Preview, "web"}}})
		must(t, h.DeleteRecipe(h.ctx, h.admin, "web", true))
		web.Box = 8000
		_, err = h.AddRecipe(h.ctx, h.admin, web)
		must(t, err)
		h.renditions(a, "huge", "web")
		_, err = h.guest(link, a.ID, "web", true)
		wantKind(t, err, dam.NotAllowed)
	})
}

func TestAChangeDoesNotUndoAnotherThatCameMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.bring(h.editor, "a.txt", "x")
		trashed := make(chan error, 1)
		must(t, h.store.InTx(h.ctx, func(ctx context.Context, tx *store.Tx) error {
			mine, err := tx.Asset(ctx, a.ID)
			if err != nil {
				return err
			}
			go func() {
				_, err := h.TrashAsset(h.ctx, h.editor, a.ID)
				trashed <- err
			}()
			if err := h.untilHeldUp(trashed); err != nil {
				return err
			}
			mine.Note = "made"
			return tx.UpdateAsset(ctx, mine)
		}))
		must(t, <-trashed)
		b, err := h.store.Asset(h.ctx, a.ID)
		if err != nil || !b.Trashed() || b.Note != "made" {
			t.Errorf("trashed: %v, note: %q, %v", b.Trashed(), b.Note, err)
		}
	})
}

// untilHeldUp waits until a statement of this database waits for another, or what was begun is over. On
// SQLite the second transaction can't begin at all.
func (h *house) untilHeldUp(over chan error) error {
	pool := h.store.Postgres()
	if pool == nil {
		return nil
	}
	for {
		var waiting int
		err := pool.QueryRow(h.ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waiting)
		if err != nil || waiting > 0 {
			return err
		}
		select {
		case err := <-over:
			over <- err
			return err
		default:
		}
	}
}
