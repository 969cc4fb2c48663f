package server

import (
	"strconv"
	"strings"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

func TestAFilmPlaysFromAnyPlace(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	film := s.film("owner", "film.mov")
	l := s.link("owner", library.NewLink{AssetIDs: []string{film.ID}})
	whole := string(moving("film.mov"))
	size := "/" + strconv.Itoa(len(whole))
	for name, q := range map[string]ask{
		"a guest":            {method: "GET", path: "/s/" + tokenOf(l) + "/a/" + film.ID + "/video720"},
		"somebody signed in": {who: "viewer", method: "GET", path: "/api/v1/assets/" + film.ID + "/versions/video720"},
	} {
		for _, c := range []struct {
			ranges string
			status int
			body   string
			tells  string
		}{
			{"", 200, whole, ""},
			{"bytes=0-1", 206, whole[:2], "bytes 0-1" + size},
			{"bytes=0-", 206, whole, "bytes 0-" + strconv.Itoa(len(whole)-1) + size},
			{"bytes=1000-1999", 206, whole[1000:2000], "bytes 1000-1999" + size},
			{"bytes=-5", 206, whole[len(whole)-5:], "bytes " + strconv.Itoa(len(whole)-5) + "-" + strconv.Itoa(len(whole)-1) + size},
			{"bytes=99999999-", 416, "", "bytes *" + size},
		} {
			t.Run(name+" asks for "+c.ranges, func(t *testing.T) {
				q := q
				q.header = map[string]string{}
				if c.ranges != "" {
					q.header["Range"] = c.ranges
				}
				got := s.do(q)
				h := got.header
				if got.status != c.status || c.body != "" && got.body != c.body || h.Get("Content-Range") != c.tells {
					t.Fatalf("%d, %d bytes, %v", got.status, len(got.body), h)
				}
				if c.status >= 400 {
					return
				}
				if h.Get("Content-Type") != "video/mp4" || h.Get("Accept-Ranges") != "bytes" || h.Get("Etag") == "" ||
					h.Get("Content-Disposition") != `inline; filename="film-video720.mp4"` || h.Get("Content-Encoding") != "" {
					t.Error(h)
				}
			})
		}
	}
}

func TestOnlyWhatWeEncodedRendersHere(t *testing.T) {
	for _, c := range []struct {
		mime   string
		raw    bool
		want   string
		inline bool
	}{
		{"image/jpeg", false, "image/jpeg", true}, {"image/webp", false, "image/webp", true},
		{"image/avif", false, "image/avif", true}, {"image/png", false, "image/png", true},
		{"video/mp4", false, "video/mp4", true}, {"video/webm", false, "video/webm", true},
		{"audio/mp4", false, "audio/mp4", true}, {"text/vtt", false, "text/vtt; charset=utf-8", true},
		{"text/vtt", true, "application/octet-stream", false}, {"video/mp4", true, "video/mp4", false},
		{"text/html", false, "application/octet-stream", false}, {"image/svg+xml", false, "application/octet-stream", false},
		{"application/pdf", false, "application/pdf", false}, {"", false, "application/octet-stream", false},
	} {
		w, _ := deliverOnce(library.Content{Name: "a.b", MIME: c.mime, ETag: `"x"`, Original: c.raw}, []byte("<script>"), "GET")
		inline := strings.HasPrefix(w.Header().Get("Content-Disposition"), "inline")
		if w.Header().Get("Content-Type") != c.want || inline != c.inline {
			t.Errorf("%q, raw %v: %v", c.mime, c.raw, w.Header())
		}
	}
}

func TestAFilmTellsWhatItIs(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	film := s.film("owner", "film.mov")
	var a assetJSON
	s.into(s.do(ask{who: "viewer", method: "GET", path: "/api/v1/assets/" + film.ID}), &a)
	if a.Codec == nil || a.Codec.Video != "h264" || a.Codec.Rate != 25 || a.Storyboard == nil || *a.Storyboard != (gridJSON{5, 5}) ||
		a.Revision != 1 || a.Source != dam.SourceUpload || a.SourceName != nil || a.Work != nil || a.Note != nil {
		t.Errorf("%+v", a)
	}
	for _, r := range a.Renditions {
		if r.Name == dam.Video720 && (r.Kind != dam.RecipeVideo || r.Bitrate != int64(len(moving("film.mov"))*8/60)) ||
			r.Name == dam.Poster && (r.Kind != dam.RecipeImage || r.Bitrate != 0) {
			t.Errorf("%+v", r)
		}
	}
	if len(a.Renditions) != 4 {
		t.Errorf("%+v", a.Renditions)
	}
}
