package server

import (
	"context"
	"strings"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/store"
)

func TestAGuestSeeksInAFilmAndReadsItsCaptions(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.film("owner", "Clip.mp4")
	file := s.attach("owner", a, "English.vtt", captions)
	licence := s.attach("owner", a, "licence.txt", "Yours.")
	path := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}}))
	_, page := s.page(path)
	video, tracks := page.id("media"), page.all("track")
	if len(tracks) != 1 || tracks[0].get("src") != path+"/a/"+a.ID+"/"+file.ID {
		t.Fatalf("%d tracks", len(tracks))
	}
	part := s.do(ask{method: "GET", path: video.get("src"), header: map[string]string{"Range": "bytes=0-1"}})
	if part.status != 206 || len(part.body) != 2 || part.header.Get("Content-Type") != "video/mp4" {
		t.Errorf("the first two bytes: %d %d", part.status, len(part.body))
	}
	told := s.do(ask{method: "GET", path: tracks[0].get("src"), header: map[string]string{"Sec-Fetch-Dest": "track"}})
	if told.status != 200 || told.body != captions || !strings.HasPrefix(told.header.Get("Content-Type"), "text/vtt") {
		t.Errorf("captions: %d %v", told.status, told.header)
	}
	for _, refused := range []string{file.ID + "?download", licence.ID, licence.ID + "?download", dam.Video720 + "?download"} {
		if got := s.do(ask{method: "GET", path: path + "/a/" + a.ID + "/" + refused}); got.status != 403 {
			t.Errorf("%s of a view-only link: %d", refused, got.status)
		}
	}
	if !strings.Contains(page.text(), "View only") {
		t.Error("does not say view only")
	}
}

func TestSupportingFilesAreTakenWhereTheLinkAllowsThem(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	one, two := s.picture("owner", "a.jpg"), s.picture("owner", "b.jpg")
	s.attach("owner", one, "Лицензия.txt", "Yours.")
	path := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{one.ID, two.ID}, Terms: dam.Terms{Attachments: true}}))
	_, page := s.page(path + "?item=" + one.ID)
	links := page.all("details")[0].all("a")
	if len(links) != 1 || page.id("files").text() != "Attachments" || !strings.HasPrefix(links[0].text(), "Лицензия.txt") {
		t.Fatal(page.text())
	}
	got := s.do(ask{method: "GET", path: links[0].get("href")})
	if got.status != 200 || got.body != "Yours." || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%d %v", got.status, got.header)
	}
	if _, page := s.page(path + "?item=" + two.ID); !strings.Contains(page.text(), "View only") {
		t.Error("an item that has none offers something")
	}
}

func TestAMarkedLinkShowsNothingThatMovesAndLeavesPlacesEmptyUntilTheMarkIsLaid(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	s.mark()
	film, photo := s.film("owner", "Clip.mp4"), s.picture("owner", "a.jpg")
	path := "/s/" + tokenOf(s.link("owner", library.NewLink{
		AssetIDs: []string{photo.ID, film.ID}, Terms: dam.Terms{Watermark: true},
	}))
	for _, address := range []string{path, path + "?item=" + film.ID, path + "/index.json"} {
		if got, _ := s.page(address); got.status != 200 || strings.Contains(got.body, "/"+dam.Video720) || strings.Contains(got.body, "/"+dam.Storyboard) {
			t.Errorf("%s: %d tells of what it may not show", address, got.status)
		}
	}
	got, page := s.page(path + "?item=" + film.ID)
	if imgs := page.all("img"); len(imgs) != 1 || imgs[0].get("src") != path+"/a/"+film.ID+"/poster" || !strings.Contains(page.text(), "films are shown as a still") {
		t.Error(got.body)
	}
	for _, meta := range page.all("meta") {
		if strings.Contains(meta.get("content"), "/a/") {
			t.Errorf("a picture in %s", meta.get("name")+meta.get("property"))
		}
	}
	for _, version := range []string{dam.Video720, dam.Storyboard} {
		if got := s.do(ask{method: "GET", path: path + "/a/" + film.ID + "/" + version}); got.status != 403 {
			t.Errorf("%s: %d", version, got.status)
		}
	}
	picture := path + "/a/" + photo.ID + "/preview"
	frame := s.do(ask{method: "GET", path: picture, header: map[string]string{"Accept": "image/avif,image/webp,*/*;q=0.8"}})
	if frame.status != 202 || frame.header.Get("Retry-After") == "" || frame.header.Get("Content-Type") != "image/gif" ||
		frame.body != emptyPicture || frame.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a frame on a page: %d %v %q", frame.status, frame.header, frame.body)
	}
	program := s.do(ask{method: "GET", path: picture})
	if program.status != 202 || program.code() != "not_ready" || program.header.Get("Retry-After") == "" {
		t.Errorf("a program: %d %s", program.status, program.body)
	}
}

func TestAPageTellsOnlyWhatItsLinkTells(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	title, description := "Larches", "Above the lake."
	rights := dam.Rights{Licence: "CC BY 4.0", Credit: "Somebody", UsageUntil: "2026-12-31"}
	_, err := s.lib.EditAsset(t.Context(), s.as("owner"), a.ID, library.AssetPatch{Title: &title, Description: &description, Rights: &rights})
	must(t, err)
	must(t, s.store.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.SaveFacts(ctx, a.ID, []dam.FactGroup{{Name: "EXIF", Items: []dam.Fact{{Name: "Lens Model", Value: "Planar"}}}}, "")
	}))
	own := []string{title, description, "CC BY 4.0", "Somebody", "31 Dec 2026"}
	for _, c := range []struct {
		show         dam.Showing
		own, details bool
	}{{dam.ShowNone, false, false}, {dam.ShowBasic, true, false}, {dam.ShowAll, true, true}} {
		path := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Show: c.show}}))
		got, page := s.page(path)
		data := s.do(ask{method: "GET", path: path + "/index.json"}).body
		if !strings.Contains(page.text(), "a.jpg") || !strings.Contains(page.text(), "JPEG") {
			t.Errorf("%q: not even what it is: %s", c.show, page.text())
		}
		for _, word := range own {
			if strings.Contains(got.body, word) != c.own {
				t.Errorf("%q: %s on the page: %v", c.show, word, !c.own)
			}
		}
		if strings.Contains(got.body, "Planar") != c.details || strings.Contains(data, "Planar") != c.details || strings.Contains(data, "CC BY") != c.own {
			t.Errorf("%q: what the file says:\n%s\n%s", c.show, page.text(), data)
		}
	}
}
