package server

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/internal/library"
	"vitrine/internal/testkit"
)

func TestAFormBringsOneFileIn(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	picture := string(photo(64, 48, "form"))
	for _, c := range []struct {
		sentence string
		fields   [][2]string
		status   int
		code     string
	}{
		{"a file alone", [][2]string{{"file:a.jpg", picture}}, 201, ""},
		{"texts before the file", [][2]string{{"title", "T"}, {"description", "D"}, {"file:a.jpg", picture + "1"}}, 201, ""},
		{"texts after the file", [][2]string{{"file:a.jpg", picture + "2"}, {"title", "T"}, {"description", "D"}}, 201, ""},
		{"an unknown kind", [][2]string{{"file:notes.xyz", "nothing we know"}}, 201, ""},
		{"an empty file", [][2]string{{"file:a.jpg", ""}}, 422, "invalid"},
		{"no file", [][2]string{{"title", "T"}}, 422, "invalid"},
		{"two files", [][2]string{{"file:a.jpg", picture}, {"file:b.jpg", picture}}, 422, "invalid"},
		{"a field nobody knows", [][2]string{{"owner", "me"}, {"file:a.jpg", picture}}, 422, "invalid"},
		{"a title that is too long", [][2]string{{"title", strings.Repeat("x", maxText+1)}, {"file:a.jpg", picture}}, 413, "too_large"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			body, kind := form(c.fields...)
			got := s.do(ask{who: "owner", method: "POST", path: "/api/v1/assets", body: body, header: map[string]string{"Content-Type": kind}})
			if got.status != c.status || got.code() != c.code {
				t.Fatalf("%d %s", got.status, got.body)
			}
			if c.status != 201 {
				return
			}
			var a assetJSON
			s.into(got, &a)
			if got.header.Get("Location") != "/api/v1/assets/"+a.ID {
				t.Error(got.header)
			}
			if len(c.fields) == 3 && (a.Title != "T" || a.Description != "D") {
				t.Errorf("%+v", a)
			}
		})
	}
	var list struct{ Total int }
	s.into(s.do(ask{who: "owner", method: "GET", path: "/api/v1/assets"}), &list)
	if list.Total != 4 {
		t.Errorf("%d assets", list.Total)
	}
}

func TestTheSameBytesAreNoticed(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	body, kind := form([2]string{"file:a.jpg", string(photo(64, 48, "twin"))})
	send := func(who string) assetJSON {
		var a assetJSON
		s.into(s.do(ask{who: who, method: "POST", path: "/api/v1/assets", body: body, header: map[string]string{"Content-Type": kind}}), &a)
		return a
	}
	one, two := send("owner"), send("owner")
	if one.DuplicateOf != nil || two.DuplicateOf == nil || two.DuplicateOf.Number != one.Number || two.ID == one.ID {
		t.Errorf("%+v %+v", one, two)
	}
	_, err := s.lib.EditAsset(t.Context(), s.as("owner"), one.ID, library.AssetPatch{SetReaders: true, Restricted: true})
	must(t, err)
	_, err = s.lib.EditAsset(t.Context(), s.as("owner"), two.ID, library.AssetPatch{SetReaders: true, Restricted: true})
	must(t, err)
	if three := send("other"); three.DuplicateOf != nil {
		t.Errorf("tells of an asset that the uploader does not see: %+v", three.DuplicateOf)
	}
}

func TestABrokenFormKeepsNothing(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	body, kind := form([2]string{"file:a.jpg", string(photo(64, 48, "cut"))})
	conn, err := net.Dial("tcp", s.http.Listener.Addr().String())
	must(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/v1/assets HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		s.tokens["owner"], kind, len(body), body[:len(body)/2])
	must(t, conn.(*net.TCPConn).CloseWrite())
	must(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	answer := make([]byte, 64)
	n, err := conn.Read(answer)
	if err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 400") {
		t.Errorf("%q %v", answer[:n], err)
	}
	var list struct{ Total int }
	s.into(s.do(ask{who: "owner", method: "GET", path: "/api/v1/assets"}), &list)
	if list.Total != 0 {
		t.Errorf("%d assets", list.Total)
	}
}

