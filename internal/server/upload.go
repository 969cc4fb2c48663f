package server

import (
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

// Bounds on a form: the bytes of a text, and how many parts.
const (
	maxText    = 64 << 10
	partsLimit = 16
)

// bringIn is POST /api/v1/assets: one file, streamed, with title and description before or after.
func (s *Server) bringIn(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	if err := v.Require(dam.AssetUpload); err != nil {
		return err
	}
	form, err := r.MultipartReader()
	if err != nil {
		return refuse(http.StatusUnsupportedMediaType, dam.Invalid, "Send the file as multipart/form-data.")
	}
	up := uploadForm{s: s, r: r, v: v}
	if err := up.read(form); err != nil {
		return err
	}
	return up.answer(w)
}

// uploadForm is a multipart upload while it comes in.
type uploadForm struct {
	s     *Server
	r     *http.Request
	v     dam.Viewer
	texts library.AssetPatch // what came after the file
	asset *dam.Asset
	twin  *dam.Asset
}

func (up *uploadForm) read(form *multipart.Reader) error {
	for range partsLimit {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return up.finish()
		}
		if err == nil {
			err = up.take(part)
		}
		if err != nil {
			return badForm(err)
		}
	}
	return dam.Errorf(dam.Invalid, "The form has too many parts.")
}

func (up *uploadForm) take(part *multipart.Part) error {
	switch part.FormName() {
	case "file":
		return up.takeFile(part)
	case "title":
		return readText(part, &up.texts.Title)
	case "description":
		return readText(part, &up.texts.Description)
	}
	return dam.InvalidField(part.FormName(), "There is no such field. Send file, title and description.")
}

func (up *uploadForm) takeFile(part *multipart.Part) error {
	if up.asset != nil {
		return dam.InvalidField("file", "Send one file at a time.")
	}
	n := library.NewAsset{Name: part.FileName(), Body: part}
	if up.texts.Title != nil {
		n.Title, up.texts.Title = *up.texts.Title, nil
	}
	if up.texts.Description != nil {
		n.Description, up.texts.Description = *up.texts.Description, nil
	}
	a, twin, err := up.s.Library.BringIn(up.r.Context(), up.v, n)
	up.asset, up.twin = &a, twin
	return err
}

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

// finish writes the texts that came after the file.
func (up *uploadForm) finish() error {
	if up.asset == nil {
		return dam.InvalidField("file", "Send a file.")
	}
	if up.texts.Title == nil && up.texts.Description == nil {
		return nil
	}
	a, err := up.s.Library.EditAsset(up.r.Context(), up.v, up.asset.ID, up.texts)
	up.asset = &a
	return err
}

func (up *uploadForm) answer(w http.ResponseWriter) error {
	items, err := up.s.assetsJSON(up.r.Context(), up.v, *up.asset)
	if err != nil {
		return err
	}
	if up.twin != nil {
		general, err := up.s.Library.General(up.r.Context())
		if err != nil {
			return err
		}
		number := dam.NumberText(general.NumberPrefix, up.twin.Number)
		items[0].DuplicateOf = &assetReferenceJSON{up.twin.ID, number}
	}
	w.Header().Set("Location", apiPrefix+"/assets/"+up.asset.ID)
	w.WriteHeader(http.StatusCreated)
	return json.NewEncoder(w).Encode(items[0])
}

// badForm finds what the form's reader has no better word for: a form that is cut or none at all.
func badForm(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || strings.HasPrefix(err.Error(), "multipart: ") {
		return &brokenBody{err}
	}
	return err
}
