package server

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/web"
)

// dom is a page as a browser reads it.
type dom struct{ *html.Node }

func parse(t *testing.T, text string) dom {
	t.Helper()
	n, err := html.Parse(strings.NewReader(text))
	must(t, err)
	return dom{n}
}

// all lists the elements of a kind.
func (d dom) all(tag string) []dom {
	var out []dom
	for n := range d.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag {
			out = append(out, dom{n})
		}
	}
	return out
}

func (d dom) get(name string) string {
	for _, a := range d.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func (d dom) text() string {
	var b strings.Builder
	for n := range d.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// id finds the element with an id; the zero dom is none.
func (d dom) id(id string) dom {
	for n := range d.Descendants() {
		if n.Type == html.ElementNode && (dom{n}).get("id") == id {
			return dom{n}
		}
	}
	return dom{&html.Node{}}
}

func (s *site) page(path string, header ...string) (answer, dom) {
	s.t.Helper()
	q := ask{method: "GET", path: path, header: map[string]string{"Accept": "text/html"}}
	for i := 0; i+1 < len(header); i += 2 {
		q.header[header[i]] = header[i+1]
	}
	got := s.do(q)
	return got, parse(s.t, got.body)
}

func TestThePageOfOnePictureShowsItAndWhatMayBeTaken(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "IMG_2041.jpg")
	title, description := "Larches", "Above the lake.\nAt first light."
	a, err := s.lib.EditAsset(t.Context(), s.as("owner"), a.ID, library.AssetPatch{Title: &title, Description: &description})
	must(t, err)
	path := "/s/" + tokenOf(s.link("owner", library.NewLink{
		AssetIDs: []string{a.ID}, Terms: dam.Terms{Original: true, Proxies: []string{dam.Thumbnail}},
	}))
	got, page := s.page(path)
	img := page.all("img")
	if got.status != 200 || len(img) != 1 || img[0].get("src") != path+"/a/"+a.ID+"/preview" || img[0].get("alt") != description {
		t.Errorf("%d %v", got.status, got.body)
	}
	main := page.id("main").text()
	for _, want := range []string{"Larches", "IMG_2041.jpg", "JPEG", strings.Join(strings.Fields(pixels(a.Width, a.Height)), " "), "At first light."} {
		if !strings.Contains(main, want) {
			t.Errorf("%q is not on the page: %s", want, main)
		}
	}
	var offered []string
	for _, a := range page.all("a") {
		if strings.HasSuffix(a.get("href"), "?download") {
			offered = append(offered, strings.TrimPrefix(a.get("href"), path+"/a/"))
		}
	}
	if want := []string{a.ID + "/original?download", a.ID + "/thumbnail?download"}; !slices.Equal(offered, want) {
		t.Errorf("offered %v, want %v", offered, want)
	}
	if strings.Contains(got.body, "View only") {
		t.Error("says view only")
	}
}

func TestAViewOnlyPageOffersNothingToTake(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	one, two := s.picture("owner", "a.jpg"), s.picture("owner", "b.jpg")
	single := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{one.ID}}))
	several := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{one.ID, two.ID}}))
	for _, path := range []string{single, several, several + "?item=" + two.ID} {
		got, page := s.page(path)
		if got.status != 200 || !strings.Contains(page.text(), "View only") || strings.Contains(got.body, "?download") {
			t.Errorf("%s: %d\n%s", path, got.status, got.body)
		}
	}
}

func TestEveryItemOfAGalleryHasItsOwnAddress(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	var ids []string
	for _, name := range []string{"a.jpg", "b.jpg", "c.jpg"} {
		ids = append(ids, s.picture("owner", name).ID)
	}
	path := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: ids}))
	_, gallery := s.page(path)
	var tiles []string
	for _, a := range gallery.id("grid").all("a") {
		tiles = append(tiles, a.get("href"))
	}
	if want := []string{path + "?item=" + ids[0], path + "?item=" + ids[1], path + "?item=" + ids[2]}; !slices.Equal(tiles, want) {
		t.Fatalf("tiles %v, want %v", tiles, want)
	}
	got, middle := s.page(path + "?item=" + ids[1] + "&lang=ru&theme=dark")
	keep := "&lang=ru&theme=dark"
	if middle.id("previous").get("href") != path+"?item="+ids[0]+keep || middle.id("next").get("href") != path+"?item="+ids[2]+keep {
		t.Errorf("neighbours: %s", got.body)
	}
	if back := middle.id("back").get("href"); back != path+"?"+keep[1:]+"#i-"+ids[1] {
		t.Errorf("back leads to %s", back)
	}
	if !strings.Contains(middle.text(), "2 из 3") {
		t.Error("no position")
	}
	if _, last := s.page(path + "?item=" + ids[2]); last.id("next").get("href") != "" {
		t.Error("the last item has a next one")
	}
	foreign := s.picture("owner", "foreign.jpg")
	if got, _ := s.page(path + "?item=" + foreign.ID); got.status != 404 || strings.Contains(got.body, "foreign") {
		t.Errorf("an item that is not of this link: %d", got.status)
	}
}