// tus is one request of the protocol.
func (s *site) tus(who, method, path, body string, header ...string) answer {
	s.t.Helper()
	q := ask{who: who, method: method, path: path, body: body, header: map[string]string{"Tus-Resumable": "1.0.0"}}
	if body != "" || method == "PATCH" {
		q.header["Content-Type"] = tusBody
	}
	for i := 0; i < len(header); i += 2 {
		q.header[header[i]] = header[i+1]
	}
	return s.do(q)
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func TestAnUploadIsResumed(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL).people()
		file := string(photo(64, 48, "tus"))
		meta := "filename " + b64("фото.jpg") + ",title " + b64("A title") + ",is_confidential"
		got := s.tus("owner", "POST", "/uploads", "", "Upload-Length", fmt.Sprint(len(file)), "Upload-Metadata", meta)
		where := got.header.Get("Location")
		if got.status != 201 || !strings.HasPrefix(where, "/uploads/") || got.header.Get("Upload-Expires") == "" || got.header.Get("Tus-Resumable") != "1.0.0" {
			t.Fatalf("%d %v %s", got.status, got.header, got.body)
		}
		if got := s.tus("owner", "PATCH", where, file[:100], "Upload-Offset", "0"); got.status != 204 || got.header.Get("Upload-Offset") != "100" {
			t.Fatalf("%d %v", got.status, got.header)
		}
		// The line breaks in the middle of the next part: what came is kept.
		s.cutPatch(where, 100, file[100:400])
		got = s.tus("owner", "HEAD", where, "")
		if got.status != 200 || got.header.Get("Upload-Length") != fmt.Sprint(len(file)) || got.header.Get("Cache-Control") != "no-store" ||
			!strings.Contains(got.header.Get("Upload-Metadata"), "filename "+b64("фото.jpg")) {
			t.Fatalf("%d %v", got.status, got.header)
		}
		offset := 0
		fmt.Sscan(got.header.Get("Upload-Offset"), &offset)
		if offset != 400 {
			t.Errorf("offset %d after the line broke", offset)
		}
		got = s.tus("owner", "PATCH", where, file[offset:], "Upload-Offset", fmt.Sprint(offset))
		id := got.header.Get("Vitrine-Asset")
		if got.status != 204 || id == "" {
			t.Fatalf("%d %v %s", got.status, got.header, got.body)
		}
		var a assetJSON
		s.into(s.do(ask{who: "owner", method: "GET", path: "/api/v1/assets/" + id}), &a)
		sum := sha256.Sum256([]byte(file))
		if a.Name != "фото.jpg" || a.Title != "A title" || a.SHA256 != hex.EncodeToString(sum[:]) || a.Size != int64(len(file)) {
			t.Errorf("%+v", a)
		}
		if got := s.do(ask{who: "owner", method: "GET", path: "/api/v1/assets/" + id + "/versions/original"}); got.body != file {
			t.Error("the bytes differ")
		}
		if got := s.tus("owner", "HEAD", where, ""); got.header.Get("Vitrine-Asset") != id {
			t.Errorf("%d %v", got.status, got.header)
		}
		if got := s.tus("owner", "PATCH", where, "more", "Upload-Offset", fmt.Sprint(len(file))); got.status != 409 {
			t.Errorf("PATCH after the end: %d", got.status)
		}
	})
}

// cutPatch sends part of a body and breaks the line. It waits until the server has let go of it.
func (s *site) cutPatch(path string, offset int, part string) {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.http.Listener.Addr().String())
	must(s.t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nTus-Resumable: 1.0.0\r\n"+
		"Content-Type: %s\r\nUpload-Offset: %d\r\nContent-Length: 100000\r\n\r\n%s", path, s.tokens["owner"], tusBody, offset, part)
	must(s.t, conn.(*net.TCPConn).CloseWrite())
	must(s.t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	conn.Read(make([]byte, 4096)) // the answer, or the end of the connection
}

