package server

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/testkit"
)

// folder writes files beneath the folder that external sources may lie in.
func (s *site) folder(name string, files map[string]string) string {
	s.t.Helper()
	dir := filepath.Join(s.outer, name)
	for file, text := range files {
		must(s.t, os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o700))
		must(s.t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600))
	}
	return dir
}

// work does what the queue would have a runner do.
func (s *site) work(run string) {
	s.t.Helper()
	must(s.t, s.lib.StepRun(s.t.Context(), dam.Job{Kind: dam.JobRun, ID: run}))
}

func quoted(text string) string {
	out, _ := json.Marshal(text)
	return string(out)
}

func TestAFolderIsShownWhereItLies(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL).people()
		dir := s.folder("archive", map[string]string{"1999/harbour.txt": "old words", "readme.txt": "more words"})
		add := func(body string) answer {
			return s.do(ask{who: "admin", method: "POST", path: "/api/v1/sources", body: body})
		}
		got := add(`{"name":"Old archive","kind":"folder","address":` + quoted(dir) + `}`)
		var source sourceJSON
		s.into(got, &source)
		if got.status != 201 || source.Name != "Old archive" || source.Address != dir || source.Message != nil {
			t.Fatalf("%d %s", got.status, got.body)
		}
		api := "/api/v1/sources/" + source.ID
		var run runJSON
		got = s.do(ask{who: "admin", method: "POST", path: api + "/rescan"})
		s.into(got, &run)
		if got.status != 202 || run.Kind != dam.RunRescan || run.Subject != source.ID {
			t.Fatalf("%d %s", got.status, got.body)
		}
		s.work(run.ID)
		var page listJSON[assetJSON]
		s.into(s.do(ask{who: "admin", method: "GET", path: "/api/v1/assets?sort=name&source=" + source.ID}), &page)
		if page.Total != 2 {
			t.Fatalf("%+v", page)
		}
		a := page.Items[0]
		if a.Path != "1999/harbour.txt" || a.SHA256 != "" || a.Source != source.ID || a.SourceName == nil || *a.SourceName != "Old archive" ||
			a.Can.Share || a.Can.ShareBlocked == nil || *a.Can.ShareBlocked != "external" || a.Can.Replace || a.Can.Archive {
			t.Errorf("%+v", a)
		}
		one := "/api/v1/assets/" + a.ID
		s.play([]scene{
			{"all external assets are one list", ask{who: "viewer", method: "GET", path: "/api/v1/assets?source=external"}, 200, `"total":2`, ""},
			{"our own are another", ask{who: "viewer", method: "GET", path: "/api/v1/assets?source=upload"}, 200, `"total":0`, ""},
			{"a source nobody knows has none", ask{who: "viewer", method: "GET", path: "/api/v1/assets?source=nothing"}, 200, `"total":0`, ""},
			{"none is archived", ask{who: "viewer", method: "GET", path: "/api/v1/assets?archived=true"}, 200, `"total":0`, ""},
			{"the bytes come from where they lie", ask{who: "owner", method: "GET", path: one + "/versions/original"}, 200, "old words", ""},
			{"a part of them", ask{who: "owner", method: "GET", path: one + "/versions/original", header: map[string]string{"Range": "bytes=4-8"}}, 206, "words", "old"},
			{"no link shares them", ask{who: "admin", method: "POST", path: "/api/v1/links", body: `{"kind":"public","asset_ids":["` + a.ID + `"]}`}, 403, "external", ""},
			{"they are not archived", ask{who: "admin", method: "POST", path: one + "/archive"}, 403, "", ""},
			{"the source counts them", ask{who: "viewer", method: "GET", path: "/api/v1/sources"}, 200, `"state":"ok","message":null,"assets":2`, ""},
			{"it is renamed", ask{who: "admin", method: "PATCH", path: api, body: `{"name":"Archive"}`}, 200, `"name":"Archive"`, ""},
			{"not to nothing", ask{who: "admin", method: "PATCH", path: api, body: `{"name":" "}`}, 422, "name", ""},
			{"its place stays", ask{who: "admin", method: "PATCH", path: api, body: `{"name":"A","address":"/"}`}, 422, "address", ""},
			{"another of its place is none", ask{who: "admin", method: "POST", path: "/api/v1/sources",
				body: `{"name":"Again","kind":"folder","address":` + quoted(dir) + `}`}, 409, "conflict", ""},
		})
		s.imported(a)
		s.play([]scene{
			{"the source is forgotten", ask{who: "admin", method: "DELETE", path: api}, 204, "", ""},
			{"its assets with it", ask{who: "admin", method: "GET", path: one}, 404, "", ""},
			{"the copy stays", ask{who: "other", method: "GET", path: "/api/v1/assets?source=upload"}, 200, `"total":1`, ""},
			{"it can't be forgotten twice", ask{who: "admin", method: "DELETE", path: api}, 404, "not_found", ""},
			{"nor looked through", ask{who: "admin", method: "POST", path: api + "/rescan"}, 404, "not_found", ""},
		})
		if text, err := os.ReadFile(filepath.Join(dir, "1999/harbour.txt")); err != nil || string(text) != "old words" {
			t.Error("the file in the source was touched:", err)
		}
	})
}

