package blob_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"vitrine/internal/blob"
	"vitrine/internal/blob/blobtest"
	"vitrine/internal/dam"
	"vitrine/internal/testkit"
)

// through puts a reverse proxy of the test's own between the store and the S3 server.
func through(t *testing.T, storage string, change func(*httputil.ReverseProxy)) string {
	t.Helper()
	u, err := url.Parse(storage)
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := url.Parse(u.Query().Get("endpoint"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = endpoint.Scheme, endpoint.Host
		r.Out.Host = r.In.Host // it is signed
	}}
	change(proxy)
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return strings.Replace(storage, endpoint.String(), server.URL, 1)
}

func TestARangeOfALargeObjectDoesNotFetchTheWhole(t *testing.T) {
	var sent atomic.Int64
	s := openURL(t, through(t, testkit.S3(t), func(p *httputil.ReverseProxy) {
		p.ModifyResponse = func(r *http.Response) error {
			r.Body = &countingBody{ReadCloser: r.Body, n: &sent}
			return nil
		}
	}))
	const size = 64 << 20
	data := blobtest.Noise(1, size)
	b := mustPut(t, s, data)
	sent.Store(0)

	r, _, err := s.Open(t.Context(), b.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Seek(size-3, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	end, err := io.ReadAll(r)
	if err != nil || string(end) != string(data[size-3:]) {
		t.Fatalf("got %x, %v", end, err)
	}
	if n := sent.Load(); n > 1<<20 {
		t.Errorf("%d bytes were fetched for 3", n)
	}
}

func TestOnlyBlobsOfABucketAreMet(t *testing.T) {
	storage := testkit.S3(t)
	s := openURL(t, storage)
	b := mustPut(t, s, []byte("ours"))
	u, err := url.Parse(storage)
	if err != nil {
		t.Fatal(err)
	}
	client, err := minio.New(strings.TrimPrefix(u.Query().Get("endpoint"), "http://"),
		&minio.Options{Creds: credentials.NewEnvAWS(), Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, foreign := range []string{"readme.txt", b.Key[:2] + "/readme.txt", "backup/" + b.Key} {
		body := strings.NewReader("theirs")
		if _, err := client.PutObject(t.Context(), u.Host, foreign, body, body.Size(), minio.PutObjectOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(t.Context(), foreign, time.Now().Add(time.Hour)); err == nil {
			t.Errorf("%s could be deleted", foreign)
		}
	}
	err = s.Walk(t.Context(), func(e blob.Entry) error {
		if e.Key != b.Key {
			t.Errorf("walk met %s", e.Key)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnS3ServerWithoutRoomIsFull(t *testing.T) {
	var full atomic.Bool
	s := openURL(t, through(t, testkit.S3(t), func(p *httputil.ReverseProxy) {
		p.ModifyResponse = func(r *http.Response) error {
			if full.Load() && r.Request.Method == http.MethodPut {
				r.StatusCode = http.StatusInsufficientStorage
				r.Header.Set("Content-Type", "application/xml")
				r.Header.Del("Content-Length")
				r.Body = io.NopCloser(strings.NewReader(`<Error><Code>XMinioStorageFull</Code><Message>full</Message></Error>`))
			}
			return nil
		}
	}))
	full.Store(true)
	if _, err := s.Put(t.Context(), strings.NewReader("photo")); dam.KindOf(err) != dam.StorageFull {
		t.Errorf("got %v, want that the storage is full", err)
	}
	if err := s.Ready(t.Context()); dam.KindOf(err) != dam.StorageFull {
		t.Errorf("ready: got %v, want that the storage is full", err)
	}
}

func TestAPutLeavesNothingInTheScratchFolder(t *testing.T) {
	scratch := t.TempDir()
	s, err := blob.OpenURL(t.Context(), testkit.S3(t), scratch)
	if err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, []byte("photo"))
	if left, err := os.ReadDir(scratch); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

type countingBody struct {
	io.ReadCloser
	n *atomic.Int64
}

func (c *countingBody) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n.Add(int64(n))
	return n, err
}
