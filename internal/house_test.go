// Package internal has no code of its own: this test holds the walls between the rooms.
package internal

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// walls says which rooms a room may import. A room that is not here may not exist.
var walls = map[string][]string{
	"cmd/vitrine": {
		"internal/blob", "internal/dam", "internal/jobs", "internal/library", "internal/media", "internal/media/child",
		"internal/secret", "internal/server", "internal/store", "web",
	},
	"internal":               {},
	"internal/dam":           {},
	"internal/secret":        {"internal/dam"},
	"internal/store":         {"internal/dam"},
	"internal/blob":          {"internal/dam"},
	"internal/blob/blobtest": {"internal/blob", "internal/dam"},
	"internal/media":         {"internal/dam", "internal/media/confine", "internal/media/wire"},
	"internal/media/wire":    {},
	"internal/media/confine": {},
	"internal/media/vips":    {"internal/media/wire"},
	"internal/media/child":   {"internal/media/confine", "internal/media/vips", "internal/media/wire"},
	"internal/jobs":          {"internal/dam", "internal/store"},
	"internal/source":        {"internal/dam"},
	"internal/library": {
		"internal/blob", "internal/dam", "internal/media", "internal/secret", "internal/source", "internal/store",
	},
	"internal/server":           {"internal/dam", "internal/library", "internal/secret", "web"},
	"internal/testkit":          {},
	"internal/testkit/sample":   {},
	"internal/testkit/badmedia": {},
	"internal/testkit/write":    {"internal/testkit/badmedia", "internal/testkit/sample"},
	"web":                       {},
	"bench/delivery":            nil, // benches measure from outside and may use what they need
	"bench/renditions":          nil,
	"bench/video":               nil,
	"scripts/drawdemo":          {},
	"internal/server/fixture":   {},
}

type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "vitrine/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func room(path string) (string, bool) { return strings.CutPrefix(path, "vitrine/") }

func TestNoRoomImportsMoreThanItsWallsAllow(t *testing.T) {
	for _, p := range packages(t) {
		from, _ := room(p.ImportPath)
		allowed, known := walls[from]
		if !known {
			t.Errorf("%s is no room of the house: add it to the walls with what it may import, or put its code where it belongs", from)
			continue
		}
		for _, to := range p.Imports {
			if name, ours := room(to); ours && allowed != nil && !slices.Contains(allowed, name) {
				t.Errorf("%s imports %s, which its walls do not allow", from, name)
			}
		}
	}
}

func TestTheRulesImportOnlyTheStandardLibraryAndTouchNothing(t *testing.T) {
	forbidden := []string{"os", "net", "net/http", "database/sql", "math/rand", "crypto/rand", "log/slog", "context"}
	for _, p := range packages(t) {
		if p.ImportPath != "vitrine/internal/dam" {
			continue
		}
		for _, to := range p.Imports {
			if strings.Contains(to, ".") || slices.Contains(forbidden, to) {
				t.Errorf("dam imports %s", to)
			}
		}
	}
}

// The server answers strangers: it must reach neither rows nor bytes but through the verbs, and
// no decoder but through a child process.
func TestTheServerReachesNoDecoder(t *testing.T) {
	for _, p := range packages(t) {
		switch p.ImportPath {
		case "vitrine/internal/server", "vitrine/internal/library", "vitrine/internal/media":
			if slices.Contains(p.Deps, "vitrine/internal/media/vips") {
				t.Errorf("%s is built with the decoder", p.ImportPath)
			}
			for _, decoder := range []string{"image/gif", "image/jpeg", "golang.org/x/image/webp", "golang.org/x/image/tiff"} {
				// The pool reads the headers of what its own children wrote, to check them.
				checks := p.ImportPath == "vitrine/internal/media" && decoder == "image/jpeg"
				if slices.Contains(p.Imports, decoder) && !checks {
					t.Errorf("%s imports %s", p.ImportPath, decoder)
				}
			}
		}
	}
}

func TestCryptographyStaysInItsRoom(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath == "vitrine/internal/secret" || !strings.HasPrefix(p.ImportPath, "vitrine/internal/") {
			continue
		}
		for _, to := range p.Imports {
			hash := to == "crypto/sha256" || to == "crypto/sha1" || to == "crypto"
			if strings.HasPrefix(to, "crypto/") && !hash {
				t.Errorf("%s imports %s", p.ImportPath, to)
			}
		}
	}
}
