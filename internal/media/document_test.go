package media_test

import (
	"errors"
	"fmt"
	"image/jpeg"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/testkit/sample"
)

func newTools(t *testing.T) *media.Tools {
	t.Helper()
	tools := media.NewTools(media.Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Scratch: t.TempDir()})
	t.Cleanup(tools.Close)
	return tools
}

func TestADocumentTellsItsPagesAndWords(t *testing.T) {
	pdf := write(t, filepath.Join(t.TempDir(), "p.pdf"), sample.PDF(12))
	facts, err := newTools(t).DocumentText(t.Context(), pdf)
	if err != nil {
		t.Fatal(err)
	}
	if facts.Pages != 12 || facts.Title != "A sample of 12 pages" || facts.Author != "Vitrine" {
		t.Errorf("got %d pages, %q by %q", facts.Pages, facts.Title, facts.Author)
	}
	for _, want := range []string{"Page 1 of 12", "Word12 stands on this page only."} {
		if !strings.Contains(facts.Text, want) {
			t.Errorf("the text lacks %q: %s", want, facts.Text)
		}
	}
}

func TestEachPageOfADocumentIsAPictureFittedInTheBox(t *testing.T) {
	pdf := write(t, filepath.Join(t.TempDir(), "p.pdf"), sample.PDF(12))
	tools := newTools(t)
	for _, c := range []struct{ first, last, want int }{{1, 12, 12}, {2, 4, 3}, {12, 12, 1}, {0, 1, 1}, {11, 99, 2}} {
		t.Run(fmt.Sprintf("pages %d to %d", c.first, c.last), func(t *testing.T) {
			out := t.TempDir()
			pages, err := tools.Pages(t.Context(), pdf, c.first, c.last, 1280, out)
			if err != nil {
				t.Fatal(err)
			}
			if len(pages) != c.want {
				t.Fatalf("got %v", pages)
			}
			for i, page := range pages {
				if want := fmt.Sprintf("page-%d.jpg", max(c.first, 1)+i); filepath.Base(page) != want {
					t.Errorf("got %s, want %s", page, want)
				}
				if w, h := sizeOf(t, page); w != 905 || h != 1280 {
					t.Errorf("%s is %d x %d", page, w, h)
				}
			}
			if left, _ := os.ReadDir(out); len(left) != c.want {
				t.Errorf("left %v", left)
			}
		})
	}
}

func sizeOf(t *testing.T, path string) (int, int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := jpeg.DecodeConfig(f)
	if err != nil {
		t.Fatal(err)
	}
	return c.Width, c.Height
}

func TestHostileDocumentsEndSoonAndSmall(t *testing.T) {
	const fine = ""
	dot := "0 0 1 rg 0 0 10 10 re f"
	whole := sample.PDF(3)
	for _, c := range []struct {
		name    string
		content []byte
		want    string // a part of the sentence
		pages   int
	}{
		{"65,535 pages", sample.PDF(65_535), fine, 100},
		{"a page of a thousand kilometres", sample.PDFOf("x", "0 0 1000000000 1000000000", dot), fine, 1},
		{"a page of 200 inches", sample.PDFOf("x", "0 0 14400 14400", dot), fine, 1},
		{"a page as thin as a hair", sample.PDFOf("x", "0 0 1000000000 1", dot), fine, 1},
		{"a page of no width", sample.PDFOf("x", "0 0 0.00001 0.00001", dot), "damaged", 0},
		{"a locked document", lockedPDF(t), "password", 0},
		{"a document that runs programs", openActionPDF(), fine, 1},
		{"a document cut in the middle", whole[:len(whole)/2], "", -1},
		{"a document cut in the header", whole[:20], "damaged", 0},
		{"no document", []byte("%PDF-1.7\nnothing here"), "damaged", 0},
		{"a form that draws itself ten times, ten times deep", formBombPDF(), "", -1},
		{"a page that never ends", endlessPDF(), "", -1},
		{"a picture of 3,600 megapixels", pictureBombPDF(), "", -1},
		{"a title that claims pages", sample.PDFOf("x\\nPages: 9999", "0 0 10 10", dot), fine, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pdf := write(t, filepath.Join(t.TempDir(), "p.pdf"), c.content)
			tools, out, began := newTools(t), t.TempDir(), time.Now()
			facts, err := tools.DocumentText(t.Context(), pdf)
			var pages []string
			if err == nil {
				pages, err = tools.Pages(t.Context(), pdf, 1, min(facts.Pages, dam.MaxPages), 1280, out)
			}
			took := time.Since(began)
			t.Log(took.Round(time.Millisecond), facts.Pages, len(pages), err)
			if took > terminal {
				t.Errorf("took %v", took)
			}
			if err != nil && (!errors.Is(err, media.ErrRefused) || errors.Is(err, media.ErrCrashed) || dam.KindOf(err) != dam.Invalid) {
				t.Errorf("it would be tried again: %v", err)
			}
			if c.pages >= 0 && (len(pages) != c.pages || (err != nil) != (c.want != fine)) {
				t.Errorf("%d pages, want %d; %v", len(pages), c.pages, err)
			}
			if c.want != fine && err != nil && !strings.Contains(sentence(t, err), c.want) {
				t.Errorf("says %q", sentence(t, err))
			}
			if len(facts.Text) > 512<<10 || !utf8.ValidString(facts.Text) {
				t.Errorf("%d bytes of text", len(facts.Text))
			}
		})
	}
}

