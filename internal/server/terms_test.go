package server

import (
	"strings"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/testkit"
)

func TestALinkSaysWhatItTellsAndWhatItTakesOut(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL).people()
		a, film := s.picture("owner", "a.jpg"), s.film("owner", "film.mp4")
		s.mark()
		create := func(more string) ask {
			return ask{who: "owner", method: "POST", path: "/api/v1/links", body: `{"kind":"public","asset_ids":["` + a.ID + `"]` + more + `}`}
		}
		of := func(asset dam.Asset, more string) ask {
			q := create(more)
			q.body = strings.ReplaceAll(q.body, a.ID, asset.ID)
			return q
		}
		s.play([]scene{
			{"a new link tells the basics and keeps files as they are", create(``), 201,
				`"watermark":false,"trace":false,"recipient":"","metadata":{"show":"basic","files":"keep"},"pinned":false,"pinned_at":null`, ""},
			{"half of it may be said", create(`,"metadata":{"files":"no_gps"}`), 201, `"metadata":{"show":"basic","files":"no_gps"}`, ""},
			{"nothing may be told", create(`,"metadata":{"show":"none","files":"none"}`), 201, `"metadata":{"show":"none","files":"none"}`, ""},
			{"everything may be told", create(`,"metadata":{"show":"all"}`), 201, `"metadata":{"show":"all","files":"keep"}`, ""},
			{"a word nobody knows", create(`,"metadata":{"show":"everything"}`), 422, "metadata.show", ""},
			{"another one", create(`,"metadata":{"files":"gps"}`), 422, "metadata.files", ""},
			{"metadata that are a text", create(`,"metadata":"all"`), 422, "metadata", ""},
			{"a field nobody knows", create(`,"metadata":{"exif":true}`), 422, "exif", ""},
			{"it may be pinned", create(`,"pinned":true`), 201, `"pinned":true,"pinned_at":"2026-11-23T12:00:00Z"`, ""},
			{"it may be marked", create(`,"watermark":true,"trace":true,"recipient":"Press office"`), 201,
				`"watermark":true,"trace":true,"recipient":"Press office"`, ""},
			{"a trace without a mark", create(`,"trace":true`), 422, `"field":"trace"`, ""},
			{"a recipient of many words", create(`,"recipient":"` + strings.Repeat("ж", 121) + `"`), 422, `"field":"recipient"`, ""},
			{"a recipient of as many as may be", create(`,"recipient":"` + strings.Repeat("ж", 120) + `"`), 201, "жж", ""},
			{"supporting files that are not there", create(`,"allow":{"attachments":true}`), 422, `"field":"allow.attachments"`, ""},
			{"a proxy nobody makes", create(`,"allow":{"proxies":["nothing"]}`), 422, `"field":"allow.proxies"`, ""},
			{"a mark on a film", of(film, `,"watermark":true`), 422, `"field":"watermark"`, ""},
			{"a mark on what moves", create(`,"watermark":true,"allow":{"proxies":["video720"]}`), 422, `"field":"watermark"`, ""},
			{"a download link takes no such terms", ask{who: "owner", method: "POST", path: "/api/v1/links",
				body: `{"kind":"download","asset_ids":["` + a.ID + `"],"pinned":true}`}, 422, "allow", ""},
			{"nor loses metadata", ask{who: "owner", method: "POST", path: "/api/v1/links",
				body: `{"kind":"download","asset_ids":["` + a.ID + `"],"metadata":{"files":"none"}}`}, 422, "allow", ""},
		})
		text, _, err := s.lib.BringIn(t.Context(), s.as("owner"), library.NewAsset{Name: "notes.txt", Body: strings.NewReader("notes")})
		must(t, err)
		s.play([]scene{{"a file that can't be cleaned", of(text, `,"allow":{"original":true},"metadata":{"files":"no_gps"}`), 422,
			`"field":"metadata.files"`, ""}})
	})
}

func TestTermsAreChangedOneByOne(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	l := s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Files: dam.CleanAll}})
	patch := func(body string) ask {
		return ask{who: "owner", method: "PATCH", path: "/api/v1/links/" + l.ID, body: body}
	}
	s.play([]scene{
		{"a mark needs one in the settings", patch(`{"watermark":true}`), 422, `"field":"watermark"`, ""},
	})
	s.mark()
	s.play([]scene{
		{"then it can be demanded", patch(`{"watermark":true}`), 200, `"watermark":true,"trace":false`, ""},
		{"and say whom it is for", patch(`{"trace":true,"recipient":"Anna"}`), 200, `"trace":true,"recipient":"Anna"`, ""},
		{"what is not sent stays", patch(`{"name":"Press"}`), 200, `"trace":true,"recipient":"Anna","metadata":{"show":"none","files":"none"}`, ""},
		{"metadata are changed as a whole", patch(`{"metadata":{"show":"all"}}`), 422, "files", ""},
		{"and then they are", patch(`{"metadata":{"show":"all","files":"no_gps"}}`), 200, `"metadata":{"show":"all","files":"no_gps"}`, ""},
		{"null takes the recipient away", patch(`{"recipient":null}`), 200, `"recipient":""`, ""},
		{"a switch is no word", patch(`{"trace":"yes"}`), 422, "trace", ""},
		{"without a mark there is no trace", patch(`{"watermark":false}`), 200, `"watermark":false,"trace":false`, ""},
		{"it is pinned", patch(`{"pinned":true}`), 200, `"pinned":true,"pinned_at":"2026-11-23T12:00:00Z"`, ""},
		{"and let go", patch(`{"pinned":false}`), 200, `"pinned":false,"pinned_at":null`, ""},
	})
}

func TestGuestsTakeSupportingFilesWhereTheTermsAllow(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	film := s.film("owner", "film.mp4")
	notes, subtitles := s.attach("owner", film, "notes.html", "<script>alert(1)</script>"), s.attach("owner", film, "en.vtt", captions)
	open := s.link("owner", library.NewLink{AssetIDs: []string{film.ID}, Terms: dam.Terms{Attachments: true}})
	viewOnly := s.link("owner", library.NewLink{AssetIDs: []string{film.ID}})
	at := func(l library.LinkView, file attachmentJSON, query string) ask {
		return ask{method: "GET", path: "/s/" + tokenOf(l) + "/a/" + film.ID + "/" + file.ID + query}
	}
	for _, c := range []struct {
		sentence string
		ask      ask
		status   int
		begins   string
	}{
		{"a file to keep", at(open, notes, ""), 200, "attachment"},
		{"a file to keep, asked for", at(open, notes, "?download"), 200, "attachment"},
		{"captions for the player", at(viewOnly, subtitles, ""), 200, "inline"},
		{"captions to keep", at(open, subtitles, "?download"), 200, "attachment"},
		{"captions are not to keep in a link to look at", at(viewOnly, subtitles, "?download"), 403, ""},
		{"nor are other files there", at(viewOnly, notes, ""), 403, ""},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			got := s.do(c.ask)
			h := got.header
			if got.status != c.status || !strings.HasPrefix(h.Get("Content-Disposition"), c.begins) ||
				h.Get("X-Content-Type-Options") != "nosniff" || strings.Contains(h.Get("Content-Type"), "html") {
				t.Errorf("%d %v %s", got.status, h, got.body)
			}
		})
	}
	must(t, s.lib.Detach(t.Context(), s.as("owner"), film.ID, notes.ID))
	if got := s.do(at(open, notes, "")); got.status != 404 {
		t.Errorf("a deleted file: %d %s", got.status, got.body)
	}
}
