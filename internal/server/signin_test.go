package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/library"
	"vitrine/internal/testkit"
)

// signIn gives a password and takes the cookie.
func (s *site) signIn(who, password, cookie string) (answer, *http.Cookie) {
	s.t.Helper()
	got := s.do(ask{method: "POST", path: "/api/v1/session", header: map[string]string{"Cookie": cookie},
		body: fmt.Sprintf(`{"email":%q,"password":%q}`, who+"@example.org", password)})
	cookies := (&http.Response{Header: got.header}).Cookies()
	if len(cookies) != 1 {
		return got, nil
	}
	return got, cookies[0]
}

// withCookie asks who one is.
func (s *site) withCookie(c *http.Cookie) answer {
	return s.do(ask{method: "GET", path: "/api/v1/session", header: map[string]string{"Cookie": c.Name + "=" + c.Value}})
}

func TestASessionBeginsAndEnds(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL).people()
		got, cookie := s.signIn("owner", password, "vitrine=planted")
		var me sessionJSON
		s.into(got, &me)
		if got.status != 200 || me.User.Email != "owner@example.org" || me.User.Role != "editor" || len(me.Rights) != 10 ||
			me.NumberPrefix != "VTR" || me.BaseURL != s.server.BaseURL {
			t.Fatalf("%d %+v", got.status, me)
		}
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Secure || cookie.Name != "vitrine" ||
			cookie.Path != "/" || cookie.Value == "planted" || len(cookie.Value) < 40 {
			t.Errorf("%+v", cookie)
		}
		if got := s.withCookie(cookie); got.status != 200 || got.body == "" {
			t.Errorf("%d %s", got.status, got.body)
		}
		out := s.do(ask{method: "DELETE", path: "/api/v1/session", header: map[string]string{"Cookie": "vitrine=" + cookie.Value}})
		if out.status != 204 || !strings.Contains(out.header.Get("Set-Cookie"), "Max-Age=0") || out.header.Get("Content-Type") != "" {
			t.Errorf("%d %v", out.status, out.header)
		}
		if got := s.withCookie(cookie); got.status != 401 {
			t.Errorf("a cookie used after signing out: %d", got.status)
		}
	})
}

func TestWhatEndsEverySession(t *testing.T) {
	yes, better := true, "a better long password"
	for sentence, patch := range map[string]library.UserPatch{
		"a new password":      {Password: &better},
		"a disabled account":  {Disabled: &yes},
		"both in one request": {Password: &better, Disabled: &yes},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := newSite(t, sqlite(t)).people()
			_, one := s.signIn("owner", password, "")
			_, two := s.signIn("owner", password, "")
			_, err := s.lib.EditUser(t.Context(), s.as("admin"), s.users["owner"].ID, patch)
			must(t, err)
			for _, cookie := range []*http.Cookie{one, two} {
				if got := s.withCookie(cookie); got.status != 401 || got.code() != "unauthenticated" {
					t.Errorf("%d %s", got.status, got.body)
				}
			}
		})
	}
}

func TestSignInTellsNothing(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	yes := true
	_, err := s.lib.EditUser(t.Context(), s.as("admin"), s.users["leaver"].ID, library.UserPatch{Disabled: &yes})
	must(t, err)
	wrong, _ := s.signIn("owner", "not the password", "")
	unknown, _ := s.signIn("nobody", "not the password", "")
	disabled, cookie := s.signIn("leaver", password, "")
	if wrong.status != 401 || wrong.body != unknown.body || wrong.body != disabled.body || cookie != nil {
		t.Errorf("%s\n%s\n%s", wrong.body, unknown.body, disabled.body)
	}
	if strings.Contains(wrong.body, "not the password") {
		t.Error("repeats the password")
	}
}

func TestGuessingIsSlowedByWhereItComesFrom(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	limited := 0
	for i := range 14 {
		got := s.do(ask{method: "POST", path: "/api/v1/session", body: `{"email":"owner@example.org","password":"guess 123456"}`,
			header: map[string]string{"X-Forwarded-For": fmt.Sprintf("198.51.100.%d", i), "X-Real-Ip": "9.9.9.9"}})
		if got.status == 429 {
			limited++
			if got.header.Get("Retry-After") == "" || got.code() != "too_many_requests" {
				t.Errorf("%v %s", got.header, got.body)
			}
		}
	}
	if limited != 4 {
		t.Errorf("%d of 14 guesses were refused, want those after the tenth", limited)
	}
	if got, _ := s.signIn("viewer", password, ""); got.status != 200 {
		t.Errorf("somebody else from there: %d", got.status)
	}
}

