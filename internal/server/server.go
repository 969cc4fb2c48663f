// Package server speaks HTTP: it knows who calls, what a route is allowed to answer and how an
// error looks outside. It never decides what somebody may see or take and never touches a row or
// a blob: the library's verbs do. cmd makes one Server and serves its two handlers.
package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/klauspost/compress/gzhttp"

	"vitrine/internal/library"
	"vitrine/internal/secret"
	"vitrine/web"
)

// maxBody is the most that a request may carry which is not an upload.
const maxBody = 1 << 20

// Config is what a server needs. TrustedProxies and MetricsToken may stay empty: then nobody's
// forwarding headers count, and the counters are for administrators only.
type Config struct {
	Library        *library.Library
	Keys           *secret.Keys
	Web            *web.Bundle
	BaseURL        string
	Hosts          []string // names we are also asked for, such as the staff's own beside the guests'
	TrustedProxies []netip.Prefix
	MetricsToken   secret.Token
	Sessions       scs.Store
	Log            *slog.Logger
	Now            func() time.Time
}

// Server answers requests. Handler and PublicHandler are its two faces.
type Server struct {
	Config
	base     *url.URL
	sessions *scs.SessionManager
	origins  *http.CrossOriginProtection
	doc      *document
	pages    *pages
	counts   *counters
	gzip     func(http.Handler) http.HandlerFunc
	staff    http.Handler
	public   http.Handler
	stopping context.Context
	stop     context.CancelFunc
}

// New makes a server. It fails on a base URL that is none, a front end that is not there and a
// route that no class guards.
func New(c Config) (*Server, error) {
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" || base.Path != "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("the base URL must be like https://photos.example.org, not %q", c.BaseURL)
	}
	s := &Server{Config: c, base: base, counts: newCounters()}
	s.doc = newDocument(c.BaseURL, s.cookieName())
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.sessions = s.newSessions()
	s.origins = http.NewCrossOriginProtection()
	if err := s.origins.AddTrustedOrigin(base.Scheme + "://" + base.Host); err != nil {
		return nil, fmt.Errorf("trust the base URL: %w", err)
	}
	wrap, err := gzhttp.NewWrapper()
	if err != nil {
		return nil, fmt.Errorf("make the compressor: %w", err)
	}
	s.gzip = wrap
	if s.pages, err = newPages(c.Web); err != nil {
		return nil, err
	}
	return s, s.mountAll()
}

func (s *Server) mountAll() (err error) {
	routes := s.Routes()
	all := func(Class) bool { return true }
	if s.staff, err = s.mount(routes, all); err != nil {
		return err
	}
	if s.public, err = s.mount(routes, func(c Class) bool { return c == guest }); err != nil {
		return err
	}
	return s.doc.seal(routes)
}

// Handler serves every route.
func (s *Server) Handler() http.Handler { return s.staff }

// PublicHandler serves the guest surface and nothing else.
func (s *Server) PublicHandler() http.Handler { return s.public }

// StopStreams ends the answers that would never end by themselves. Hand it to
// http.Server.RegisterOnShutdown, or Shutdown waits for every open browser tab.
func (s *Server) StopStreams() { s.stop() }
