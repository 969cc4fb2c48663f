package server

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"vitrine/internal/dam"
)

// staffFile is the shell of the staff app. It is the same for everybody and tells nothing.
const staffFile = "staff.html"

// staffApp is every page of the staff app.
func (s *Server) staffApp(w http.ResponseWriter, r *http.Request) error {
	f, ok := s.Web.File(staffFile)
	if !ok {
		return dam.Errorf(dam.Unavailable, "The web front end was not built into this program. Run make.")
	}
	w.Header().Set("ETag", s.Keys.ETag(staffFile, string(f.Body)))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.Body))
	return nil
}

// staticFile is one of our own files. Names that change with their content are kept for ever.
func (s *Server) staticFile(w http.ResponseWriter, r *http.Request) error {
	f, ok := s.Web.File(strings.TrimPrefix(r.URL.Path, "/"))
	if !ok {
		return dam.Errorf(dam.NotFound, "There is nothing here.")
	}
	h := w.Header()
	h.Set("Content-Type", f.MIME)
	h.Set("Cache-Control", "no-cache")
	if f.Immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.Body))
	return nil
}

func (s *Server) robots(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader("User-agent: *\nDisallow: /\n"))
	return nil
}

// reference is what an internal link may name: a number or an id. Nothing else is ever put into
// an address that we send somebody to.
var reference = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// internalLink sends signed-in people to the feed with the asset in the search bar, and others to
// sign in first. It grants nothing: an id becomes a number only for those who see the asset.
func (s *Server) internalLink(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !reference.MatchString(id) {
		return dam.Errorf(dam.NotFound, "There is nothing here.")
	}
	w.Header().Set("Cache-Control", "no-store")
	c, err := s.caller(r)
	if dam.KindOf(err) == dam.Unauthenticated || err == nil && !c.viewer().SignedIn() {
		http.Redirect(w, r, "/signin?next="+url.QueryEscape("/a/"+id), http.StatusFound)
		return nil
	}
	if err != nil {
		return err
	}
	words, err := s.numberOf(r, c.viewer(), id)
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/?q="+url.QueryEscape(words), http.StatusFound)
	return nil
}

func (s *Server) numberOf(r *http.Request, v dam.Viewer, id string) (string, error) {
	general, err := s.Library.General(r.Context())
	if err != nil {
		return "", err
	}
	a, err := s.Library.Asset(r.Context(), v, id)
	if dam.KindOf(err) == dam.NotFound {
		return id, nil
	}
	if err != nil {
		return "", err
	}
	return dam.NumberText(general.NumberPrefix, a.Number), nil
}
