package server

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/testkit"
)

// secretName stands in every name that a refused guest or a stranger must not read.
const secretName = "Quetzalcoatl"

// refused is what a state of a link must get from a route: a status, and a code where the answer
// is a problem. A zero status means that the state can't be met on that route.
type refused struct {
	status int
	code   string
}

// state is one link in one condition, as a guest holds it.
type state struct {
	name    string
	public  string // token of a public link in this state
	direct  string // token of a download link in this state
	asset   string
	version string
	query   string
	cookie  *http.Cookie
	gone    bool // nothing of the link may be told
}

// guestWants says for every guest route what each state gets (design 5.4).
var guestWants = map[string]map[string]refused{
	"GET /s/{token}": {
		"unknown": {404, ""}, "deleted": {404, ""}, "expired": {410, ""}, "locked": {200, ""},
		"unlocked by another link's pass": {200, ""}, "view only": {200, ""}, "version not allowed": {200, ""},
		"foreign asset": {200, ""}, "archived original": {200, ""}, "creator disabled": {410, ""},
		"mark without a watermark":    {200, ""},
		"film in a marked link":       {200, ""},
		"supporting file not allowed": {200, ""},
		"name of an earlier original": {200, ""},
		"name of a marked rendition":  {200, ""},
	},
	"GET /s/{token}/unlock": {
		"unknown": {404, ""}, "deleted": {404, ""}, "expired": {410, ""}, "locked": {200, ""},
		"unlocked by another link's pass": {200, ""}, "view only": {200, ""}, "version not allowed": {200, ""},
		"foreign asset": {200, ""}, "archived original": {200, ""}, "creator disabled": {410, ""},
		"mark without a watermark":    {200, ""},
		"film in a marked link":       {200, ""},
		"supporting file not allowed": {200, ""},
		"name of an earlier original": {200, ""},
		"name of a marked rendition":  {200, ""},
	},
	"POST /s/{token}/unlock": {
		"unknown": {404, ""}, "deleted": {404, ""}, "expired": {410, ""}, "locked": {401, ""},
		"unlocked by another link's pass": {401, ""}, "view only": {303, ""}, "version not allowed": {303, ""},
		"foreign asset": {303, ""}, "archived original": {303, ""}, "creator disabled": {410, ""},
		"mark without a watermark":    {303, ""},
		"film in a marked link":       {303, ""},
		"supporting file not allowed": {303, ""},
		"name of an earlier original": {303, ""},
		"name of a marked rendition":  {303, ""},
	},
	"GET /s/{token}/index.json": {
		"unknown": {404, "not_found"}, "deleted": {404, "not_found"}, "expired": {410, "expired"},
		"locked": {401, "password_required"}, "unlocked by another link's pass": {401, "password_required"},
		"view only": {200, ""}, "version not allowed": {200, ""}, "foreign asset": {200, ""},
		"archived original": {200, ""}, "creator disabled": {410, "inactive"},
		"mark without a watermark":    {200, ""},
		"film in a marked link":       {200, ""},
		"supporting file not allowed": {200, ""},
		"name of an earlier original": {200, ""},
		"name of a marked rendition":  {200, ""},
	},
	"GET /s/{token}/a/{asset}/{version}": {
		"unknown": {404, "not_found"}, "deleted": {404, "not_found"}, "expired": {410, "expired"},
		"locked": {401, "password_required"}, "unlocked by another link's pass": {401, "password_required"},
		"view only": {403, "not_allowed"}, "version not allowed": {403, "not_allowed"},
		"foreign asset": {404, "not_found"}, "archived original": {503, "original_unavailable"},
		"creator disabled":            {410, "inactive"},
		"mark without a watermark":    {403, "not_allowed"},
		"film in a marked link":       {403, "not_allowed"},
		"supporting file not allowed": {403, "not_allowed"},
		"name of an earlier original": {404, "not_found"},
		"name of a marked rendition":  {404, "not_found"},
	},
	"GET /d/{token}": {
		"unknown": {404, "not_found"}, "deleted": {404, "not_found"}, "expired": {410, "expired"},
		"locked": {404, "not_found"}, "unlocked by another link's pass": {404, "not_found"},
		"view only": {404, "not_found"}, "version not allowed": {404, "not_found"}, "foreign asset": {404, "not_found"},
		"archived original": {503, "original_unavailable"}, "creator disabled": {410, "inactive"},
		"mark without a watermark":    {404, "not_found"},
		"film in a marked link":       {404, "not_found"},
		"supporting file not allowed": {404, "not_found"},
		"name of an earlier original": {404, "not_found"},
		"name of a marked rendition":  {404, "not_found"},
	},
	"GET /assets/{file...}": {}, // our own files hold nothing of a link
	"GET /robots.txt":       {},
}

