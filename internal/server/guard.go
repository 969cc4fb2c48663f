package server

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"vitrine/internal/dam"
	"vitrine/internal/secret"
)

// How long a client may take for one body that is not an upload, and for one answer that is not
// bytes or a stream.
const (
	bodyTime   = 30 * time.Second
	answerTime = 60 * time.Second
)

// caller is who sent a request: from where, and on routes for signed-in people the account and,
// if a cookie named it, the session.
type caller struct {
	from    netip.Addr
	user    dam.User
	session context.Context
}

func (c caller) viewer() dam.Viewer { return c.user.Viewer() }

type callerKey struct{}

func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// guard stands before every route: headers first, then what HTTP demands, then who asks; the
// route's own handler comes last.
func (s *Server) guard(rt Route) http.Handler {
	serve := rt.end.serve
	if rt.end.register != nil {
		serve = rt.end.register(s, rt)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w, rolling: !rt.end.brief()}
		defer s.finish(rec, r, rt, s.Now())
		handle := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer s.rescue(rec, w, r, rt)
			s.setHeaders(w, rt.end.content)
			r, err := s.admit(w, r, rt)
			if err == nil {
				err = serve(w, r)
			}
			if err != nil {
				s.fail(w, r, rt, err)
			}
		})
		if rt.end.brief() {
			handle = s.gzip(handle)
		}
		handle(rec, r)
	})
}

// admit lets a request in or says why not. The request that comes back knows its caller.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, rt Route) (*http.Request, error) {
	if err := s.checkHost(r, rt); err != nil {
		return r, err
	}
	if err := s.origins.Check(r); err != nil {
		return r, dam.Errorf(dam.Forbidden, "This request came from another site.")
	}
	return s.identify(s.limit(w, r, rt), rt)
}

// limit bounds how much a client may send and how slowly. Uploads have their own bounds. The request
// with a bounded body is a copy: net/http looks at its own to see whether a refusal must wait for the
// rest of the body.
func (s *Server) limit(w http.ResponseWriter, r *http.Request, rt Route) *http.Request {
	control := http.NewResponseController(w)
	if rt.end.brief() {
		control.SetWriteDeadline(time.Now().Add(answerTime))
	}
	if r.Body == nil || r.Body == http.NoBody {
		return r
	}
	r = r.WithContext(r.Context())
	r.Body = &timedBody{ReadCloser: r.Body, control: control, patient: rt.end.large}
	if rt.end.large {
		control.SetReadDeadline(time.Now().Add(partTime))
		return r
	}
	control.SetReadDeadline(time.Now().Add(bodyTime))
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	return r
}

// identify finds out who asks, for the classes that need to know.
func (s *Server) identify(r *http.Request, rt Route) (*http.Request, error) {
	if rt.Class == guest || rt.Pattern == metricsRoute && s.holdsMetricsToken(r) {
		return r, nil
	}
	var c caller
	if rt.Class != open {
		var err error
		if c, err = s.caller(r); err != nil {
			return r, err
		}
		if err := c.viewer().Require(rightFor(rt.Class)); err != nil {
			return r, err
		}
	}
	c.from = s.clientAddr(r)
	return r.WithContext(context.WithValue(r.Context(), callerKey{}, c)), nil
}

func rightFor(c Class) dam.Right {
	switch c {
	case user:
		return dam.AssetView
	case manager:
		return dam.LinkManageAll
	}
	return dam.Admin
}

// caller names the account behind a request: by bearer token if there is one, else by session.
// A token that opens nothing never falls back to a cookie. Errors: Unauthenticated.
func (s *Server) caller(r *http.Request) (caller, error) {
	if token, ok := bearer(r); ok {
		u, err := s.Library.UserOfToken(r.Context(), token)
		return caller{user: u}, err
	}
	return s.sessionCaller(r)
}

func bearer(r *http.Request) (secret.Token, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return secret.Token(strings.TrimSpace(token)), strings.EqualFold(scheme, "bearer")
}

// fail answers with the error, in the form that the route's readers understand.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, rt Route, err error) {
	if rt.end.content == pageContent {
		s.problemPage(w, r, err)
		return
	}
	s.writeProblem(w, r, err)
}

// checkHost refuses names that are not ours: an answer never depends on what a client calls us.
// Loopback names are always ours, for probes and for the machine's own people.
func (s *Server) checkHost(r *http.Request, rt Route) error {
	if rt.Pattern == healthRoute || strings.EqualFold(r.Host, s.base.Host) {
		return nil
	}
	host := hostOnly(r.Host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsLoopback() {
		return nil
	}
	if slices.ContainsFunc(s.Hosts, func(name string) bool { return strings.EqualFold(name, host) }) {
		return nil
	}
	if host == strings.ToLower(s.base.Hostname()) && s.base.Port() == portOf(r.Host, s.base.Scheme) {
		return nil
	}
	return refuse(http.StatusMisdirectedRequest, dam.NotFound, "This server answers at "+s.BaseURL+".")
}

func hostOnly(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		hostport = host
	}
	return strings.ToLower(strings.Trim(hostport, "[]"))
}

// portOf is the port in a Host header, empty when it is the scheme's own.
func portOf(hostport, scheme string) string {
	_, port, err := net.SplitHostPort(hostport)
	if err != nil || (scheme == "http" && port == "80") || (scheme == "https" && port == "443") {
		return ""
	}
	return port
}

// canonical says whether a path is written in the one form that we serve. Anything else could
// mean one thing to a proxy before us and another to us.
func canonical(p string) bool {
	if strings.ContainsFunc(p, unicode.IsControl) || strings.Contains(p, `\`) {
		return false
	}
	return path.Clean(p) == p
}

// clientAddr is the address a request came from: the socket's peer, or, if that is one of the
// trusted proxies, the last hop before them.
func (s *Server) clientAddr(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := peer.Addr().Unmap()
	if !s.trusts(addr) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return addr
		}
		addr = hop.Unmap()
		if !s.trusts(addr) {
			return addr
		}
	}
	return addr
}

func (s *Server) trusts(a netip.Addr) bool {
	for _, p := range s.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