func TestHostileNamesAreOnlyText(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	for _, name := range []string{
		`"><img src=x onerror=alert(1)>`, `</title></script><script>alert(1)</script>`, `{{.Title}}{{define "x"}}`,
		`javascript:alert(1)`, `' onmouseover='alert(1)`, `--></style><svg onload=alert(1)>`, "a\u202egpj.exe",
	} {
		a := s.picture("owner", "a.jpg")
		a, err := s.lib.EditAsset(t.Context(), s.as("owner"), a.ID, library.AssetPatch{Title: &name, Description: &name})
		must(t, err)
		b := s.picture("owner", "b.jpg")
		single := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Name: name}))
		several := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID, b.ID}, Name: name, CollectionName: name}))
		for path, images := range map[string]int{single: 1, several: 2, several + "?item=" + a.ID: 1} {
			got, page := s.page(path)
			if got.status != 200 || len(page.all("img")) != images || len(page.all("script")) > 1 || len(page.all("style")) > 0 {
				t.Errorf("%q on %s: %d\n%s", name, path, got.status, got.body)
			}
			for n := range page.Descendants() {
				for _, attr := range n.Attr {
					if strings.HasPrefix(attr.Key, "on") || strings.HasPrefix(strings.ToLower(attr.Val), "javascript:") && attr.Key != "alt" {
						t.Errorf("%q became %s=%q", name, attr.Key, attr.Val)
					}
				}
			}
			if strings.ContainsRune(page.all("title")[0].text()+page.all("h1")[0].text(), '\u202e') {
				t.Errorf("%q turns the direction of a heading", name)
			}
		}
		if got := s.do(ask{method: "GET", path: several + "/index.json"}); !json.Valid([]byte(got.body)) || strings.Contains(got.body, "<") {
			t.Errorf("%q breaks the data: %s", name, got.body)
		}
	}
}

func TestPagesRunNoInlineScriptAndLoadNothingFromElsewhere(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	open := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}}))
	locked := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Password: password}))
	for _, path := range []string{open, locked, "/s/unknown"} {
		got, page := s.page(path)
		policy := got.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") ||
			strings.Contains(policy, "script-src 'unsafe") || strings.Contains(policy, "style-src 'unsafe") {
			t.Errorf("%s: policy %s", path, policy)
		}
		for _, script := range page.all("script") {
			if script.get("src") == "" || script.FirstChild != nil {
				t.Errorf("%s: an inline script", path)
			}
		}
		for n := range page.Descendants() {
			if d := (dom{n}); strings.Contains(d.get("src")+d.get("href")+d.get("action"), "//") {
				t.Errorf("%s: %s leads elsewhere", path, n.Data)
			}
		}
		if len(got.header.Values("Set-Cookie")) > 0 {
			t.Errorf("%s: a cookie before the password", path)
		}
		if got.header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(got.header.Get("X-Robots-Tag"), "noindex") ||
			got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, got.header)
		}
	}
}

// post sends the form of a locked link.
func (s *site) post(path, body string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), "POST", s.http.URL+path, strings.NewReader(body))
	must(s.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.send(r)
}

