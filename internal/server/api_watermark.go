package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

type watermarkJSON struct {
	Configured bool                `json:"configured"`
	Image      *watermarkImageJSON `json:"image"`
	Position   dam.Position        `json:"position" enum:"top-left,top,top-right,left,center,right,bottom-left,bottom,bottom-right"`
	Tiled      bool                `json:"tiled"`
	Size       int                 `json:"size" minimum:"5" maximum:"100" doc:"Percent of the picture's width"`
	Opacity    int                 `json:"opacity" minimum:"5" maximum:"100" doc:"Percent"`
	Version    string              `json:"version" doc:"Another one after every change; empty when there is no watermark"`
}

var watermarkType = reflect.TypeFor[watermarkJSON]()

type watermarkImageJSON struct {
	Size   int64 `json:"size"`
	Width  int   `json:"width"`
	Height int   `json:"height"`
}

// Schema is that of an image or null.
func (watermarkImageJSON) Schema(huma.Registry) *huma.Schema {
	number := &huma.Schema{Type: huma.TypeInteger}
	return orNothing(map[string]*huma.Schema{"size": number, "width": number, "height": number})
}

type watermarkOut struct{ Body watermarkJSON }

func (s *Server) getWatermark(ctx context.Context, v dam.Viewer, _ *nothing) (*watermarkOut, error) {
	mark, err := s.Library.Watermark(ctx, v)
	if err != nil {
		return nil, err
	}
	return &watermarkOut{newWatermarkJSON(mark)}, nil
}

func (s *Server) watermarkImage(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	c, err := s.Library.WatermarkImage(r.Context(), v)
	if err != nil {
		return err
	}
	return s.deliver(w, r, c)
}

// putWatermark is PUT /api/v1/settings/watermark: a form with what is to change.
func (s *Server) putWatermark(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	form, err := readWatermark(r, false)
	if err != nil {
		return err
	}
	mark, err := s.Library.PutWatermark(r.Context(), v, form.change)
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(newWatermarkJSON(mark))
}

func (s *Server) deleteWatermark(ctx context.Context, v dam.Viewer, _ *nothing) (*nothing, error) {
	return nil, s.Library.DeleteWatermark(ctx, v)
}

// previewWatermark is POST /api/v1/settings/watermark/preview: the same form, and the picture that
// it would give.
func (s *Server) previewWatermark(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	form, err := readWatermark(r, true)
	if err != nil {
		return err
	}
	picture, err := s.Library.PreviewWatermark(r.Context(), v, form.change, form.sample)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Length", strconv.Itoa(len(picture)))
	_, err = w.Write(picture)
	return err
}

// watermarkForm is what a form says about the watermark.
type watermarkForm struct {
	change  library.WatermarkChange
	sample  string
	samples bool // the form may name a sample
}

func readWatermark(r *http.Request, samples bool) (watermarkForm, error) {
	form := watermarkForm{samples: samples, sample: "light"}
	err := readForm(r, form.take)
	if err != nil {
		hearOut(r)
	}
	return form, err
}

func (f *watermarkForm) take(part *multipart.Part) error {
	name := part.FormName()
	if name == "image" {
		return f.takeImage(part)
	}
	var value *string
	if err := readText(part, &value); err != nil {
		return err
	}
	switch {
	case name == "position":
		f.change.Position = value
		return nil
	case name == "tiled":
		tiled, err := strconv.ParseBool(*value)
		f.change.Tiled = &tiled
		return badValue(err, name, "Say true or false.")
	case name == "size":
		return percent(name, *value, &f.change.Size)
	case name == "opacity":
		return percent(name, *value, &f.change.Opacity)
	case name == "sample" && f.samples:
		f.sample = *value
		return nil
	}
	return dam.InvalidField(name, "There is no such field. Send image, position, tiled, size and opacity.")
}

func (f *watermarkForm) takeImage(part *multipart.Part) error {
	if f.change.Image != nil {
		return dam.InvalidField("image", "Send one picture.")
	}
	image, err := io.ReadAll(io.LimitReader(part, dam.MaxWatermarkImage+1))
	if err != nil {
		return err
	}
	if len(image) > dam.MaxWatermarkImage {
		return &dam.Error{Kind: dam.TooLarge, Field: "image", Msg: "The picture of a watermark has at most 2 MB."}
	}
	f.change.Image = bytes.NewReader(image)
	return nil
}

func percent(field, value string, into **int) error {
	n, err := strconv.Atoi(value)
	*into = &n
	return badValue(err, field, "This is a whole number of percent.")
}

func badValue(err error, field, text string) error {
	if err == nil {
		return nil
	}
	return &dam.Error{Kind: dam.Invalid, Field: field, Msg: text}
}

func newWatermarkJSON(w dam.Watermark) watermarkJSON {
	out := watermarkJSON{
		Configured: w.Configured(), Position: w.Position, Tiled: w.Tiled, Size: w.Size, Opacity: w.Opacity, Version: w.Version,
	}
	if w.Configured() {
		out.Image = &watermarkImageJSON{w.ImageSize, w.ImageWidth, w.ImageHeight}
	}
	return out
}
