package media_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/media"
)

// place is what a geotagged file says, in every way exiftool can write into a kind of file, and what else
// it says.
var (
	place = []string{
		"-GPSLatitude=48.2081", "-GPSLatitudeRef=N", "-GPSLongitude=16.3738", "-GPSLongitudeRef=E", "-GPSAltitude=171",
		"-XMP-exif:GPSLatitude=48.2081", "-XMP-exif:GPSLongitude=16.3738", "-XMP-iptcExt:LocationCreatedGPSLatitude=48.2081",
		"-XMP-iptcExt:LocationShownGPSLongitude=16.3738",
	}
	story = []string{
		"-Make=SecretMaker", "-Model=SecretModel", "-Artist=SecretArtist", "-SerialNumber=Secret77", "-Orientation=6",
		"-XMP-dc:Title=SecretTitle", "-IPTC:City=SecretCity", "-IPTC:Keywords=SecretWord", "-DateTimeOriginal=2026:07:01 12:30:00",
		"-Comment=SecretComment",
	}
	filmed = []string{
		"-Keys:GPSCoordinates=48.2081 16.3738 171", "-UserData:GPSCoordinates=48.2081 16.3738 171",
		"-ItemList:GPSCoordinates=48.2081 16.3738 171", "-XMP-exif:GPSLatitude=48.2081", "-XMP-exif:GPSLongitude=16.3738",
		"-Keys:Title=SecretTitle", "-Keys:Make=SecretMaker",
	}
)

// geotagged makes one file of each kind whose metadata can be taken out.
func geotagged(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	plain := writePNG(t, at("plain.png"), quarterPicture(160, 120))
	files := map[string]string{"a PNG": writePNG(t, at("a.png"), quarterPicture(160, 120)), "an animated GIF": animatedGIF(t, at("a.gif"))}
	for name, path := range map[string]string{"a JPEG": at("a.jpg"), "a TIFF": at("a.tif"), "a WebP": at("a.webp"), "a HEIC": at("a.heic"), "an AVIF": at("a.avif")} {
		run(t, "vips", "copy", plain, path+"[strip]")
		files[name] = path
	}
	files["a CMYK JPEG with a profile"] = at("cmyk.jpg")
	run(t, "vips", "icc_transform", plain, at("cmyk.jpg"), "cmyk")
	for name, path := range files {
		switch name {
		case "a WebP":
			webpWithMetadata(t, path)
		case "an animated GIF":
			tag(t, path, "-XMP-exif:GPSLatitude=48.2081", "-XMP-dc:Title=SecretTitle", "-Comment=SecretComment")
		default:
			tag(t, path, append(append([]string{"-m"}, place...), story...)...)
		}
	}
	phone(t, files["a JPEG"])
	for name, ext := range map[string]string{"an MP4": "mp4", "a MOV that is turned": "mov", "an M4A": "m4a"} {
		args := []string{"-v", "error", "-f", "lavfi", "-i", "sine=d=1"}
		if ext != "m4a" {
			args = append(args, "-f", "lavfi", "-i", "testsrc=s=160x120:d=1", "-pix_fmt", "yuv420p", "-c:v", "libx264")
		}
		run(t, "ffmpeg", append(args, "-c:a", "aac", at("plain."+ext))...)
		args = []string{"-v", "error", "-i", at("plain." + ext), "-c", "copy"}
		if ext == "mov" {
			args = append(args, "-metadata:s:v:0", "rotate=90")
		}
		run(t, "ffmpeg", append(args, at("a."+ext))...)
		files[name] = tag(t, at("a."+ext), append([]string{"-m"}, filmed...)...)
	}
	for name, ext := range map[string]string{"an MKV": "mkv", "an MP3": "mp3", "a FLAC": "flac", "a WAV": "wav", "a WebM": "webm"} {
		args := []string{"-v", "error", "-f", "lavfi", "-i", "sine=d=1"}
		switch ext {
		case "mkv":
			args = []string{"-v", "error", "-i", at("plain.mp4"), "-c", "copy"}
		case "webm":
			args = []string{"-v", "error", "-i", at("plain.mp4"), "-c:v", "libvpx", "-c:a", "libopus"}
		}
		files[name] = at("b." + ext)
		run(t, "ffmpeg", append(args, "-metadata", "title=SecretTitle", "-metadata", "location=+48.2081+016.3738/ GPS", "-metadata", "comment=Secret GPS +48.2081", at("b."+ext))...)
	}
	return files
}

