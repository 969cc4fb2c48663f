package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/dam"
)

// DocumentFacts are what a PDF says of itself, cleaned.
type DocumentFacts struct {
	Pages         int
	Text          string // for search, at most 512 KB
	Title, Author string
}

// Caps of one document. What takes more work is refused, not tried again; so work is counted in processor
// time, which a busy machine doesn't stretch, and all of one document's runs together take less than a minute.
const (
	maxDocumentText = 512 << 10
	maxTextPages    = 2000
	infoWork        = 5 * time.Second
	textWork        = 10 * time.Second
	pagesWork       = 10 * time.Second
	perPageWork     = 300 * time.Millisecond
	patience        = 2        // times the work is how long a run may take while others want the processor
	pageLimit       = 32 << 20 // bytes of one page's picture
	pageQuality     = 85
)

const (
	lockedDocument  = "This document is locked with a password, so it can't be shown."
	damagedDocument = "This document is damaged or was cut short."
	slowDocument    = "This document takes too long to show."
	emptyDocument   = "This document has no pages."
)

// DocumentText reads how many pages a PDF has and what stands on them. A document whose words can't be
// had, or not in time, still has its pages. Errors: ErrRefused (dam kind Invalid: locked, damaged, empty or
// endless), ErrCrashed, Unavailable if a program is not installed or after Close, the context's own.
func (t *Tools) DocumentText(ctx context.Context, pdf string) (DocumentFacts, error) {
	said, err := t.run(ctx, toolRun{
		Program: "pdfinfo", Input: pdf, Ext: "pdf", CPU: infoWork, Wall: patience * infoWork,
		Args: func(in, _ string) []string { return []string{"-enc", "UTF-8", in} },
	})
	if err != nil {
		return DocumentFacts{}, fmt.Errorf("read document: %w", refusedDocument(err, infoWork))
	}
	facts := parseInfo(string(said))
	if facts.Pages < 1 {
		return DocumentFacts{}, fmt.Errorf("read document: %w", refusal(emptyDocument, nil))
	}
	facts.Text, err = t.words(ctx, pdf)
	if err != nil {
		return DocumentFacts{}, fmt.Errorf("read document: %w", err)
	}
	return facts, nil
}

// parseInfo reads lines of "Name: value". What the document says of itself comes before what is known of
// it, so that the last value of Pages is the one to believe.
func parseInfo(said string) DocumentFacts {
	var f DocumentFacts
	for line := range strings.Lines(said) {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch name {
		case "Title":
			f.Title = clean(value, maxTitle)
		case "Author":
			f.Author = clean(value, maxTitle)
		case "Pages":
			f.Pages, _ = strconv.Atoi(value) // not a number: no pages
		}
	}
	return f
}

// words collects text until there is enough of it. Only a run that could not be made is an error: a
// document may forbid to copy its text.
func (t *Tools) words(ctx context.Context, pdf string) (string, error) {
	var text strings.Builder
	_, err := t.run(ctx, toolRun{
		Program: "pdftotext", Input: pdf, Ext: "pdf", CPU: textWork, Wall: patience * textWork, Stdout: maxDocumentText,
		Args: func(in, _ string) []string {
			return []string{"-enc", "UTF-8", "-nopgbrk", "-l", strconv.Itoa(maxTextPages), in, "-"}
		},
		Line: func(line string) {
			if line = strings.TrimSpace(line); line != "" && text.Len() < maxDocumentText {
				text.WriteString(line + "\n")
			}
		},
	})
	if err != nil && !errors.Is(err, ErrCrashed) {
		return "", err
	}
	return clean(text.String(), maxDocumentText), nil
}

