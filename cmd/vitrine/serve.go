package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"vitrine/internal/secret"
	"vitrine/internal/server"
	"vitrine/web"
)

type serveCommand struct {
	Listen         string   `help:"Address of the whole server." default:"127.0.0.1:8080"`
	PublicListen   string   `help:"Second address that serves only what guests need."`
	Hosts          []string `help:"Other host names under which people reach this server, besides the base URL's." placeholder:"NAME"`
	TrustedProxies prefixes `help:"Networks of reverse proxies whose X-Forwarded-For is believed, in CIDR form, separated by commas."`
	MetricsToken   string   `help:"Bearer token that may read /metrics without an account."`
	Demo           bool     `help:"Fill an empty library with demo media and print how to sign in."`
	DemoMedia      string   `help:"Folder with the demo media and their manifest.json." default:"./demo-media" type:"path"`
	LogJSON        bool     `name:"log-json" help:"Write the log as JSON."`
}

// graceTime is how long running answers may take to end after a signal.
const graceTime = 20 * time.Second

// Run serves until a signal comes, then ends what runs and leaves.
func (s *serveCommand) Run(ctx context.Context, p *places) error {
	log, flush := newLog(os.Stderr, s.LogJSON)
	defer flush()
	if err := p.complete(); err != nil {
		return err
	}
	unlock, err := lock(p.alone()...)
	if err != nil {
		return err
	}
	defer unlock()
	if err := p.clearScratch(); err != nil {
		return err
	}
	whole, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer whole.Close()
	if p.BaseURL == "" {
		p.BaseURL = addressOf(whole)
	}
	p.BaseURL = strings.TrimRight(p.BaseURL, "/")
	h, err := p.open(ctx, log, true)
	if err != nil {
		return err
	}
	defer h.Close()
	face, err := s.server(h, p, log)
	if err != nil {
		return err
	}
	if err := h.runner.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the jobs: %w", err)
	}
	defer stopJobs(h, log)
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	go h.WatchSources(watching)
	return s.run(ctx, whole, face, h, p, log)
}

func (s *serveCommand) server(h *house, p *places, log *slog.Logger) (*server.Server, error) {
	bundle, err := web.Open()
	if err != nil {
		return nil, err
	}
	return server.New(server.Config{
		Library: h.Library, Keys: h.keys, Web: bundle, BaseURL: p.BaseURL, Hosts: s.Hosts, TrustedProxies: s.TrustedProxies,
		MetricsToken: secret.Token(s.MetricsToken), Sessions: h.store.Sessions(), Log: log, Now: time.Now,
	})
}

// run answers on one or two listeners until ctx ends.
func (s *serveCommand) run(ctx context.Context, whole net.Listener, face *server.Server, h *house, p *places, log *slog.Logger) error {
	failed := make(chan error, 2)
	servers := []*http.Server{serve(whole, face.Handler(), face.StopStreams, failed, log)}
	if s.PublicListen != "" {
		public, err := net.Listen("tcp", s.PublicListen)
		if err != nil {
			return fmt.Errorf("listen for guests: %w", err)
		}
		servers = append(servers, serve(public, face.PublicHandler(), face.StopStreams, failed, log))
		fmt.Println("guests are served on http://" + public.Addr().String())
	}
	if strings.HasPrefix(p.BaseURL, "http://") && !isLoopback(p.BaseURL) {
		log.Warn("the base URL is not https: cookies travel unprotected and browsers refuse the clipboard", "base_url", p.BaseURL)
	}
	fmt.Println("listening on " + addressOf(whole))
	if err := s.welcome(ctx, h, p); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping")
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
	defer cancel()
	for _, srv := range servers {
		if err := srv.Shutdown(grace); err != nil {
			log.Warn("answers were cut at the end of the grace time", "error", err)
			srv.Close()
		}
	}
	return nil
}

func serve(l net.Listener, handler http.Handler, stopStreams func(), failed chan<- error, log *slog.Logger) *http.Server {
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	srv.RegisterOnShutdown(stopStreams)
	go func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	return srv
}

// welcome tells what to do first: sign in, or enter the set-up code.
func (s *serveCommand) welcome(ctx context.Context, h *house, p *places) error {
	if s.Demo {
		return s.demo(ctx, h, p)
	}
	needed, err := h.SetupNeeded(ctx)
	if err != nil || !needed {
		return err
	}
	fmt.Printf("nobody has an account yet: open %s/setup and enter the set-up code %s\n", p.BaseURL, h.SetupCode())
	return nil
}

func stopJobs(h *house, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), graceTime)
	defer cancel()
	if err := h.runner.Stop(ctx); err != nil {
		log.Warn("jobs were cut; they go on at the next start", "error", err)
	}
}

// lock refuses a second server on the same data folder or SQLite database.
func lock(paths ...string) (unlock func(), err error) {
	var held []*os.File
	unlock = func() {
		for _, f := range held {
			f.Close()
		}
	}
	for _, path := range paths {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			unlock()
			return nil, fmt.Errorf("lock the data: %w", err)
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			unlock()
			return nil, fmt.Errorf("lock the data: %w", err)
		}
		held = append(held, f)
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			unlock()
			return nil, fmt.Errorf("another vitrine serves from here (%s): stop it, or give other places", path)
		}
	}
	return unlock, nil
}

// addressOf is the URL of a listener as a person can open it.
func addressOf(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = ownAddress()
	}
	return "http://" + net.JoinHostPort(host, port)
}

// ownAddress is how others in the network reach this machine, as far as it knows.
func ownAddress() string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return "localhost"
	}
	for _, addr := range addrs {
		if n, ok := addr.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	return "localhost"
}

func isLoopback(base string) bool {
	host, _, err := net.SplitHostPort(strings.TrimPrefix(base, "http://"))
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
