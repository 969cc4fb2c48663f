package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/store"
)

func TestDispositionNamesAFileOnceAndSafely(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{`photo.jpg`, `attachment; filename="photo.jpg"`},
		{`a"b;c.jpg`, `attachment; filename="a_b;c.jpg"; filename*=UTF-8''a%22b%3Bc.jpg`},
		{"a\r\nSet-Cookie: x.jpg", `attachment; filename="aSet-Cookie_ x.jpg"`},
		{`..\..\a.exe`, `attachment; filename="_.._a.exe"`},
		{"/etc/passwd", `attachment; filename="_etc_passwd"`},
		{"gpj.\u202eexe", `attachment; filename="gpj.exe"`},
		{"фото 1.jpg", `attachment; filename="____ 1.jpg"; filename*=UTF-8''%D1%84%D0%BE%D1%82%D0%BE%201.jpg`},
		{"🏔.jpg", `attachment; filename="_.jpg"; filename*=UTF-8''%F0%9F%8F%94.jpg`},
		{"a%0d%0ab.jpg", `attachment; filename="a_0d_0ab.jpg"; filename*=UTF-8''a%250d%250ab.jpg`},
		{"\x00\x01", `attachment; filename="download"`},
		{"....", `attachment; filename="download"`},
		{".htaccess", `attachment; filename="htaccess"`},
		{"a\xff\xfeb.jpg", `attachment; filename="ab.jpg"`},
	} {
		if got := disposition(c.name, true); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	if got := disposition("a.jpg", false); got != `inline; filename="a.jpg"` {
		t.Error(got)
	}
}

func TestALongNameIsCutAtACharacterAndKeepsItsExtension(t *testing.T) {
	for _, name := range []string{strings.Repeat("ы", 300) + ".jpeg", strings.Repeat("a", 300) + ".jpg", strings.Repeat("🏔", 300)} {
		got := fileName(name)
		if len(got) > maxFileName || !utf8.ValidString(got) {
			t.Errorf("%d bytes: %q", len(got), got)
		}
		if i := strings.LastIndexByte(name, '.'); i > 0 && !strings.HasSuffix(got, name[i:]) {
			t.Errorf("the extension is gone: %q", got)
		}
	}
}