func TestAPasswordOpensItsLinkAndNothingElseDoes(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	path := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Password: "käse & brot"}))

	_, door := s.page(path + "?password=" + url.QueryEscape("käse & brot"))
	form := door.all("form")
	if len(form) != 1 || form[0].get("method") != "post" || form[0].get("action") != path+"/unlock" {
		t.Fatal("a password in the address opens it, or there is no form")
	}
	wrong := s.post(path+"/unlock?password="+url.QueryEscape("käse & brot"), "password=cheese")
	if wrong.status != 401 || wrong.header.Get("Set-Cookie") != "" || !strings.Contains(wrong.body, "not right") || strings.Contains(wrong.body, "cheese") {
		t.Errorf("wrong: %d %s", wrong.status, wrong.body)
	}
	if got, _ := s.page(path + "/unlock?lang=ru"); got.status != 200 || !strings.Contains(got.body, "Ссылка защищена") {
		t.Errorf("the address of the wrong try, loaded again: %d", got.status)
	}
	right := s.post(path+"/unlock?lang=ru&item="+a.ID, "password="+url.QueryEscape("käse & brot"))
	cookies := (&http.Response{Header: right.header}).Cookies()
	if right.status != 303 || len(cookies) != 1 || right.header.Get("Location") != path+"?item="+a.ID+"&lang=ru" {
		t.Fatalf("right: %d %v", right.status, right.header)
	}
	c := cookies[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != int((12*time.Hour).Seconds()) {
		t.Errorf("cookie %v", c)
	}
	if strings.Contains(c.Name+c.Value, tokenOf(library.LinkView{URL: path})) {
		t.Error("the cookie holds the link's token")
	}
	if got, page := s.page(path, "Cookie", c.Name+"="+c.Value); got.status != 200 || len(page.all("img")) != 1 {
		t.Error("the pass opens nothing:", got.status)
	}
	if s.post(path+"/unlock", "password="+strings.Repeat("a", 1<<20)).status != 413 {
		t.Error("a megabyte of password is read")
	}
}

func TestAPassIsBoundToTheHostWhereTheConnectionIsSafe(t *testing.T) {
	s := newSite(t, sqlite(t), func(c *Config) { c.BaseURL = "https://dam.example.org" }).people()
	a := s.picture("owner", "a.jpg")
	token := tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Password: password}))
	c := s.unlock(token, password)
	if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || c.Path != "/" {
		t.Errorf("cookie %v", c)
	}
	if got, page := s.page("/s/"+token, "Cookie", c.Name+"="+c.Value); got.status != 200 || len(page.all("form")) != 0 {
		t.Error("it does not open the link")
	}
}

func TestGuessingIsSlowedForOneLinkOnly(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	locked := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Password: password}))
	inside := s.unlock(strings.TrimPrefix(locked, "/s/"), password)
	open := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}}))
	for i := range 10 {
		if got := s.post(locked+"/unlock", "password=guess"); got.status != 401 {
			t.Fatalf("guess %d: %d", i+1, got.status)
		}
	}
	got := s.post(locked+"/unlock", "password="+url.QueryEscape(password))
	if got.status != 429 || got.header.Get("Retry-After") == "" || len(parse(t, got.body).all("form")) != 1 ||
		!strings.Contains(got.body, "Too many attempts. Try again in") {
		t.Errorf("the eleventh: %d %v\n%s", got.status, got.header, got.body)
	}
	if got, _ := s.page(open); got.status != 200 {
		t.Error("an open link suffers:", got.status)
	}
	if got, page := s.page(locked, "Cookie", inside.Name+"="+inside.Value); got.status != 200 || len(page.all("img")) != 1 {
		t.Error("who is inside is thrown out:", got.status)
	}
}

func TestPeopleGetAPageForBytesTheyMayNotHaveAndProgramsAProblem(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	locked := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Password: password}))
	direct := "/d/" + tokenOf(s.link("owner", library.NewLink{Kind: dam.LinkKindDownload, AssetIDs: []string{a.ID}}))
	_, err := s.lib.ArchiveAsset(t.Context(), s.as("owner"), a.ID)
	must(t, err)
	for _, c := range []struct {
		path   string
		status int
		says   string
	}{
		{locked + "/a/" + a.ID + "/original?download", 401, "This link is protected"},
		{direct, 503, "File is temporarily unavailable"},
		{"/d/unknown", 404, "Link not found"},
	} {
		person, page := s.page(c.path, "Sec-Fetch-Dest", "document")
		if person.status != c.status || len(page.all("h1")) != 1 || page.all("h1")[0].text() != c.says {
			t.Errorf("%s: %d %s", c.path, person.status, person.body)
		}
		program := s.do(ask{method: "GET", path: c.path, header: map[string]string{"Accept": "*/*"}})
		picture := s.do(ask{method: "GET", path: c.path, header: map[string]string{"Accept": "image/*,text/html", "Sec-Fetch-Dest": "image"}})
		if program.status != c.status || program.code() == "" || picture.code() == "" {
			t.Errorf("%s: %d %s", c.path, program.status, program.body)
		}
	}
}

