package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/testkit"
)

// scene is one step of a story: what is asked, what must come back, and what must not.
type scene struct {
	sentence string
	ask      ask
	status   int
	has      string
	hasNot   string
}

func (s *site) play(scenes []scene) {
	for _, c := range scenes {
		s.t.Run(c.sentence, func(t *testing.T) {
			got := s.do(c.ask)
			if got.status != c.status {
				t.Errorf("%d, want %d\n%s", got.status, c.status, got.body)
			}
			if !strings.Contains(got.body, c.has) {
				t.Errorf("has not %q\n%s", c.has, got.body)
			}
			if c.hasNot != "" && strings.Contains(got.body, c.hasNot) {
				t.Errorf("has %q\n%s", c.hasNot, got.body)
			}
		})
	}
}

// TestALinkFromItsMakingToItsEnd is the story that the product is for, told over HTTP.
func TestALinkFromItsMakingToItsEnd(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL).people()
		a := s.picture("owner", "harbour.jpg")
		var l linkJSON
		got := s.do(ask{who: "owner", method: "POST", path: "/api/v1/links",
			body: `{"kind":"public","asset_ids":["` + a.ID + `"],"allow":{"proxies":["preview"]}}`})
		s.into(got, &l)
		if got.status != 201 || l.Status != "active" || l.HasPassword || l.Shared != 1 || l.Total != 1 ||
			l.Target.Number == nil || *l.Target.Number != "VTR-1" || l.Name != "Link from 23 Nov 2026, 12:00" {
			t.Fatalf("%d %s", got.status, got.body)
		}
		api, page := "/api/v1/links/"+l.ID, strings.TrimPrefix(l.URL, s.server.BaseURL)
		media := page + "/a/" + a.ID
		patch := func(body string) ask { return ask{who: "owner", method: "PATCH", path: api, body: body} }
		guest := func(path string) ask { return ask{method: "GET", path: path} }
		s.play([]scene{
			{"a guest sees what is in it", guest(page + "/index.json"), 200, "harbour.jpg", "sha256"},
			{"the page names it", guest(page), 200, "harbour.jpg", "Person owner"},
			{"the preview is shown", guest(media + "/preview"), 200, "", ""},
			{"the preview may be taken", guest(media + "/preview?download"), 200, "", ""},
			{"the thumbnail is shown", guest(media + "/thumbnail"), 200, "", ""},
			{"the thumbnail may not be taken", guest(media + "/thumbnail?download"), 403, "not_allowed", ""},
			{"the original may not be taken", guest(media + "/original"), 403, "not_allowed", ""},
			{"the large one is not even shown", guest(media + "/fullscreen"), 403, "not_allowed", ""},
			{"a version nobody knows is none", guest(media + "/huge"), 404, "not_found", ""},
			{"words in the address change nothing", guest(media + "/thumbnail?size=9999&inline=1&format=png"), 200, "", ""},
			{"a session changes nothing", ask{who: "owner", method: "GET", path: media + "/original"}, 403, "not_allowed", ""},
			{"it becomes locked", patch(`{"password":"open sesame"}`), 200, `"has_password":true`, "open sesame"},
			{"bytes want the password", guest(media + "/preview"), 401, "password_required", "harbour"},
			{"data want the password", guest(page + "/index.json"), 401, "password_required", "harbour"},
			{"the page asks for it", guest(page), 200, "password", "harbour"},
			{"it opens again", patch(`{"password":null}`), 200, `"has_password":false`, ""},
			{"bytes come again", guest(media + "/preview"), 200, "", ""},
			{"the original is allowed", patch(`{"allow":{"original":true,"proxies":["preview"]}}`), 200, `"original":true`, ""},
			{"the original comes", guest(media + "/original"), 200, "", ""},
			{"what is not sent stays", patch(`{"name":"Harbour"}`), 200, `"original":true`, ""},
			{"a link ends on a day", patch(`{"expires_on":"2026-12-31","time_zone":"Pacific/Auckland"}`), 200, "2026-12-31T10:59:59.999999Z", ""},
			{"a day in the past is refused", patch(`{"expires_on":"2026-01-01","time_zone":"UTC"}`), 422, "expires", ""},
			{"both ways to end it are too many", patch(`{"expires_on":"2026-12-31","expires_at":null}`), 422, "not both", ""},
			{"a zone must exist", patch(`{"expires_on":"2026-12-31","time_zone":"Mars/Olympus"}`), 422, "time_zone", ""},
			{"a link need not end", patch(`{"expires_at":null}`), 200, `"expires_at":null`, ""},
			{"a password may not be short", patch(`{"password":"short"}`), 422, "password", ""},
			{"an unknown proxy is refused", patch(`{"allow":{"proxies":["huge"]}}`), 422, "allow.proxies", ""},
			{"what a link is can't be changed", patch(`{"kind":"download"}`), 422, "kind", ""},
			{"the asset tells its links", ask{who: "owner", method: "GET", path: "/api/v1/assets/VTR-1/links"}, 200, `/a/VTR-1"`, ""},
			{"its owner lists it", ask{who: "owner", method: "GET", path: "/api/v1/links?q=harbour"}, 200, l.ID, ""},
			{"others do not", ask{who: "other", method: "GET", path: "/api/v1/links"}, 200, `"total":0`, l.ID},
			{"it is deleted", ask{who: "owner", method: "DELETE", path: api}, 204, "", ""},
			{"nothing is left of the page", guest(page), 404, "", "harbour"},
			{"nothing is left of the bytes", guest(media + "/preview"), 404, "not_found", ""},
			{"it can't be deleted twice", ask{who: "owner", method: "DELETE", path: api}, 404, "not_found", ""},
			{"its QR code is gone", ask{who: "owner", method: "GET", path: api + "/qr"}, 404, "not_found", ""},
		})
	})
}

