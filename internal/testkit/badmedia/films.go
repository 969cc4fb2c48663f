package badmedia

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// films are containers that promise more than anyone can play, or nothing.
var films = []File{
	{Name: "no-frame.mp4", Class: Bomb, Film: true, About: "an MP4 of ten seconds without a frame", make: func(Trap) ([]byte, error) {
		film, err := tinyFilm("-f", "mp4")
		if err != nil {
			return nil, err
		}
		return frames(film, 0, 10)
	}},
	{Name: "hour-8k.mp4", Class: Bomb, Film: true, About: "an hour of 8K at 30 frames a second, all of them one", make: func(Trap) ([]byte, error) {
		film, err := film("mp4", "-f lavfi -i color=gray:s=7680x4320:r=30 -frames:v 1 -c:v libx264 -preset ultrafast -pix_fmt yuv420p")
		if err != nil {
			return nil, err
		}
		return frames(film, 30*3600, 3600)
	}},
	{Name: "endless.webm", Class: Bomb, Film: true, About: "a WebM as live streams are, without length or end", make: func(Trap) ([]byte, error) {
		return film("pipe.webm", "-f lavfi -i testsrc2=s=160x90:r=30:d=5 -c:v libvpx -deadline realtime -f webm -live 1")
	}},
	{Name: "endless.ts", Class: Bomb, Film: true, About: "a transport stream that goes on in the middle of a packet and jumps by a day", make: endlessTS},
	{Name: "streams.mkv", Class: Bomb, Film: true, About: "a container of 500 tracks", make: func(Trap) ([]byte, error) {
		return film("mkv", "-f lavfi -i sine=d=0.2 -c:a pcm_s16le"+strings.Repeat(" -map 0:a", 500))
	}},
	{Name: "gap.mkv", Class: Bomb, Film: true, About: "two frames with three hours between them", make: func(Trap) ([]byte, error) {
		return film("mkv", "-f lavfi -i testsrc2=s=160x90:r=30 -frames:v 2 -vf setpts=N*10800/TB -vsync vfr -c:v libx264 -pix_fmt yuv420p")
	}},
}

// broken are files that are not what they look like.
var broken = []File{
	{Name: "zero.jpg", Class: Broken, About: "nothing", make: always(func() []byte { return nil })},
	{Name: "zero.mp4", Class: Broken, Film: true, About: "nothing", make: always(func() []byte { return nil })},
	{Name: "cut.jpg", Class: Broken, About: "half a JPEG", make: always(func() []byte { b := smallJPEG(); return b[:len(b)/2] })},
	{Name: "cut.mp4", Class: Broken, Film: true, About: "an MP4 that ends before its index", make: func(Trap) ([]byte, error) {
		b, err := tinyFilm("-f", "mp4")
		return b[:len(b)/2], err
	}},
	{Name: "cut.pdf", Class: Broken, About: "half a PDF", make: always(func() []byte { b := pdfOfPages(20); return b[:len(b)/2] })},
	{Name: "jpeg.mp4", Class: Broken, About: "a JPEG by another name", make: always(smallJPEG)},
	{Name: "film.jpg", Class: Broken, Film: true, About: "an MP4 by another name", make: func(Trap) ([]byte, error) { return tinyFilm("-f", "mp4") }},
	{Name: "noise.mp4", Class: Broken, Film: true, About: "an MP4 of noise after a true beginning", make: noise},
	{Name: "text.pdf", Class: Broken, About: "a text by another name", make: text("no document at all\n")},
}

// tinyFilm is one second of 64 x 64 whose index comes last.
func tinyFilm(format ...string) ([]byte, error) {
	return film("film", "-f lavfi -i testsrc2=s=64x64:r=10:d=1 -c:v libx264 -preset ultrafast -pix_fmt yuv420p "+strings.Join(format, " "))
}

// film runs ffmpeg. A name that begins with "pipe." has it write where it can't go back.
func film(name, args string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "badmedia-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "film."+name)
	words := append([]string{"-nostdin", "-v", "error"}, strings.Fields(args)...)
	if strings.HasPrefix(name, "pipe.") {
		path = "pipe:1"
	}
	cmd := exec.Command("ffmpeg", append(words, path)...)
	var said, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &complaint
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("ffmpeg %s: %w: %s", args, err, complaint.String())
	}
	if path == "pipe:1" {
		return said.Bytes(), nil
	}
	return os.ReadFile(path)
}

