package server

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/secret"
)

func TestAnswersDoNotDependOnWhatAClientCallsUs(t *testing.T) {
	for _, c := range []struct {
		sentence, base, host, path string
		want                       int
	}{
		{"our own name is right", "https://photos.example.org", "photos.example.org", "/api/v1/setup", 200},
		{"case does not matter", "https://photos.example.org", "Photos.Example.ORG", "/api/v1/setup", 200},
		{"the scheme's port may be said", "https://photos.example.org", "photos.example.org:443", "/api/v1/setup", 200},
		{"another port is another server", "https://photos.example.org", "photos.example.org:8443", "/api/v1/setup", 421},
		{"another name is not ours", "https://photos.example.org", "evil.example", "/api/v1/setup", 421},
		{"guests are refused too", "https://photos.example.org", "evil.example", "/s/0000000000000000000000", 421},
		{"loopback is the machine's own", "https://photos.example.org", "127.0.0.1:8080", "/api/v1/setup", 200},
		{"so is localhost", "http://127.0.0.1:8080", "localhost:5173", "/api/v1/setup", 200},
		{"a name that begins like ours is not", "https://photos.example.org", "photos.example.org.evil.example", "/api/v1/setup", 421},
		{"a name that begins like localhost is not", "http://127.0.0.1:8080", "localhost.evil.example", "/api/v1/setup", 421},
		{"a name that was given beside the base URL's is ours", "https://photos.example.org", "Staff.example.net:8080", "/api/v1/setup", 200},
		{"a probe comes by address", "https://photos.example.org", "10.0.0.7:8080", "/healthz", 200},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			s := newSite(t, sqlite(t), func(config *Config) {
				config.BaseURL, config.Hosts = c.base, []string{"staff.example.net"}
			})
			got := s.do(ask{method: "GET", path: c.path, header: map[string]string{"Host": c.host, "X-Forwarded-Host": "evil.example"}})
			if got.status != c.want || strings.Contains(got.body, "evil.example") {
				t.Errorf("%d, want %d: %s", got.status, c.want, got.body)
			}
		})
	}
}

func TestTheAddressOfAClient(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		sentence, peer string
		forwarded      []string
		want           string
	}{
		{"is the socket's peer", "203.0.113.9:1000", nil, "203.0.113.9"},
		{"is not what a stranger says", "203.0.113.9:1000", []string{"198.51.100.1"}, "203.0.113.9"},
		{"is what a trusted proxy says", "10.1.1.1:1000", []string{"198.51.100.1"}, "198.51.100.1"},
		{"is the last hop that is no proxy", "10.1.1.1:1000", []string{"6.6.6.6, 198.51.100.1, 10.2.2.2"}, "198.51.100.1"},
		{"may stand in several headers", "10.1.1.1:1000", []string{"6.6.6.6", "198.51.100.1"}, "198.51.100.1"},
		{"stays the proxy's when the header is broken", "10.1.1.1:1000", []string{"198.51.100.1, unknown"}, "10.1.1.1"},
		{"is plain IPv4 behind a mapped address", "[::ffff:203.0.113.9]:1000", nil, "203.0.113.9"},
		{"works for IPv6 proxies", "[fd00::1]:1000", []string{"2001:db8::1"}, "2001:db8::1"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			s := &Server{Config: Config{TrustedProxies: proxies}}
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.peer
			for _, f := range c.forwarded {
				r.Header.Add("X-Forwarded-For", f)
			}
			r.Header.Set("X-Real-Ip", "6.6.6.6")
			r.Header.Set("Forwarded", "for=6.6.6.6")
			if got := s.clientAddr(r).String(); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestAPathHasOneForm(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", secretName+".jpg")
	token := tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Name: secretName}))
	page := "/s/" + token
	for _, path := range []string{
		page + "/", page + "/..", page + "/%2e%2e/", page + "/.", "//s/" + token, "/./s/" + token, "/S/" + token,
		page + "%00", page + ";x", page + "%2f", page + "/x.css", page + ".jpg", page + "/a.jpg", page + "%0a", `/s\` + token,
		"/api/v1/../../s/" + token, page + "/index.json/", page + "/a/" + a.ID + "/preview/",
	} {
		got := s.do(ask{method: "GET", path: path})
		if got.status != http.StatusNotFound || strings.Contains(got.body, secretName) {
			t.Errorf("%s: %d %s", path, got.status, got.header.Get("Location"))
		}
	}
	if got := s.do(ask{method: "GET", path: page}); got.status != http.StatusOK {
		t.Errorf("the one form: %d", got.status)
	}
}

func TestHeadersProtectByWhatIsAnswered(t *testing.T) {
	s := newSite(t, sqlite(t), func(c *Config) { c.BaseURL = "https://photos.example.org" }).people()
	a := s.picture("owner", "a.jpg")
	token := tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Original: true}}))
	for _, c := range []struct {
		name, path string
		want       map[string]string // what the header must contain; "" must be absent
	}{
		{"a guest's page", "/s/" + token, map[string]string{
			"Content-Security-Policy": "script-src 'self'", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}},
		{"a locked or missing link", "/s/0000000000000000000000", map[string]string{
			"Content-Security-Policy": "frame-ancestors 'none'", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}},
		{"data", "/api/v1/setup", map[string]string{
			"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-store"}},
		{"page media", "/s/" + token + "/a/" + a.ID + "/preview", map[string]string{
			"Content-Security-Policy": "sandbox", "Cache-Control": "private, no-cache", "Etag": `"`,
			"Content-Disposition": "inline", "Referrer-Policy": "no-referrer"}},
		{"an original", "/s/" + token + "/a/" + a.ID + "/original", map[string]string{
			"Content-Security-Policy": "sandbox", "Cache-Control": "no-store", "Content-Disposition": "attachment"}},
		{"a static file", "/assets/mark.svg", map[string]string{"Content-Security-Policy": "default-src 'none'"}},
		{"robots.txt", "/robots.txt", map[string]string{"Content-Type": "text/plain"}},
		{"nothing", "/nowhere", map[string]string{"Cache-Control": "no-store", "Content-Type": "application/problem+json"}},
		{"an internal link", "/a/VTR-1", map[string]string{"Cache-Control": "no-store", "Location": "/signin?next=%2Fa%2FVTR-1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := s.do(ask{method: "GET", path: c.path})
			always := map[string]string{
				"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin",
				"Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "camera=()",
				"X-Robots-Tag": "noindex", "Strict-Transport-Security": "max-age=", "Referrer-Policy": "",
			}
			for name, part := range c.want {
				always[name] = part
			}
			for name, part := range always {
				values := got.header.Values(name)
				if len(values) != 1 || !strings.Contains(values[0], part) {
					t.Errorf("%s: %q, want one with %q", name, values, part)
				}
			}
			if csp := got.header.Get("Content-Security-Policy"); strings.Contains(strings.ReplaceAll(csp, "style-src-attr 'unsafe-inline'", ""), "unsafe") {
				t.Errorf("loose policy: %s", csp)
			}
			if got.header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("answers other origins")
			}
		})
	}
}

