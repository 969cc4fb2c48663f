package server

import (
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/library"
	"vitrine/internal/testkit"
)

func TestWhatNoDatabaseKeepsIsRefusedAtTheDoor(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL).people()
		a := s.picture("owner", "a.jpg")
		page := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}}))
		for _, c := range []struct {
			sentence, who, method, path, body string
			want                              int
		}{
			{"bytes that are no UTF-8 as an item of a link", "", "GET", page + "/a/%ff/preview", "", 404},
			{"bytes that are no UTF-8 as a version", "", "GET", page + "/a/" + a.ID + "/%c0%ae", "", 404},
			{"bytes that are no UTF-8 in a guest's query", "", "GET", page + "?item=%ff", "", 404},
			{"a zero in a guest's query", "", "GET", page + "?item=%00", "", 404},
			{"a zero in a filter", "owner", "GET", "/api/v1/assets?owner=%00", "", 404},
			{"a zero in a search", "owner", "GET", "/api/v1/links?q=a%00", "", 404},
			{"a zero in the name of a parameter", "owner", "GET", "/api/v1/links?%00=a", "", 404},
			{"a zero in a sign-in", "", "POST", "/api/v1/session", `{"email":"a\u0000@example.org","password":"x"}`, 400},
			{"a zero in a list of ids", "owner", "POST", "/api/v1/links", `{"kind":"public","asset_ids":["\u0000"]}`, 400},
			{"a zero in a name", "owner", "POST", "/api/v1/collections", `{"na\u0000me":"x"}`, 400},
		} {
			t.Run(c.sentence, func(t *testing.T) {
				got := s.do(ask{who: c.who, method: c.method, path: c.path, body: c.body})
				if got.status != c.want {
					t.Errorf("%d, want %d\n%s", got.status, c.want, got.body)
				}
			})
		}
		if got := s.do(ask{method: "GET", path: page + "?lang=ru&item=" + strings.ToLower(a.ID)}); got.status != http.StatusOK {
			t.Errorf("an address that is text: %d", got.status)
		}
	})
}
