package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	_ "modernc.org/sqlite" // the bench fills the server's database while no server runs

	"vitrine/internal/secret"
)

const (
	email    = "bench@example.org"
	password = "correct horse battery"

	originalSize = 50 << 20
	// coldAssets is how many assets the links of the cold run point at.
	coldAssets = 100_000
)

// stage is everything the measurement needs, prepared before a clock runs.
type stage struct {
	data, static string
	preview      string // path of the preview behind one link
	download     string // path of a download link
	coldPaths    []string
	previewSize  int
	originalSize int
}

// cold gives each round its own stretch of links, so that none is asked twice.
func (s stage) cold(round, rounds int) []string {
	n := len(s.coldPaths) / (rounds + 1) // the first stretch is for warming up
	return s.coldPaths[round*n : (round+1)*n]
}

func always(path string) func(int, int) []string {
	return func(int, int) []string { return []string{path} }
}

func (b bench) prepare(ctx context.Context) (stage, error) {
	s := stage{data: b.path("data"), static: b.path("static"), originalSize: originalSize}
	if err := os.MkdirAll(s.static, 0o755); err != nil {
		return s, err
	}
	add := exec.CommandContext(ctx, b.bin, "user", "add", email, "--name", "Bench", "--role", "editor", "--password-stdin")
	add.Env = append(os.Environ(), "VITRINE_DATA="+s.data)
	add.Stdin = strings.NewReader(password + "\n")
	if out, err := add.CombinedOutput(); err != nil {
		return s, fmt.Errorf("add a user: %w: %s", err, out)
	}
	server, err := startVitrine(ctx, b.bin, s.data)
	if err != nil {
		return s, err
	}
	defer server.stop()
	client, err := signIn(ctx, server.url)
	if err != nil {
		return s, err
	}
	photo, err := b.bringPreview(ctx, client, &s)
	if err != nil {
		return s, err
	}
	if err := b.bringOriginal(ctx, client, &s); err != nil {
		return s, err
	}
	server.stop()
	return s, b.multiply(ctx, photo, &s)
}

// bringPreview draws photographs of growing detail and keeps the one whose preview is nearest to 100 KB.
func (b bench) bringPreview(ctx context.Context, c *client, s *stage) (string, error) {
	var best string
	for i, blur := range []string{"6", "4", "3", "2", "1.5", "1", "0.7"} {
		file := b.path(fmt.Sprintf("photo-%d.jpg", i))
		draw := exec.CommandContext(ctx, "convert", "-seed", "7", "-size", "2400x1600", "plasma:fractal",
			"-attenuate", "0.4", "+noise", "Gaussian", "-blur", "0x"+blur, "-quality", "90", file)
		if out, err := draw.CombinedOutput(); err != nil {
			return "", fmt.Errorf("draw a photo: %w: %s", err, out)
		}
		id, err := c.upload(ctx, file)
		if err != nil {
			return "", err
		}
		preview, err := c.bytes(ctx, "/api/v1/assets/"+id+"/versions/preview")
		if err != nil {
			return "", err
		}
		if best != "" && math.Abs(float64(len(preview)-100_000)) > math.Abs(float64(s.previewSize-100_000)) {
			continue
		}
		best, s.previewSize = id, len(preview)
		if err := os.WriteFile(filepath.Join(s.static, "preview.jpg"), preview, 0o644); err != nil {
			return "", err
		}
	}
	link, err := c.link(ctx, map[string]any{"kind": "public", "asset_ids": []string{best}})
	s.preview = link + "/a/" + best + "/preview"
	return best, err
}

func (b bench) bringOriginal(ctx context.Context, c *client, s *stage) error {
	noise := make([]byte, originalSize)
	rand.Read(noise)
	file := filepath.Join(s.static, "original.bin")
	if err := os.WriteFile(file, noise, 0o644); err != nil {
		return err
	}
	id, err := c.upload(ctx, file)
	if err != nil {
		return err
	}
	s.download, err = c.link(ctx, map[string]any{"kind": "download", "asset_ids": []string{id}})
	return err
}