func TestEveryGuestRouteRefusesEveryStateOfALink(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL).people()
		states := s.states()
		asked := 0
		for _, rt := range s.server.Routes() {
			if rt.Class != guest {
				continue
			}
			wants, known := guestWants[rt.Pattern]
			if !known {
				t.Errorf("%s has no row in the table of refusals", rt.Pattern)
			}
			for _, st := range states {
				want, expected := wants[st.name]
				if !expected && len(wants) > 0 {
					t.Errorf("%s has no row for %q", rt.Pattern, st.name)
				}
				if want.status == 0 {
					continue
				}
				for _, v := range variants(rt.Method()) {
					asked++
					s.knock(rt, st, want, v)
				}
			}
		}
		t.Logf("%d requests to guest routes", asked)
	})
}

// variants are the ways to ask that must not change the answer.
func variants(method string) []ask {
	if method == http.MethodPost {
		return []ask{{method: method}, {method: method, header: map[string]string{"X-Http-Method-Override": "GET"}}}
	}
	return []ask{
		{method: "GET"}, {method: "HEAD"},
		{method: "GET", header: map[string]string{"Range": "bytes=0-0"}},
		{method: "GET", header: map[string]string{"If-None-Match": "*"}},
		{method: "GET", header: map[string]string{"Cookie": "vitrine=planted", "Sec-Fetch-Dest": "image"}},
	}
}