// phone adds to a JPEG what phones do: a stamp that is a geotagged JPEG, and a film behind the end.
func phone(t *testing.T, path string) {
	t.Helper()
	stamp := tag(t, writeJPEG(t, filepath.Join(t.TempDir(), "stamp.jpg"), quarterPicture(32, 24)), append(place, "-n")...)
	run(t, "exiftool", "-q", "-overwrite_original", "-ThumbnailImage<="+stamp, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, append(whole, "\x00\x00\x00\x18ftypmp42 SecretFilm GPSLatitude"...))
}

// webpWithMetadata packs metadata into a WebP by hand: exiftool can't.
func webpWithMetadata(t *testing.T, path string) {
	t.Helper()
	donor := tag(t, writeJPEG(t, filepath.Join(t.TempDir(), "donor.jpg"), quarterPicture(32, 24)), append(append([]string{"-m"}, place...), story...)...)
	block := func(what string) []byte {
		out, err := exec.Command("exiftool", "-b", "-"+what, donor).Output()
		if err != nil || len(out) == 0 {
			t.Fatalf("%s: %v", what, err)
		}
		return out
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	chunk := func(name string, body []byte) []byte {
		b := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
		return append(append(b, body...), make([]byte, len(body)&1)...)
	}
	canvas := []byte{0x0c, 0, 0, 0, 159, 0, 0, 119, 0, 0}
	var b []byte
	b = append(b, chunk("VP8X", canvas)...)
	picture := whole[bytes.Index(whole, []byte("VP8 ")):]
	b = append(b, picture[:8+binary.LittleEndian.Uint32(picture[4:])]...)
	b = append(b, chunk("EXIF", block("exif"))...)
	b = append(b, chunk("XMP ", block("xmp"))...)
	b = append(b, chunk("ODD ", []byte("SecretChunk"))...)
	head := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(b)+4))
	write(t, path, append(append(append(head, "WEBP"...), b...), "SecretTail"...))
}

// about is what exiftool finds in a file, and in the files inside it.
func about(t *testing.T, path string) map[string]any {
	t.Helper()
	var all []map[string]any
	if err := json.Unmarshal([]byte(run(t, "exiftool", "-ee", "-a", "-n", "-G1", "-j", path)), &all); err != nil {
		t.Fatal(err)
	}
	return all[0]
}

// together are the kinds that give the title away with the place.
var together = map[string]bool{"a WebP": true, "an MKV": true, "an MP3": true, "a FLAC": true, "a WAV": true, "a WebM": true}

func TestMetadataAreTakenOutOfEveryKindOfFile(t *testing.T) {
	tools := newTools(t)
	for name, path := range geotagged(t) {
		t.Run(name, func(t *testing.T) {
			if content := readFile(t, path); !bytes.Contains(content, []byte("GPS")) && !bytes.Contains(content, []byte("+48.2081")) {
				t.Fatal("there is nothing to take out")
			}
			mime, before := sniffFile(t, path).MIME, about(t, path)
			if !dam.Cleanable(mime, dam.CleanGPS) {
				t.Fatalf("%s can't be stripped", mime)
			}
			for what, gone := range map[dam.Cleaning][]string{
				dam.CleanGPS: {"GPSLat", "48.2081", "48,12.4", "SecretFilm"},
				dam.CleanAll: {"Secret", "GPS", "48.2081", "2026:07:01", "xmpmeta"},
			} {
				out := t.TempDir()
				clean, err := tools.Strip(t.Context(), path, mime, what, out)
				if err != nil {
					t.Fatal(what, err)
				}
				content, after := readFile(t, clean), about(t, clean)
				for _, word := range gone {
					if bytes.Contains(content, []byte(word)) {
						t.Errorf("%s: left %q", what, word)
					}
				}
				for tag := range after {
					if strings.Contains(tag, "GPS") {
						t.Errorf("%s: left %s: %v", what, tag, after[tag])
					}
				}
				if what == dam.CleanGPS && !together[name] && !bytes.Contains(content, []byte("SecretTitle")) {
					t.Error("the title is gone with the place")
				}
				for _, tag := range []string{"IFD0:Orientation", "ICC_Profile:ProfileDescription", "Composite:Rotation"} {
					if before[tag] != after[tag] {
						t.Errorf("%s: %s was %v and is %v", what, tag, before[tag], after[tag])
					}
				}
				samePicture(t, path, clean)
				if left, _ := os.ReadDir(out); len(left) != 1 {
					t.Errorf("%s: left %v", what, left)
				}
			}
		})
	}
}

