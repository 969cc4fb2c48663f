package server

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/store"
	"vitrine/internal/testkit"
)

// stranger is what a signed-in person without any claim to the thing gets.
type stranger struct {
	body          string
	viewer, other int // a viewer; an editor who owns nothing of it
}

// apiWants has a row for every route that needs an account. The asset of these requests is
// restricted to its owner, the link and the upload are the owner's, the collection is personal.
var apiWants = map[string]stranger{
	"GET /metrics":           {viewer: 403, other: 403},
	"GET /api/v1/session":    {viewer: 200, other: 200},
	"DELETE /api/v1/session": {viewer: 204, other: 204},

	"GET /api/v1/assets":                                    {viewer: 200, other: 200},
	"POST /api/v1/assets":                                   {viewer: 403, other: 415},
	"GET /api/v1/assets/{id}":                               {viewer: 404, other: 404},
	"PATCH /api/v1/assets/{id}":                             {body: `{"title":"Mine"}`, viewer: 404, other: 404},
	"DELETE /api/v1/assets/{id}":                            {viewer: 404, other: 404},
	"POST /api/v1/assets/{id}/restore":                      {viewer: 404, other: 404},
	"POST /api/v1/assets/{id}/retry":                        {viewer: 404, other: 404},
	"POST /api/v1/assets/{id}/archive":                      {viewer: 404, other: 404},
	"POST /api/v1/assets/{id}/unarchive":                    {viewer: 404, other: 404},
	"GET /api/v1/assets/{id}/links":                         {viewer: 404, other: 404},
	"GET /api/v1/assets/{id}/versions/{name}":               {viewer: 404, other: 404},
	"GET /api/v1/assets/{id}/metadata":                      {viewer: 404, other: 404},
	"POST /api/v1/assets/{id}/attachments":                  {viewer: 404, other: 404},
	"GET /api/v1/assets/{id}/attachments/{attachment}":      {viewer: 404, other: 404},
	"DELETE /api/v1/assets/{id}/attachments/{attachment}":   {viewer: 404, other: 404},
	"PUT /api/v1/assets/{id}/original":                      {viewer: 404, other: 404},
	"GET /api/v1/assets/{id}/originals":                     {viewer: 404, other: 404},
	"POST /api/v1/assets/{id}/originals/{revision}/restore": {viewer: 404, other: 404},
	"POST /api/v1/assets/import":                            {body: `{"asset_ids":["{asset}"]}`, viewer: 403, other: 422},
	"POST /uploads":                                         {viewer: 403, other: 400},
	"HEAD /uploads/{id}":                                    {viewer: 403, other: 404},
	"PATCH /uploads/{id}":                                   {viewer: 403, other: 404},
	"DELETE /uploads/{id}":                                  {viewer: 403, other: 404},
	"GET /api/v1/collections":                               {viewer: 200, other: 200},
	"POST /api/v1/collections":                              {body: `{"name":"n","asset_ids":["{asset}"]}`, viewer: 403, other: 404},
	"GET /api/v1/collections/{id}":                          {viewer: 404, other: 404},
	"PATCH /api/v1/collections/{id}":                        {body: `{"name":"Mine"}`, viewer: 404, other: 404},
	"DELETE /api/v1/collections/{id}":                       {viewer: 404, other: 404},
	"POST /api/v1/collections/{id}/assets":                  {body: `{"asset_ids":["{asset}"]}`, viewer: 404, other: 404},
	"DELETE /api/v1/collections/{id}/assets":                {body: `{"asset_ids":["{asset}"]}`, viewer: 404, other: 404},
	"GET /api/v1/links":                                     {viewer: 200, other: 200},
	"POST /api/v1/links":                                    {body: `{"kind":"public","asset_ids":["{asset}"]}`, viewer: 403, other: 404},
	"GET /api/v1/links/{id}":                                {viewer: 404, other: 404},
	"PATCH /api/v1/links/{id}":                              {body: `{"password":null}`, viewer: 404, other: 404},
	"DELETE /api/v1/links/{id}":                             {viewer: 404, other: 404},
	"GET /api/v1/links/{id}/qr":                             {viewer: 404, other: 404},
	"GET /api/v1/links/{id}/visits":                         {viewer: 404, other: 404},
	"GET /api/v1/links/{id}/stats":                          {viewer: 404, other: 404},
	"GET /api/v1/tokens":                                    {viewer: 200, other: 200},
	"POST /api/v1/tokens":                                   {body: `{}`, viewer: 422, other: 422},
	"DELETE /api/v1/tokens/{id}":                            {viewer: 404, other: 404},
	"GET /api/v1/events":                                    {viewer: 200, other: 200},
	"GET /api/v1/recipes":                                   {viewer: 200, other: 200},
	"POST /api/v1/recipes":                                  {body: `{"name":"mine","kind":"image","box":640,"mime":"image/webp","quality":70}`, viewer: 403, other: 403},
	"PATCH /api/v1/recipes/{name}":                          {body: `{"quality":50}`, viewer: 403, other: 403},
	"DELETE /api/v1/recipes/{name}":                         {viewer: 403, other: 403},
	"GET /api/v1/recipes/{name}/links":                      {viewer: 403, other: 403},
	"POST /api/v1/recipes/{name}/rebuild":                   {viewer: 403, other: 403},
	"GET /api/v1/runs":                                      {viewer: 200, other: 200},
	"GET /api/v1/runs/{id}":                                 {viewer: 404, other: 404},
	"POST /api/v1/runs/{id}/pause":                          {viewer: 404, other: 404},
	"POST /api/v1/runs/{id}/resume":                         {viewer: 404, other: 404},
	"POST /api/v1/runs/{id}/cancel":                         {viewer: 404, other: 404},
	"GET /api/v1/sources":                                   {viewer: 200, other: 200},
	"POST /api/v1/sources":                                  {body: `{"name":"mine","kind":"folder","address":"/"}`, viewer: 403, other: 403},
	"PATCH /api/v1/sources/{id}":                            {body: `{"name":"mine"}`, viewer: 403, other: 403},
	"DELETE /api/v1/sources/{id}":                           {viewer: 403, other: 403},
	"POST /api/v1/sources/{id}/rescan":                      {viewer: 403, other: 403},
	"POST /api/v1/sources/{id}/import":                      {body: `{}`, viewer: 403, other: 403},
	"GET /api/v1/settings/watermark":                        {viewer: 200, other: 200},
	"GET /api/v1/settings/watermark/image":                  {viewer: 200, other: 200},
	"PUT /api/v1/settings/watermark":                        {viewer: 403, other: 403},
	"DELETE /api/v1/settings/watermark":                     {viewer: 403, other: 403},
	"POST /api/v1/settings/watermark/preview":               {viewer: 403, other: 403},
	"GET /api/v1/settings/general":                          {viewer: 200, other: 200},
	"PUT /api/v1/settings/general":                          {body: `{"number_prefix":"X","clean_collections":true,"selection_limit":1}`, viewer: 403, other: 403},
	"GET /api/v1/users":                                     {viewer: 403, other: 403},
	"POST /api/v1/users":                                    {body: `{"email":"x@example.org","name":"X","role":"admin","password":"` + password + `"}`, viewer: 403, other: 403},
	"PATCH /api/v1/users/{id}":                              {body: `{"role":"admin"}`, viewer: 403, other: 403},
	"GET /api/v1/audit":                                     {viewer: 403, other: 403},
}

