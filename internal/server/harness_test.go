package server

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/secret"
	"vitrine/internal/store"
	"vitrine/internal/testkit"
	"vitrine/web"
)

// noon is when every test begins.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const password = "a good long password"

// site is a whole server over a real store and real bytes, and the people of the tests.
type site struct {
	t      *testing.T
	server *Server
	http   *httptest.Server
	lib    *library.Library
	store  *store.Store
	blobs  blob.Store
	outer  string // the folder in which external sources may lie
	clock  *testkit.Clock
	log    *journal
	tokens map[string]string
	users  map[string]dam.User
}

// journal is a log that several requests write at once.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) Reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text.Reset()
}

// shelf keeps no jobs: what these tests need of renditions they put there themselves, so that no
// test waits for a child process.
type shelf struct{}

func (shelf) Enqueue(context.Context, *store.Tx, ...dam.Job) error { return nil }

func newSite(t *testing.T, databaseURL string, change ...func(*Config)) *site {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	s := &site{
		t: t, clock: testkit.NewClock(noon), log: &journal{}, outer: t.TempDir(),
		tokens: map[string]string{}, users: map[string]dam.User{},
	}
	var err error
	s.store, err = store.Open(ctx, databaseURL)
	must(t, err)
	t.Cleanup(func() { s.store.Close() })
	s.blobs, err = blob.OpenURL(ctx, "file:"+filepath.Join(dir, "blobs"), dir)
	must(t, err)
	keys, err := secret.Open(filepath.Join(dir, "key"))
	must(t, err)
	s.http = httptest.NewUnstartedServer(nil)
	base := "http://" + s.http.Listener.Addr().String()
	logger := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.lib = library.New(library.Config{
		Store: s.store, Blobs: s.blobs, Keys: keys, Hasher: secret.NewHasher(), Queue: shelf{},
		Scratch: dir, BaseURL: base, Now: s.clock.Now, Log: logger, SourceRoots: []string{s.outer},
	})
	t.Cleanup(s.lib.Close)
	bundle, err := web.Open()
	must(t, err)
	config := Config{
		Library: s.lib, Keys: keys, Web: bundle, BaseURL: base, Sessions: s.store.Sessions(),
		Log: logger, Now: s.clock.Now,
	}
	for _, f := range change {
		f(&config)
	}
	s.server, err = New(config)
	must(t, err)
	s.http.Config.Handler = s.server.Handler()
	s.http.Config.RegisterOnShutdown(s.server.StopStreams)
	s.http.Start()
	t.Cleanup(s.http.Close)
	return s
}

// hashed is the hash of everybody's password, made once: it is slow on purpose.
var hashed = sync.OnceValues(func() (string, error) {
	return secret.NewHasher().Hash(context.Background(), password)
})

// people makes an account of every role and an API token for each.
func (s *site) people() *site {
	s.t.Helper()
	ctx := s.t.Context()
	hash, err := hashed()
	must(s.t, err)
	for name, role := range map[string]dam.Role{
		"admin": dam.RoleAdmin, "owner": dam.RoleEditor, "other": dam.RoleEditor, "viewer": dam.RoleViewer,
		"contributor": dam.RoleContributor, "manager": dam.RoleManager, "leaver": dam.RoleEditor,
	} {
		u := dam.User{
			ID: uuid.Must(uuid.NewV7()).String(), Email: name + "@example.org", Name: "Person " + name, Role: role,
			PasswordHash: hash, Epoch: 1, CreatedAt: noon,
		}
		must(s.t, s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.InsertUser(ctx, u) }))
		_, token, err := s.lib.CreateToken(ctx, u.Viewer(), "tests")
		must(s.t, err)
		s.users[name], s.tokens[name] = u, token.Reveal()
	}
	return s
}

func (s *site) as(who string) dam.Viewer { return s.users[who].Viewer() }

// picture brings a picture in and puts its renditions beside it.
func (s *site) picture(who, name string) dam.Asset {
	s.t.Helper()
	a, _, err := s.lib.BringIn(s.t.Context(), s.as(who), library.NewAsset{Name: name, Body: bytes.NewReader(photo(64, 48, name))})
	must(s.t, err)
	a.Width, a.Height = 640, 480
	var made []made
	for _, r := range dam.ImageRecipes() {
		made = append(made, still(r.Name, r.Box/10, name))
	}
	return s.rendered(a, made...)
}

