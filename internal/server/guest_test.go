package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

func TestThePageOfOnePictureShowsItAndWhatMayBeTaken(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "IMG_2041.jpg")
	title, description := "Larches", "Above the lake.\nAt first light."
	a, err := s.lib.EditAsset(t.Context(), s.as("owner"), a.ID, library.AssetPatch{Title: &title, Description: &description})
	must(t, err)
	path := "/s/" + tokenOf(s.link("owner", library.NewLink{
		AssetIDs: []string{a.ID}, Terms: dam.Terms{Original: true, Proxies: []string{dam.Thumbnail}, Show: dam.ShowBasic},
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
		single := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Name: name, Terms: dam.Terms{Show: dam.ShowBasic}}))
		several := "/s/" + tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{a.ID, b.ID}, Name: name, CollectionName: name, Terms: dam.Terms{Show: dam.ShowBasic}}))
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
		fields(item):    "captions duration height id kind metadata mime name page_url pages play_url poster_url rights storyboard versions view_url width",
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
