package server

import (
	"bytes"
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

// spyListener counts what connections are handed as a file, which the kernel sends by itself.
type spyListener struct {
	net.Listener
	fromFiles atomic.Int64
}

type spyConn struct {
	*net.TCPConn
	spy *spyListener
}

func (l *spyListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return spyConn{c.(*net.TCPConn), l}, nil
}

func (c spyConn) ReadFrom(r io.Reader) (int64, error) {
	limited, ok := r.(*io.LimitedReader)
	file := false
	if ok {
		_, file = limited.R.(*os.File)
	}
	n, err := c.TCPConn.ReadFrom(r)
	if file {
		c.spy.fromFiles.Add(n)
	}
	return n, err
}

func TestBytesGoFromTheFileToTheConnection(t *testing.T) {
	s := newSite(t, sqlite(t)).people()
	size := 3<<20 + 17
	raw := make([]byte, size)
	rand.Read(raw)
	a, _, err := s.lib.BringIn(t.Context(), s.as("owner"), library.NewAsset{Name: "raw.bin", Body: bytes.NewReader(raw)})
	must(t, err)
	public := s.link("owner", library.NewLink{AssetIDs: []string{a.ID}, Terms: dam.Terms{Original: true}})
	direct := s.link("owner", library.NewLink{Kind: dam.LinkKindDownload, AssetIDs: []string{a.ID}})

	inner, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	spy := &spyListener{Listener: inner}
	done := make(chan struct{}, 1)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.server.Handler().ServeHTTP(w, r)
		done <- struct{}{}
	})}
	go srv.Serve(spy)
	t.Cleanup(func() { srv.Close() })

	for _, c := range []struct{ name, path, ranges string }{
		{"a guest's original", "/s/" + tokenOf(public) + "/a/" + a.ID + "/original", ""},
		{"a direct download", "/d/" + tokenOf(direct), ""},
		{"the rest of a direct download", "/d/" + tokenOf(direct), "bytes=1000000-"},
		{"a signed-in person's original", "/api/v1/assets/" + a.ID + "/versions/original", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			spy.fromFiles.Store(0)
			r, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+inner.Addr().String()+c.path, nil)
			must(t, err)
			r.Header.Set("Authorization", "Bearer "+s.tokens["owner"])
			r.Header.Set("Accept-Encoding", "gzip")
			if c.ranges != "" {
				r.Header.Set("Range", c.ranges)
			}
			res, err := http.DefaultTransport.RoundTrip(r)
			must(t, err)
			defer res.Body.Close()
			got, err := io.ReadAll(res.Body)
			must(t, err)
			<-done
			want := raw
			if c.ranges != "" {
				want = raw[1000000:]
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("%d: %d bytes, not the %d of the file", res.StatusCode, len(got), len(want))
			}
			// net/http copies the first 512 bytes itself.
			if sent := spy.fromFiles.Load(); sent < int64(len(want)-512) {
				t.Errorf("only %d of %d bytes went from the file", sent, len(want))
			}
		})
	}
}