func TestADownloadLinkGivesTheOriginalAndNothingElse(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	name := `фото "1"; rm.jpg`
	a := s.picture("owner", name)
	archived := s.picture("owner", "archived.jpg")
	_, err := s.lib.ArchiveAsset(t.Context(), s.as("owner"), archived.ID)
	must(t, err)
	make := func(body string) ask {
		return ask{who: "owner", method: "POST", path: "/api/v1/links", body: strings.ReplaceAll(body, "ID", a.ID)}
	}
	var l linkJSON
	s.into(s.do(make(`{"kind":"download","asset_ids":["ID"]}`)), &l)
	path := strings.TrimPrefix(l.URL, s.server.BaseURL)
	if !strings.HasPrefix(path, "/d/") {
		t.Fatal(l.URL)
	}
	got := s.do(ask{method: "GET", path: path})
	if got.status != 200 || got.body != string(photo(64, 48, name)) || got.header.Get("Content-Length") != fmt.Sprint(len(got.body)) {
		t.Errorf("%d, %d bytes", got.status, len(got.body))
	}
	if d := got.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment;") || !strings.Contains(d, "filename*=UTF-8''%D1%84") {
		t.Error(d)
	}
	first := s.do(ask{method: "GET", path: path, header: map[string]string{"Range": "bytes=0-0"}})
	if first.status != 206 || len(first.body) != 1 || first.header.Get("Content-Range") != fmt.Sprintf("bytes 0-0/%d", len(got.body)) {
		t.Errorf("%d %v", first.status, first.header)
	}
	stale := s.do(ask{method: "GET", path: path, header: map[string]string{"Range": "bytes=0-0", "If-Range": `"old"`}})
	if stale.status != 200 || stale.body != got.body {
		t.Errorf("a part of another file: %d", stale.status)
	}
	s.play([]scene{
		{"no other version", ask{method: "GET", path: strings.Replace(path, "/d/", "/s/", 1) + "/a/" + a.ID + "/preview"}, 404, "not_found", ""},
		{"no password", make(`{"kind":"download","asset_ids":["ID"],"password":"long enough"}`), 422, "password", ""},
		{"no proxies", make(`{"kind":"download","asset_ids":["ID"],"allow":{"proxies":["preview"]}}`), 422, "allow", ""},
		{"one asset only", make(`{"kind":"download","asset_ids":["ID","` + archived.ID + `"]}`), 422, "asset_ids", ""},
		{"not of an archived original", make(`{"kind":"download","asset_ids":["` + archived.ID + `"]}`), 409, dam.OriginalNote, ""},
	})
	_, err = s.lib.ArchiveAsset(t.Context(), s.as("owner"), a.ID)
	must(t, err)
	if got := s.do(ask{method: "GET", path: path}); got.status != 503 || got.code() != "original_unavailable" {
		t.Errorf("archived later: %d %s", got.status, got.body)
	}
}

