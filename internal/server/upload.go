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
	if err := readForm(r, up.take); err != nil {
		return err
	}
	if err := up.finish(); err != nil {
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
		return oneFile()
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

// finish writes the texts that came after the file.
func (up *uploadForm) finish() error {
	if up.asset == nil {
		return noFile()
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
