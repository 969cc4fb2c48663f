package server

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/testkit"
)

// sendForm posts a form to the API.
func (s *site) sendForm(who, method, path string, fields ...[2]string) answer {
	s.t.Helper()
	body, kind := form(fields...)
	return s.do(ask{who: who, method: method, path: "/api/v1" + path, body: body, header: map[string]string{"Content-Type": kind}})
}

func (s *site) attach(who string, a dam.Asset, name, text string) attachmentJSON {
	s.t.Helper()
	var file attachmentJSON
	got := s.sendForm(who, "POST", "/assets/"+a.ID+"/attachments", [2]string{"file:" + name, text})
	if got.status != http.StatusCreated {
		s.t.Fatalf("%d %s", got.status, got.body)
	}
	s.into(got, &file)
	return file
}

const captions = "WEBVTT\n\n00:00.000 --> 00:02.000\nПривет.\n"

func TestASupportingFileLeavesAsAFileToKeep(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL).people()
		film := s.film("owner", "film.mp4")
		for _, c := range []struct {
			name, text string
			kind       string // what the browser is told
			inline     bool   // without ?download
			mime       string // what the JSON says
		}{
			{"notes.txt", "Some words.", "application/octet-stream", false, ""},
			{"page.html", "<!doctype html><script>alert(1)</script>", "application/octet-stream", false, ""},
			{"drawing.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "application/octet-stream", false, ""},
			{"still.jpg", string(photo(8, 8, "still")), "image/jpeg", false, "image/jpeg"},
			{"../../etc/passwd", "root:x:0:0", "application/octet-stream", false, ""},
			{"Субтитры.vtt", captions, "text/vtt; charset=utf-8", true, "text/vtt"},
		} {
			t.Run(c.name, func(t *testing.T) {
				file := s.attach("owner", film, c.name, c.text)
				if strings.Contains(file.Name, "/") || file.Size != int64(len(c.text)) || file.CreatedAt.IsZero() {
					t.Errorf("%+v", file)
				}
				if c.mime != "" && file.MIME != c.mime {
					t.Errorf("is called %s", file.MIME)
				}
				path := "/api/v1/assets/" + film.ID + "/attachments/" + file.ID
				for _, query := range []string{"", "?download"} {
					got := s.do(ask{who: "owner", method: "GET", path: path + query})
					inline := strings.HasPrefix(got.header.Get("Content-Disposition"), "inline")
					want := c.kind
					if c.inline && query != "" {
						want = "application/octet-stream"
					}
					if got.status != 200 || got.body != c.text || inline != (c.inline && query == "") {
						t.Errorf("%s: %d %v", query, got.status, got.header)
					}
					if kind := got.header.Get("Content-Type"); kind != want {
						t.Errorf("%s: sent as %s", query, kind)
					}
					if got.header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox") {
						t.Errorf("%s: %v", query, got.header)
					}
				}
			})
		}
	})
}

func TestSupportingFilesComeAndGo(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	base := "/api/v1/assets/" + a.ID
	file := s.attach("owner", a, "contract.pdf", "%PDF-1.4 not quite")
	var seen assetJSON
	s.into(s.do(ask{who: "viewer", method: "GET", path: base}), &seen)
	if len(seen.Attachments) != 1 || seen.Attachments[0].Name != "contract.pdf" || seen.Can.Attach {
		t.Errorf("%+v %+v", seen.Attachments, seen.Can)
	}
	one := base + "/attachments/" + file.ID
	s.play([]scene{
		{"a viewer may not take it", ask{who: "viewer", method: "GET", path: one}, 403, "forbidden", ""},
		{"a viewer may not delete it", ask{who: "viewer", method: "DELETE", path: one}, 403, "forbidden", ""},
		{"an id of nothing is none", ask{who: "owner", method: "GET", path: base + "/attachments/nothing"}, 404, "not_found", ""},
		{"nor is a path", ask{who: "owner", method: "GET", path: base + "/attachments/..%2f..%2fkey"}, 404, "not_found", ""},
		{"another asset does not have it", ask{who: "owner", method: "GET",
			path: "/api/v1/assets/" + s.picture("owner", "b.jpg").ID + "/attachments/" + file.ID}, 404, "not_found", ""},
		{"it is no version", ask{who: "owner", method: "GET", path: base + "/versions/" + file.ID}, 404, "not_found", ""},
		{"a part of it", ask{who: "owner", method: "GET", path: one, header: map[string]string{"Range": "bytes=0-3"}}, 206, "%PDF", "quite"},
		{"it is deleted", ask{who: "owner", method: "DELETE", path: one}, 204, "", ""},
		{"and gone", ask{who: "owner", method: "GET", path: one}, 404, "not_found", ""},
		{"and can't be deleted twice", ask{who: "owner", method: "DELETE", path: one}, 404, "not_found", ""},
	})
}

