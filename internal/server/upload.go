package server

import (
	"encoding/json"
	"mime/multipart"
	"net/http"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

// bringIn is POST /api/v1/assets: one file, streamed, with title and description before or after.
func (s *Server) bringIn(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	if err := v.Require(dam.AssetUpload); err != nil {
		return err
	}
	up := uploadForm{s: s, r: r, v: v}
	var err error
	if up.form, err = openForm(r, up.take); err != nil {
		return err
	}
	if err := up.form.read(); err != nil {
		return err
	}
	if up.asset == nil {
		return noFile()
	}
	return up.answer(w)
}

// uploadForm is a multipart upload while it comes in.
type uploadForm struct {
	s           *Server
	r           *http.Request
	v           dam.Viewer
	form        *formParts
	title       *string
	description *string
	begun       bool
	asset       *dam.Asset
	twin        *dam.Asset
}

func (up *uploadForm) take(part *multipart.Part) error {
	switch part.FormName() {
	case "file":
		return up.takeFile(part)
	case "title":
		return readText(part, &up.title)
	case "description":
		return readText(part, &up.description)
	}
	return dam.InvalidField(part.FormName(), "There is no such field. Send file, title and description.")
}

func (up *uploadForm) takeFile(part *multipart.Part) error {
	if up.begun {
		return oneFile()
	}
	up.begun = true
	a, twin, err := up.s.Library.BringIn(up.r.Context(), up.v, library.NewAsset{
		Name: part.FileName(), Body: up.form.file(part), Texts: up.texts,
	})
	if err == nil {
		up.asset, up.twin = &a, twin
	}
	return err
}

// texts are what the form has said, before the file or after it.
func (up *uploadForm) texts() (title, description string) {
	if up.title != nil {
		title = *up.title
	}
	if up.description != nil {
		description = *up.description
	}
	return title, description
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
