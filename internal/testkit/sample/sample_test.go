package sample_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gabriel-vasile/mimetype"

	"vitrine/internal/testkit/sample"
)

func TestEverySampleIsWhatItSays(t *testing.T) {
	for want, content := range map[string][]byte{
		"application/pdf": sample.PDF(2),
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document": sample.DOCX(),
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       sample.XLSX(),
		"application/vnd.oasis.opendocument.text":                                 sample.ODT(),
		"application/vnd.oasis.opendocument.presentation":                         sample.ODP(),
		"text/rtf":      sample.RTF(),
		"image/svg+xml": sample.SVG(),
		"audio/wav":     sample.WAV(1),
	} {
		if got := mimetype.Detect(content).String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestThePDFHasItsPagesAndWords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.pdf")
	if err := os.WriteFile(path, sample.PDF(12), 0o600); err != nil {
		t.Fatal(err)
	}
	for tool, want := range map[string]string{"pdfinfo": "12", "pdftotext": "Page 12 of 12"} {
		args := []string{path}
		if tool == "pdftotext" {
			args = append(args, "-")
		}
		out, err := exec.Command(tool, args...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) || strings.Contains(string(out), "Error") {
			t.Errorf("%s: %v\n%s", tool, err, out)
		}
	}
}
