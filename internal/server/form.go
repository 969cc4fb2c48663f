package server

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"vitrine/internal/dam"
)

// Bounds on a form: the bytes of a text, how many parts, and how much of what is refused is still
// read so that the sender hears why.
const (
	maxText    = 64 << 10
	partsLimit = 16
	maxRest    = 32 << 20
)

// readForm hands out the parts of a form as they come in. Nothing is kept of it but what take keeps.
func readForm(r *http.Request, take func(*multipart.Part) error) error {
	form, err := r.MultipartReader()
	if err != nil {
		return refuse(http.StatusUnsupportedMediaType, dam.Invalid, "Send the file as multipart/form-data.")
	}
	for range partsLimit {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return badForm(err)
		}
		if err := take(part); err != nil {
			return cutForm(err)
		}
	}
	return dam.Errorf(dam.Invalid, "The form has too many parts.")
}

// readFile hands the one file of a form to take, as a stream.
func readFile(r *http.Request, take func(name string, body io.Reader) error) error {
	taken := false
	err := readForm(r, func(part *multipart.Part) error {
		if part.FormName() != "file" {
			return dam.InvalidField(part.FormName(), "There is no such field. Send file.")
		}
		if taken {
			return oneFile()
		}
		taken = true
		return take(part.FileName(), part)
	})
	if err == nil && !taken {
		err = noFile()
	}
	return err
}

func noFile() error  { return dam.InvalidField("file", "Send a file.") }
func oneFile() error { return dam.InvalidField("file", "Send one file at a time.") }

func readText(part io.Reader, into **string) error {
	text, err := io.ReadAll(io.LimitReader(part, maxText+1))
	if err != nil {
		return err
	}
	if len(text) > maxText {
		return dam.Errorf(dam.TooLarge, "A text of the form is too long.")
	}
	s := string(text)
	*into = &s
	return nil
}

// hearOut reads on what a refused sender is still sending, up to a bound: somebody who is cut off in
// the middle of a sentence does not hear the answer.
func hearOut(r *http.Request) { _, _ = io.CopyN(io.Discard, r.Body, maxRest) }

// badForm is for what stands between parts: it is cut, or not as forms are written.
func badForm(err error) error {
	var broken *brokenBody
	if errors.As(err, &broken) {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || strings.HasSuffix(err.Error(), io.EOF.Error()) {
		return &brokenBody{err}
	}
	return refuse(http.StatusBadRequest, dam.Invalid, "The form can't be read.")
}

// cutForm finds what a part's reader has no better word for: a form that ends within it.
func cutForm(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &brokenBody{err}
	}
	return err
}
