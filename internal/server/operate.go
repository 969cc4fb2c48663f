package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"vitrine/internal/dam"
)

// The routes of operation that the guard treats in a way of their own: probes come by address and
// not by name, and Prometheus may bring its own token.
const (
	healthRoute  = "GET /healthz"
	metricsRoute = "GET /metrics"
)

// health is 200 while this node can read and write what it needs.
func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	if err := s.Library.Ready(r.Context()); err != nil {
		s.Log.WarnContext(r.Context(), "not ready", "err", err)
		return dam.Errorf(dam.Unavailable, "This node can't serve now.")
	}
	_, err := w.Write([]byte(`{"status":"ok"}` + "\n"))
	return err
}

func (s *Server) measure(w http.ResponseWriter, r *http.Request) error {
	w.Header().Del("Content-Type")
	s.counts.handler.ServeHTTP(w, r)
	return nil
}

func (s *Server) holdsMetricsToken(r *http.Request) bool {
	token, ok := bearer(r)
	return ok && s.MetricsToken != "" && s.MetricsToken.Equal(token)
}

// counters are the numbers of this process. Their labels are classes and statuses, so that there
// are few of them and none can hold a token.
type counters struct {
	handler  http.Handler
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newCounters() *counters {
	c := &counters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vitrine_http_requests_total", Help: "Requests answered, by class of route and status.",
		}, []string{"class", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "vitrine_http_request_seconds", Help: "Time to answer, by class of route.",
			Buckets: []float64{.001, .005, .02, .1, .5, 2, 10, 60},
		}, []string{"class"}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(c.requests, c.seconds, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	c.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{DisableCompression: true})
	return c
}

func (c *counters) add(class Class, status int, took time.Duration) {
	c.requests.WithLabelValues(string(class), strconv.Itoa(status)).Inc()
	c.seconds.WithLabelValues(string(class)).Observe(took.Seconds())
}