func FuzzDisposition(f *testing.F) {
	for _, name := range []string{"a.jpg", `a"b\`, "a\r\nb", "\u202e", "%", strings.Repeat("é.", 200), "\xff", "。/：", "a\u2028b"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := disposition(name, true)
		for _, r := range got {
			if r > unicode.MaxASCII || !unicode.IsPrint(r) {
				t.Fatalf("%q has %q", got, r)
			}
		}
		kind, params, err := mime.ParseMediaType(got)
		if err != nil || kind != "attachment" {
			t.Fatalf("%q is no disposition: %v", got, err)
		}
		saved := params["filename"]
		if saved == "" || len(saved) > maxFileName || strings.ContainsAny(saved, `/\`) || strings.HasPrefix(saved, ".") {
			t.Fatalf("%q saves as %q", name, saved)
		}
		if saved != fileName(name) {
			t.Fatalf("%q arrives as %q, not as %q", name, saved, fileName(name))
		}
	})
}

// body is a Content over bytes that says when it is closed.
type body struct {
	*bytes.Reader
	closed bool
}

func (b *body) Close() error { b.closed = true; return nil }

func deliverOnce(c library.Content, data []byte, method string, header ...string) (*httptest.ResponseRecorder, *body) {
	b := &body{Reader: bytes.NewReader(data)}
	c.ReadSeekCloser, c.Size = b, int64(len(data))
	r := httptest.NewRequest(method, "/", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w, s := httptest.NewRecorder(), &Server{base: &url.URL{}}
	s.setHeaders(w, binaryContent)
	if err := s.deliver(w, r, &c); err != nil {
		panic(err)
	}
	return w, b
}

func TestAnOriginalLeavesAsABareFile(t *testing.T) {
	for _, c := range []struct{ mime, want string }{
		{"image/jpeg", "image/jpeg"}, {"application/pdf", "application/pdf"},
		{"image/svg+xml", "application/octet-stream"}, {"text/html; charset=utf-8", "application/octet-stream"},
		{"application/xhtml+xml", "application/octet-stream"}, {"text/javascript", "application/octet-stream"},
		{"", "application/octet-stream"}, {"\r\nX: y", "application/octet-stream"},
	} {
		w, b := deliverOnce(library.Content{Name: "a.b", MIME: c.mime, ETag: `"x"`, Original: true}, []byte("<script>"), "GET")
		h := w.Header()
		if h.Get("Content-Type") != c.want || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") ||
			h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") ||
			h.Get("Cross-Origin-Resource-Policy") != "same-origin" || h.Get("Cache-Control") != "private, no-store" || !b.closed {
			t.Errorf("%q: %v", c.mime, h)
		}
	}
}

func TestAPictureForThePageIsKeptOnlyToBeAskedAbout(t *testing.T) {
	c := library.Content{Name: "a.jpg", MIME: "image/jpeg", ETag: `"x"`}
	w, _ := deliverOnce(c, []byte("pixels"), "GET")
	if h := w.Header(); h.Get("Cache-Control") != "private, no-cache" || h.Get("Content-Disposition") != `inline; filename="a.jpg"` {
		t.Error(h)
	}
	if w, _ := deliverOnce(c, []byte("pixels"), "GET", "If-None-Match", `"x"`); w.Code != 304 || w.Body.Len() != 0 {
		t.Error("not a 304:", w.Code)
	}
	if w, _ := deliverOnce(c, []byte("pixels"), "HEAD"); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "6" {
		t.Error("HEAD:", w.Code, w.Header())
	}
}

func TestRangesGiveTheBytesAskedFor(t *testing.T) {
	data := []byte("0123456789")
	for _, c := range []struct {
		name, ask, ifRange string
		status             int
		want               string
	}{
		{"the first byte", "bytes=0-0", "", 206, "0"},
		{"the middle", "bytes=3-5", "", 206, "345"},
		{"the end, open", "bytes=7-", "", 206, "789"},
		{"a suffix", "bytes=-2", "", 206, "89"},
		{"past the end", "bytes=10-", "", 416, ""},
		{"another unit", "lines=1-2", "", 416, ""},
		{"with the same tag", "bytes=5-", `"x"`, 206, "56789"},
		{"with an old tag", "bytes=5-", `"old"`, 200, "0123456789"},
	} {
		w, _ := deliverOnce(library.Content{Name: "a", ETag: `"x"`}, data, "GET", "Range", c.ask, "If-Range", c.ifRange)
		if w.Code != c.status || (c.want != "" && w.Body.String() != c.want) {
			t.Errorf("%s: %d %q", c.name, w.Code, w.Body)
		}
	}
}

func TestManyRangesCostNoMoreThanTheFile(t *testing.T) {
	data := make([]byte, 10_000)
	for _, n := range []int{2, 8, 9, 9000} {
		ask := "bytes=" + strings.TrimSuffix(strings.Repeat("0-0,", n), ",")
		w, b := deliverOnce(library.Content{Name: "a", ETag: `"x"`}, data, "GET", "Range", ask)
		if w.Body.Len() > len(data)+4096 {
			t.Errorf("%d ranges: %d bytes", n, w.Body.Len())
		}
		if n > maxRanges && w.Code != http.StatusRequestedRangeNotSatisfiable {
			t.Errorf("%d ranges: status %d", n, w.Code)
		}
		if !b.closed {
			t.Errorf("%d ranges: the file stays open", n)
		}
	}
}

func FuzzRange(f *testing.F) {
	for _, ask := range []string{"bytes=0-0", "bytes=-1", "bytes=5-,0-3", "bytes=9-1", "bytes=,,,", "x", "bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0"} {
		f.Add(ask)
	}
	data := bytes.Repeat([]byte("0123456789"), 100)
	f.Fuzz(func(t *testing.T, ask string) {
		w, _ := deliverOnce(library.Content{Name: "a", ETag: `"x"`}, data, "GET", "Range", ask)
		if w.Body.Len() > len(data)+4096 {
			t.Fatalf("%q: %d bytes", ask, w.Body.Len())
		}
		if w.Code == 206 && strings.HasPrefix(w.Header().Get("Content-Range"), "bytes ") {
			from, _, _ := strings.Cut(strings.TrimPrefix(w.Header().Get("Content-Range"), "bytes "), "-")
			start, err := strconv.Atoi(from)
			if err != nil || !bytes.HasPrefix(data[start:], w.Body.Bytes()) {
				t.Fatalf("%q: wrong bytes", ask)
			}
		}
	})
}

func TestATransferEndsWhenItsLinkDoes(t *testing.T) {
	const size = 64 << 20
	var refuse atomic.Bool
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stop := recheck(w, r, time.Millisecond, func(context.Context) error {
			asked.Add(1)
			if refuse.Load() {
				return dam.Errorf(dam.NotFound, "deleted")
			}
			return dam.Errorf(dam.Unavailable, "the database restarts")
		})
		defer stop()
		w.Header().Set("Content-Length", strconv.Itoa(size))
		io.CopyN(w, rand.Reader, size)
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	must(t, err)
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	must(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	first := make([]byte, 1<<20)
	if _, err := io.ReadFull(conn, first); err != nil {
		t.Fatal("nothing came:", err)
	}
	for asked.Load() < 3 {
		if _, err := io.ReadFull(conn, first[:1024]); err != nil {
			t.Fatal("cut although nobody refused:", err)
		}
	}
	refuse.Store(true)
	rest, err := io.Copy(io.Discard, conn)
	if ne, ok := err.(net.Error); ok && ne.Timeout() {
		t.Fatal("the transfer goes on")
	}
	if rest >= size-(2<<20) {
		t.Errorf("all of it left: %d bytes more", rest)
	}
}

func TestA304ComesOnlyThroughTheGate(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	l := s.link("owner", library.NewLink{AssetIDs: []string{a.ID}})
	path := "/s/" + tokenOf(l) + "/a/" + a.ID + "/preview"
	tag := s.do(ask{method: "GET", path: path}).header.Get("Etag")
	again := ask{method: "GET", path: path, header: map[string]string{"If-None-Match": tag}}
	if got := s.do(again); got.status != 304 {
		t.Fatal("an open link:", got.status)
	}
	_, err := s.lib.EditLink(t.Context(), s.as("owner"), l.ID, library.LinkPatch{SetPassword: true, Password: password})
	must(t, err)
	if got := s.do(again); got.status != 401 || got.header.Get("Etag") != "" {
		t.Error("a locked link:", got.status, got.header)
	}
	must(t, s.lib.DeleteLink(t.Context(), s.as("owner"), l.ID))
	if got := s.do(again); got.status != 404 {
		t.Error("a deleted link:", got.status)
	}
}

func TestADownloadLinkGivesTheBytesThatWereBroughtIn(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	name := "Фото из отпуска.jpg"
	data := photo(200, 100, "direct")
	a, _, err := s.lib.BringIn(t.Context(), s.as("owner"), library.NewAsset{Name: name, Body: bytes.NewReader(data)})
	must(t, err)
	l := s.link("owner", library.NewLink{Kind: dam.LinkKindDownload, AssetIDs: []string{a.ID}})
	path := "/d/" + tokenOf(l)
	whole := s.do(ask{method: "GET", path: path})
	_, params, err := mime.ParseMediaType(whole.header.Get("Content-Disposition"))
	must(t, err)
	if whole.status != 200 || whole.body != string(data) || params["filename"] != name {
		t.Errorf("%d, %d bytes, %v", whole.status, len(whole.body), whole.header)
	}
	// curl -C -: go on where the first try broke off.
	rest := s.do(ask{method: "GET", path: path, header: map[string]string{"Range": "bytes=100-"}})
	if rest.status != 206 || rest.body != string(data[100:]) || rest.header.Get("Accept-Ranges") != "bytes" {
		t.Errorf("resume: %d, %v", rest.status, rest.header)
	}
	if head := s.do(ask{method: "HEAD", path: path}); head.status != 200 || head.header.Get("Content-Length") != strconv.Itoa(len(data)) {
		t.Errorf("HEAD: %d, %v", head.status, head.header)
	}
	s.lib.FlushVisits()
	stats, err := s.lib.LinkStats(t.Context(), s.as("owner"), l.ID)
	must(t, err)
	if stats.Downloads != 1 {
		t.Errorf("%d downloads counted: HEAD and the rest of a download are none", stats.Downloads)
	}
}

func TestAnUnfinishedVersionIsPromisedNotServed(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a, _, err := s.lib.BringIn(t.Context(), s.as("owner"), library.NewAsset{Name: "a.jpg", Body: bytes.NewReader(photo(90, 60, "new"))})
	must(t, err)
	must(t, s.store.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		a.Status = dam.StatusProcessing
		return tx.UpdateAsset(ctx, a)
	}))
	l := s.link("owner", library.NewLink{AssetIDs: []string{a.ID}})
	path := "/s/" + tokenOf(l) + "/a/" + a.ID + "/preview"
	got := s.do(ask{method: "GET", path: path})
	if got.status != 202 || got.code() != "not_ready" || got.header.Get("Retry-After") == "" {
		t.Errorf("%d %s %v", got.status, got.body, got.header)
	}
	person := s.do(ask{method: "GET", path: path, header: map[string]string{"Accept": "text/html", "Sec-Fetch-Dest": "document"}})
	if person.status != 202 || !strings.Contains(person.body, `http-equiv="refresh"`) {
		t.Errorf("a person gets no page: %d %s", person.status, person.body)
	}
}
