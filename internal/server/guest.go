package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/secret"
)

// maxUnlockForm is room for the longest password with every byte escaped.
const maxUnlockForm = 8 << 10

// guestPage is what a link opens: one item, a gallery, or the door of a locked link.
func (s *Server) guestPage(w http.ResponseWriter, r *http.Request) error {
	door, asked := s.door(r), r.URL.Query()
	if id := asked.Get("item"); id != "" {
		return s.guestItem(w, r, door, id)
	}
	enter := s.Library.Open
	if uncounted(r) {
		enter = s.Library.Peek
	}
	g, err := enter(r.Context(), door, asked.Get("cursor"))
	if err != nil {
		return s.turnAway(w, r, err, g)
	}
	base := basePath(door)
	f := s.pages.frame(r, base)
	if g.Kind == "asset" && len(g.Items) == 1 {
		return s.pages.write(w, r, http.StatusOK, pageItem, f.item(base, g))
	}
	return s.pages.write(w, r, http.StatusOK, pageGallery, f.gallery(base, asked.Get("cursor"), g))
}

// guestItem is one item at its own address inside a link.
func (s *Server) guestItem(w http.ResponseWriter, r *http.Request, door library.Door, id string) error {
	g, place, err := s.Library.OpenItem(r.Context(), door, id)
	if err != nil {
		return s.turnAway(w, r, err, g)
	}
	base := basePath(door)
	f := s.pages.frame(r, base)
	page := f.item(base, g)
	if g.Kind == "collection" {
		page.Gallery = f.around(base, g, place)
	}
	return s.pages.write(w, r, http.StatusOK, pageItem, page)
}

// guestUnlock trades a password for a pass. The password comes in the form's body or not at all.
func (s *Server) guestUnlock(w http.ResponseWriter, r *http.Request) error {
	door := s.door(r)
	r.Body = http.MaxBytesReader(w, r.Body, maxUnlockForm)
	if err := r.ParseForm(); err != nil {
		var long *http.MaxBytesError
		if !errors.As(err, &long) {
			err = dam.InvalidField("password", "Send the password as a form.")
		}
		return s.turnAway(w, r, err, library.GuestPage{})
	}
	pass, expires, err := s.Library.Unlock(r.Context(), door, r.PostForm.Get("password"))
	if err != nil && dam.KindOf(err) != dam.Conflict { // an open link just opens
		return s.turnAway(w, r, err, library.GuestPage{})
	}
	if err == nil {
		http.SetCookie(w, s.passCookie(door.Token, pass, expires))
	}
	f := s.pages.frame(r, basePath(door))
	w.Header().Set("Location", f.Here.To(f.Here.path, "item", r.URL.Query().Get("item")))
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// guestIndex is the page as data.
func (s *Server) guestIndex(w http.ResponseWriter, r *http.Request) error {
	door := s.door(r)
	g, err := s.Library.Peek(r.Context(), door, r.URL.Query().Get("cursor"))
	if err != nil {
		return err
	}
	body, err := s.pages.frame(r, "").index(basePath(door), g)
	if err != nil {
		return err
	}
	w.Header().Set("Vary", "Accept-Language")
	w.Write(body) //nolint:gosec // JSON, named as such and not sniffed
	return nil
}

// guestVersion is the bytes of one version of one item.
func (s *Server) guestVersion(w http.ResponseWriter, r *http.Request) error {
	door := s.door(r)
	want := library.Want{
		AssetID:  r.PathValue("asset"),
		Version:  r.PathValue("version"),
		Download: r.URL.Query().Has("download"),
		Quiet:    uncounted(r),
	}
	c, err := s.Library.GuestContent(r.Context(), door, want)
	if err != nil {
		return s.refuseBytes(w, r, err)
	}
	want.Quiet = true
	return s.deliverWhile(w, r, c, func(ctx context.Context) error {
		again, err := s.Library.GuestContent(ctx, door, want)
		if err == nil {
			again.Close()
		}
		return err
	})
}

// directDownload is a download link: the original and nothing around it.
func (s *Server) directDownload(w http.ResponseWriter, r *http.Request) error {
	door := s.door(r)
	c, err := s.Library.DirectContent(r.Context(), door, uncounted(r))
	if err != nil {
		return s.refuseBytes(w, r, err)
	}
	return s.deliverWhile(w, r, c, func(ctx context.Context) error {
		again, err := s.Library.DirectContent(ctx, door, true)
		if err == nil {
			again.Close()
		}
		return err
	})
}

// door is what a guest brings: the token of the address, a pass if there is one, and where from.
func (s *Server) door(r *http.Request) library.Door {
	d := library.Door{Token: secret.Token(r.PathValue("token")), Address: s.clientAddr(r)}
	if c, err := r.Cookie(s.passName(d.Token)); err == nil {
		d.Pass = c.Value
	}
	return d
}

func basePath(d library.Door) string { return "/s/" + d.Token.Reveal() }

// passName binds the cookie to this host where the connection allows it.
func (s *Server) passName(token secret.Token) string {
	name := s.Library.PassCookie(token)
	if s.base.Scheme == "https" {
		return "__Host-" + name
	}
	return name
}

func (s *Server) passCookie(token secret.Token, pass string, expires time.Time) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure wherever people reach us by TLS
		Name:     s.passName(token),
		Value:    pass,
		Path:     "/",
		MaxAge:   max(int(expires.Sub(s.Now()).Seconds()), 1),
		HttpOnly: true,
		Secure:   s.base.Scheme == "https",
		SameSite: http.SameSiteLaxMode,
	}
}

