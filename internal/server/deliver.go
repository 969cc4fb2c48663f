package server

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

const (
	maxRanges   = 8   // more than any player asks for; each costs a part header
	maxFileName = 180 // bytes of UTF-8, what every file system takes
)

// A transfer larger than recheckSize is asked about again: anything smaller has left before.
const (
	recheckSize  = 1 << 20
	recheckEvery = 10 * time.Second
	cutEvery     = 20 * time.Millisecond
)

// deliver writes asset bytes, under the headers of binary content; nothing else does. A Content exists only after the gate has let the
// guest or the viewer through, so that a 304 or a 206 says nothing a 200 would not.
//
// The file goes to ServeContent as the library opened it: behind a wrapper the kernel could not
// send it by itself.
func (s *Server) deliver(w http.ResponseWriter, r *http.Request, c *library.Content) error {
	defer c.Close()
	h := w.Header()
	h.Set("ETag", c.ETag)
	h.Set("Content-Type", contentType(c))
	h.Set("Content-Disposition", disposition(c.Name, c.Download || !inline(c)))
	h.Set("Cache-Control", "private, no-cache")
	if c.Original {
		h.Set("Cache-Control", "private, no-store")
	}
	if strings.Count(r.Header.Get("Range"), ",") >= maxRanges {
		h.Set("Content-Range", "bytes */"+strconv.FormatInt(c.Size, 10))
		h.Del("Content-Disposition")
		w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		return nil
	}
	http.ServeContent(w, r, "", time.Time{}, c.ReadSeekCloser)
	return nil
}

// deliverWhile delivers as long as the gate says yes, asked again and again during long transfers.
func (s *Server) deliverWhile(w http.ResponseWriter, r *http.Request, c *library.Content, ask func(context.Context) error) error {
	if c.Size > recheckSize {
		stop := recheck(w, r, recheckEvery, ask)
		defer stop()
	}
	return s.deliver(w, r, c)
}

// recheck asks at every tick and breaks the connection once the answer is no. The stop function waits, so that nothing touches the connection
// after the handler.
func recheck(w http.ResponseWriter, r *http.Request, every time.Duration, ask func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(r.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(every)
		defer tick.Stop()
		refused := false
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if refused = refused || over(ask(ctx)); refused { // again and again: the recorder may have just granted more time
				http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0))
				tick.Reset(cutEvery)
			}
		}
	}()
	return func() { cancel(); <-done }
}

// over tells a refusal from a database that does not answer at this moment.
func over(err error) bool {
	kind := dam.KindOf(err)
	return kind != dam.Internal && kind != dam.Unavailable
}

// plainTypes are the types an original may name itself by. They tell a browser how to save the
// file; anything a browser might run instead stays a stream of bytes.
var plainTypes = map[string]bool{
	"image/jpeg": true, "image/png": true, "image/gif": true, "image/webp": true, "image/tiff": true,
	"image/heic": true, "image/heif": true, "image/avif": true, "image/bmp": true,
	"video/mp4": true, "video/quicktime": true, "video/webm": true, "video/x-matroska": true,
	"audio/mpeg": true, "audio/mp4": true, "audio/flac": true, "audio/ogg": true, "audio/wav": true,
	"application/pdf": true, "application/zip": true,
}

// inlineTypes are the types of what we encode ourselves, and of captions: players read those, and no
// browser runs them.
var inlineTypes = map[string]bool{
	"image/jpeg": true, "image/png": true, "image/webp": true, "image/avif": true,
	"video/mp4": true, "video/webm": true, "audio/mp4": true, dam.MIMECaptions: true,
}

// inline says whether the bytes may render on our origin at all.
func inline(c *library.Content) bool {
	kind, _, err := mime.ParseMediaType(c.MIME)
	return err == nil && !c.Original && inlineTypes[kind]
}

func contentType(c *library.Content) string {
	kind, _, err := mime.ParseMediaType(c.MIME)
	switch {
	case err != nil || !inline(c) && !plainTypes[kind]:
		return "application/octet-stream"
	case kind == dam.MIMECaptions:
		return kind + "; charset=utf-8"
	}
	return kind
}

// disposition names a file to the browser by RFC 6266: an ASCII name for old clients, and the
// true one by RFC 8187 where it differs.
func disposition(name string, attachment bool) string {
	kind := "inline"
	if attachment {
		kind = "attachment"
	}
	name = fileName(name)
	ascii := asciiName(name)
	value := fmt.Sprintf("%s; filename=%q", kind, ascii)
	if ascii != name {
		value += "; filename*=UTF-8''" + percentEncode(name)
	}
	return value
}

// fileName makes a name that is safe to save: one path element of visible characters, cut at a
// character's end with its extension kept.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' || r == ':' {
			return '_'
		}
		return r
	}, visibleText(name))
	name = strings.TrimLeft(name, ". ")
	if name == "" {
		return "download"
	}
	if len(name) <= maxFileName {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 16 {
		ext = ""
	}
	stem := name[:maxFileName-len(ext)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return strings.TrimRight(stem, ". ") + ext
}

// visibleText keeps the characters that people read and drops those that steer: controls, bidi
// overrides, zero-width joints, line separators, bytes that are no text.
func visibleText(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, s))
}

// asciiName replaces what a quoted string or an old client can't carry. The percent sign is one
// of these: some browsers decode it there.
func asciiName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x7f || strings.ContainsRune(`"\%`, r) {
			return '_'
		}
		return r
	}, name)
}

// percentEncode writes the value characters of RFC 8187; only its attr-char stay as they are.
func percentEncode(name string) string {
	const plain = "!#$&+-.^_`|~"
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte(plain, c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