func (s *site) knock(rt Route, st state, want refused, v ask) {
	s.t.Helper()
	token := st.public
	if strings.HasPrefix(rt.Pattern, "GET /d/") && st.direct != "" {
		token = st.direct
	}
	path := strings.NewReplacer("{token}", token, "{asset}", st.asset, "{version}", st.version).Replace(rt.Path())
	if strings.Contains(rt.Pattern, "{version}") {
		path += st.query
	}
	r, err := http.NewRequestWithContext(s.t.Context(), v.method, s.http.URL+path, nil)
	must(s.t, err)
	if v.method == http.MethodPost {
		r.Body, r.ContentLength = http.NoBody, 0
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range v.header {
		r.Header.Set(name, value)
	}
	if st.cookie != nil {
		r.AddCookie(st.cookie)
	}
	got := s.send(r)
	tell := func(problem string) {
		s.t.Errorf("%s %s, %s, %v: %s", v.method, rt.Pattern, st.name, v.header, problem)
	}
	if got.status != want.status {
		tell("status " + http.StatusText(got.status) + ", want " + http.StatusText(want.status) + "\n" + got.body)
	}
	if want.code != "" && v.method != http.MethodHead && got.code() != want.code {
		tell("code " + got.code() + ", want " + want.code)
	}
	if (st.gone || want.status != 200) && strings.Contains(got.body+got.header.Get("Content-Disposition"), secretName) {
		tell("tells a name:\n" + got.body)
	}
	if v.method == http.MethodHead && got.body != "" {
		tell("HEAD has a body")
	}
	if got.status >= 400 && (got.header.Get("Etag") != "" || got.header.Get("Cache-Control") != "no-store") {
		tell("a refusal can be kept: " + got.header.Get("Cache-Control"))
	}
	if got.header.Get("X-Robots-Tag") == "" || got.header.Get("Referrer-Policy") == "" {
		tell("headers are missing")
	}
}

// states makes every condition of the issue, each with links of its own.
func (s *site) states() []state {
	t, ctx := s.t, s.t.Context()
	shown := s.picture("owner", secretName+" shown.jpg")
	foreign := s.picture("owner", secretName+" foreign.jpg")
	archived := s.picture("owner", secretName+" archived.jpg")
	leaving := s.picture("leaver", secretName+" leaver.jpg")
	public := func(who string, a dam.Asset, n library.NewLink) string {
		n.AssetIDs, n.Name = []string{a.ID}, secretName
		return tokenOf(s.link(who, n))
	}
	direct := func(who string, a dam.Asset, n library.NewLink) string {
		n.Kind = dam.LinkKindDownload
		return public(who, a, n)
	}
	all := library.NewLink{Terms: dam.Terms{Original: true, Proxies: []string{dam.Preview}}}
	locked := all
	locked.Password = "the same password"

	deleted := s.link("owner", library.NewLink{AssetIDs: []string{shown.ID}, Name: secretName})
	deletedDirect := s.link("owner", library.NewLink{Kind: dam.LinkKindDownload, AssetIDs: []string{shown.ID}})
	must(t, s.lib.DeleteLink(ctx, s.as("owner"), deleted.ID))
	must(t, s.lib.DeleteLink(ctx, s.as("owner"), deletedDirect.ID))

	soon := library.NewLink{Terms: all.Terms, ExpiresAt: noon.Add(time.Hour)}
	expired, expiredDirect := public("owner", shown, soon), direct("owner", shown, library.NewLink{ExpiresAt: soon.ExpiresAt})

	one, two := public("owner", shown, locked), public("owner", shown, locked)
	pass := s.unlock(one, locked.Password)
	// The cookie of one link under the name that the other link's cookie has.
	theirs := s.unlock(two, locked.Password)
	theirs.Value = pass.Value

	archivedPublic, archivedDirect := public("owner", archived, all), direct("owner", archived, library.NewLink{})
	_, err := s.lib.ArchiveAsset(ctx, s.as("owner"), archived.ID)
	must(t, err)
	disabledPublic, disabledDirect := public("leaver", leaving, all), direct("leaver", leaving, library.NewLink{})
	yes := true
	_, err = s.lib.EditUser(ctx, s.as("admin"), s.users["leaver"].ID, library.UserPatch{Disabled: &yes})
	must(t, err)

	viewOnly := public("owner", shown, library.NewLink{})
	proxy := public("owner", shown, library.NewLink{Terms: dam.Terms{Proxies: []string{dam.Preview}}})
	file, err := s.lib.Attach(ctx, s.as("owner"), shown.ID, library.NewFile{Name: secretName, Body: strings.NewReader("text")})
	must(t, err)
	film := s.film("owner", secretName+" film.mp4")
	s.mark()
	marked := tokenOf(s.link("owner", library.NewLink{
		AssetIDs: []string{shown.ID, film.ID}, CollectionName: secretName, Name: secretName, Terms: dam.Terms{Watermark: true},
	}))
	must(t, s.lib.DeleteWatermark(ctx, s.as("admin")))
	s.clock.Advance(2 * time.Hour)
	return []state{
		{name: "unknown", public: "0123456789012345678901", asset: shown.ID, version: "preview", gone: true},
		{name: "deleted", public: tokenOf(deleted), direct: tokenOf(deletedDirect), asset: shown.ID, version: "preview", gone: true},
		{name: "expired", public: expired, direct: expiredDirect, asset: shown.ID, version: "original", gone: true},
		{name: "locked", public: one, asset: shown.ID, version: "preview", gone: true},
		{name: "unlocked by another link's pass", public: two, asset: shown.ID, version: "preview", cookie: theirs, gone: true},
		{name: "view only", public: viewOnly, asset: shown.ID, version: "preview", query: "?download"},
		{name: "version not allowed", public: proxy, asset: shown.ID, version: "fullscreen"},
		{name: "foreign asset", public: proxy, asset: foreign.ID, version: "preview"},
		{name: "archived original", public: archivedPublic, direct: archivedDirect, asset: archived.ID, version: "original"},
		{name: "mark without a watermark", public: marked, asset: shown.ID, version: dam.Preview},
		{name: "film in a marked link", public: marked, asset: film.ID, version: dam.Video720},
		{name: "supporting file not allowed", public: proxy, asset: shown.ID, version: file.ID, query: "?download"},
		{name: "name of an earlier original", public: proxy, asset: shown.ID, version: dam.EarlierName(dam.Preview, 1)},
		{name: "name of a marked rendition", public: proxy, asset: shown.ID, version: dam.MarkedName(dam.Preview, "w1")},
		{name: "creator disabled", public: disabledPublic, direct: disabledDirect, asset: leaving.ID, version: "preview", gone: true},
	}
}

// unlock gives a locked link its password and takes the pass.
func (s *site) unlock(token, password string) *http.Cookie {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), "POST", s.http.URL+"/s/"+token+"/unlock",
		bytes.NewBufferString("password="+strings.ReplaceAll(password, " ", "+")))
	must(s.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got := s.send(r)
	cookies := (&http.Response{Header: got.header}).Cookies()
	if got.status != http.StatusSeeOther || len(cookies) != 1 {
		s.t.Fatalf("unlock: %d %v", got.status, got.header)
	}
	return cookies[0]
}

