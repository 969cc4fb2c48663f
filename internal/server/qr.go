package server

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rsc.io/qr"

	"vitrine/internal/dam"
)

// border is the empty margin around a QR code, in modules: readers need it.
const border = 4

// linkQR is GET /api/v1/links/{id}/qr.
func (s *Server) linkQR(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	format, size, err := qrQuery(r.URL.Query())
	if err != nil {
		return err
	}
	l, err := s.Library.Link(r.Context(), v, r.PathValue("id"))
	if err != nil {
		return err
	}
	code, err := qr.Encode(l.URL, qr.M)
	if err != nil {
		return fmt.Errorf("draw a QR code: %w", err)
	}
	body, kind := qrSVG(code), "image/svg+xml"
	if format == "png" {
		kind = "image/png"
		if body, err = qrPNG(code, size); err != nil {
			return err
		}
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Content-Disposition", disposition(l.Name+"."+format, r.URL.Query().Has("download")))
	if r.Method == http.MethodHead {
		return nil
	}
	_, err = w.Write(body) //nolint:gosec // modules of the code: the text itself is not in it
	return err
}

func qrQuery(q url.Values) (format string, size int, err error) {
	for name := range q {
		if !slices.Contains([]string{"format", "size", "download"}, name) {
			return "", 0, dam.InvalidField(name, "There is no such parameter.")
		}
	}
	format, size = "png", 512
	if q.Has("format") {
		format = q.Get("format")
	}
	if format != "png" && format != "svg" {
		return "", 0, dam.InvalidField("format", "Use png or svg.")
	}
	if q.Has("size") {
		size, err = strconv.Atoi(q.Get("size"))
	}
	if err != nil || !slices.Contains([]int{256, 512, 1024, 2048}, size) {
		return "", 0, dam.InvalidField("size", "Use 256, 512, 1024 or 2048.")
	}
	return format, size, nil
}

// qrPNG draws modules of whole pixels in the middle of a square of the wanted size.
func qrPNG(code *qr.Code, size int) ([]byte, error) {
	scale := size / (code.Size + 2*border)
	if scale == 0 {
		return nil, dam.InvalidField("size", "The link is too long for so small a picture.")
	}
	edge := (size - code.Size*scale) / 2
	img := image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.White, color.Black})
	for y := range code.Size * scale {
		for x := range code.Size * scale {
			if code.Black(x/scale, y/scale) {
				img.SetColorIndex(edge+x, edge+y, 1)
			}
		}
	}
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}

// qrSVG draws all runs of black modules as one path.
func qrSVG(code *qr.Code) []byte {
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0
			for x+run < code.Size && code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+border, y+border, run, run)
				x += run
			}
		}
	}
	side := code.Size + 2*border
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" `+
		`shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`+"\n",
		side, side, side, side, path.String())
}