func TestAFormForOneFileHoldsOneFile(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	other := string(photo(64, 48, "another"))
	for _, path := range []string{"/attachments", "/original"} {
		method := map[string]string{"/attachments": "POST", "/original": "PUT"}[path]
		for _, c := range []struct {
			sentence string
			fields   [][2]string
			status   int
		}{
			{"nothing", nil, 422},
			{"an empty file", [][2]string{{"file:a.jpg", ""}}, 422},
			{"a text instead of a file", [][2]string{{"title", "T"}}, 422},
			{"a field nobody knows, then a file", [][2]string{{"title", "T"}, {"file:a.jpg", other}}, 422},
		} {
			t.Run(path+" "+c.sentence, func(t *testing.T) {
				got := s.sendForm("owner", method, "/assets/"+a.ID+path, c.fields...)
				if got.status != c.status || got.code() != "invalid" {
					t.Errorf("%d %s", got.status, got.body)
				}
			})
		}
		s.play([]scene{
			{path + " as JSON", ask{who: "owner", method: method, path: "/api/v1/assets/" + a.ID + path, body: `{"file":"x"}`}, 415, "multipart", ""},
			{path + " of nothing", ask{who: "owner", method: method, path: "/api/v1/assets/VTR-99" + path, body: `{}`}, 404, "not_found", ""},
		})
		if got := s.sendForm("viewer", method, "/assets/"+a.ID+path, [2]string{"file:a.jpg", other}); got.status != 403 {
			t.Errorf("%s: a viewer: %d %s", path, got.status, got.body)
		}
	}
	head := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a"
	for sentence, body := range map[string]string{
		"a name with a control character": head + "\x01.jpg\"\r\n\r\n" + other + "\r\n--b--\r\n",
		"a header that is none":           "--b\r\nfile\r\n\r\n" + other + "\r\n--b--\r\n",
		"headers without end":             "--b\r\n" + strings.Repeat("X: y\r\n", 20_000) + "\r\n" + other + "\r\n--b--\r\n",
		"a part without an end":           head + ".jpg\"\r\n\r\n" + other,
	} {
		got := s.do(ask{who: "owner", method: "POST", path: "/api/v1/assets/" + a.ID + "/attachments", body: body,
			header: map[string]string{"Content-Type": "multipart/form-data; boundary=b"}})
		if got.status != http.StatusBadRequest || got.code() != "invalid" {
			t.Errorf("%s: %d %s", sentence, got.status, got.body)
		}
	}
	var seen assetJSON
	s.into(s.do(ask{who: "owner", method: "GET", path: "/api/v1/assets/" + a.ID}), &seen)
	if seen.Revision != 1 || len(seen.Attachments) != 0 {
		t.Errorf("something was kept: %+v", seen)
	}
}

func TestANewOriginalKeepsNumberAndLinks(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL).people()
		a := s.picture("owner", "first.jpg")
		live := s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Original: true}})
		pinned := s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Original: true}, Pinned: true})
		s.clock.Advance(60e9)
		second := string(photo(80, 60, "second"))
		put := func(name, text string) answer {
			return s.sendForm("owner", "PUT", "/assets/"+a.ID+"/original", [2]string{"file:" + name, text})
		}
		var now assetJSON
		got := put("second.jpg", second)
		s.into(got, &now)
		if got.status != 200 || now.ID != a.ID || now.Revision != 2 || now.Name != "second.jpg" || now.Status != dam.StatusProcessing {
			t.Fatalf("%d %s", got.status, got.body)
		}
		first := string(photo(64, 48, "first.jpg"))
		take := func(l library.LinkView) string {
			return s.do(ask{method: "GET", path: "/s/" + tokenOf(l) + "/a/" + a.ID + "/original"}).body
		}
		if take(live) != second || take(pinned) != first {
			t.Error("a live link gives the new original, a pinned one the old")
		}
		s.play([]scene{
			{"the same file again is none", ask{who: "owner", method: "GET", path: "/api/v1/assets/VTR-1/originals"}, 200, "first.jpg", ""},
			{"an original that never was", ask{who: "owner", method: "POST", path: "/api/v1/assets/VTR-1/originals/7/restore"}, 404, "not_found", ""},
			{"the present one", ask{who: "owner", method: "POST", path: "/api/v1/assets/VTR-1/originals/2/restore"}, 404, "not_found", ""},
			{"no number", ask{who: "owner", method: "POST", path: "/api/v1/assets/VTR-1/originals/one/restore"}, 422, "revision", ""},
			{"a number below all", ask{who: "owner", method: "POST", path: "/api/v1/assets/VTR-1/originals/-1/restore"}, 422, "revision", ""},
			{"a number beyond all", ask{who: "owner", method: "POST", path: "/api/v1/assets/VTR-1/originals/99999999999999999999/restore"}, 422, "revision", ""},
		})
		if got := put("notes.txt", "words"); got.status != 422 || !strings.Contains(got.body, `"field":"file"`) {
			t.Errorf("another kind of file: %d %s", got.status, got.body)
		}
		if got := put("second.jpg", second); got.status != 422 {
			t.Errorf("the same bytes: %d %s", got.status, got.body)
		}
		s.into(s.do(ask{who: "owner", method: "POST", path: "/api/v1/assets/VTR-1/originals/1/restore"}), &now)
		var all struct{ Items []originalJSON }
		s.into(s.do(ask{who: "viewer", method: "GET", path: "/api/v1/assets/" + a.ID + "/originals"}), &all)
		if now.Revision != 3 || len(all.Items) != 3 || !all.Items[0].Current || all.Items[0].Name != "first.jpg" ||
			all.Items[2].BroughtInBy.Name != "Person owner" || all.Items[2].BroughtInAt != noon {
			t.Errorf("%+v", all)
		}
		if take(live) != first {
			t.Error("the restored original is not the live one")
		}
	})
}