func TestSeveralAssetsBecomeACollection(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	var ids []string
	for i := range 5 {
		a := s.picture("owner", fmt.Sprintf("number %d.jpg", i))
		ids = append(ids, a.ID)
	}
	body, err := json.Marshal(map[string]any{"kind": "public", "asset_ids": ids, "collection_name": "Harbour", "locale": "ru"})
	must(t, err)
	var l linkJSON
	got := s.do(ask{who: "owner", method: "POST", path: "/api/v1/links", body: string(body)})
	s.into(got, &l)
	if got.status != 201 || l.Shared != 5 || l.Total != 5 || l.CollectionID == nil || l.Target.Kind != "collection" ||
		l.Target.Name != "Harbour" || !strings.HasPrefix(l.Name, "Ссылка от ") {
		t.Fatalf("%d %s", got.status, got.body)
	}
	page := strings.TrimPrefix(l.URL, s.server.BaseURL)
	collection := "/api/v1/collections/" + *l.CollectionID
	change := func(method, id string) ask {
		return ask{who: "owner", method: method, path: collection + "/assets", body: `{"asset_ids":["` + id + `"]}`}
	}
	s.play([]scene{
		{"the collection is the owner's", ask{who: "owner", method: "GET", path: collection}, 200, `"count":5`, ""},
		{"and nobody else's", ask{who: "other", method: "GET", path: collection}, 404, "", "Harbour"},
		{"an asset leaves it", change("DELETE", ids[0]), 200, `"count":4`, ""},
		{"and the link at once", ask{method: "GET", path: page + "/a/" + ids[0] + "/preview"}, 404, "", ""},
		{"it comes back", change("POST", ids[0]), 200, `"count":5`, ""},
		{"and the link has it", ask{method: "GET", path: page + "/a/" + ids[0] + "/preview"}, 200, "", ""},
		{"a deleted asset is gone from the link", ask{who: "owner", method: "DELETE", path: "/api/v1/assets/" + ids[1]}, 204, "", ""},
		{"at once", ask{method: "GET", path: page + "/a/" + ids[1] + "/preview"}, 404, "", ""},
		{"nothing may be shared that is not there", ask{who: "owner", method: "POST", path: "/api/v1/links", body: `{"kind":"public","asset_ids":["x"]}`}, 404, "", ""},
		{"nothing may be shared that is nothing", ask{who: "owner", method: "POST", path: "/api/v1/links", body: `{"kind":"public","asset_ids":[]}`}, 422, "", ""},
		{"a list may not be endless", ask{who: "owner", method: "POST", path: "/api/v1/links",
			body: `{"kind":"public","asset_ids":[` + strings.Repeat(`"a",`, 10_000) + `"a"]}`}, 422, "asset_ids", ""},
	})
}

func TestAListIsReadToItsEnd(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	for i := range 5 {
		s.picture("owner", fmt.Sprintf("number %d.jpg", i))
	}
	var seen []string
	path := "/api/v1/assets?limit=2&sort=oldest"
	for range 4 {
		var page listJSON[assetJSON]
		s.into(s.do(ask{who: "viewer", method: "GET", path: path}), &page)
		for _, a := range page.Items {
			seen = append(seen, a.Number)
		}
		if page.Total != 5 {
			t.Errorf("total %d", page.Total)
		}
		if page.NextCursor == nil {
			break
		}
		path = "/api/v1/assets?limit=2&sort=oldest&cursor=" + *page.NextCursor
	}
	if got := strings.Join(seen, " "); got != "VTR-1 VTR-2 VTR-3 VTR-4 VTR-5" {
		t.Error(got)
	}
}