// openWants are the routes that answer without an account, and what they say to nobody.
var openWants = map[string]int{
	"GET /{$}": 0, "GET /signin": 0, "GET /setup": 0, "GET /collections": 0, "GET /collections/{id}": 0, // one shell for all
	"GET /settings": 0, "GET /settings/{section}": 0,
	"GET /a/{id}": 302, "GET /healthz": 200, "GET /api/v1/openapi.json": 200, "GET /api/v1/setup": 200,
	"POST /api/v1/setup": 422, "POST /api/v1/session": 422, "OPTIONS /uploads": 204, "OPTIONS /uploads/{id}": 204,
}

// thing is what the owner has and strangers want.
type thing struct {
	asset, link, collection, upload, token, user string
	attachment, run, source, recipe              string
}

func (s *site) thing() thing {
	t, ctx := s.t, s.t.Context()
	a := s.picture("owner", secretName+".jpg")
	file, err := s.lib.Attach(ctx, s.as("owner"), a.ID, library.NewFile{Name: secretName, Body: strings.NewReader("text")})
	must(t, err)
	_, err = s.lib.ReplaceOriginal(ctx, s.as("owner"), a.ID, library.NewFile{
		Name: secretName + " 2.jpg", Body: bytes.NewReader(photo(40, 30, a.ID)),
	})
	must(t, err)
	_, err = s.lib.EditAsset(ctx, s.as("owner"), a.ID, library.AssetPatch{SetReaders: true, Restricted: true})
	must(t, err)
	l := s.link("owner", library.NewLink{AssetIDs: []string{a.ID, s.picture("owner", "second.jpg").ID},
		Name: secretName, CollectionName: secretName, Password: "the password of the link"})
	up, err := s.lib.StartUpload(ctx, s.as("owner"), library.NewUpload{Size: 10, Name: secretName})
	must(t, err)
	tokens, err := s.lib.Tokens(ctx, s.as("owner"))
	must(t, err)
	out := thing{
		asset: a.ID, link: l.ID, collection: l.CollectionID, upload: up.ID, token: tokens[0].ID, user: s.users["viewer"].ID,
		attachment: file.ID, source: dam.SourceUpload + a.ID, recipe: "web",
	}
	must(t, s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.SaveSource(ctx, dam.Source{
			ID: out.source, Name: "source " + a.ID, Kind: dam.SourceFolder, Address: "/" + a.ID, State: dam.SourceOK, CreatedAt: noon,
		})
	}))
	if err := s.recipe(out.recipe); err != nil && dam.KindOf(err) != dam.Conflict {
		t.Fatal(err)
	}
	run, err := s.lib.Rebuild(ctx, s.as("admin"), out.recipe)
	must(t, err)
	out.run = run.ID
	s.mark()
	return out
}

