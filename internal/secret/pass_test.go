package secret

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

func TestAPassOpensOneLinkUntilItRunsOut(t *testing.T) {
	keys := testKeys(t)
	now := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)
	expires := now.Add(time.Hour)
	pass := keys.NewPass("link", 3, expires)
	raw, err := base64.RawURLEncoding.DecodeString(pass)
	if err != nil {
		t.Fatal(err)
	}
	longer := append([]byte{}, raw...)
	longer[passNonce+2] ^= 1 // an expiry that lies elsewhere
	for _, c := range []struct {
		name  string
		value string
		link  string
		epoch int64
		at    time.Time
		want  bool
	}{
		{"at once", pass, "link", 3, now, true},
		{"a microsecond before it runs out", pass, "link", 3, expires.Add(-time.Microsecond), true},
		{"at the very instant it runs out", pass, "link", 3, expires, false},
		{"for another link", pass, "link2", 3, now, false},
		{"after the password changed", pass, "link", 4, now, false},
		{"with fields shifted", pass, "link3", 0, now, false},
		{"with another expiry written into it", base64.RawURLEncoding.EncodeToString(longer), "link", 3, now, false},
		{"cut by one character", pass[:len(pass)-1], "link", 3, now, false},
		{"with one character more", pass + "A", "link", 3, now, false},
		{"when it is empty", "", "link", 3, now, false},
		{"with characters that base64 does not know", strings.Repeat("?", len(pass)), "link", 3, now, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := keys.CheckPass(c.value, c.link, c.epoch, c.at); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	if keys.NewPass("link", 3, expires) == pass {
		t.Error("two guests were given the same pass")
	}
	if testKeys(t).CheckPass(pass, "link", 3, now) {
		t.Error("another installation took the pass")
	}
}

func FuzzPass(f *testing.F) {
	keys := testKeys(f)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	pass := keys.NewPass("link", 1, now.Add(time.Hour))
	f.Add(pass, "link", int64(1))
	f.Add("", "", int64(0))
	f.Fuzz(func(t *testing.T, value, link string, epoch int64) {
		made := value == pass && link == "link" && epoch == 1
		if keys.CheckPass(value, link, epoch, now) != made {
			t.Fatalf("%q for link %q and epoch %d: want %v", value, link, epoch, made)
		}
	})
}
