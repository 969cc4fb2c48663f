package server

import (
	"bytes"
	"errors"
	"io"
	"mime"
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

// formParts hands out the parts of a form as they come in. Nothing is kept of it but what take keeps.
type formParts struct {
	form *multipart.Reader
	tail *tailBody
	last []byte // what stands at the end of a form that is whole
	take func(*multipart.Part) error
	left int
	over bool
	err  error
}

func openForm(r *http.Request, take func(*multipart.Part) error) (*formParts, error) {
	tail := &tailBody{ReadCloser: r.Body}
	r.Body = tail
	form, err := r.MultipartReader()
	if err != nil {
		return nil, refuse(http.StatusUnsupportedMediaType, dam.Invalid, "Send the file as multipart/form-data.")
	}
	_, kind, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // it has just been read
	last := []byte("--" + kind["boundary"] + "--")
	return &formParts{form: form, tail: tail, last: last, take: take, left: partsLimit}, nil
}

// tailBody remembers the end of what was read of a body, as much as the reader of a form holds at a time:
// that takes a form which is cut in the head of a part for one that is over.
type tailBody struct {
	io.ReadCloser
	tail []byte
}

const tailSize = 16 << 10

func (b *tailBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.tail = append(b.tail, p[:n]...)
	if over := len(b.tail) - tailSize; over > 0 {
		b.tail = append(b.tail[:0], b.tail[over:]...)
	}
	return n, err
}

// read reads on to the form's end. It may be asked again, and while a part is being taken.
func (f *formParts) read() error {
	for !f.over {
		part, err := f.form.NextPart()
		switch {
		case errors.Is(err, io.EOF) && bytes.Contains(f.tail.tail, f.last):
			f.over = true
			return nil
		case err != nil:
			err = badForm(err)
		case f.left == 0:
			err = dam.Errorf(dam.Invalid, "The form has too many parts.")
		default:
			f.left--
			err = cutForm(f.take(part))
		}
		if err != nil {
			f.over, f.err = true, err
			return err
		}
	}
	return f.err
}

// file is a part whose end is told only once the rest of the form was read and found right: whoever reads
// it keeps nothing of a form that is not.
func (f *formParts) file(part io.Reader) io.Reader { return &fileOfForm{part, f} }

type fileOfForm struct {
	part io.Reader
	form *formParts
}

func (f *fileOfForm) Read(p []byte) (n int, err error) {
	if !f.form.over {
		if n, err = f.part.Read(p); err != io.EOF { //nolint:errorlint // as readers give it
			return n, err
		}
	}
	if err := f.form.read(); err != nil {
		return n, err
	}
	return n, io.EOF
}

// readForm hands the parts of a form to take.
func readForm(r *http.Request, take func(*multipart.Part) error) error {
	form, err := openForm(r, take)
	if err != nil {
		return err
	}
	return form.read()
}

// readFile hands the one file of a form to take, as a stream that ends well only if the whole form does.
func readFile(r *http.Request, take func(name string, body io.Reader) error) error {
	var form *formParts
	taken := false
	form, err := openForm(r, func(part *multipart.Part) error {
		if part.FormName() != "file" {
			return dam.InvalidField(part.FormName(), "There is no such field. Send file.")
		}
		if taken {
			return oneFile()
		}
		taken = true
		return take(part.FileName(), form.file(part))
	})
	if err == nil {
		err = form.read()
	}
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