func TestAQRCodeSaysExactlyTheLink(t *testing.T) {
	reader, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Fatal("zbarimg is not installed: run make deps-test")
	}
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	l := s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Name: "Гавань <script>"})
	for _, query := range []string{"", "?size=256", "?size=1024", "?format=png&size=2048", "?format=svg"} {
		t.Run("qr"+query, func(t *testing.T) {
			got := s.do(ask{who: "owner", method: "GET", path: "/api/v1/links/" + l.ID + "/qr" + query})
			if got.status != 200 || strings.Contains(got.body, "<script") {
				t.Fatal(got.status, got.body)
			}
			if d := got.header.Get("Content-Disposition"); !strings.Contains(d, "filename*=UTF-8''%D0%93") {
				t.Error(d)
			}
			file := filepath.Join(t.TempDir(), "qr.png")
			if strings.Contains(query, "svg") {
				file = strings.Replace(file, ".png", ".svg", 1)
			}
			must(t, os.WriteFile(file, []byte(got.body), 0o600))
			if strings.HasSuffix(file, ".svg") {
				drawn := strings.Replace(file, ".svg", ".png", 1)
				if out, err := exec.Command("rsvg-convert", "-w", "600", "-o", drawn, file).CombinedOutput(); err != nil {
					t.Fatalf("rsvg-convert: %v: %s", err, out)
				}
				file = drawn
			}
			var out bytes.Buffer
			cmd := exec.Command(reader, "-q", "--raw", file)
			cmd.Stdout = &out
			must(t, cmd.Run())
			if said := strings.TrimSpace(out.String()); said != l.URL {
				t.Errorf("says %q, want %q", said, l.URL)
			}
		})
	}
}

func TestWhatALinkIsUsedForIsCounted(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	l := s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Proxies: []string{"preview"}}})
	page := "/s/" + tokenOf(l)
	for _, path := range []string{page, page + "/a/" + a.ID + "/preview?download", page + "/a/" + a.ID + "/original"} {
		s.do(ask{method: "GET", path: path})
		s.do(ask{method: "HEAD", path: path})
	}
	s.lib.FlushVisits()
	var visits streamJSON[visitJSON]
	s.into(s.do(ask{who: "owner", method: "GET", path: "/api/v1/links/" + l.ID + "/visits"}), &visits)
	var events []string
	for _, v := range visits.Items {
		events = append(events, string(v.Event))
	}
	if got := strings.Join(events, " "); strings.Count(got, "opened") != 1 || strings.Count(got, "download_started") != 1 {
		t.Error(got)
	}
	var stats struct{ Views, Downloads, Refused int64 }
	s.into(s.do(ask{who: "owner", method: "GET", path: "/api/v1/links/" + l.ID + "/stats"}), &stats)
	if stats.Views != 1 || stats.Downloads != 1 || stats.Refused == 0 {
		t.Errorf("%+v", stats)
	}
}

func TestAssetsAreEditedByField(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	edit := func(body string) ask {
		return ask{who: "owner", method: "PATCH", path: "/api/v1/assets/" + a.ID, body: body}
	}
	get := ask{who: "viewer", method: "GET", path: "/api/v1/assets/VTR-1"}
	s.play([]scene{
		{"a title is set", edit(`{"title":"T","description":"D"}`), 200, `"title":"T"`, ""},
		{"what is not sent stays", edit(`{"description":"E"}`), 200, `"title":"T"`, ""},
		{"null takes a text away", edit(`{"title":null}`), 200, `"title":""`, ""},
		{"everybody sees it", get, 200, `"restricted_to":null`, ""},
		{"its owner keeps it", edit(`{"restricted_to":[]}`), 200, `"restricted_to":[]`, ""},
		{"nobody else knows of it", get, 404, "", "a.jpg"},
		{"one reader is named", edit(`{"restricted_to":["` + s.users["viewer"].ID + `"]}`), 200, "Person viewer", ""},
		{"and sees it", get, 200, "a.jpg", ""},
		{"a reader must exist", edit(`{"restricted_to":["nobody"]}`), 422, "restricted_to", ""},
		{"it is for everybody again", edit(`{"restricted_to":null}`), 200, `"restricted_to":null`, ""},
		{"it is deleted", ask{who: "owner", method: "DELETE", path: "/api/v1/assets/" + a.ID}, 204, "", ""},
		{"it lies in the trash", ask{who: "owner", method: "GET", path: "/api/v1/assets?trash=true"}, 200, `"in_trash":true`, ""},
		{"and comes back", ask{who: "owner", method: "POST", path: "/api/v1/assets/" + a.ID + "/restore"}, 200, `"in_trash":false`, ""},
	})
}

func TestTimesAreUTC(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	s.clock.Set(time.Date(2026, 11, 23, 15, 0, 0, 123456000, time.FixedZone("", 3*3600)))
	a := s.picture("owner", "a.jpg")
	got := s.do(ask{who: "owner", method: "GET", path: "/api/v1/assets/" + a.ID})
	if !strings.Contains(got.body, `"created_at":"2026-11-23T12:00:00.123456Z"`) {
		t.Error(got.body)
	}
}