// uncounted says that a request is no visit of its own: somebody only asks, goes on with a transfer
// that was counted when it began, or is a program that draws previews of links (R136).
func uncounted(r *http.Request) bool {
	if r.Method == http.MethodHead || strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") {
		return true
	}
	if from, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok && !strings.HasPrefix(from, "0-") {
		return true
	}
	agent := strings.ToLower(r.UserAgent())
	for _, mark := range [...]string{"bot", "crawl", "spider", "preview", "facebookexternalhit", "whatsapp"} {
		if strings.Contains(agent, mark) {
			return true
		}
	}
	return false
}

// turnAway answers a page request that the library refused. A locked link is no fault: its page
// is the door.
func (s *Server) turnAway(w http.ResponseWriter, r *http.Request, err error, g library.GuestPage) error {
	p := s.problem(r.Context(), err)
	if p.kind == dam.PasswordRequired && r.Method != http.MethodPost {
		p.Status = http.StatusOK
	}
	return s.writeRefusal(w, r, p, g)
}

// refuseBytes answers a request for bytes that the library refused: with a page where a person
// would see it, else with the problem. A picture that is being made leaves its place empty.
func (s *Server) refuseBytes(w http.ResponseWriter, r *http.Request, err error) error {
	if dam.KindOf(err) == dam.NotReady && wantsPicture(r) {
		return s.writeEmptyPicture(w, r, s.problem(r.Context(), err))
	}
	if !wantsPage(r) {
		return err
	}
	s.setHeaders(w, pageContent)
	return s.writeRefusal(w, r, s.problem(r.Context(), err), library.GuestPage{})
}

// emptyPicture is a picture of one transparent pixel: what stands in a frame on a page until the picture
// is made, where anything else would be drawn as broken.
const emptyPicture = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

func (s *Server) writeEmptyPicture(w http.ResponseWriter, r *http.Request, p *Problem) error {
	h := w.Header()
	for name, values := range p.GetHeaders() {
		h[name] = values
	}
	h.Set("Content-Type", "image/gif")
	h.Set("Content-Length", strconv.Itoa(len(emptyPicture)))
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		io.WriteString(w, emptyPicture)
	}
	return nil
}

// problemPage answers with the error as a page; what can't be a page is a problem.
func (s *Server) problemPage(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problem(r.Context(), err)
	if err := s.writeRefusal(w, r, p, library.GuestPage{}); err != nil {
		s.writeProblem(w, r, err)
	}
}

// wantsPage says whether a person is looking at the answer, not a program or a picture's frame.
func wantsPage(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return strings.Contains(r.Header.Get("Accept"), "text/html") && (dest == "" || dest == "document")
}

// wantsPicture says whether the answer goes into a picture's frame on a page.
func wantsPicture(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "image" || dest == "" && strings.HasPrefix(r.Header.Get("Accept"), "image/")
}

// writeRefusal writes the door or one of the ends. The page names nothing of the link: unknown,
// deleted and foreign tokens get the same bytes.
func (s *Server) writeRefusal(w http.ResponseWriter, r *http.Request, p *Problem, g library.GuestPage) error {
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	atDoor := p.kind == dam.TooMany && r.Method == http.MethodPost
	if p.kind == dam.PasswordRequired || p.kind == dam.WrongPassword || atDoor {
		f := s.pages.frame(r, "")
		return s.pages.write(w, r, p.Status, pageDoor, f.door(basePath(s.door(r)), p))
	}
	return s.pages.write(w, r, p.Status, pageEnd, s.pages.frame(r, "").end(p, g))
}