// multiply copies the photo's rows into many assets and makes links to them, all in the SQLite file.
func (b bench) multiply(ctx context.Context, photo string, s *stage) error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.data, "vitrine.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	keys, err := secret.Open(filepath.Join(s.data, "vitrine.key"))
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	assets, err := copyAssets(ctx, tx, photo, min(coldAssets, b.links))
	if err != nil {
		return fmt.Errorf("copy assets: %w", err)
	}
	insert, err := copier(ctx, tx, "links", "asset_id = '"+photo+"'", "id", "asset_id", "digest")
	if err != nil {
		return err
	}
	defer insert.Close()
	for i := range b.links {
		token := secret.NewToken()
		asset := assets[i%len(assets)]
		if _, err := insert.ExecContext(ctx, uuid.Must(uuid.NewV7()).String(), asset, keys.Digest(token)); err != nil {
			return fmt.Errorf("copy a link: %w", err)
		}
		s.coldPaths = append(s.coldPaths, "/s/"+token.Reveal()+"/a/"+asset+"/preview")
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

func copyAssets(ctx context.Context, tx *sql.Tx, photo string, n int) ([]string, error) {
	asset, err := copier(ctx, tx, "assets", "id = '"+photo+"'", "id", "number")
	if err != nil {
		return nil, err
	}
	defer asset.Close()
	rendition, err := copier(ctx, tx, "renditions", "asset_id = '"+photo+"'", "asset_id")
	if err != nil {
		return nil, err
	}
	defer rendition.Close()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = uuid.Must(uuid.NewV7()).String()
		if _, err := asset.ExecContext(ctx, ids[i], 1_000_000+i); err != nil {
			return nil, err
		}
		if _, err := rendition.ExecContext(ctx, ids[i]); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// copier prepares an insert that copies the rows of a table and takes only the named columns from arguments.
func copier(ctx context.Context, tx *sql.Tx, table, where string, given ...string) (*sql.Stmt, error) {
	rows, err := tx.QueryContext(ctx, "SELECT name FROM pragma_table_info(?)", table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns, values []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		value := name
		for i, g := range given {
			if g == name {
				value = fmt.Sprintf("?%d", i+1)
			}
		}
		columns, values = append(columns, name), append(values, value)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	//nolint:sqlclosecheck // the caller closes it
	return tx.PrepareContext(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s",
		table, strings.Join(columns, ", "), strings.Join(values, ", "), table, where))
}

// client is a signed-in user of the API.
type client struct {
	http *http.Client
	base string
}

func signIn(ctx context.Context, base string) (*client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	c := &client{http: &http.Client{Jar: jar}, base: base}
	return c, c.post(ctx, "/api/v1/session", map[string]string{"email": email, "password": password}, nil)
}

func (c *client) do(ctx context.Context, method, path, mime string, body io.Reader) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	if mime != "" {
		req.Header.Set("Content-Type", mime)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %.300s", method, path, res.Status, data)
	}
	return data, err
}

func (c *client) bytes(ctx context.Context, path string) ([]byte, error) {
	return c.do(ctx, http.MethodGet, path, "", nil)
}

func (c *client) post(ctx context.Context, path string, in, out any) error {
	text, err := json.Marshal(in)
	if err != nil {
		return err
	}
	data, err := c.do(ctx, http.MethodPost, path, "application/json", bytes.NewReader(text))
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(data, out)
}

// upload brings a file in and waits until it is ready.
func (c *client) upload(ctx context.Context, file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", filepath.Base(file))
	if err != nil {
		return "", err
	}
	part.Write(data) // a Buffer takes everything
	form.Close()
	answer, err := c.do(ctx, http.MethodPost, "/api/v1/assets", form.FormDataContentType(), &body)
	if err != nil {
		return "", err
	}
	var asset struct{ ID, Status, Failure string }
	for err = json.Unmarshal(answer, &asset); err == nil && asset.Status == "processing"; {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
		if answer, err = c.bytes(ctx, "/api/v1/assets/"+asset.ID); err == nil {
			err = json.Unmarshal(answer, &asset)
		}
	}
	if err == nil && asset.Status == "failed" {
		err = errors.New("upload failed: " + asset.Failure)
	}
	return asset.ID, err
}

// link makes a link and answers with the path of its URL.
func (c *client) link(ctx context.Context, terms map[string]any) (string, error) {
	var made struct{ URL string }
	if err := c.post(ctx, "/api/v1/links", terms, &made); err != nil {
		return "", err
	}
	u, err := url.Parse(made.URL)
	if err != nil {
		return "", err
	}
	return u.Path, nil
}