// request is a whole request to a route about the owner's things.
func (th thing) request(rt Route, body string) ask {
	id := th.asset
	for part, value := range map[string]string{
		"/links/": th.link, "/collections/": th.collection, "/uploads/": th.upload, "/tokens/": th.token, "/users/": th.user,
		"/runs/": th.run, "/sources/": th.source,
	} {
		if strings.Contains(rt.Path(), part) {
			id = value
		}
	}
	q := ask{method: rt.Method(), body: strings.ReplaceAll(body, "{asset}", th.asset)}
	name := dam.Preview
	if strings.Contains(rt.Path(), "/recipes/") {
		name = th.recipe
	}
	q.path = strings.NewReplacer("{id}", id, "{name}", name, "{$}", "", "{attachment}", th.attachment, "{revision}", "1",
		"{section}", "general").Replace(rt.Path())
	q.header = map[string]string{}
	if strings.HasPrefix(rt.Path(), "/uploads") {
		q.header = map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": tusBody}
	}
	return q
}

func TestEveryAPIRouteRefusesStrangers(t *testing.T) {
	testkit.Engines(t, func(t *testing.T, databaseURL string) {
		s := newSite(t, databaseURL).people()
		th := s.thing()
		before := s.snapshot()
		for _, rt := range s.server.Routes() {
			if rt.Class == open || rt.Class == guest {
				continue
			}
			want, known := apiWants[rt.Pattern]
			if !known {
				t.Errorf("%s has no row in the table of strangers", rt.Pattern)
				continue
			}
			for who, status := range map[string]int{"": 401, "viewer": want.viewer, "other": want.other} {
				s.approach(th.request(rt, want.body), rt, who, status)
			}
		}
		if after := s.snapshot(); after != before {
			t.Errorf("a refused request changed something:\n%s\n%s", before, after)
		}
	})
}

