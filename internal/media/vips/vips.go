// Package vips is a thin binding of libvips: one C function reads a header, one makes all pictures of a
// job from one decode. It knows no limits and guesses no format: the caller names the loader after its
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
	"unsafe"
)

// Header is what a file says of its first picture.
type Header struct {
	Width, Height int // as stored
	Pages         int
	Orientation   int // EXIF: 1 is upright, 5 and more lie on the side
}

// Upright is the size after turning.
func (h Header) Upright() (width, height int) {
	if h.Orientation >= 5 {
		return h.Height, h.Width
	}
	return h.Width, h.Height
}

// Picture asks for a JPEG of a size, and holds it afterwards.
type Picture struct {
	Width, Height int
	Quality       int
	JPEG          []byte
}

// Pixels asks for raw RGB of a size, and holds it afterwards.
type Pixels struct {
	Width, Height int
	RGB           []byte
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
	return Header{int(h.width), int(h.height), int(h.pages), int(h.orientation)}, nil
}

// Render fills pictures, which must be given largest first, and pixels, which must be the smallest.
// shrink (1, 2, 4 or 8; JPEG only) is the factor by which the decoder itself makes the picture smaller.
func Render(file *os.File, loader string, shrink int, pictures []Picture, pixels *Pixels) error {
	name := C.CString(loader)
	defer C.free(unsafe.Pointer(name))
	list := make([]C.vt_picture, len(pictures))
	for i, p := range pictures {
		list[i] = C.vt_picture{width: C.int(p.Width), height: C.int(p.Height), quality: C.int(p.Quality)}
	}
	raw := C.vt_pixels{width: C.int(pixels.Width), height: C.int(pixels.Height)}
	status := C.vt_render(C.int(file.Fd()), name, C.int(shrink), &list[0], C.int(len(list)), &raw)
	for i := range list {
		pictures[i].JPEG = take(list[i].data, int(list[i].size))
	}
	pixels.RGB = take(raw.pixels, pixels.Width*pixels.Height*3)
	if status != 0 {
		return lastError()
	}
	return nil
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
