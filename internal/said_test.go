package internal

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// sentenceForm is what people are told: it begins with a capital and ends with a full stop.
var sentenceForm = regexp.MustCompile(`^[A-Z%][^\n]* [^\n]*\.$`)

// sentences finds what the code of these rooms says to people in the staff app.
func sentences(t *testing.T, rooms ...string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, room := range rooms {
		files, err := filepath.Glob(room + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				if text, err := strconv.Unquote(lit.Value); err == nil && sentenceForm.MatchString(text) {
					found[text] = true
				}
				return true
			})
		}
	}
	return found
}

func TestWhatTheServerSaysToPeopleCanBeSaidInRussian(t *testing.T) {
	text, err := os.ReadFile("../web/catalogue/said.ru.json")
	if err != nil {
		t.Fatal(err)
	}
	var russian map[string]string
	if err := json.Unmarshal(text, &russian); err != nil {
		t.Fatal(err)
	}
	said := sentences(t, "dam", "store", "library", "media", "secret", "jobs", "source")
	if len(said) < 50 {
		t.Fatalf("only %d sentences were found", len(said))
	}
	for sentence := range said {
		if russian[sentence] == "" {
			t.Errorf("web/catalogue/said.ru.json does not know %q", sentence)
		}
	}
	for sentence := range russian {
		if !said[sentence] {
			t.Errorf("nobody says %q any more", sentence)
		}
	}
}