// film brings in something that says it is a film, and puts beside it what plays.
func (s *site) film(who, name string) dam.Asset {
	s.t.Helper()
	body := "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + name
	a, _, err := s.lib.BringIn(s.t.Context(), s.as(who), library.NewAsset{Name: name, Body: strings.NewReader(body)})
	must(s.t, err)
	if a.Kind != dam.KindVideo {
		s.t.Fatalf("%s is no film but %s", name, a.MIME)
	}
	a.Width, a.Height, a.Duration = 1920, 1080, 60
	a.Codec = dam.Codec{Video: "h264", Audio: "aac", Rate: 25, Bitrate: 4_000_000}
	return s.rendered(a, still(dam.Thumbnail, 50, name), still(dam.Poster, 128, name), still(dam.Storyboard, 80, name),
		made{dam.Rendition{Name: dam.Video720, MIME: "video/mp4", Width: 1280, Height: 720}, moving(name)})
}

// moving is the bytes of a proxy that plays, as far as a server can tell.
func moving(seed string) []byte { return bytes.Repeat([]byte("moving "+seed+" "), 20_000) }

// made is a rendition and its bytes.
type made struct {
	dam.Rendition
	bytes []byte
}

func still(name string, width int, seed string) made {
	r := dam.Rendition{Name: name, MIME: "image/jpeg", Width: width, Height: width / 2}
	return made{r, photo(width, width/2, name+seed)}
}

// rendered makes an asset ready with these renditions.
func (s *site) rendered(a dam.Asset, list ...made) dam.Asset {
	s.t.Helper()
	ctx := s.t.Context()
	must(s.t, s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, m := range list {
			kept, err := s.blobs.Put(ctx, bytes.NewReader(m.bytes))
			if err != nil {
				return err
			}
			if err := tx.UseBlob(ctx, kept.Key, kept.Size, kept.CRC32, noon); err != nil {
				return err
			}
			r := m.Rendition
			r.AssetID, r.Size, r.Key, r.CRC32 = a.ID, kept.Size, kept.Key, kept.CRC32
			if err := tx.SaveRenditions(ctx, r); err != nil {
				return err
			}
		}
		a.Status, a.Work = dam.StatusReady, dam.WorkNone
		return tx.UpdateAsset(ctx, a)
	}))
	a, err := s.store.Asset(ctx, a.ID)
	must(s.t, err)
	return a
}

// photo draws a picture that no other seed gives.
func photo(width, height int, seed string) []byte {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			img.Set(x, y, color.RGBA{uint8(x + len(seed)), uint8(y), seed[(x+y)%len(seed)], 255})
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func (s *site) link(who string, n library.NewLink) library.LinkView {
	s.t.Helper()
	if n.Kind == "" {
		n.Kind = dam.LinkKindPublic
	}
	l, err := s.lib.CreateLink(s.t.Context(), s.as(who), n)
	must(s.t, err)
	return l
}

// tokenOf is the token in a link's URL.
func tokenOf(l library.LinkView) string { return l.URL[strings.LastIndexByte(l.URL, '/')+1:] }

// ask is one request; who sends their API token with it.
type ask struct {
	who    string
	method string
	path   string
	body   string
	header map[string]string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) code() string {
	var p Problem
	if json.Unmarshal([]byte(a.body), &p) != nil {
		return ""
	}
	return p.Code
}

func (s *site) do(q ask) answer {
	s.t.Helper()
	var body io.Reader
	if q.body != "" {
		body = strings.NewReader(q.body)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), q.method, s.http.URL+q.path, body)
	must(s.t, err)
	if q.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token := s.tokens[q.who]; token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for name, value := range q.header {
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	return s.send(r)
}

func (s *site) send(r *http.Request) answer {
	s.t.Helper()
	client := http.Client{
		Transport:     s.http.Client().Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(r)
	must(s.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(s.t, err)
	return answer{res.StatusCode, res.Header, string(text)}
}

// into reads a JSON answer.
func (s *site) into(a answer, v any) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		s.t.Fatalf("%d is not JSON: %v\n%s", a.status, err, a.body)
	}
}

// form writes a multipart body: fields in order, "file" being the bytes of a file.
func form(fields ...[2]string) (body, kind string) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, f := range fields {
		if name, isFile := strings.CutPrefix(f[0], "file:"); isFile {
			part, _ := w.CreateFormFile("file", name)
			io.WriteString(part, f[1])
			continue
		}
		w.WriteField(f[0], f[1])
	}
	w.Close()
	return out.String(), w.FormDataContentType()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sqlite is the database of tests that do not depend on the engine.
func sqlite(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "vitrine.db") }
