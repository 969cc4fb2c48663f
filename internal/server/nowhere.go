package server

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"vitrine/internal/dam"
)

// nowhere answers what no route does: 405 where another method would be right, else 404. It says
// nothing about which of the two listeners knows more.
func (s *Server) nowhere(mux *http.ServeMux) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !canonical(r.URL.Path) || !legible(r.URL) {
			return dam.Errorf(dam.NotFound, "There is nothing here.")
		}
		var allowed []string
		probe := r.Clone(r.Context())
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
			probe.Method = method
			if _, pattern := mux.Handler(probe); pattern != "/" && pattern != "" {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 {
			return dam.Errorf(dam.NotFound, "There is nothing here.")
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return refuse(http.StatusMethodNotAllowed, dam.Invalid, "This address does not know "+r.Method+".")
	}
}

// legible says whether an address is text. Bytes that no database keeps would come back from deep
// inside as a fault of ours.
func legible(u *url.URL) bool {
	if !utf8.ValidString(u.Path) {
		return false
	}
	for name, values := range u.Query() {
		for _, text := range append(values, name) {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				return false
			}
		}
	}
	return true
}
