package server

import "net/http"

// The content security policies. Everything is refused that is not named; no inline script runs
// anywhere. Style attributes are allowed where tiles carry their own size.
const (
	appPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; " +
		"img-src 'self' data: blob:; media-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; " +
		"img-src 'self' data:; media-src 'self'; font-src 'self'; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	binaryPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'"
	barePolicy   = "default-src 'none'; frame-ancestors 'none'"

	permissions = "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), " +
		"gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), xr-spatial-tracking=()"
)

// setHeaders is the one place for headers that protect. Handlers of binary and static content may
// loosen Cache-Control, and nothing else.
func (s *Server) setHeaders(w http.ResponseWriter, c content) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", permissions)
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if s.base.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=63072000")
	}
	switch c {
	case appContent:
		h.Set("Content-Security-Policy", appPolicy)
		h.Set("Cache-Control", "no-cache")
		h.Set("Content-Type", "text/html; charset=utf-8")
	case pageContent:
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Type", "text/html; charset=utf-8")
	case binaryContent:
		h.Set("Content-Security-Policy", binaryPolicy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Del("Content-Type")
	case streamContent:
		h.Set("Content-Security-Policy", barePolicy)
		h.Set("Content-Type", "text/event-stream")
		h.Set("X-Accel-Buffering", "no")
	case staticContent:
		h.Set("Content-Security-Policy", barePolicy)
	default:
		h.Set("Content-Security-Policy", barePolicy)
		h.Set("Content-Type", "application/json")
	}
}