func (s *site) approach(q ask, rt Route, who string, want int) {
	s.t.Helper()
	if rt.Pattern == "GET /api/v1/events" && who != "" {
		return // TestEventsAreForThoseWhoSeeTheAsset
	}
	q.who = who
	got := s.do(q)
	if got.status != want {
		s.t.Errorf("%s as %q: %d, want %d\n%s", rt.Pattern, who, got.status, want, got.body)
	}
	if strings.Contains(got.body, secretName) {
		s.t.Errorf("%s as %q tells a name:\n%s", rt.Pattern, who, got.body)
	}
	if q.method != http.MethodHead && got.status >= 400 && got.code() == "" {
		s.t.Errorf("%s as %q: no problem but %q", rt.Pattern, who, got.body)
	}
}

// TestTheSameRequestsAreGoodOnes holds the table above to account: a request that nobody could
// make right would be refused for the wrong reason.
func TestTheSameRequestsAreGoodOnes(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	notNow := map[string]int{ // right, but not for this asset, body or account
		"POST /api/v1/assets": 415, "POST /uploads": 400, "POST /api/v1/tokens": 422,
		"POST /api/v1/assets/{id}/retry":     409,
		"POST /api/v1/assets/{id}/unarchive": 409,
		// Bodies of these are forms: attachments_test.go, settings_test.go.
		"POST /api/v1/assets/{id}/attachments": 415, "PUT /api/v1/assets/{id}/original": 415,
		"PUT /api/v1/settings/watermark": 415, "POST /api/v1/settings/watermark/preview": 415,
		// Nothing of these lies in a source that the server may read.
		"POST /api/v1/assets/import": 422, "POST /api/v1/sources": 422, "POST /api/v1/sources/{id}/import": 422,
	}
	for _, rt := range s.server.Routes() {
		if rt.Class == open || rt.Class == guest || rt.Pattern == "GET /api/v1/events" {
			continue
		}
		q := s.thing().request(rt, apiWants[rt.Pattern].body)
		q.who = "owner"
		if rt.Class == admin || strings.Contains(rt.Path(), "/runs/") {
			q.who = "admin"
		}
		got := s.do(q)
		if want := notNow[rt.Pattern]; want != 0 && got.status != want || want == 0 && got.status >= 400 {
			t.Errorf("%s: %d\n%s", rt.Pattern, got.status, got.body)
		}
		if rt.Pattern == "DELETE /api/v1/tokens/{id}" {
			s.renewToken("owner")
		}
	}
}

func (s *site) renewToken(who string) {
	_, token, err := s.lib.CreateToken(s.t.Context(), s.as(who), "tests")
	must(s.t, err)
	s.tokens[who] = token.Reveal()
}

// snapshot is everything the owner and the administrator see, but what reading itself changes.
func (s *site) snapshot() string {
	var out strings.Builder
	for _, q := range []ask{
		{who: "owner", method: "GET", path: "/api/v1/assets"}, {who: "owner", method: "GET", path: "/api/v1/assets?trash=true"},
		{who: "owner", method: "GET", path: "/api/v1/links"}, {who: "owner", method: "GET", path: "/api/v1/collections"},
		{who: "admin", method: "GET", path: "/api/v1/users"}, {who: "owner", method: "GET", path: "/api/v1/settings/general"},
		{who: "admin", method: "GET", path: "/api/v1/assets"}, {who: "admin", method: "GET", path: "/api/v1/audit"},
		{who: "admin", method: "GET", path: "/api/v1/recipes"}, {who: "admin", method: "GET", path: "/api/v1/runs"},
		{who: "admin", method: "GET", path: "/api/v1/settings/watermark"},
	} {
		got := s.do(q)
		if got.status != http.StatusOK || !json.Valid([]byte(got.body)) {
			s.t.Fatalf("%s: %d %s", q.path, got.status, got.body)
		}
		out.WriteString(got.body)
	}
	return out.String()
}