func TestTusSaysWhatTheProtocolSays(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	begin := func() string {
		got := s.tus("owner", "POST", "/uploads", "", "Upload-Length", "10", "Upload-Metadata", "filename "+b64("a.txt"))
		if got.status != 201 {
			t.Fatal(got.status, got.body)
		}
		return got.header.Get("Location")
	}
	sha := func(text string) string { sum := sha1.Sum([]byte(text)); return "sha1 " + b64(string(sum[:])) }
	sha2 := func(text string) string { sum := sha256.Sum256([]byte(text)); return "sha256 " + b64(string(sum[:])) }
	crc := func(text string) string {
		sum := crc32.ChecksumIEEE([]byte(text))
		return "crc32 " + b64(string([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}))
	}
	for _, c := range []struct {
		sentence, who, method string
		path                  string // empty: a new upload of ten bytes
		body                  string
		header                []string
		want                  int
	}{
		{"a part is taken", "owner", "PATCH", "", "01234", []string{"Upload-Offset", "0"}, 204},
		{"a wrong offset conflicts", "owner", "PATCH", "", "01234", []string{"Upload-Offset", "5"}, 409},
		{"an offset is needed", "owner", "PATCH", "", "01234", nil, 400},
		{"an offset is a number", "owner", "PATCH", "", "01234", []string{"Upload-Offset", "-1"}, 400},
		{"the type is the protocol's", "owner", "PATCH", "", "01234", []string{"Upload-Offset", "0", "Content-Type", "application/json"}, 415},
		{"another version is refused", "owner", "PATCH", "", "01234", []string{"Upload-Offset", "0", "Tus-Resumable", "0.2.2"}, 412},
		{"too many bytes are refused", "owner", "PATCH", "", "0123456789ABC", []string{"Upload-Offset", "0"}, 413},
		{"a right sha1 is taken", "owner", "PATCH", "", "01234", []string{"Upload-Offset", "0", "Upload-Checksum", sha("01234")}, 204},
		{"a right sha256 is taken", "owner", "PATCH", "", "01234", []string{"Upload-Offset", "0", "Upload-Checksum", sha2("01234")}, 204},
		{"a right crc32 is taken", "owner", "PATCH", "", "01234", []string{"Upload-Offset", "0", "Upload-Checksum", crc("01234")}, 204},
		{"a wrong checksum is 460", "owner", "PATCH", "", "01234", []string{"Upload-Offset", "0", "Upload-Checksum", sha("43210")}, 460},
		{"an unknown checksum is refused", "owner", "PATCH", "", "01234", []string{"Upload-Offset", "0", "Upload-Checksum", "md5 " + b64("x")}, 400},
		{"a checksum of the wrong length is refused", "owner", "PATCH", "", "01234", []string{"Upload-Offset", "0", "Upload-Checksum", "sha1 " + b64("x")}, 400},
		{"an unknown upload is 404", "owner", "PATCH", "/uploads/01890000-0000-7000-8000-000000000000", "x", []string{"Upload-Offset", "0"}, 404},
		{"others' uploads are 404", "other", "PATCH", "", "01234", []string{"Upload-Offset", "0"}, 404},
		{"others' uploads can't be looked at", "other", "HEAD", "", "", nil, 404},
		{"others' uploads can't be ended", "other", "DELETE", "", "", nil, 404},
		{"an upload can be given up", "owner", "DELETE", "", "", nil, 204},
		{"nobody uploads", "", "PATCH", "", "01234", []string{"Upload-Offset", "0"}, 401},
		{"a length is needed", "owner", "POST", "/uploads", "", nil, 400},
		{"a length is not negative", "owner", "POST", "/uploads", "", []string{"Upload-Length", "-1"}, 400},
		{"an empty file is refused", "owner", "POST", "/uploads", "", []string{"Upload-Length", "0"}, 422},
		{"a file beyond all measure is refused", "owner", "POST", "/uploads", "", []string{"Upload-Length", "99999999999999"}, 413},
		{"a length is not deferred", "owner", "POST", "/uploads", "", []string{"Upload-Defer-Length", "1"}, 400},
		{"metadata must be base64", "owner", "POST", "/uploads", "", []string{"Upload-Length", "5", "Upload-Metadata", "filename !!!"}, 400},
		{"a viewer does not upload", "viewer", "POST", "/uploads", "", []string{"Upload-Length", "5"}, 403},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			path := c.path
			if path == "" {
				path = begin()
			}
			got := s.tus(c.who, c.method, path, c.body, c.header...)
			if got.status != c.want {
				t.Errorf("%d, want %d\n%s", got.status, c.want, got.body)
			}
			if c.want != 401 && got.header.Get("Tus-Resumable") != "1.0.0" {
				t.Error("Tus-Resumable is missing")
			}
			if c.want == 412 && got.header.Get("Tus-Version") != "1.0.0" {
				t.Error("Tus-Version is missing")
			}
		})
	}
}