// Pages makes a picture of each page from first to last, JPEG, its longest side box pixels, as page-N.jpg
// in out, a directory nobody else uses meanwhile. At most dam.MaxPages are made. Fewer than asked for means that
// the page after the last one can't be made, or not in time: then there is no use in asking for those
// behind it. Errors: ErrRefused (dam kind Invalid: locked, damaged, or not one page could be made),
// ErrCrashed, Unavailable if the program is not installed or after Close, the context's own.
func (t *Tools) Pages(ctx context.Context, pdf string, first, last, box int, out string) ([]string, error) {
	first = max(first, 1)
	last = min(last, first+dam.MaxPages-1)
	if last < first || box < 1 || box > 16_384 {
		return nil, dam.InvalidField("pages", "there are no such pages to show")
	}
	work := pagesWork + time.Duration(last-first+1)*perPageWork
	_, err := t.run(ctx, toolRun{
		Program: "pdftocairo", Input: pdf, Ext: "pdf", Out: out, OutLimit: pageLimit,
		CPU: work, Wall: patience * work,
		Args: func(in, out string) []string {
			return []string{
				"-jpeg", "-jpegopt", "quality=" + strconv.Itoa(pageQuality), "-scale-to", strconv.Itoa(box),
				"-f", strconv.Itoa(first), "-l", strconv.Itoa(last), in, filepath.Join(out, "made"),
			}
		},
	})
	if err != nil && !errors.Is(err, ErrCrashed) {
		return nil, fmt.Errorf("show document: %w", err)
	}
	pages, keepErr := keepPages(out, first, box)
	if keepErr != nil {
		return nil, fmt.Errorf("show document: %w", keepErr)
	}
	switch {
	case len(pages) > 0:
		return pages, nil
	case err != nil:
		return nil, fmt.Errorf("show document: %w", refusedDocument(err, work))
	}
	return nil, fmt.Errorf("show document: %w", refusal(damagedDocument, nil))
}

// keepPages gives the pictures their names, up to the first that is missing or none, and removes the rest.
func keepPages(out string, first, box int) ([]string, error) {
	entries, err := os.ReadDir(out)
	if err != nil {
		return nil, err
	}
	var pages []string
	for _, entry := range entries { // the program pads numbers: names have the order of pages
		number, found := strings.CutPrefix(entry.Name(), "made-")
		if !found {
			continue
		}
		from := filepath.Join(out, entry.Name())
		n, err := strconv.Atoi(strings.TrimSuffix(number, ".jpg"))
		if err != nil || n != first+len(pages) || checkJPEG(from, box) != nil {
			os.Remove(from)
			continue
		}
		to := filepath.Join(out, fmt.Sprintf("page-%d.jpg", n))
		if err := os.Rename(from, to); err != nil {
			return nil, err
		}
		pages = append(pages, to)
	}
	return pages, nil
}

// checkJPEG makes sure that a file is one whole JPEG no larger than box a side.
func checkJPEG(path string, box int) error {
	if _, _, err := made(filepath.Dir(path), filepath.Base(path)); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	header, err := jpeg.DecodeConfig(f)
	if err != nil {
		return err
	}
	if header.Width > box || header.Height > box {
		return errors.New("a picture of a size that was not asked for")
	}
	var last [2]byte
	if _, err := f.Seek(-2, io.SeekEnd); err != nil {
		return err
	}
	if _, err := io.ReadFull(f, last[:]); err != nil {
		return err
	}
	if !bytes.Equal(last[:], []byte{0xff, 0xd9}) {
		return errors.New("a picture without an end")
	}
	return nil
}

// refusedDocument tells why a document will never be shown, if that is what a program's end means.
func refusedDocument(err error, work time.Duration) error {
	if !errors.Is(err, ErrCrashed) {
		return err
	}
	if tookTooMuch(err, work) {
		return refusal(slowDocument, err)
	}
	if _, itself := exitedWith(err); !itself {
		return err
	}
	if strings.Contains(err.Error(), "Incorrect password") {
		return refusal(lockedDocument, err)
	}
	return refusal(damagedDocument, err)
}

// tookTooMuch says whether a run was ended because it took too long, or because it had done as much work as
// it was granted: the system then kills a program, give or take a second.
func tookTooMuch(err error, work time.Duration) bool {
	if errors.Is(err, errTooLong) {
		return true
	}
	var exit *exec.ExitError
	return errors.As(err, &exit) && !exit.Exited() && exit.UserTime()+exit.SystemTime() >= work-time.Second
}

// refusal says to people why a file will never be shown. The cause stays in the text only: a crash that is
// refused is not tried again.
func refusal(sentence string, cause error) error {
	detail := ""
	if cause != nil {
		detail = cause.Error()
	}
	return &dam.Error{Kind: dam.Invalid, Msg: sentence, Err: detailed(ErrRefused, detail)}
}
