package server

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/store"
	"vitrine/internal/testkit"
)

func TestRecipesAreAddedChangedAndTakenAway(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL).people()
		a := s.picture("owner", "a.jpg")
		add := func(body string) ask { return ask{who: "admin", method: "POST", path: "/api/v1/recipes", body: body} }
		edit := func(name, body string) ask {
			return ask{who: "admin", method: "PATCH", path: "/api/v1/recipes/" + name, body: body}
		}
		s.play([]scene{
			{"everybody reads them", ask{who: "viewer", method: "GET", path: "/api/v1/recipes"}, 200, `"name":"video720"`, ""},
			{"one is added", add(`{"name":"web-1600","kind":"image","box":1600,"mime":"image/webp","quality":70}`), 201, `"missing":1`, ""},
			{"not twice", add(`{"name":"web-1600","kind":"image","box":1600,"mime":"image/webp","quality":70}`), 409, "conflict", ""},
			{"not under the name of a built-in one", add(`{"name":"preview","kind":"image","box":1600,"mime":"image/webp","quality":70}`), 409, "", ""},
			{"not under a name that means something else", add(`{"name":"original","kind":"image","box":1600,"mime":"image/webp","quality":70}`), 422, `"name"`, ""},
			{"nor that of a page", add(`{"name":"page-3","kind":"image","box":1600,"mime":"image/webp","quality":70}`), 422, `"name"`, ""},
			{"nor one that is a path", add(`{"name":"../x","kind":"image","box":1600,"mime":"image/webp","quality":70}`), 422, `"name"`, ""},
			{"nor one with a mark in it", add(`{"name":"x@none","kind":"image","box":1600,"mime":"image/webp","quality":70}`), 422, `"name"`, ""},
			{"not for sound", add(`{"name":"loud","kind":"audio","box":0,"mime":"audio/mp4","quality":70}`), 422, "kind", ""},
			{"not in a format nobody makes", add(`{"name":"old","kind":"image","box":16,"mime":"image/gif","quality":70}`), 422, "mime", ""},
			{"not in a format that runs", add(`{"name":"old","kind":"image","box":16,"mime":"image/svg+xml","quality":70}`), 422, "mime", ""},
			{"not too small", add(`{"name":"tiny","kind":"image","box":15,"mime":"image/png","quality":70}`), 422, "box", ""},
			{"not too large", add(`{"name":"huge","kind":"image","box":8193,"mime":"image/png","quality":70}`), 422, "box", ""},
			{"not with a size that is a text", add(`{"name":"web","kind":"image","box":"1600","mime":"image/png","quality":70}`), 422, "box", ""},
			{"not without a quality", add(`{"name":"web","kind":"image","box":1600,"mime":"image/png"}`), 422, "quality", ""},
			{"it is changed", edit("web-1600", `{"quality":60}`), 200, `"quality":60`, ""},
			{"but not its name", edit("web-1600", `{"name":"x"}`), 422, "name", ""},
			{"nor to nonsense", edit("web-1600", `{"quality":0}`), 422, "quality", ""},
			{"what pages need can't be switched off", edit("preview", `{"enabled":false}`), 422, "enabled", ""},
			{"a recipe nobody knows", edit("nothing", `{"quality":50}`), 404, "not_found", ""},
			{"a built-in one stays", ask{who: "admin", method: "DELETE", path: "/api/v1/recipes/fullscreen?confirm=true"}, 422, "built-in", ""},
			{"a question nobody understands", ask{who: "admin", method: "DELETE", path: "/api/v1/recipes/web-1600?confirm=perhaps"}, 422, "confirm", ""},
		})
		l := s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Name: "Press", Terms: dam.Terms{Proxies: []string{"web-1600"}}})
		remove := ask{who: "admin", method: "DELETE", path: "/api/v1/recipes/web-1600"}
		for name, q := range map[string]ask{"deleting": remove, "switching off": edit("web-1600", `{"enabled":false}`)} {
			got := s.do(q)
			var p Problem
			s.into(got, &p)
			if got.status != 409 || p.Code != "in_use" || len(p.Links) != 1 || p.Links[0] != (LinkInTheWay{l.ID, "Press"}) || !strings.Contains(p.Detail, "Press") {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
		}
		s.play([]scene{
			{"the links in the way are told", ask{who: "admin", method: "GET", path: "/api/v1/recipes/web-1600/links"}, 200, `"name":"Press","owner":{"id":"` + s.users["owner"].ID, ""},
			{"it can be switched off all the same", edit("web-1600", `{"enabled":false,"confirm":true}`), 200, `"enabled":false`, ""},
			{"and deleted", ask{who: "admin", method: "DELETE", path: "/api/v1/recipes/web-1600?confirm=true"}, 204, "", ""},
			{"and is gone", ask{who: "viewer", method: "GET", path: "/api/v1/recipes"}, 200, "", "web-1600"},
		})
	})
}

