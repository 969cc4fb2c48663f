package server

import (
	"slices"
	"strings"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

func oneOf(it library.GuestItem) library.GuestPage {
	return library.GuestPage{Name: "Spring", Kind: "asset", Items: []library.GuestItem{it}, Total: 1}
}

func aFilm() library.GuestItem {
	return library.GuestItem{
		ID: "film", Name: "Clip.mov", Kind: dam.KindVideo, MIME: "video/quicktime", Width: 1920, Height: 1080, Duration: 32.4, Size: 4e7,
		View: dam.Poster, ViewWidth: 1280, ViewHeight: 720, Poster: dam.Poster, Play: dam.Video720, Storyboard: dam.Storyboard, Columns: 5, Rows: 5,
		Captions: []library.GuestCaption{{ID: "c1", Label: "English.vtt"}, {ID: "c2", Label: "Русский.vtt"}},
		Versions: []library.GuestVersion{{Name: dam.Video720, MIME: "video/mp4", Width: 1280, Height: 720, Size: 3e6}},
	}
}

func aSound() library.GuestItem {
	return library.GuestItem{
		ID: "sound", Name: "Take 3.wav", Kind: dam.KindAudio, MIME: "audio/wav", Duration: 3725, Size: 6e8,
		View: dam.Preview, ViewWidth: 1280, ViewHeight: 480, Play: dam.Audio128,
		Versions: []library.GuestVersion{{Name: dam.Audio128, MIME: "audio/mp4", Size: 59_600_000}},
	}
}

func aDocument(pages int) library.GuestItem {
	return library.GuestItem{
		ID: "document", Name: "Report.pdf", Kind: dam.KindDocument, MIME: "application/pdf", Size: 2e6, Pages: pages,
		View: dam.Preview, ViewWidth: 905, ViewHeight: 1280,
	}
}

// stagePage is the page of one item in English.
func stagePage(t *testing.T, it library.GuestItem) dom {
	t.Helper()
	p := somePages(t)
	return parse(t, renderItem(t, p, it))
}

func TestAFilmIsPlayedByTheBrowserWithItsPosterCaptionsAndStills(t *testing.T) {
	page := stagePage(t, aFilm())
	video := page.id("media")
	for name, want := range map[string]string{
		"src": "/s/T/a/film/video720", "poster": "/s/T/a/film/poster", "preload": "metadata", "width": "1280", "height": "720",
	} {
		if got := video.get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !video.has("controls") || !video.has("playsinline") {
		t.Error("it has no controls, or leaves the page on phones")
	}
	tracks := page.all("track")
	if len(tracks) != 2 || tracks[1].get("src") != "/s/T/a/film/c2" || tracks[1].get("label") != "Русский" ||
		!tracks[0].has("default") || tracks[1].has("default") {
		t.Errorf("%d tracks", len(tracks))
	}
	line := page.id("line")
	if !line.has("hidden") || line.get("data-sheet") != "/s/T/a/film/storyboard" || line.get("data-columns") != "5" {
		t.Error("the time line shows without a script, or not what it should")
	}
	if !strings.Contains(page.text(), "0:32") || len(page.all("img")) != 0 {
		t.Error(page.text())
	}
}

func TestASoundIsPlayedUnderItsWave(t *testing.T) {
	page := stagePage(t, aSound())
	if audio := page.all("audio"); len(audio) != 1 || audio[0].get("src") != "/s/T/a/sound/audio128" || !audio[0].has("controls") {
		t.Errorf("%d players", len(audio))
	}
	if wave := page.all("img"); len(wave) != 1 || wave[0].get("src") != "/s/T/a/sound/preview" {
		t.Errorf("%d pictures", len(wave))
	}
	if !strings.Contains(page.text(), "1:02:05") {
		t.Error(page.text())
	}
}

func TestADocumentIsReadPageByPageAndEveryPageHasItsPlace(t *testing.T) {
	page := stagePage(t, aDocument(12))
	leaves := page.all("ol")[0].all("img")
	if len(leaves) != 12 || leaves[2].get("src") != "/s/T/a/document/page-3" || leaves[2].get("alt") != "Page 3 of 12" ||
		leaves[0].get("loading") != "eager" || leaves[11].get("loading") != "lazy" {
		t.Fatalf("%d pages", len(leaves))
	}
	if third := page.id("page-3"); third.all("a")[0].get("href") != "#page-3" || !page.id("pager").has("hidden") {
		t.Error("a page without an address of its own")
	}
	if !strings.Contains(page.text(), "12 pages") || strings.Contains(page.text(), "first") {
		t.Error(page.text())
	}
	long := stagePage(t, aDocument(240))
	if n := len(long.all("ol")[0].all("img")); n != 100 || !strings.Contains(long.text(), "The first 100 of 240 pages are shown.") {
		t.Errorf("%d of 240 pages: %s", n, long.text())
	}
}

func TestAPageSaysCalmlyWhatItCannotShowAndWaitsOnlyForWhatWillCome(t *testing.T) {
	bare := library.GuestItem{ID: "x", Name: "Model.blend", Kind: dam.KindOther, MIME: "application/octet-stream"}
	for _, c := range []struct {
		name   string
		it     library.GuestItem
		change func(*library.GuestItem)
		says   string
		waits  bool
	}{
		{"a film that is being made", aFilm(), func(it *library.GuestItem) { it.Pending = true }, "The film is being prepared.", true},
		{"a sound that is being made", aSound(), func(it *library.GuestItem) { it.Pending = true }, "The sound is being prepared.", true},
		{"pages that are being made", aDocument(3), func(it *library.GuestItem) { it.Pending = true }, "The preview is being made.", true},
		{"a file that is looked at", bare, func(it *library.GuestItem) { it.Pending = true }, "The preview is being made.", true},
		{"a film in a marked link", aFilm(), func(it *library.GuestItem) { it.Marked = true }, "films are shown as a still", false},
		{"a film that is being made in a marked link", aFilm(), func(it *library.GuestItem) { it.Marked, it.Pending = true, true }, "films are shown as a still", false},
		{"a sound in a marked link", aSound(), func(it *library.GuestItem) { it.Marked = true }, "sound is not played", false},
		{"a film that is too long", aFilm(), func(*library.GuestItem) {}, "This film can’t be played here.", false},
		{"a sound that is too long", aSound(), func(*library.GuestItem) {}, "This sound can’t be played here.", false},
		{"a file without a picture", bare, func(*library.GuestItem) {}, "No preview", false},
	} {
		it := c.it
		it.Play, it.Storyboard, it.Captions = "", "", nil
		c.change(&it)
		page := stagePage(t, it)
		if !strings.Contains(page.id("main").text(), c.says) {
			t.Errorf("%s: %s", c.name, page.id("main").text())
		}
		if waits := page.id("main").get("data-again") == "/s/T?item="+it.ID; waits != c.waits {
			t.Errorf("%s: waits %v", c.name, waits)
		}
		if len(page.all("video")) > 0 || len(page.all("audio")) > 0 {
			t.Errorf("%s: a player with nothing to play", c.name)
		}
		if it.View != "" && len(page.all("img")) == 0 {
			t.Errorf("%s: nothing is seen", c.name)
		}
	}
}

func TestAFilmWaitsForItsStillsUnlessThereWillBeNone(t *testing.T) {
	for _, c := range []struct{ pending, plays bool }{{true, false}, {false, true}} {
		it := aFilm()
		it.Storyboard, it.Pending = "", c.pending
		page := stagePage(t, it)
		if plays, waits := len(page.all("video")) == 1, page.id("main").has("data-again"); plays != c.plays || waits == c.plays {
			t.Errorf("pending %v: plays %v, waits %v", c.pending, plays, waits)
		}
	}
}

func TestWaitingGoesOnWithoutAScript(t *testing.T) {
	it := aFilm()
	it.Pending, it.Play = true, ""
	if text := renderItem(t, somePages(t), it); !strings.Contains(text, `<noscript><meta http-equiv="refresh" content="10; url=/s/T?item=film"></noscript>`) {
		t.Error(text)
	}
	if text := renderItem(t, somePages(t), aFilm()); strings.Contains(text, "refresh") {
		t.Error("a page that has all it needs loads itself again")
	}
}

func TestSupportingFilesAreAGroupOfTheirOwnUnderTheLinksWord(t *testing.T) {
	it := aFilm()
	it.Cleaned = dam.CleanGPS
	it.Versions = []library.GuestVersion{
		{Name: dam.VersionOriginal, MIME: "video/quicktime", Width: 1920, Height: 1080},
		{Name: dam.Video720, MIME: "video/mp4", Width: 1280, Height: 720, Size: 3e6},
		{Name: "f1", Label: "licence.pdf", MIME: "application/pdf", Size: 12_000},
		{Name: "f2", Label: "notes.xyzzyx", MIME: "application/octet-stream", Size: 900},
	}
	for _, c := range []struct{ kind, word string }{{"asset", "Supporting files"}, {"collection", "Attachments"}} {
		p := somePages(t)
		g := oneOf(it)
		g.Kind = c.kind
		page := parse(t, renderPage(t, p, g))
		var lists [][]string
		for _, list := range page.all("details")[0].all("ul") {
			var rows []string
			for _, li := range list.all("li") {
				rows = append(rows, li.all("span")[0].text()+": "+li.all("small")[0].text())
			}
			lists = append(lists, rows)
		}
		want := [][]string{
			{"Original: MOV, 1920 × 1080, 0:32, without place data", "Video 720p: MP4, 1280 × 720, 0:32, 3 MB"},
			{"licence.pdf: PDF, 12 KB", "notes.xyzzyx: File, 900 B"},
		}
		if !slices.EqualFunc(lists, want, slices.Equal) {
			t.Errorf("%q", lists)
		}
		if got := page.id("files").text(); got != c.word {
			t.Errorf("%s: %q", c.kind, got)
		}
	}
	if got := stagePage(t, aSound()).all("small")[0].text(); got != "M4A, 60 MB" {
		t.Errorf("a single download says %q", got)
	}
}

func TestASoundToTakeTellsItsLengthAndBits(t *testing.T) {
	it := aSound()
	d := speak(t, "en").download("/s/T", it, it.Versions[0])
	if got := strings.ReplaceAll(d.Note, "\u00a0", " "); got != "M4A, 1:02:05, 128 kbit/s, 60 MB" {
		t.Error(got)
	}
}

func TestTilesTellWhatTheyStandFor(t *testing.T) {
	f := frame{words: speak(t, "en")}
	pending := aFilm()
	pending.Duration = 0
	word := aDocument(3)
	word.Name, word.MIME = "Letter.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	for _, c := range []struct {
		it   library.GuestItem
		want badge
	}{
		{aFilm(), badge{"play", "Video", "0:32"}}, {pending, badge{"play", "Video", ""}}, {aSound(), badge{"audio", "Audio", "1:02:05"}},
		{aDocument(12), badge{"", "", "PDF 12\u00a0p."}}, {aDocument(0), badge{"", "", "PDF"}}, {word, badge{"", "", "DOCX 3\u00a0p."}},
	} {
		tile := f.tile("/s/T", "/s/T?item=x", c.it, 0)
		if tile.Badge == nil || *tile.Badge != c.want || tile.Picture == nil {
			t.Errorf("%s: %+v, want %+v", c.it.Name, tile.Badge, c.want)
		}
	}
	photo := library.GuestItem{ID: "p", Name: "a.jpg", Kind: dam.KindImage, MIME: "image/jpeg", View: dam.Preview, ViewWidth: 12, ViewHeight: 8}
	if f.tile("/s/T", "", photo, 0).Badge != nil {
		t.Error("a photograph needs no badge")
	}
	card := library.GuestItem{ID: "c", Name: "a.blend", Kind: dam.KindOther}
	if tile := f.tile("/s/T", "", card, 0); tile.Picture != nil || tile.Card.Format != "BLEND" {
		t.Error(tile)
	}
}

func TestRightsAndFactsAreShownAsFarAsTheyAreKnown(t *testing.T) {
	it := aDocument(1)
	page := stagePage(t, it)
	if len(page.all("dl")) != 0 {
		t.Error("an empty list")
	}
	it.Rights = dam.Rights{Credit: "Somebody", UsageUntil: "2026-12-31"}
	it.Facts = []dam.Fact{{Name: "Producer", Value: "A press"}}
	page = stagePage(t, it)
	if got := page.all("dl")[0].text(); got != "Credit Somebody Use until 31 Dec 2026" {
		t.Error(got)
	}
	details := page.all("details")
	if len(details) == 0 || details[len(details)-1].has("open") || details[len(details)-1].all("dl")[0].text() != "Producer A press" {
		t.Error("the facts are not there, or in the way")
	}
	for _, c := range []struct {
		r    dam.Rights
		want string
	}{
		{dam.Rights{UsageFrom: "2026-01-02"}, "с 2 янв. 2026"}, {dam.Rights{UsageUntil: "2026-03-04"}, "по 4 марта 2026"},
		{dam.Rights{UsageFrom: "2026-01-02", UsageUntil: "2026-03-04"}, "с 2 янв. 2026 по 4 марта 2026"}, {dam.Rights{UsageUntil: "soon"}, ""},
	} {
		if got := speak(t, "ru").usage(c.r); got != c.want {
			t.Errorf("%+v: %q, want %q", c.r, got, c.want)
		}
	}
}

func TestDataTellsWhereEverythingIs(t *testing.T) {
	type any_ = map[string]any
	marked := aFilm()
	marked.Play, marked.Storyboard, marked.Marked = "", "", true
	text, err := speak(t, "en").index("/s/T", library.GuestPage{Items: []library.GuestItem{aFilm(), aSound(), aDocument(240), marked}})
	must(t, err)
	var index struct{ Items []any_ }
	site := &site{t: t}
	site.into(answer{200, nil, string(text)}, &index)
	film, sound, document, still := index.Items[0], index.Items[1], index.Items[2], index.Items[3]
	for _, c := range []struct {
		got, want any
	}{
		{film["play_url"], "/s/T/a/film/video720"}, {film["poster_url"], "/s/T/a/film/poster"}, {film["page_url"], nil},
		{film["storyboard"].(any_)["url"], "/s/T/a/film/storyboard"}, {film["storyboard"].(any_)["columns"], 5.0},
		{film["captions"].([]any)[0].(any_)["url"], "/s/T/a/film/c1"}, {film["captions"].([]any)[0].(any_)["label"], "English.vtt"},
		{sound["play_url"], "/s/T/a/sound/audio128"}, {sound["poster_url"], nil}, {sound["storyboard"], nil},
		{document["page_url"], "/s/T/a/document/page-{n}"}, {document["pages"], 240.0}, {document["play_url"], nil},
		{still["play_url"], nil}, {still["storyboard"], nil}, {still["poster_url"], "/s/T/a/film/poster"},
		{document["rights"].(any_)["usage_until"], nil}, {len(document["metadata"].([]any)), 0},
	} {
		if c.got != c.want {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
}
