package server

import (
	"strings"
	"testing"

	"vitrine/internal/testkit"
)

// What comes after the file of a form decides as much as what comes before it.
func TestAFormThatIsWrongAfterItsFileKeepsNothing(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL).people()
		a := s.picture("owner", "a.jpg")
		file := [2]string{"file:b.jpg", string(photo(64, 48, "another"))}
		large := [2]string{"file:b.jpg", string(photo(64, 48, "another")) + strings.Repeat("x", 1<<20)}
		for _, c := range []struct {
			sentence string
			fields   [][2]string
			cut      int // bytes that are missing in the end
			status   int
		}{
			{"a field nobody knows", [][2]string{file, {"owner", "me"}}, 0, 422},
			{"a field nobody knows after a large file", [][2]string{large, {"owner", "me"}}, 0, 422},
			{"a second file", [][2]string{file, file}, 0, 422},
			{"a tail that is cut off", [][2]string{file}, 4, 400},
			{"another part that is cut off", [][2]string{file, {"title", "A title"}}, 85, 400},
			{"parts without number", append([][2]string{file}, make([][2]string, partsLimit)...), 0, 422},
		} {
			for _, to := range []struct{ method, path string }{
				{"POST", "/assets"}, {"POST", "/assets/" + a.ID + "/attachments"}, {"PUT", "/assets/" + a.ID + "/original"},
			} {
				t.Run(to.method+" "+strings.ReplaceAll(to.path, a.ID, "ID")+": "+c.sentence, func(t *testing.T) {
					body, kind := form(c.fields...)
					got := s.do(ask{who: "owner", method: to.method, path: "/api/v1" + to.path, body: body[:len(body)-c.cut],
						header: map[string]string{"Content-Type": kind}})
					if got.status != c.status || got.code() != "invalid" {
						t.Errorf("%d %s", got.status, got.body)
					}
				})
			}
		}
		long := strings.Repeat("x", 4000)
		for name, field := range map[string]string{"title": long, "description": strings.Repeat(long, 10)} {
			body, kind := form(file, [2]string{name, field})
			got := s.do(ask{who: "owner", method: "POST", path: "/api/v1/assets", body: body, header: map[string]string{"Content-Type": kind}})
			if got.status != 422 || !strings.Contains(got.body, `"field":"`+name+`"`) {
				t.Errorf("a %s that is too long: %d %s", name, got.status, got.body)
			}
		}
		var list struct{ Total int }
		s.into(s.do(ask{who: "owner", method: "GET", path: "/api/v1/assets"}), &list)
		var seen assetJSON
		s.into(s.do(ask{who: "owner", method: "GET", path: "/api/v1/assets/" + a.ID}), &seen)
		if list.Total != 1 || seen.Revision != 1 || len(seen.Attachments) != 0 {
			t.Errorf("something was kept: %d assets, %+v", list.Total, seen)
		}
	})
}