func TestLongWorkIsStartedAndSteered(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL).people()
		s.picture("owner", "a.jpg")
		must(t, s.recipe("web"))
		lines, _ := s.listen(t.Context(), "admin")
		await(t, lines, "retry:")
		var run runJSON
		got := s.do(ask{who: "admin", method: "POST", path: "/api/v1/recipes/web/rebuild"})
		s.into(got, &run)
		if got.status != http.StatusAccepted || run.Kind != "rebuild" || run.Subject != "web" || run.State != "running" || run.EndedAt != nil {
			t.Fatalf("%d %s", got.status, got.body)
		}
		await(t, lines, "event: run")
		await(t, lines, `"id":"`+run.ID+`","state":"running"`)
		order := func(word string) ask {
			return ask{who: "admin", method: "POST", path: "/api/v1/runs/" + run.ID + "/" + word}
		}
		s.play([]scene{
			{"it is listed", ask{who: "admin", method: "GET", path: "/api/v1/runs"}, 200, run.ID, ""},
			{"it rests", order("pause"), 200, `"state":"paused"`, ""},
			{"it goes on", order("resume"), 200, `"state":"running"`, ""},
			{"it is given up", order("cancel"), 200, `"state":"cancelled"`, ""},
			{"and stays so", order("resume"), 409, "conflict", ""},
			{"and can be read", ask{who: "admin", method: "GET", path: "/api/v1/runs/" + run.ID}, 200, `"state":"cancelled"`, `"ended_at":null`},
			{"a run nobody knows", ask{who: "admin", method: "GET", path: "/api/v1/runs/nothing"}, 404, "not_found", ""},
			{"an order nobody knows", order("stop"), 404, "", ""},
			{"a recipe nobody knows", ask{who: "admin", method: "POST", path: "/api/v1/recipes/nothing/rebuild"}, 404, "not_found", ""},
		})
	})
}

func TestRunsAreHeardOfByThoseWhoMaySeeThem(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	shown := s.picture("owner", "shown.jpg")
	must(t, s.recipe("web"))
	run, err := s.lib.Rebuild(t.Context(), s.as("admin"), "web")
	must(t, err)
	for who, hears := range map[string]bool{"admin": true, "manager": false} {
		lines, _ := s.listen(t.Context(), who)
		await(t, lines, "retry:")
		s.store.Publish(t.Context(), store.Event{Run: &store.RunEvent{ID: run.ID, State: run.State, Total: 2}})
		s.store.Publish(t.Context(), store.Event{AssetID: shown.ID, Status: dam.StatusReady, Progress: 1})
		if heard := strings.Join(await(t, lines, shown.ID), "\n"); strings.Contains(heard, run.ID) != hears {
			t.Errorf("%s: %s", who, heard)
		}
	}
}

// recipe adds a recipe of an administrator's.
func (s *site) recipe(name string) error {
	_, err := s.lib.AddRecipe(s.t.Context(), s.as("admin"), dam.Recipe{
		Name: name, Kind: dam.RecipeImage, Box: 640, MIME: "image/webp", Quality: 70, Enabled: true,
	})
	return err
}

// mark puts a watermark into the settings, as if a child had made its picture fit.
func (s *site) mark() dam.Watermark {
	s.t.Helper()
	ctx := s.t.Context()
	w := dam.Watermark{
		Version: "v1", ImageSize: 9, ImageWidth: 30, ImageHeight: 10, Position: "center", Size: 30, Opacity: 60, CreatedAt: noon,
	}
	kept, err := s.blobs.Put(ctx, bytes.NewReader([]byte("\x89PNG mark")))
	must(s.t, err)
	w.Key = kept.Key
	must(s.t, s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.UseBlob(ctx, kept.Key, kept.Size, kept.CRC32, noon); err != nil {
			return err
		}
		return tx.ReplaceWatermark(ctx, w)
	}))
	return w
}