func TestPagesAreMadeUpToTheFirstThatTakesTooLong(t *testing.T) {
	bomb := string(formBombPDF())
	at := strings.LastIndex(bomb, "/Kids [ ")
	pdf := bomb[:at] + strings.Replace(bomb[at:], "/Kids [ ", "/Kids [ 90 0 R ", 1)
	pdf = strings.Replace(pdf, "/Count 1", "/Count 2", 1)
	pdf = strings.Replace(pdf, "xrfe\n", "90 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 91 0 R >>\nendobj\n"+
		"91 0 obj\n<< /Length 12 >>\nstream\n0 0 50 5 re f\nendstream\nendobj\nxrfe\n", 1)
	path := write(t, filepath.Join(t.TempDir(), "p.pdf"), []byte(pdf))
	out := t.TempDir()
	pages, err := newTools(t).Pages(t.Context(), path, 1, 2, 1280, out)
	if err != nil || len(pages) != 1 || filepath.Base(pages[0]) != "page-1.jpg" {
		t.Errorf("got %v, %v", pages, err)
	}
	if left, _ := os.ReadDir(out); len(left) != 1 {
		t.Errorf("left %v", left)
	}
}

// lockedPDF can't be opened without a password: it has an encryption dictionary whose keys fit none.
func lockedPDF(t *testing.T) []byte {
	t.Helper()
	plain := string(sample.PDF(1))
	at := strings.LastIndex(plain, "/Info 4 0 R")
	key := strings.Repeat("ab", 32)
	return []byte(plain[:at] + "/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -44 /O <" + key + "> /U <" + key + "> >> " + plain[at:])
}

func openActionPDF() []byte {
	return []byte(strings.Replace(string(sample.PDF(1)), "/Type /Catalog",
		"/OpenAction << /S /Launch /F (/bin/sh) /Next << /S /JavaScript /JS (app.launchURL\\('http://127.0.0.1:1/'\\)) >> >> /Type /Catalog", 1))
}

// formBombPDF paints a form that paints another ten times, and so on: ten thousand million rectangles.
func formBombPDF() []byte {
	plain := string(sample.PDFOf("x", "0 0 100 100", strings.Repeat("/X0 Do ", 10)))
	var forms, names strings.Builder
	for i := range 10 {
		body := strings.Repeat(fmt.Sprintf("/X%d Do ", i+1), 10)
		if i == 9 {
			body = "0 0 50 50 re f"
		}
		fmt.Fprintf(&forms, "%d 0 obj\n<< /Type /XObject /Subtype /Form /BBox [0 0 100 100] /Resources << /XObject << /X%d %d 0 R >> >> /Length %d >>\nstream\n%s\nendstream\nendobj\n",
			100+i, i+1, 101+i, len(body), body)
		fmt.Fprintf(&names, "/X%d %d 0 R ", i, 100+i)
	}
	// The table of objects is now wrong on purpose: a reader that repairs it finds all of them.
	plain = strings.Replace(plain, "/Resources << ", "/Resources << /XObject << "+names.String()+">> ", 1)
	return []byte(strings.Replace(plain, "xref\n", forms.String()+"xrfe\n", 1))
}

// pictureBombPDF holds a picture that says it is 60000 x 60000 and has no data for it.
func pictureBombPDF() []byte {
	return sample.PDFOf("x", "0 0 100 100",
		"100 0 0 100 0 0 cm BI /W 60000 /H 60000 /BPC 8 /CS /RGB ID x EI "+
			"BI /W 60000 /H 60000 /BPC 1 /IM true ID x EI")
}

// endlessPDF draws a million curves with a dash that is far too fine.
func endlessPDF() []byte {
	return sample.PDFOf("x", "0 0 1000 1000",
		"[0.0001] 0 d 0.1 w "+strings.Repeat("0 0 m 0 1000 1000 0 1000 1000 c S ", 20_000))
}
