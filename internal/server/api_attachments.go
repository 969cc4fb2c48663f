package server

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

// AttachmentIn names a supporting file of an asset.
type AttachmentIn struct {
	ByID
	Attachment string `path:"attachment"`
}

// attach is POST /api/v1/assets/{id}/attachments: one file of any type, streamed.
func (s *Server) attach(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	a, err := s.Library.Asset(r.Context(), v, r.PathValue("id"))
	if err != nil {
		return err
	}
	if r.ContentLength > library.MaxAttachment+maxText { // the form around the file is small
		return dam.Errorf(dam.TooLarge, "The file is too large.")
	}
	var file dam.Attachment
	err = readFile(r, func(name string, body io.Reader) (err error) {
		file, err = s.Library.Attach(r.Context(), v, a.ID, library.NewFile{Name: name, Body: body})
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Location", apiPrefix+"/assets/"+a.ID+"/attachments/"+file.ID)
	w.WriteHeader(http.StatusCreated)
	return json.NewEncoder(w).Encode(newAttachmentJSON(file))
}

// attachmentBytes is a supporting file as a file to keep. Captions may be read by a player instead.
func (s *Server) attachmentBytes(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	download := r.URL.Query().Has("download")
	c, err := s.Library.AttachmentContent(r.Context(), v, r.PathValue("id"), r.PathValue("attachment"), download)
	if err != nil {
		return err
	}
	return s.deliver(w, r, c)
}

func (s *Server) detach(ctx context.Context, v dam.Viewer, in *AttachmentIn) (*nothing, error) {
	return nil, s.Library.Detach(ctx, v, in.ID, in.Attachment)
}