// imported copies an external asset into our own storage.
func (s *site) imported(a assetJSON) {
	s.t.Helper()
	var run runJSON
	got := s.do(ask{who: "other", method: "POST", path: "/api/v1/assets/import", body: `{"asset_ids":["` + a.ID + `"]}`})
	s.into(got, &run)
	if got.status != 202 || run.Kind != dam.RunImport || run.Total != 1 {
		s.t.Fatalf("%d %s", got.status, got.body)
	}
	s.work(run.ID)
	s.into(s.do(ask{who: "other", method: "GET", path: "/api/v1/runs/" + run.ID}), &run)
	var page listJSON[assetJSON]
	s.into(s.do(ask{who: "other", method: "GET", path: "/api/v1/assets?source=upload"}), &page)
	if run.State != dam.RunDone || run.Failed != 0 || page.Total != 1 || page.Items[0].Name != a.Name || !page.Items[0].Can.Share ||
		page.Items[0].Owner.Name != "Person other" {
		s.t.Errorf("%+v %+v", run, page)
	}
}

func TestASourceLiesWhereTheServerMayRead(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	inside := s.folder("photos", map[string]string{"a.txt": "a"})
	must(t, os.Symlink("/etc", filepath.Join(s.outer, "way out")))
	for sentence, body := range map[string]string{
		"the root of all":           `{"name":"n","kind":"folder","address":"/"}`,
		"a folder of the system":    `{"name":"n","kind":"folder","address":"/etc"}`,
		"a way up":                  `{"name":"n","kind":"folder","address":` + quoted(inside+"/../../..") + `}`,
		"a link that leads out":     `{"name":"n","kind":"folder","address":` + quoted(filepath.Join(s.outer, "way out")) + `}`,
		"a relative folder":         `{"name":"n","kind":"folder","address":"photos"}`,
		"nowhere":                   `{"name":"n","kind":"folder","address":""}`,
		"a neighbour of like name":  `{"name":"n","kind":"folder","address":` + quoted(s.outer+"2") + `}`,
		"no name":                   `{"name":"","kind":"folder","address":` + quoted(inside) + `}`,
		"a kind nobody knows":       `{"name":"n","kind":"ftp","address":"ftp://example.org"}`,
		"a bucket at no place":      `{"name":"n","kind":"bucket","address":"s3://bucket"}`,
		"a bucket with a password":  `{"name":"n","kind":"bucket","address":"s3://me:secret@bucket?endpoint=http://127.0.0.1:1"}`,
		"a bucket by another way":   `{"name":"n","kind":"bucket","address":"file:///etc"}`,
		"a field nobody knows":      `{"name":"n","kind":"folder","address":` + quoted(inside) + `,"owner":"me"}`,
		"an address that is a list": `{"name":"n","kind":"folder","address":["/"]}`,
	} {
		if got := s.do(ask{who: "admin", method: "POST", path: "/api/v1/sources", body: body}); got.status != 422 || got.code() != "invalid" {
			t.Errorf("%s: %d %s", sentence, got.status, got.body)
		}
	}
	many := `{"asset_ids":[` + strings.Repeat(`"a",`, 10_000) + `"a"]}`
	s.play([]scene{
		{"none was added", ask{who: "viewer", method: "GET", path: "/api/v1/sources"}, 200, `{"items":[]}`, ""},
		{"nothing can be imported", ask{who: "owner", method: "POST", path: "/api/v1/assets/import", body: `{"asset_ids":[]}`}, 422, "asset_ids", ""},
		{"nor what is not there", ask{who: "owner", method: "POST", path: "/api/v1/assets/import", body: `{"asset_ids":["nothing"]}`}, 422, "asset_ids", ""},
		{"nor without end", ask{who: "owner", method: "POST", path: "/api/v1/assets/import", body: many}, 422, "asset_ids", ""},
		{"a viewer imports nothing", ask{who: "viewer", method: "POST", path: "/api/v1/assets/import", body: `{"asset_ids":["nothing"]}`}, 403, "forbidden", ""},
		{"a source nobody knows", ask{who: "admin", method: "POST", path: "/api/v1/sources/nothing/import"}, 404, "not_found", ""},
	})
}