func endlessTS(Trap) ([]byte, error) {
	first, err := film("ts", "-f lavfi -i testsrc2=s=160x90:r=25:d=2 -c:v mpeg2video")
	if err != nil {
		return nil, err
	}
	later, err := film("ts", "-f lavfi -i testsrc2=s=160x90:r=25:d=2 -c:v mpeg2video -output_ts_offset 86000")
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{first, later, later[:len(later)-100]}, nil), nil
}

// noise keeps the index, which comes first, and spoils every frame.
func noise(Trap) ([]byte, error) {
	b, err := tinyFilm("-movflags", "+faststart", "-f", "mp4")
	if err != nil {
		return nil, err
	}
	from := bytes.Index(b, []byte("mdat"))
	if from < 0 {
		return nil, errors.New("no frames")
	}
	for i := from + 4; i < len(b); i++ {
		b[i] = byte(i*i>>3 ^ i*89)
	}
	return b, nil
}

// frames makes a film of one frame one of so many, all at the same place, in so many seconds.
func frames(film []byte, count, seconds uint32) ([]byte, error) {
	const scale = 1000
	var size, at uint32
	note := func(body []byte) []byte {
		size = binary.BigEndian.Uint32(body[4:])
		if size == 0 {
			size = binary.BigEndian.Uint32(body[12:])
		}
		return body
	}
	where := func(body []byte) []byte { at = binary.BigEndian.Uint32(body[8:]); return body }
	if _, err := edited(film, map[string]func([]byte) []byte{"stsz": note, "stco": where}); err != nil {
		return nil, err
	}
	table := func(values ...uint32) func([]byte) []byte {
		return func([]byte) []byte {
			b := make([]byte, 4, 4+4*len(values))
			for _, value := range values {
				b = binary.BigEndian.AppendUint32(b, value)
			}
			return b
		}
	}
	set := func(offset int, value uint32) func([]byte) []byte {
		return func(body []byte) []byte {
			body = bytes.Clone(body)
			binary.BigEndian.PutUint32(body[offset:], value)
			return body
		}
	}
	places := []uint32{count}
	for range count {
		places = append(places, at)
	}
	times, chunks := table(1, count, seconds*scale/max(count, 1)), table(1, 1, 1, 1)
	if count == 0 {
		times, chunks = table(0), table(0)
	}
	return edited(film, map[string]func([]byte) []byte{
		"stts": times, "stsc": chunks, "stsz": table(size, count), "stco": table(places...),
		"stss": nil, "ctts": nil, "edts": nil, "sgpd": nil, "sbgp": nil,
		"mvhd": func(b []byte) []byte { return set(12, scale)(set(16, seconds*scale)(b)) },
		"mdhd": func(b []byte) []byte { return set(12, scale)(set(16, seconds*scale)(b)) },
		"tkhd": set(20, seconds*scale),
	})
}

// box is one box of an MP4.
func box(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))
	return append(append(b, kind...), body...)
}

// edited changes boxes of a film whose index comes last, so that no place of a frame changes. A box
// whose change is nil is left out.
func edited(film []byte, changes map[string]func([]byte) []byte) ([]byte, error) {
	var out []byte
	for len(film) > 0 {
		if len(film) < 8 {
			return nil, errors.New("a box without a head")
		}
		size, kind := int(binary.BigEndian.Uint32(film)), string(film[4:8])
		if size < 8 || size > len(film) {
			return nil, fmt.Errorf("box %s of %d bytes", kind, size)
		}
		body := film[8:size]
		film = film[size:]
		change, changed := changes[kind]
		switch kind {
		case "moov", "trak", "mdia", "minf", "dinf", "stbl":
			inner, err := edited(body, changes)
			if err != nil {
				return nil, err
			}
			body = inner
		}
		if changed && change == nil {
			continue
		}
		if changed {
			body = change(body)
		}
		out = append(out, box(kind, body)...)
	}
	return out, nil
}