func TestWhatTheAPIDoesNotAccept(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	text := map[string]string{"Content-Type": "text/plain"}
	for _, c := range []struct {
		sentence, method, path, body string
		header                       map[string]string
		status                       int
		field                        string
	}{
		{"a form instead of JSON", "POST", "/api/v1/collections", "name=x", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 415, ""},
		{"plain text instead of JSON", "POST", "/api/v1/collections", `{"name":"x"}`, text, 415, ""},
		{"no type at all", "POST", "/api/v1/collections", `{"name":"x"}`, map[string]string{"Content-Type": ""}, 415, ""},
		{"an unknown field", "PATCH", "/api/v1/assets/" + a.ID, `{"owner_id":"x"}`, nil, 422, "owner_id"},
		{"a field that is the server's", "PATCH", "/api/v1/assets/" + a.ID, `{"created_at":"2020-01-01T00:00:00Z"}`, nil, 422, "created_at"},
		{"the same name twice", "POST", "/api/v1/collections", `{"name":"x","name":"y"}`, nil, 400, ""},
		{"the same name twice inside", "POST", "/api/v1/links", `{"kind":"public","allow":{"original":false,"original":true}}`, nil, 400, ""},
		{"no number at all", "PUT", "/api/v1/settings/general", `{"number_prefix":"A","clean_collections":true,"selection_limit":NaN}`, nil, 400, ""},
		{"a number too large", "PUT", "/api/v1/settings/general", `{"number_prefix":"A","clean_collections":true,"selection_limit":1e999}`, nil, 400, ""},
		{"ten thousand levels", "POST", "/api/v1/collections", strings.Repeat(`{"a":`, 10_001) + "1" + strings.Repeat("}", 10_001), nil, 400, ""},
		{"half a document", "POST", "/api/v1/collections", `{"name":`, nil, 400, ""},
		{"no body", "POST", "/api/v1/collections", "", nil, 400, ""},
		{"a body over the limit", "POST", "/api/v1/collections", `{"name":"` + strings.Repeat("x", maxBody) + `"}`, nil, 413, ""},
		{"an unknown parameter", "GET", "/api/v1/assets?offset=5", "", nil, 422, "offset"},
		{"a limit below one", "GET", "/api/v1/assets?limit=-1", "", nil, 422, "limit"},
		{"a limit beyond reason", "GET", "/api/v1/assets?limit=1000000000", "", nil, 422, "limit"},
		{"an unknown order", "GET", "/api/v1/assets?sort=DROP", "", nil, 422, "sort"},
		{"a cursor of nowhere", "GET", "/api/v1/assets?cursor=abc", "", nil, 422, "cursor"},
		{"an unknown parameter of bytes", "GET", "/api/v1/links/x/qr?width=9", "", nil, 422, "width"},
		{"a method the address does not know", "PUT", "/api/v1/assets/" + a.ID, `{}`, nil, 405, ""},
		{"a method in disguise", "POST", "/api/v1/assets/" + a.ID, "", map[string]string{"X-Http-Method-Override": "DELETE"}, 405, ""},
		{"an address that is none", "GET", "/api/v1/nothing", "", nil, 404, ""},
		{"the preflight of another origin", "OPTIONS", "/api/v1/links", "", map[string]string{"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}, 405, ""},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			got := s.do(ask{who: "admin", method: c.method, path: c.path, body: c.body, header: c.header})
			var p Problem
			s.into(got, &p)
			if got.status != c.status || p.Status != c.status || p.Code == "" || p.Title == "" || p.Detail == "" {
				t.Fatalf("%d, want %d\n%s", got.status, c.status, got.body)
			}
			if c.field != "" && (len(p.Errors) == 0 || p.Errors[0].Field != c.field) {
				t.Errorf("field %+v, want %s", p.Errors, c.field)
			}
			if got.header.Get("Content-Type") != "application/problem+json" {
				t.Error(got.header.Get("Content-Type"))
			}
		})
	}
}