func TestPeopleTagAssetsAndSayWhoseTheyAre(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	edit := func(body string) ask {
		return ask{who: "owner", method: "PATCH", path: "/api/v1/assets/" + a.ID, body: body}
	}
	var hundred []string
	for i := range 101 {
		hundred = append(hundred, fmt.Sprintf("tag %d", i))
	}
	tooMany, err := json.Marshal(hundred)
	must(t, err)
	s.play([]scene{
		{"tags are set", edit(`{"tags":["harbour"," sea  side ","harbour"]}`), 200, `"tags":["harbour","sea side"]`, ""},
		{"rights are set", edit(`{"rights":{"licence":"CC BY 4.0","credit":"A. Person","usage_from":"2026-01-01","usage_until":null}}`), 200,
			`"usage_from":"2026-01-01","usage_until":null`, ""},
		{"what is not sent stays", edit(`{"title":"T"}`), 200, `"tags":["harbour","sea side"]`, ""},
		{"rights are one thing", edit(`{"rights":{"credit":"B"}}`), 200, `"licence":"","credit":"B","usage_from":null`, ""},
		{"tags are found", ask{who: "viewer", method: "GET", path: "/api/v1/assets?q=harbour"}, 200, `"total":1`, ""},
		{"null takes all tags away", edit(`{"tags":null}`), 200, `"tags":[]`, ""},
		{"too many tags", edit(`{"tags":` + string(tooMany) + `}`), 422, "tags", ""},
		{"a tag that is too long", edit(`{"tags":["` + strings.Repeat("x", 65) + `"]}`), 422, "tags", ""},
		{"a tag that is a number", edit(`{"tags":[1]}`), 422, "tags", ""},
		{"tags that are a text", edit(`{"tags":"harbour"}`), 422, "tags", ""},
		{"a day that is none", edit(`{"rights":{"usage_until":"2026-02-30"}}`), 422, "usage_until", ""},
		{"a last day before the first", edit(`{"rights":{"usage_from":"2026-02-02","usage_until":"2026-02-01"}}`), 422, "usage_until", ""},
		{"a right nobody knows", edit(`{"rights":{"owner":"me"}}`), 422, "owner", ""},
		{"rights that are a text", edit(`{"rights":"mine"}`), 422, "rights", ""},
		{"metadata of the file can be read", ask{who: "viewer", method: "GET", path: "/api/v1/assets/VTR-1/metadata"}, 200, `"groups":[]`, ""},
	})
}

func TestWhoIsRefusedHearsItBeforeTheFileComes(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	for who, want := range map[string]int{
		"owner": http.StatusRequestEntityTooLarge, "nobody": http.StatusUnauthorized,
	} {
		conn, err := net.Dial("tcp", s.http.Listener.Addr().String())
		must(t, err)
		defer conn.Close()
		fmt.Fprintf(conn, "POST /api/v1/assets/%s/attachments HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"+
			"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n--b\r\n", a.ID, s.tokens[who], library.MaxAttachment*2)
		must(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
		got, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: the server waits for a file it does not want: %v", who, err)
		}
		got.Body.Close()
		if got.StatusCode != want {
			t.Errorf("%s: %s", who, got.Status)
		}
	}
}