func TestAnExpiredLinkSaysUntilWhenItWasOpen(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	path := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, ExpiresOn: "2026-11-24", TimeZone: "Pacific/Auckland"}))
	if _, page := s.page(path); !strings.Contains(page.text(), "Available until 24 Nov 2026") {
		t.Error(page.text())
	}
	s.clock.Advance(48 * time.Hour)
	if got, page := s.page(path); got.status != 410 || !strings.Contains(page.text(), "It was open until 24 Nov 2026.") {
		t.Error(got.status, page.text())
	}
	if got, page := s.page(path + "?lang=ru"); got.status != 410 || page.all("html")[0].get("lang") != "ru" {
		t.Error(got.status, page.text())
	}
}

func TestDataHoldsExactlyTheFieldsOfTheContract(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	path := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Original: true}}))
	var index map[string]any
	s.into(s.do(ask{method: "GET", path: path + "/index.json"}), &index)
	fields := func(v any) string {
		var names []string
		for name := range v.(map[string]any) {
			names = append(names, name)
		}
		slices.Sort(names)
		return strings.Join(names, " ")
	}
	item := index["items"].([]any)[0].(map[string]any)
	version := item["versions"].([]any)[0].(map[string]any)
	for got, want := range map[string]string{
		fields(index):   "items name next_cursor person_search view_only",
		fields(item):    "duration height id kind mime name versions view_url width",
		fields(version): "label mime name size url",
	} {
		if got != want {
			t.Errorf("fields %q, want %q", got, want)
		}
	}
	for _, url := range []any{item["view_url"], version["url"]} {
		if got := s.do(ask{method: "GET", path: url.(string)}); got.status != 200 {
			t.Errorf("%v: %d", url, got.status)
		}
	}
	if version["label"] != "Original" || version["size"] != float64(a.Size) {
		t.Error(version)
	}
}

func TestWhoOnlyLooksAtALinkIsNotCounted(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "a.jpg")
	l := s.link("owner", library.NewLink{AssetIDs: []string{a.ID}})
	path := "/s/" + tokenOf(l)
	s.do(ask{method: "HEAD", path: path})
	s.do(ask{method: "GET", path: path + "/index.json"})
	s.page(path, "User-Agent", "TelegramBot (like TwitterBot)")
	s.page(path, "Sec-Purpose", "prefetch")
	s.page(path + "?item=" + a.ID)
	s.page(path)
	s.lib.FlushVisits()
	stats, err := s.lib.LinkStats(t.Context(), s.as("owner"), l.ID)
	must(t, err)
	if stats.Views != 1 {
		t.Errorf("%d views, want the one person", stats.Views)
	}
}