func TestARefusedPartLeavesTheUploadAsItWas(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	where := s.tus("owner", "POST", "/uploads", "", "Upload-Length", "10").header.Get("Location")
	wrong := sha1.Sum([]byte("other"))
	s.tus("owner", "PATCH", where, "01234", "Upload-Offset", "0", "Upload-Checksum", "sha1 "+b64(string(wrong[:])))
	s.tus("owner", "PATCH", where, "0123456789ABC", "Upload-Offset", "0")
	if got := s.tus("owner", "HEAD", where, ""); got.header.Get("Upload-Offset") != "0" {
		t.Errorf("%v", got.header)
	}
	s.tus("owner", "DELETE", where, "")
	if got := s.tus("owner", "HEAD", where, ""); got.status != 404 && got.status != 410 {
		t.Errorf("a given-up upload: %d", got.status)
	}
}

func TestAnUploadMayCarryItsFirstBytes(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	got := s.tus("owner", "POST", "/uploads", "0123", "Upload-Length", "10")
	if got.status != 201 || got.header.Get("Upload-Offset") != "4" || got.header.Get("Location") == "" {
		t.Fatalf("%d %v %s", got.status, got.header, got.body)
	}
	whole := s.tus("owner", "POST", "/uploads", "0123456789", "Upload-Length", "10", "Upload-Metadata", "filename "+b64("a.txt"))
	if whole.status != 201 || whole.header.Get("Vitrine-Asset") == "" {
		t.Errorf("%d %v %s", whole.status, whole.header, whole.body)
	}
}

func TestAnUnfinishedUploadExpires(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	got := s.tus("owner", "POST", "/uploads", "", "Upload-Length", "10")
	expires, err := http.ParseTime(got.header.Get("Upload-Expires"))
	must(t, err)
	s.clock.Set(expires.Add(time.Second))
	if got := s.tus("owner", "HEAD", got.header.Get("Location"), ""); got.status != 410 && got.status != 404 {
		t.Errorf("%d", got.status)
	}
}

func TestTusTellsWhatItCan(t *testing.T) {
	s := newSite(t, sqlite(t))
	got := s.do(ask{method: "OPTIONS", path: "/uploads"})
	for name, want := range map[string]string{
		"Tus-Resumable": "1.0.0", "Tus-Version": "1.0.0", "Tus-Max-Size": "1099511627776",
		"Tus-Extension": tusExtensions, "Tus-Checksum-Algorithm": tusSums,
	} {
		if got.status != 204 || got.header.Get(name) != want {
			t.Errorf("%d %s: %q", got.status, name, got.header.Get(name))
		}
	}
}