func TestAFaultOfOursTellsOnlyANumber(t *testing.T) {
	s := newSite(t, sqlite(t))
	route := func(h handler) http.Handler {
		return s.server.guard(Route{Class: open, Pattern: "GET /", end: data(h)})
	}
	for name, h := range map[string]handler{
		"an error nobody classified": func(http.ResponseWriter, *http.Request) error { return fmt.Errorf("secret %s", secretName) },
		"a panic":                    func(http.ResponseWriter, *http.Request) error { panic(secretName) },
	} {
		t.Run(name, func(t *testing.T) {
			s.log.Reset()
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "http://127.0.0.1/", nil)
			route(h).ServeHTTP(w, r)
			id := strings.TrimSuffix(w.Body.String()[strings.Index(w.Body.String(), "under ")+6:], ".")[:12]
			if w.Code != 500 || strings.Contains(w.Body.String(), secretName) || !strings.Contains(s.log.String(), "id="+id) ||
				!strings.Contains(s.log.String(), secretName) {
				t.Errorf("%d %s\n%s", w.Code, w.Body, s.log)
			}
		})
	}
	t.Run("a panic after the first byte cuts the line", func(t *testing.T) {
		defer func() {
			if cause := recover(); cause != http.ErrAbortHandler {
				t.Errorf("%v", cause)
			}
		}()
		h := s.server.guard(Route{Class: open, Pattern: "GET /", end: binary(func(w http.ResponseWriter, _ *http.Request) error {
			w.Write([]byte("half"))
			panic("in the middle")
		})})
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "http://127.0.0.1/", nil))
	})
}

func TestTheLogHoldsNoSecrets(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", secretName+".jpg")
	locked := s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Name: secretName, Password: "hush hush hush"})
	s.log.Reset()
	cookie := s.unlock(tokenOf(locked), "hush hush hush")
	s.do(ask{method: "GET", path: "/s/" + tokenOf(locked) + "?password=hush", header: map[string]string{"Cookie": cookie.String()}})
	s.do(ask{method: "GET", path: "/s/" + tokenOf(locked) + "/a/" + a.ID + "/original"})
	s.do(ask{method: "GET", path: "/s/" + tokenOf(locked) + "/nothing/here"})
	s.do(ask{method: "POST", path: "/api/v1/session", body: `{"email":"owner@example.org","password":"` + password + `"}`})
	s.do(ask{method: "POST", path: "/api/v1/session", body: `{"email":"owner@example.org","password":"wrong but long"}`})
	s.do(ask{who: "owner", method: "GET", path: "/api/v1/assets?q=" + secretName})
	s.http.Close() // waits for the requests, and they write their event last
	text := s.log.String()
	for what, value := range map[string]string{
		"a token": tokenOf(locked), "a password": "hush", "a pass": cookie.Value, "a name": secretName,
		"an account's password": password, "a failed password": "wrong but", "an API token": s.tokens["owner"],
	} {
		if strings.Contains(text, value) {
			t.Errorf("the log tells %s:\n%s", what, text)
		}
	}
	if n := strings.Count(text, "msg=request"); n != 7 {
		t.Errorf("%d events for 7 requests:\n%s", n, text)
	}
}