// everyPage renders each template with all it may hold.
func everyPage(t *testing.T, p *pages, query string) map[string]string {
	t.Helper()
	r := httptest.NewRequest("GET", "/s/TOKEN"+query, nil)
	f := p.frame(r, "/s/TOKEN")
	full := library.GuestItem{
		ID: "one", Name: "IMG_2041.CR3", Title: "Larches", Description: "Two\nlines.", Kind: dam.KindImage, MIME: "image/x-canon-cr3",
		Width: 6000, Height: 4000, Size: 24e6, TakenAt: noon, Placeholder: []byte{0x95, 0x28, 0x12, 0x0d, 0x02, 0x88},
		View: dam.Preview, ViewWidth: 1280, ViewHeight: 853,
		Versions: []library.GuestVersion{{Name: "original", MIME: "image/x-canon-cr3", Width: 6000, Height: 4000, Size: 24e6}, {Name: "fullscreen", MIME: "image/jpeg", Width: 2560, Height: 1707, Size: 9e5}},
	}
	bare := library.GuestItem{ID: "two", Name: "Model.blend", Kind: dam.KindOther, MIME: "application/octet-stream", Size: 8e7, Unavailable: true}
	g := library.GuestPage{Name: "Spring", Kind: "collection", Items: []library.GuestItem{full, bare}, Total: 48, Next: "more", ExpiresAt: noon, TimeZone: "Europe/Berlin"}
	single := f.item("/s/TOKEN", g)
	within := f.item("/s/TOKEN", library.GuestPage{Items: []library.GuestItem{bare}})
	within.Gallery = f.around("/s/TOKEN", g, library.GuestPlace{Before: "a", After: "b", Place: 7})
	few := g
	few.Total, few.Next = 2, ""
	data := map[string]struct {
		page string
		data any
	}{
		"item": {pageItem, single}, "within": {pageItem, within},
		"gallery": {pageGallery, f.gallery("/s/TOKEN", "here", g)}, "few": {pageGallery, f.gallery("/s/TOKEN", "", few)},
		"empty": {pageGallery, f.gallery("/s/TOKEN", "", library.GuestPage{Name: "Spring", ViewOnly: true})},
		"door":  {pageDoor, f.door("/s/TOKEN", &Problem{kind: dam.PasswordRequired})},
		"wrong": {pageDoor, f.door("/s/TOKEN", &Problem{kind: dam.WrongPassword})},
		"wait":  {pageDoor, f.door("/s/TOKEN", &Problem{kind: dam.TooMany, retryAfter: 5 * time.Minute})},
	}
	for kind := range ends {
		data["end "+string(kind)] = struct {
			page string
			data any
		}{pageEnd, f.end(&Problem{kind: kind, retryAfter: time.Second}, g)}
	}
	out := map[string]string{}
	for name, d := range data {
		w := httptest.NewRecorder()
		if err := p.write(w, r, http.StatusOK, d.page, d.data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		out[name] = w.Body.String()
	}
	return out
}

func somePages(t *testing.T) *pages {
	t.Helper()
	bundle, err := web.Open()
	must(t, err)
	p, err := newPages(bundle)
	must(t, err)
	return p
}

func TestEveryPageIsWellFormedInEveryLanguageAndTheme(t *testing.T) {
	p := somePages(t)
	for _, query := range []string{"?lang=en", "?lang=ru&theme=dark", "?theme=light&item=x"} {
		for name, text := range everyPage(t, p, query) {
			page := parse(t, text)
			if len(page.all("h1")) != 1 || len(page.all("main")) != 1 || page.all("title")[0].text() == "" {
				t.Errorf("%s %s: not one heading, main part and title\n%s", name, query, text)
			}
			for _, bad := range []string{"guest.", "ZgotmplZ", "{n}", "{date}", "<no value>", "%!"} {
				if strings.Contains(strings.ReplaceAll(text, "/src/guest/guest.css", ""), bad) {
					t.Errorf("%s %s: %s\n%s", name, query, bad, text)
				}
			}
			ids := map[string]bool{}
			for n := range page.Descendants() {
				id := dom{n}.get("id")
				if id != "" && ids[id] {
					t.Errorf("%s: the id %s is there twice", name, id)
				}
				ids[id] = true
			}
		}
	}
}

func TestAPageAndItsStyleFitTheFirstRoundTrips(t *testing.T) {
	bundle, err := web.Open()
	must(t, err)
	weigh := func(text []byte) int {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		z.Write(text)
		z.Close()
		return out.Len()
	}
	weight := 0
	for _, href := range bundle.Entry("guest").Styles {
		f, ok := bundle.File(strings.TrimPrefix(href, "/"))
		if !ok {
			t.Fatalf("%s is not in the bundle", href)
		}
		weight += weigh(f.Body)
	}
	item := weigh([]byte(everyPage(t, somePages(t), "")["item"]))
	if weight+item > 14<<10 {
		t.Errorf("style %d + page %d bytes, at most %d", weight, item, 14<<10)
	}
	if src := bundle.Entry("guest").Script; src != "" {
		f, _ := bundle.File(strings.TrimPrefix(src, "/"))
		if n := weigh(f.Body); n > 3<<10 {
			t.Errorf("the script weighs %d bytes, at most %d", n, 3<<10)
		}
	}
}

func TestThePlaceOfAPictureHasItsMeanColour(t *testing.T) {
	for want, hash := range map[string][]byte{ // of plain fields, by the reference encoder
		"#ff8203": {224, 253, 2, 5, 128, 105}, "#181412": {5, 8, 2, 5, 128, 106},
		"#fefaf8": {62, 8, 2, 5, 128, 88}, "#1c58c8": {154, 131, 1, 5, 128, 106},
	} {
		if got := averageColour(hash); got != want {
			t.Errorf("%v: %s, want %s", hash, got, want)
		}
	}
	if got := averageColour([]byte{1, 2}); got != "" {
		t.Error(got)
	}
}
