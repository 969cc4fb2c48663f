package media_test

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/testkit/sample"
)

const (
	odt = "application/vnd.oasis.opendocument.text"
	odp = "application/vnd.oasis.opendocument.presentation"
)

// needOffice says whether conversions can be tried here. Where they can't, that is what is tested.
func needOffice(t *testing.T) bool {
	t.Helper()
	if _, err := exec.LookPath("soffice"); err == nil {
		return true
	}
	path := write(t, filepath.Join(t.TempDir(), "a.odt"), sample.ODT())
	if _, _, err := newTools(t).Document(t.Context(), path, odt); !errors.Is(err, media.ErrNoOffice) {
		t.Errorf("got %v", err)
	}
	t.Log("LibreOffice is not installed: no office file was converted")
	return false
}

func TestOfficeFilesBecomePDF(t *testing.T) {
	if !needOffice(t) {
		return
	}
	dir := t.TempDir()
	tools := media.NewTools(media.Options{Scratch: dir})
	t.Cleanup(tools.Close)
	for name, c := range map[string]struct {
		content []byte
		pages   int
		words   string
	}{
		"a.docx": {sample.DOCX(), 1, "Съешь ещё этих мягких булок."},
		"a.xlsx": {sample.XLSX(), 1, "Sample workbook"},
		"a.odt":  {sample.ODT(), 1, "Sample text"},
		"a.odp":  {sample.ODP(), 2, "Second slide"},
		"a.rtf":  {sample.RTF(), 1, "Sample rich text"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, filepath.Join(t.TempDir(), name), c.content)
			pdf, cleanup, err := tools.Document(t.Context(), path, sniffFile(t, path).MIME)
			if err != nil {
				t.Fatal(err)
			}
			facts, err := tools.DocumentText(t.Context(), pdf)
			if err != nil {
				t.Fatal(err)
			}
			if facts.Pages != c.pages || !strings.Contains(facts.Text, c.words) {
				t.Errorf("%d pages: %q", facts.Pages, facts.Text)
			}
			if pages, err := tools.Pages(t.Context(), pdf, 1, facts.Pages, 1280, t.TempDir()); err != nil || len(pages) != c.pages {
				t.Errorf("pages %v: %v", pages, err)
			}
			cleanup()
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("left %v", left)
			}
		})
	}
	if left, _ := filepath.Glob("/tmp/OSL_PIPE_SingleOfficeIPC_*"); len(left) > 0 {
		t.Errorf("LibreOffice left a socket: %v", left)
	}
}

func TestOfficeFilesThatCanNotBeReadAreRefused(t *testing.T) {
	if !needOffice(t) {
		return
	}
	tools, whole := newTools(t), sample.DOCX()
	for name, content := range map[string][]byte{
		"a document cut in the middle": whole[:len(whole)/2],
		"a page of HTML named .docx":   []byte("<html><body><img src='http://127.0.0.1:1/x.png'>words</body></html>"),
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, filepath.Join(t.TempDir(), "a.docx"), content)
			_, cleanup, err := tools.Document(t.Context(), path,
				"application/vnd.openxmlformats-officedocument.wordprocessingml.document")
			cleanup()
			if !errors.Is(err, media.ErrRefused) || dam.KindOf(err) != dam.Invalid {
				t.Fatalf("got %v", err)
			}
			sentence(t, err)
		})
	}
}

func TestADocumentThatLinksToOthersGetsNone(t *testing.T) {
	if !needOffice(t) {
		return
	}
	const secret = "canary-77a0"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	called := make(chan struct{}, 1)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Close()
			called <- struct{}{}
		}
	}()
	dir := t.TempDir()
	canary := write(t, filepath.Join(dir, "canary.txt"), []byte(secret))
	path := write(t, filepath.Join(dir, "a.odt"), sample.ODTOf(
		`<text:section text:name="s"><text:section-source xlink:href="file://`+canary+`"/><text:p>old</text:p></text:section>`+
			`<text:p><draw:frame svg:width="2cm" svg:height="2cm"><draw:image xlink:href="http://`+listener.Addr().String()+`/x.png"/></draw:frame>`+
			`<draw:frame svg:width="2cm" svg:height="2cm"><draw:image xlink:href="file://`+canary+`"/></draw:frame></text:p><text:p>words of its own</text:p>`))
	tools := newTools(t)
	pdf, cleanup, err := tools.Document(t.Context(), path, odt)
	defer cleanup()
	if err != nil {
		t.Fatal(err)
	}
	facts, err := tools.DocumentText(t.Context(), pdf)
	if err != nil || strings.Contains(facts.Text, secret) || !strings.Contains(facts.Text, "words of its own") {
		t.Errorf("%q %v", facts.Text, err)
	}
	select {
	case <-called:
		t.Error("it called a host")
	default:
	}
}

func TestWithoutLibreOfficeThatIsSaid(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	path := write(t, filepath.Join(t.TempDir(), "a.odp"), sample.ODP())
	_, cleanup, err := newTools(t).Document(t.Context(), path, odp)
	cleanup()
	if !errors.Is(err, media.ErrNoOffice) || dam.KindOf(err) != dam.Unavailable {
		t.Errorf("got %v", err)
	}
	sentence(t, err)
}

func TestAPDFIsItsOwnDocument(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "a.pdf"), sample.PDF(1))
	pdf, cleanup, err := newTools(t).Document(t.Context(), path, "application/pdf")
	cleanup()
	if err != nil || pdf != path {
		t.Errorf("got %q, %v", pdf, err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
