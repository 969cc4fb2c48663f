package media

import (
	"bytes"
	"encoding/binary"
)

const (
	docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
)

// works is the allow-list of all that is no picture.
var works = map[string]Work{
	"video/mp4": WorkVideo, "video/quicktime": WorkVideo, "video/x-m4v": WorkVideo,
	"video/3gpp": WorkVideo, "video/3gpp2": WorkVideo,
	"video/matroska": WorkVideo, "video/webm": WorkVideo, "video/x-msvideo": WorkVideo,
	"video/mp2t": WorkVideo, "video/mpeg": WorkVideo, "video/x-flv": WorkVideo,
	"video/x-ms-asf": WorkVideo, "video/ogg": WorkVideo,

	"audio/mpeg": WorkAudio, "audio/wav": WorkAudio, "audio/flac": WorkAudio, "audio/mp4": WorkAudio,
	"audio/aac": WorkAudio, "audio/ogg": WorkAudio, "audio/aiff": WorkAudio, "audio/x-ms-wma": WorkAudio,

	"application/pdf": WorkPDF,

	docx: WorkOffice, xlsx: WorkOffice, pptx: WorkOffice, "text/rtf": WorkOffice,
	"application/vnd.oasis.opendocument.text":         WorkOffice,
	"application/vnd.oasis.opendocument.spreadsheet":  WorkOffice,
	"application/vnd.oasis.opendocument.presentation": WorkOffice,
	"application/msword":                              WorkOffice,
	"application/vnd.ms-excel":                        WorkOffice,
	"application/vnd.ms-powerpoint":                   WorkOffice,
}

// equals are the types whose bytes look the same, by the extension that tells them apart.
var equals = map[string]map[string]string{
	"text/plain": {
		".css": "text/css", ".csv": "text/csv", ".ics": "text/calendar", ".json": "application/json",
		".md": "text/markdown", ".srt": "application/x-subrip", ".vtt": "text/vtt", ".xml": "application/xml",
		".yaml": "application/yaml", ".yml": "application/yaml", ".cube": "text/x-cube-lut",
		".xmp": "application/rdf+xml",
	},
	"application/octet-stream": {
		".indd": "application/x-indesign", ".blend": "application/x-blender", ".sketch": "application/x-sketch",
		".raf": "image/x-fuji-raf", ".rw2": "image/x-panasonic-rw2", ".orf": "image/x-olympus-orf",
	},
	"application/zip": {".docx": docx, ".xlsx": xlsx, ".pptx": pptx},
	"application/x-ole-storage": {
		".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint",
	},
	"video/mp4":      {".m4a": "audio/mp4", ".m4b": "audio/mp4"},
	"video/x-ms-asf": {".wma": "audio/x-ms-wma"},
}

// isTransportStream wants five packets in a row: of 188 bytes, or, as cameras write them, of 192.
func isTransportStream(head []byte) bool {
	for _, packet := range []struct{ size, sync int }{{188, 0}, {192, 4}} {
		found := 0
		for at := packet.sync; found < 5 && at < len(head) && head[at] == 0x47; at += packet.size {
			found++
		}
		if found == 5 {
			return true
		}
	}
	return false
}

// isADTS wants two frames of AAC in a row: the mark of one is only twelve bits.
func isADTS(head []byte) bool {
	for at, frame := 0, 0; frame < 2; frame++ {
		if len(head) < at+6 || head[at] != 0xff || head[at+1]&0xf6 != 0xf0 {
			return false
		}
		size := int(head[at+3]&3)<<11 | int(head[at+4])<<3 | int(head[at+5])>>5
		if size < 7 {
			return false
		}
		at += size
	}
	return true
}

// officeInZip looks for the one entry that each kind of Office document must have. Writers differ in the
// order of entries, so all that are inside head count.
func officeInZip(head []byte) string {
	const nameAt = 30
	for rest := head; ; rest = rest[4:] {
		at := bytes.Index(rest, []byte("PK\x03\x04"))
		if at < 0 || len(rest) < at+nameAt {
			return "application/zip"
		}
		rest = rest[at:]
		end := nameAt + int(binary.LittleEndian.Uint16(rest[26:]))
		switch string(rest[nameAt:min(end, len(rest))]) {
		case "word/document.xml":
			return docx
		case "xl/workbook.xml":
			return xlsx
		case "ppt/presentation.xml":
			return pptx
		}
	}
}
