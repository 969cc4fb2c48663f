// Package vips is a thin binding of libvips: one C function reads a header, one makes all pictures of a
// job from one decode, one draws a line of text. It knows no limits and guesses no format: the caller names the loader after its
// own look at the bytes. Only package child calls it, in a confined process; the server never does.
package vips

/*
#cgo pkg-config: vips
#include <stdlib.h>
#include "vips.h"
*/
import "C"

import (
	"errors"
	"os"
	"runtime"
	"unsafe"
)

// Header is what a file says of its first picture.
type Header struct {
	Width, Height int // as stored
	Pages         int
	Orientation   int // EXIF: 1 is upright, 5 and more lie on the side
	Alpha         bool
}

// Upright is the size after turning.
func (h Header) Upright() (width, height int) {
	if h.Orientation >= 5 {
		return h.Height, h.Width
	}
	return h.Width, h.Height
}

// Source is where a picture comes from: a file and how it is opened, or raw pixels.
type Source struct {
	File   *os.File
	Loader string
	Shrink int     // JPEG: the factor (1, 2, 4 or 8) by which the decoder itself makes the picture smaller
	Scale  float64 // SVG: how large it is drawn, of its own size
	Raw    *Pixels

	CMYK    bool   // Raw has four bands of ink, not RGBA
	Profile []byte // of Raw's colours; empty: sRGB, or any ink
}

// Picture asks for an encoded picture of a size, and holds it afterwards.
type Picture struct {
	Width, Height int
	Format        Format
	Quality       int
	Encoded       []byte
}

// Format is what a picture is encoded as. All but JPEG keep transparency; JPEG shows it white.
type Format string

// The formats.
const (
	JPEG Format = "jpeg"
	WebP Format = "webp"
	AVIF Format = "avif"
	PNG  Format = "png"
)

// Pixels are raw, 8 bit a band: 1 grey, 3 RGB, 4 RGBA.
type Pixels struct {
	Width, Height, Bands int
	Pix                  []byte
}

// Init must be called once before anything else.
func Init() error {
	if C.vt_init() != 0 {
		return lastError()
	}
	return nil
}

// ReadHeader reads no more than the header of the file.
func ReadHeader(file *os.File, loader string) (Header, error) {
	name := C.CString(loader)
	defer C.free(unsafe.Pointer(name))
	var h C.vt_header
	if C.vt_read_header(C.int(file.Fd()), name, &h) != 0 {
		return Header{}, lastError()
	}
	return Header{int(h.width), int(h.height), int(h.pages), int(h.orientation), h.alpha != 0}, nil
}

// Render fills pictures, which must be given largest first, and pixels, which must be the smallest and
// say 3 (on white) or 4 bands; either may be missing.
func Render(source Source, pictures []Picture, pixels *Pixels) error {
	name := C.CString(source.Loader)
	defer C.free(unsafe.Pointer(name))
	var pin runtime.Pinner
	defer pin.Unpin()
	in := C.vt_source{fd: -1, loader: name, shrink: C.int(max(1, source.Shrink)), scale: C.double(source.Scale)}
	if raw := source.Raw; raw != nil {
		if raw.Width < 1 || raw.Height < 1 || len(raw.Pix) != raw.Width*raw.Height*raw.Bands {
			return errors.New("raw pixels are not as many as their size says")
		}
		pin.Pin(&raw.Pix[0])
		in.pixels = unsafe.Pointer(&raw.Pix[0])
		in.width, in.height, in.bands = C.int(raw.Width), C.int(raw.Height), C.int(raw.Bands)
		if source.CMYK {
			in.cmyk = 1
		}
		if len(source.Profile) > 0 {
			pin.Pin(&source.Profile[0])
			in.profile, in.profile_size = unsafe.Pointer(&source.Profile[0]), C.size_t(len(source.Profile))
		}
	} else {
		in.fd = C.int(source.File.Fd())
	}
	list := make([]C.vt_picture, len(pictures)+1) // never empty: its address is taken
	for i, p := range pictures {
		format := C.CString(string(p.Format))
		defer C.free(unsafe.Pointer(format))
		list[i] = C.vt_picture{width: C.int(p.Width), height: C.int(p.Height), format: format, quality: C.int(p.Quality)}
	}
	var out *C.vt_pixels
	if pixels != nil {
		pixels.Pix = make([]byte, pixels.Width*pixels.Height*pixels.Bands)
		pin.Pin(&pixels.Pix[0])
		out = &C.vt_pixels{
			width: C.int(pixels.Width), height: C.int(pixels.Height), bands: C.int(pixels.Bands),
			pixels: unsafe.Pointer(&pixels.Pix[0]),
		}
	}
	status := C.vt_render(&in, &list[0], C.int(len(pictures)), out)
	for i := range pictures {
		pictures[i].Encoded = take(list[i].data, int(list[i].size))
	}
	if status != 0 {
		return lastError()
	}
	return nil
}

// Text draws one line as a mask of one band: how much each pixel is covered. The text is plain, never
// markup.
func Text(text string, px int) (Pixels, error) {
	plain := C.CString(text)
	defer C.free(unsafe.Pointer(plain))
	var width, height C.int
	mask := C.vt_text(plain, C.int(px), &width, &height)
	if mask == nil {
		return Pixels{}, lastError()
	}
	return Pixels{Width: int(width), Height: int(height), Bands: 1, Pix: take(mask, int(width*height))}, nil
}

func take(data unsafe.Pointer, size int) []byte {
	if data == nil {
		return nil
	}
	defer C.vt_free(data)
	return C.GoBytes(data, C.int(size))
}

func lastError() error {
	var text [1024]C.char
	C.vt_take_error(&text[0], C.size_t(len(text)))
	return errors.New(C.GoString(&text[0]))
}