func TestEveryOpenRouteIsMeantToBe(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	th := s.thing()
	for _, rt := range s.server.Routes() {
		if rt.Class != open {
			continue
		}
		want, known := openWants[rt.Pattern]
		if !known {
			t.Errorf("%s is open and nobody said why", rt.Pattern)
			continue
		}
		got := s.do(th.request(rt, "{}"))
		if want != 0 && got.status != want || strings.Contains(got.body, secretName) {
			t.Errorf("%s: %d, want %d\n%s", rt.Pattern, got.status, want, got.body)
		}
	}
}

func TestUnsafeRequestsOfOtherSitesChangeNothing(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	th := s.thing()
	token := tokenOf(s.link("owner", library.NewLink{AssetIDs: []string{th.asset}}))
	before := s.snapshot()
	for _, rt := range s.server.Routes() {
		if safe(rt.Method()) {
			continue
		}
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
			q := th.request(rt, apiWants[rt.Pattern].body)
			q.path = strings.ReplaceAll(q.path, "{token}", token)
			q.who, q.header[name] = "owner", value
			if got := s.do(q); got.status != http.StatusForbidden {
				t.Errorf("%s with %s: %s: %d %s", rt.Pattern, name, value, got.status, got.body)
			}
		}
	}
	if after := s.snapshot(); after != before {
		t.Errorf("changed:\n%s\n%s", before, after)
	}
}

// roles says who may do what an owner's colleague could do, by role.
func TestWhatARoleMayNotDoIsForbidden(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	a := s.picture("owner", "open to all.jpg")
	own := s.picture("contributor", "own.jpg")
	for _, c := range []struct {
		sentence, who, method, path, body string
		want                              int
	}{
		{"a viewer sees an asset", "viewer", "GET", "/api/v1/assets/" + a.ID, "", 200},
		{"a viewer takes a proxy", "viewer", "GET", "/api/v1/assets/" + a.ID + "/versions/preview?download", "", 200},
		{"a viewer does not take the original", "viewer", "GET", "/api/v1/assets/" + a.ID + "/versions/original", "", 403},
		{"a viewer does not edit", "viewer", "PATCH", "/api/v1/assets/" + a.ID, `{"title":"x"}`, 403},
		{"a viewer makes no link", "viewer", "POST", "/api/v1/links", `{"kind":"public","asset_ids":["` + a.ID + `"]}`, 403},
		{"a contributor edits their own", "contributor", "PATCH", "/api/v1/assets/" + own.ID, `{"title":"x"}`, 200},
		{"a contributor does not edit others'", "contributor", "PATCH", "/api/v1/assets/" + a.ID, `{"title":"x"}`, 403},
		{"a contributor deletes their own", "contributor", "DELETE", "/api/v1/assets/" + own.ID, "", 204},
		{"a contributor makes no link of their own", "contributor", "POST", "/api/v1/links", `{"kind":"public","asset_ids":["` + own.ID + `"]}`, 403},
		{"an editor takes the original", "other", "GET", "/api/v1/assets/" + a.ID + "/versions/original", "", 200},
		{"an editor does not restrict others' assets", "other", "PATCH", "/api/v1/assets/" + a.ID, `{"restricted_to":[]}`, 403},
		{"a manager is no administrator", "manager", "GET", "/api/v1/users", "", 403},
		{"an administrator lists users", "admin", "GET", "/api/v1/users", "", 200},
		{"an administrator reads the counters", "admin", "GET", "/metrics", "", 200},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			if got := s.do(ask{who: c.who, method: c.method, path: c.path, body: c.body}); got.status != c.want {
				t.Errorf("%d, want %d\n%s", got.status, c.want, got.body)
			}
		})
	}
	l := s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Original: true}})
	if got := s.do(ask{who: "manager", method: "DELETE", path: "/api/v1/links/" + l.ID}); got.status != 204 {
		t.Errorf("a manager deletes others' links: %d", got.status)
	}
}
