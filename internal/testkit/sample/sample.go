// Package sample makes small real files of the kinds people bring, so that tests need no files of others.
// Each function returns the same bytes at every call. It knows nothing of what is tested and is never
// part of the program.
package sample

import (
	"encoding/binary"
	"math"
)

// SVG is a drawing of 400 x 300 with shapes, a gradient and a word.
func SVG() []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300" viewBox="0 0 400 300">
<defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#9fd0e8"/><stop offset="1" stop-color="#f4efe2"/></linearGradient></defs>
<rect width="400" height="300" fill="url(#sky)"/>
<circle cx="300" cy="80" r="36" fill="#e6c83c"/>
<path d="M0 240 L110 120 L190 210 L260 150 L400 260 V300 H0 Z" fill="#2f6f62"/>
<text x="24" y="60" font-family="DejaVu Sans, sans-serif" font-size="32" fill="#1c1c1e">Drawing</text>
</svg>
`)
}

// WAV is so many seconds of a tone of 440 Hz that swells and fades, 16 bit, mono, 44.1 kHz.
func WAV(seconds int) []byte {
	const rate = 44_100
	samples := rate * seconds
	b := []byte("RIFF")
	b = binary.LittleEndian.AppendUint32(b, uint32(36+2*samples))
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"...)
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = binary.LittleEndian.AppendUint32(b, 2*rate)
	b = append(b, "\x02\x00\x10\x00data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(2*samples))
	for i := range samples {
		at := float64(i) / rate
		loud := 0.5 - 0.45*math.Cos(math.Pi*at)
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(20_000*loud*math.Sin(2*math.Pi*440*at))))
	}
	return b
}