func TestACookieOverTLSIsBoundToItsHost(t *testing.T) {
	s := newSite(t, sqlite(t), func(c *Config) { c.BaseURL = "https://photos.example.org" }).people()
	_, cookie := s.signIn("owner", password, "")
	if cookie == nil || cookie.Name != "__Host-vitrine" || !cookie.Secure || cookie.Path != "/" || cookie.Domain != "" {
		t.Errorf("%+v", cookie)
	}
}

func TestATokenThatOpensNothingNeverFallsBackToACookie(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	_, cookie := s.signIn("owner", password, "")
	for _, value := range []string{"Bearer wrong", "Bearer ", "bearer 0000000000000000000000"} {
		got := s.do(ask{method: "GET", path: "/api/v1/session", header: map[string]string{
			"Authorization": value, "Cookie": cookie.Name + "=" + cookie.Value}})
		if got.status != 401 {
			t.Errorf("%q: %d", value, got.status)
		}
	}
}

func TestTheFirstAccountNeedsTheCodeFromTheLog(t *testing.T) {
	s := newSite(t, sqlite(t))
	body := `{"code":%q,"name":"Root","email":"root@example.org","password":"` + password + `"}`
	if got := s.do(ask{method: "GET", path: "/api/v1/setup"}); got.body != `{"needed":true}`+"\n" {
		t.Errorf("%s", got.body)
	}
	if got := s.do(ask{method: "POST", path: "/api/v1/setup", body: fmt.Sprintf(body, "WRONG")}); got.status != 403 {
		t.Errorf("%d %s", got.status, got.body)
	}
	got := s.do(ask{method: "POST", path: "/api/v1/setup", body: fmt.Sprintf(body, s.lib.SetupCode())})
	if got.status != 201 || got.header.Get("Set-Cookie") == "" || !strings.Contains(got.body, `"admin"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := s.do(ask{method: "POST", path: "/api/v1/setup", body: fmt.Sprintf(body, s.lib.SetupCode())}); got.status != 409 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := s.do(ask{method: "GET", path: "/api/v1/setup"}); got.body != `{"needed":false}`+"\n" {
		t.Errorf("%s", got.body)
	}
}

func TestAnInternalLinkGrantsNothing(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	_, err := s.lib.EditAsset(t.Context(), s.as("owner"), a.ID, library.AssetPatch{SetReaders: true, Restricted: true})
	must(t, err)
	for _, c := range []struct{ sentence, who, id, want string }{
		{"nobody signs in first", "", "VTR-1", "/signin?next=%2Fa%2FVTR-1"},
		{"nobody with an id signs in first", "", a.ID, "/signin?next=%2Fa%2F" + a.ID},
		{"a number goes to the feed", "owner", "VTR-1", "/?q=VTR-1"},
		{"an id becomes the number", "owner", a.ID, "/?q=VTR-1"},
		{"an id stays one for those who do not see it", "other", a.ID, "/?q=" + a.ID},
		{"a number that is none stays one", "owner", "VTR-99", "/?q=VTR-99"},
		{"another site is no number", "", "%2f%2fevil.example", ""},
		{"a scheme is no number", "", "https:evil.example", ""},
		{"a backslash is no number", "owner", `%5cevil.example`, ""},
		{"a tab is no number", "owner", "%09evil", ""},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			got := s.do(ask{who: c.who, method: "GET", path: "/a/" + c.id})
			want := 302
			if c.want == "" {
				want = 404
			}
			if got.status != want || got.header.Get("Location") != c.want || strings.Contains(got.body, "a.jpg") {
				t.Errorf("%d %q, want %q", got.status, got.header.Get("Location"), c.want)
			}
		})
	}
}

func TestAnAPITokenIsShownOnceAndEnds(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	var made, list struct {
		ID, Token string
		Items     []struct{ ID, Name, Token string }
	}
	got := s.do(ask{who: "viewer", method: "POST", path: "/api/v1/tokens", body: `{"name":"my script"}`})
	s.into(got, &made)
	if got.status != 201 || len(made.Token) != 22 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	s.tokens["script"] = made.Token
	if got := s.do(ask{who: "script", method: "GET", path: "/api/v1/session"}); got.status != 200 {
		t.Errorf("%d", got.status)
	}
	got = s.do(ask{who: "viewer", method: "GET", path: "/api/v1/tokens"})
	s.into(got, &list)
	if len(list.Items) != 2 || strings.Contains(got.body, made.Token) || strings.Contains(got.body, `"token"`) {
		t.Errorf("%s", got.body)
	}
	if got := s.do(ask{who: "viewer", method: "DELETE", path: "/api/v1/tokens/" + made.ID}); got.status != 204 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := s.do(ask{who: "script", method: "GET", path: "/api/v1/session"}); got.status != 401 {
		t.Errorf("%d", got.status)
	}
}