func TestTextIsCompressedAndBytesAreNot(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	var a dam.Asset
	for i := range 6 {
		a = s.picture("owner", fmt.Sprintf("picture %d.jpg", i))
	}
	for path, want := range map[string]string{
		"/api/v1/assets": "gzip",
		"/api/v1/assets/" + a.ID + "/versions/fullscreen": "",
		"/api/v1/assets/" + a.ID + "/versions/original":   "",
	} {
		got := s.do(ask{who: "owner", method: "GET", path: path, header: map[string]string{"Accept-Encoding": "gzip"}})
		if got.status != 200 || got.header.Get("Content-Encoding") != want {
			t.Errorf("%s: %d %q", path, got.status, got.header.Get("Content-Encoding"))
		}
	}
}

func TestCountersHoldNoTokens(t *testing.T) {
	key := secret.NewToken()
	s := newSite(t, sqlite(t), func(c *Config) { c.MetricsToken = key }).people()
	direct := httptest.NewRequest("GET", s.server.BaseURL+"/s/0000000000000000000000", nil)
	s.server.Handler().ServeHTTP(httptest.NewRecorder(), direct) // counted when it returns
	bearer := map[string]string{"Authorization": "Bearer " + key.Reveal()}
	got := s.do(ask{method: "GET", path: "/metrics", header: bearer})
	if got.status != 200 || !strings.Contains(got.body, `vitrine_http_requests_total{class="guest",status="404"} 1`) ||
		strings.Contains(got.body, "0000000000000000000000") {
		t.Errorf("%d\n%s", got.status, got.body)
	}
	if got := s.do(ask{method: "GET", path: "/api/v1/assets", header: bearer}); got.status != 401 {
		t.Errorf("the key of the counters opens the library: %d", got.status)
	}
	empty := newSite(t, sqlite(t))
	if got := empty.do(ask{method: "GET", path: "/metrics", header: map[string]string{"Authorization": "Bearer "}}); got.status != 401 {
		t.Errorf("an empty key opens the counters: %d", got.status)
	}
}

func TestABodyThatIsNotTakenDoesNotHang(t *testing.T) {
	s := newSite(t, sqlite(t))
	r, err := http.NewRequestWithContext(t.Context(), "POST", s.http.URL+"/api/v1/session", bytes.NewReader(make([]byte, 8<<20)))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	if got := s.send(r); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestWhatIsHardlyHTTPIsRefusedAsSuch(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	const host, json = "Host: 127.0.0.1\r\n", "Content-Type: application/json\r\n"
	formHead := host + "Authorization: Bearer " + s.tokens["owner"] + "\r\nContent-Type: multipart/form-data; boundary=b\r\n"
	for _, c := range []struct{ sentence, request, want string }{
		{"bad chunks", "POST /api/v1/session HTTP/1.1\r\n" + host + json + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n", "400"},
		{"a body that ends too early", "POST /api/v1/session HTTP/1.1\r\n" + host + json + "Content-Length: 9\r\n\r\n{", "400"},
		{"two lengths", "POST /api/v1/session HTTP/1.1\r\n" + host + json + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
		{"two hosts", "GET / HTTP/1.1\r\n" + host + "Host: evil\r\n\r\n", "400"},
		{"no host", "GET /s/x HTTP/1.0\r\n\r\n", "421"},
		{"somebody else's whole address", "GET http://evil.example/s/x HTTP/1.1\r\n" + host + "\r\n", "421"},
		{"a tunnel", "CONNECT evil:80 HTTP/1.1\r\nHost: evil:80\r\n\r\n", "421"},
		{"an address without end", "GET /s/" + strings.Repeat("a", 8192) + " HTTP/1.1\r\n" + host + "\r\n", "404"},
		{"a form that is none", "POST /api/v1/assets HTTP/1.1\r\n" + formHead + "Content-Length: 4\r\n\r\nnone", "400"},
		{"a form of bad chunks", "POST /api/v1/assets HTTP/1.1\r\n" + formHead + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n", "400"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			conn, err := net.Dial("tcp", s.http.Listener.Addr().String())
			must(t, err)
			defer conn.Close()
			fmt.Fprint(conn, c.request)
			if strings.HasSuffix(c.request, "{") {
				must(t, conn.(*net.TCPConn).CloseWrite())
			}
			must(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
			line, _ := bufio.NewReader(conn).ReadString('\n')
			if _, status, _ := strings.Cut(line, " "); !strings.HasPrefix(status, c.want) {
				t.Errorf("%q, want %s", line, c.want)
			}
		})
	}
}