// samePicture compares what a decoder makes of both files, as they are stored, and a film's packets.
func samePicture(t *testing.T, before, after string) {
	t.Helper()
	sum := func(path string) string {
		args := []string{"-v", "error", "-noautorotate", "-i", path, "-map", "0:v?", "-map", "0:a?"}
		switch filepath.Ext(path) {
		case ".mp4", ".mov", ".m4a", ".mkv", ".webm", ".mp3", ".flac", ".wav":
			args = append(args, "-c", "copy")
		case ".heic", ".heif", ".webp", ".tif", ".tiff": // which this ffmpeg reads in part or not at all
			raw := filepath.Join(t.TempDir(), "pixels")
			pages := map[bool]string{true: "[n=-1]"}[strings.HasSuffix(path, ".webp")]
			run(t, "vips", "rawsave", path+pages, raw)
			return fmt.Sprintf("%x", sha256.Sum256(readFile(t, raw)))
		}
		_, md5, _ := strings.Cut(run(t, "ffmpeg", append(args, "-f", "md5", "-")...), "MD5=")
		return md5
	}
	if b, a := sum(before), sum(after); a != b {
		t.Errorf("the picture was %s and is %s", b, a)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhereItCanNotBePromisedThereIsNoFile(t *testing.T) {
	dir := t.TempDir()
	photo := tag(t, writeJPEG(t, filepath.Join(dir, "a.jpg"), quarterPicture(60, 40)), place...)
	webp := filepath.Join(dir, "a.webp")
	run(t, "vips", "copy", photo, webp)
	jpeg := readFile(t, photo)
	tracked := filmWithTrackOfPlaces(t)
	for _, c := range []struct {
		name, path, mime string
		what             dam.Cleaning
	}{
		{"a PDF", write(t, filepath.Join(dir, "a.pdf"), []byte("%PDF-1.7")), "application/pdf", dam.CleanAll},
		{"an unknown kind", photo, "application/octet-stream", dam.CleanGPS},
		{"a raw file without any metadata", write(t, filepath.Join(dir, "a.dng"), dng(t, 1)), "image/x-adobe-dng", dam.CleanAll},
		{"a film that notes places in a track", tracked, "video/mp4", dam.CleanGPS},
		{"a JPEG cut in the header", write(t, filepath.Join(dir, "cut.jpg"), jpeg[:300]), "image/jpeg", dam.CleanGPS},
		{"a JPEG that is none", write(t, filepath.Join(dir, "no.jpg"), []byte("text")), "image/jpeg", dam.CleanAll},
		{"a PNG that is a JPEG", photo, "image/png", dam.CleanAll},
		{"a WebP that is a JPEG", photo, "image/webp", dam.CleanAll},
		{"a WebP cut in the middle", write(t, filepath.Join(dir, "cut.webp"), readFile(t, webp)[:200]), "image/webp", dam.CleanGPS},
		{"an MP4 that is none", write(t, filepath.Join(dir, "no.mp4"), []byte("text")), "video/mp4", dam.CleanAll},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := t.TempDir()
			clean, err := newTools(t).Strip(t.Context(), c.path, c.mime, c.what, out)
			if clean != "" || !errors.Is(err, media.ErrRefused) || dam.KindOf(err) != dam.Invalid {
				t.Fatalf("got %q, %v", clean, err)
			}
			sentence(t, err)
			if left, _ := os.ReadDir(out); len(left) > 0 {
				t.Errorf("left %v", left)
			}
		})
	}
	clean, err := newTools(t).Strip(t.Context(), tracked, "video/mp4", dam.CleanAll, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(readFile(t, clean), []byte("camm")) {
		t.Error("the track of places is still there")
	}
	for _, mime := range []string{"application/pdf", "image/svg+xml", "application/zip", ""} {
		if dam.Cleanable(mime, dam.CleanGPS) {
			t.Errorf("%q can be stripped", mime)
		}
	}
}

// filmWithTrackOfPlaces turns the subtitles of a film into a track of a kind in which cameras note places.
func filmWithTrackOfPlaces(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	words := write(t, filepath.Join(dir, "w.srt"), []byte("1\n00:00:00,000 --> 00:00:00,900\n48.2081 16.3738\n"))
	film := filepath.Join(dir, "f.mp4")
	run(t, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=160x120:d=1", "-i", words, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-c:s", "mov_text", film)
	content := bytes.ReplaceAll(readFile(t, film), []byte("tx3g"), []byte("camm"))
	return write(t, film, bytes.ReplaceAll(content, []byte("sbtl"), []byte("camm")))
}

func TestTheCoordinatesOfARawFileGoAndItsPictureStays(t *testing.T) {
	path := tag(t, write(t, filepath.Join(t.TempDir(), "a.dng"), dng(t, 6)), append(place, "-Model=SecretModel")...)
	tools := newTools(t)
	clean, err := tools.Strip(t.Context(), path, "image/x-adobe-dng", dam.CleanGPS, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	found := about(t, clean)
	for tag := range found {
		if strings.Contains(tag, "GPS") {
			t.Errorf("left %s", tag)
		}
	}
	if found["IFD0:Model"] != "SecretModel" || found["IFD0:Orientation"] != 6.0 {
		t.Error("more than the place is gone")
	}
	if _, err := tools.RawPreview(t.Context(), clean, t.TempDir()); err != nil {
		t.Error(err)
	}
}

// Coordinates hide in fields that exiftool can't write, and in pictures that it doesn't look into.
func TestHiddenCoordinatesAreTakenOutOrTheFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	xmp := `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ` +
		`xmlns:drone="http://example.org/drone/" drone:GpsLatitude="48.2081" drone:Latitude="48.2081"/></rdf:RDF></x:xmpmeta>`
	drone := writeJPEG(t, filepath.Join(dir, "drone.jpg"), quarterPicture(60, 40))
	run(t, "exiftool", "-q", "-overwrite_original", "-XMP<="+write(t, filepath.Join(dir, "x.xmp"), []byte(xmp)), drone)

	donor := tag(t, writeJPEG(t, filepath.Join(dir, "donor.jpg"), quarterPicture(32, 24)), place...)
	block, err := exec.Command("exiftool", "-b", "-exif", donor).Output()
	if err != nil {
		t.Fatal(err)
	}
	body := append([]byte("maker's own\x00Exif\x00\x00"), bytes.TrimPrefix(block, []byte("Exif\x00\x00"))...)
	whole := readFile(t, writeJPEG(t, filepath.Join(dir, "plain.jpg"), quarterPicture(60, 40)))
	own := append(append([]byte{0xff, 0xd8, 0xff, 0xe7, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...), whole[2:]...)
	maker := write(t, filepath.Join(dir, "maker.jpg"), own)

	tools := newTools(t)
	clean, err := tools.Strip(t.Context(), drone, "image/jpeg", dam.CleanGPS, t.TempDir())
	if err != nil || bytes.Contains(readFile(t, clean), []byte("48.2081")) {
		t.Errorf("the drone's coordinates: %v", err)
	}
	if _, err = tools.Strip(t.Context(), maker, "image/jpeg", dam.CleanGPS, t.TempDir()); !errors.Is(err, media.ErrRefused) {
		t.Errorf("coordinates in a segment of the maker's own: %v", err)
	}
	clean, err = tools.Strip(t.Context(), maker, "image/jpeg", dam.CleanAll, t.TempDir())
	if err != nil || bytes.Contains(readFile(t, clean), []byte("maker's own")) {
		t.Errorf("a segment of the maker's own: %v", err)
	}
}

func TestMetadataOfFilesOfOthersAreTakenOut(t *testing.T) {
	corpus := os.Getenv("VITRINE_TEST_MEDIA")
	if corpus == "" {
		t.Log("VITRINE_TEST_MEDIA is not set: only files made here were tried")
		return
	}
	found, err := filepath.Glob(filepath.Join(corpus, "real", "*"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no files: %v", err)
	}
	const ofAKind = 2 // many are alike
	tools, ends, tried := newTools(t), map[string]int{}, map[string]int{}
	for _, path := range found {
		mime := sniffFile(t, path).MIME
		if !dam.Cleanable(mime, dam.CleanGPS) || tried[mime] == ofAKind {
			continue
		}
		tried[mime]++
		for _, what := range []dam.Cleaning{dam.CleanGPS, dam.CleanAll} {
			clean, err := tools.Strip(t.Context(), path, mime, what, t.TempDir())
			switch {
			case err == nil:
				ends["clean "+string(what)]++
				samePicture(t, path, clean)
			case errors.Is(err, media.ErrRefused):
				ends["refused "+string(what)]++
				t.Log(filepath.Base(path), err)
			default:
				t.Errorf("%s: %v", filepath.Base(path), err)
			}
		}
	}
	t.Log(tried, ends)
}

func TestWhatTheRulesCallCleanableCanBeCleaned(t *testing.T) {
	for mime, steps := range media.Strippers() {
		for what, can := range steps {
			if dam.Cleanable(mime, what) != can {
				t.Errorf("%s, %s: the rules say %v", mime, what, !can)
			}
		}
	}
}