func TestUnknownAndDeletedLinksGetTheSameBytes(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	gone := s.link("owner", library.NewLink{AssetIDs: []string{a.ID}})
	goneDirect := s.link("owner", library.NewLink{Kind: dam.LinkKindDownload, AssetIDs: []string{a.ID}})
	must(t, s.lib.DeleteLink(t.Context(), s.as("owner"), gone.ID))
	must(t, s.lib.DeleteLink(t.Context(), s.as("owner"), goneDirect.ID))
	live := s.link("owner", library.NewLink{AssetIDs: []string{a.ID}})
	for _, pair := range []struct{ name, one, two string }{
		{"the page", "/s/" + tokenOf(gone), "/s/0000000000000000000000"},
		{"a token that is too short", "/s/" + tokenOf(gone), "/s/abc"},
		{"one character changed", "/s/" + tokenOf(gone), "/s/" + tokenOf(live)[:21] + "_"},
		{"the other kind of link", "/d/" + tokenOf(goneDirect), "/d/" + tokenOf(live)},
		{"data", "/s/" + tokenOf(gone) + "/index.json", "/s/0000000000000000000000/index.json"},
		{"bytes", "/s/" + tokenOf(gone) + "/a/" + a.ID + "/preview", "/s/0000000000000000000000/a/x/y"},
	} {
		t.Run(pair.name, func(t *testing.T) {
			one, two := s.do(ask{method: "GET", path: pair.one}), s.do(ask{method: "GET", path: pair.two})
			one.header.Del("Date")
			two.header.Del("Date")
			if one.status != 404 || one.body != two.body || !sameHeader(one.header, two.header) {
				t.Errorf("%v\n%v", one, two)
			}
		})
	}
}

func sameHeader(a, b http.Header) bool {
	var one, two bytes.Buffer
	a.Write(&one)
	b.Write(&two)
	return one.String() == two.String()
}

func TestTheListRefusesARouteWithoutClass(t *testing.T) {
	s := newSite(t, sqlite(t))
	_, err := s.server.mount([]Route{{Pattern: "GET /backdoor", end: data(s.server.health)}}, func(Class) bool { return true })
	if err == nil || !strings.Contains(err.Error(), "has no class") {
		t.Error(err)
	}
}

func TestThePublicListenerServesTheGuestSurfaceAlone(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	token := tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}}))
	s.http.Config.Handler = s.server.PublicHandler()
	for _, rt := range s.server.Routes() {
		path := strings.NewReplacer("{token}", token, "{asset}", a.ID, "{version}", "preview", "{id}", a.ID,
			"{name}", "preview", "{$}", "", "{file...}", "mark.svg").Replace(rt.Path())
		got := s.do(ask{who: "admin", method: rt.Method(), path: path})
		if served := got.status != 404; served != (rt.Class == guest) && rt.Pattern != "GET /d/{token}" {
			t.Errorf("%s (%s): %d", rt.Pattern, rt.Class, got.status)
		}
	}
}