func TestTheWatermarkIsReadByAllAndChangedByAdministrators(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	s.play([]scene{
		{"there is none at first", ask{who: "viewer", method: "GET", path: "/api/v1/settings/watermark"}, 200,
			`{"configured":false,"image":null,"position":"bottom-right","tiled":false,"size":25,"opacity":50,"version":""}`, ""},
		{"nor a picture", ask{who: "viewer", method: "GET", path: "/api/v1/settings/watermark/image"}, 404, "not_found", ""},
		{"the session says so", ask{who: "viewer", method: "GET", path: "/api/v1/session"}, 200, `"watermark":false,"watermark_version":null`, ""},
	})
	s.mark()
	s.play([]scene{
		{"then there is one", ask{who: "viewer", method: "GET", path: "/api/v1/settings/watermark"}, 200,
			`"configured":true,"image":{"size":9,"width":30,"height":10},"position":"center"`, ""},
		{"with its picture", ask{who: "viewer", method: "GET", path: "/api/v1/settings/watermark/image?v=v1"}, 200, "\x89PNG mark", ""},
		{"the session says so", ask{who: "viewer", method: "GET", path: "/api/v1/session"}, 200, `"watermark":true,"watermark_version":"v1"`, ""},
		{"an editor does not take it away", ask{who: "owner", method: "DELETE", path: "/api/v1/settings/watermark"}, 403, "", ""},
	})
	var now watermarkJSON
	got := s.sendForm("admin", "PUT", "/settings/watermark", [2]string{"opacity", "70"}, [2]string{"tiled", "true"})
	s.into(got, &now)
	if got.status != 200 || now.Opacity != 70 || !now.Tiled || now.Position != "center" || now.Version == "v1" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := s.do(ask{who: "admin", method: "DELETE", path: "/api/v1/settings/watermark"}); got.status != 204 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestAFormForTheWatermarkIsReadWithCare(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	s.mark()
	large := strings.Repeat("x", dam.MaxWatermarkImage+1)
	for _, c := range []struct {
		sentence string
		fields   [][2]string
		status   int
		field    string
	}{
		{"a place nobody knows", [][2]string{{"position", "middle"}}, 422, "position"},
		{"a size that is no number", [][2]string{{"size", "large"}}, 422, "size"},
		{"no size at all", [][2]string{{"size", ""}}, 422, "size"},
		{"a size of nothing", [][2]string{{"size", "0"}}, 422, "size"},
		{"a size beyond all", [][2]string{{"size", "101"}}, 422, "size"},
		{"a size that is a fraction", [][2]string{{"size", "25.5"}}, 422, "size"},
		{"an opacity below all", [][2]string{{"opacity", "-5"}}, 422, "opacity"},
		{"an opacity of nothing", [][2]string{{"opacity", "0"}}, 422, "opacity"},
		{"tiles of no truth", [][2]string{{"tiled", "perhaps"}}, 422, "tiled"},
		{"a field nobody knows", [][2]string{{"angle", "45"}}, 422, "angle"},
		{"a file under another name", [][2]string{{"file:a.png", "x"}}, 422, "file"},
		{"a text without end", [][2]string{{"position", strings.Repeat("x", maxText+1)}}, 413, ""},
		{"a picture of 2 MB and a byte", [][2]string{{"image", large}}, 413, "image"},
		{"a picture of 8 MB", [][2]string{{"image", strings.Repeat(large, 4)}}, 413, "image"},
		{"a picture that is none", [][2]string{{"image", "<html>"}}, 422, "image"},
		{"two pictures", [][2]string{{"image", "x"}, {"image", "y"}}, 422, "image"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			for method, path := range map[string]string{"PUT": "/settings/watermark", "POST": "/settings/watermark/preview"} {
				got := s.sendForm("admin", method, path, c.fields...)
				var p Problem
				s.into(got, &p)
				if got.status != c.status || c.field != "" && (len(p.Errors) != 1 || p.Errors[0].Field != c.field) {
					t.Errorf("%s: %d %s", path, got.status, got.body)
				}
			}
		})
	}
	for _, q := range []ask{
		{who: "admin", method: "PUT", path: "/api/v1/settings/watermark", body: `{"size":20}`},
		{who: "admin", method: "PUT", path: "/api/v1/settings/watermark"},
	} {
		if got := s.do(q); got.status != http.StatusUnsupportedMediaType {
			t.Errorf("no form: %d %s", got.status, got.body)
		}
	}
	if got := s.sendForm("admin", "PUT", "/settings/watermark", [2]string{"sample", "light"}); got.status != 422 {
		t.Errorf("a sample is for previews: %d %s", got.status, got.body)
	}
	if got := s.sendForm("admin", "POST", "/settings/watermark/preview", [2]string{"sample", "../../etc"}); got.status != 422 {
		t.Errorf("a sample nobody knows: %d %s", got.status, got.body)
	}
	if got := s.do(ask{who: "viewer", method: "GET", path: "/api/v1/settings/watermark"}); !strings.Contains(got.body, `"version":"v1"`) {
		t.Errorf("something was changed: %s", got.body)
	}
}
