package server

import (
	"encoding/base64"
	"hash"
	"hash/crc32"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/secret"
)

// tus 1.0.0, https://tus.io/protocols/resumable-upload, written by hand: core, creation,
// creation-with-upload, termination, checksum, expiration. The library keeps the bytes.
const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,creation-with-upload,termination,checksum,expiration"
	tusSums       = "sha1,sha256,crc32"
	tusBody       = "application/offset+octet-stream"
	tusPath       = "/uploads/"

	statusChecksum = 460 // tus: the bytes are not the promised ones
)

func (s *Server) tusOptions(w http.ResponseWriter, _ *http.Request) error {
	h := w.Header()
	h.Set("Tus-Resumable", tusVersion)
	h.Set("Tus-Version", tusVersion)
	h.Set("Tus-Extension", tusExtensions)
	h.Set("Tus-Checksum-Algorithm", tusSums)
	h.Set("Tus-Max-Size", strconv.FormatInt(library.MaxUpload, 10))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) tusCreate(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	if err := speaksTus(w, r); err != nil {
		return err
	}
	if err := v.Require(dam.AssetUpload); err != nil {
		return err
	}
	n, err := readNewUpload(r)
	if err != nil {
		return err
	}
	u, err := s.Library.StartUpload(r.Context(), v, n)
	if err != nil {
		return err
	}
	if r.Header.Get("Content-Type") == tusBody {
		if u, err = s.tusAppend(r, v, u.ID, 0); err != nil {
			return err
		}
	}
	w.Header().Set("Location", tusPath+u.ID)
	tusState(w, u)
	w.WriteHeader(http.StatusCreated)
	return nil
}

func readNewUpload(r *http.Request) (library.NewUpload, error) {
	var n library.NewUpload
	if r.Header.Get("Upload-Defer-Length") != "" {
		return n, badHeader("Upload-Defer-Length is not supported.")
	}
	size, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	if err != nil || size < 0 {
		return n, badHeader("Upload-Length must be a whole number.")
	}
	meta, err := readTusMetadata(r.Header.Get("Upload-Metadata"))
	if err != nil {
		return n, err
	}
	return library.NewUpload{
		Size: size, Name: meta["filename"], Title: meta["title"], Description: meta["description"],
	}, nil
}

// readTusMetadata reads "name base64, name base64": names without spaces, each once.
func readTusMetadata(header string) (map[string]string, error) {
	out := map[string]string{}
	if header == "" {
		return out, nil
	}
	for pair := range strings.SplitSeq(header, ",") {
		name, encoded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
		if _, twice := out[name]; err != nil || name == "" || twice {
			return nil, badHeader("Upload-Metadata must be pairs of a name and a base64 value.")
		}
		out[name] = string(value)
	}
	return out, nil
}

func (s *Server) tusHead(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	if err := speaksTus(w, r); err != nil {
		return err
	}
	u, err := s.Library.Upload(r.Context(), v, r.PathValue("id"))
	if err != nil {
		return err
	}
	tusState(w, u)
	h := w.Header()
	h.Set("Upload-Length", strconv.FormatInt(u.Size, 10))
	if meta := writeTusMetadata(u); meta != "" {
		h.Set("Upload-Metadata", meta)
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

func (s *Server) tusPatch(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	if err := speaksTus(w, r); err != nil {
		return err
	}
	if r.Header.Get("Content-Type") != tusBody {
		return refuse(http.StatusUnsupportedMediaType, dam.Invalid, "Send "+tusBody+".")
	}
	offset, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || offset < 0 {
		return badHeader("Upload-Offset must be a whole number.")
	}
	u, err := s.tusAppend(r, v, r.PathValue("id"), offset)
	if err != nil {
		return err
	}
	tusState(w, u)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) tusAppend(r *http.Request, v dam.Viewer, id string, offset int64) (library.UploadState, error) {
	sum, err := readTusChecksum(r.Header.Get("Upload-Checksum"))
	if err != nil {
		return library.UploadState{}, err
	}
	u, err := s.Library.Append(r.Context(), v, id, offset, r.Body, sum)
	if sum != nil && dam.KindOf(err) == dam.Invalid {
		err = refuse(statusChecksum, dam.Invalid, "The bytes do not have the promised checksum.")
	}
	return u, err
}

// readTusChecksum reads "algorithm base64".
func readTusChecksum(header string) (*library.Checksum, error) {
	if header == "" {
		return nil, nil
	}
	name, encoded, _ := strings.Cut(header, " ")
	sum, err := base64.StdEncoding.DecodeString(encoded)
	algorithm, known := secret.Checksum(name)
	if name == "crc32" {
		algorithm, known = func() hash.Hash { return crc32.NewIEEE() }, true
	}
	if err != nil || !known || len(sum) != algorithm().Size() {
		return nil, badHeader("Upload-Checksum must be one of " + tusSums + " and a base64 value.")
	}
	return &library.Checksum{New: algorithm, Sum: sum}, nil
}

func (s *Server) tusDelete(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	if err := speaksTus(w, r); err != nil {
		return err
	}
	if err := s.Library.AbortUpload(r.Context(), v, r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// speaksTus marks the answer as tus and refuses other versions of it.
func speaksTus(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Tus-Resumable", tusVersion)
	if r.Header.Get("Tus-Resumable") == tusVersion {
		return nil
	}
	w.Header().Set("Tus-Version", tusVersion)
	return refuse(http.StatusPreconditionFailed, dam.Invalid, "Speak tus "+tusVersion+".")
}

// tusState tells how far an upload is and what became of it.
func tusState(w http.ResponseWriter, u library.UploadState) {
	h := w.Header()
	h.Del("Content-Type")
	h.Set("Upload-Offset", strconv.FormatInt(u.Offset, 10))
	if u.AssetID != "" {
		h.Set("Vitrine-Asset", u.AssetID)
		return
	}
	h.Set("Upload-Expires", u.ExpiresAt.UTC().Format(http.TimeFormat))
}

func writeTusMetadata(u library.UploadState) string {
	values := map[string]string{"filename": u.Name, "title": u.Title, "description": u.Description}
	var pairs []string
	for name, value := range values {
		if value != "" {
			pairs = append(pairs, name+" "+base64.StdEncoding.EncodeToString([]byte(value)))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ",")
}

func badHeader(text string) error { return refuse(http.StatusBadRequest, dam.Invalid, text) }
