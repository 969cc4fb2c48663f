package child

import (
	"encoding/binary"
	"slices"
)

// bareWebP takes out of a WebP all that is no picture: libvips 8.14 puts metadata there even when told
// not to. What is no WebP comes back as it is; whoever checks it will say so.
func bareWebP(content []byte) []byte {
	const header = 12
	if len(content) < header || string(content[8:header]) != "WEBP" {
		return content
	}
	bare := slices.Clone(content[:header])
	for rest := content[header:]; len(rest) >= 8; {
		size := int(binary.LittleEndian.Uint32(rest[4:]))
		size = min(8+size+size%2, len(rest))
		chunk := rest[:size]
		rest = rest[size:]
		switch string(chunk[:4]) {
		case "VP8X":
			const alpha = 1 << 4
			at := len(bare)
			bare = append(bare, chunk...)
			if len(chunk) > 8 {
				bare[at+8] &= alpha
			}
		case "ALPH", "VP8 ", "VP8L":
			bare = append(bare, chunk...)
		}
	}
	binary.LittleEndian.PutUint32(bare[4:], uint32(len(bare)-8))
	return bare
}
