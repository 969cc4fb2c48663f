package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"vitrine/internal/dam"
)

// placeTag are the names of tags that hold coordinates.
var placeTag = regexp.MustCompile(`(?i)gps|latitude|longt?itude|geotag|geolocation|geotiff|iso6709|coordinates|` +
	`^LocationInformation$|^ModelTiePoint$|^ModelTransform$|^PixelScale$|^IntergraphMatrix$|^Geosync$`)

// leftovers reads a file again and names, as "group:tag", what should be gone.
func (t *Tools) leftovers(ctx context.Context, s stripping, what dam.Cleaning) ([]string, error) {
	_, wall, err := room(s.to)
	if err != nil {
		return nil, err
	}
	said, err := t.run(ctx, toolRun{
		Program: "exiftool", Input: s.to, Ext: s.ext, Wall: wall,
		Args: func(in, _ string) []string {
			return []string{
				"-config", "", "-ee2", "-a", "-u", "-s", "-n", "-G1", "-api", "LargeFileSupport=1",
				"-x", "System:all", "-x", "ICC_Profile:all", in,
			}
		},
	})
	if err != nil {
		return nil, refusedStrip(err)
	}
	var left []string
	for line := range strings.Lines(string(said)) {
		group, name, value := splitTag(line)
		if name == "" {
			continue
		}
		extra := what != dam.CleanGPS && !needed(group, name)
		place := value != "" && placeTag.MatchString(name) || unreadTrack(group, name, value)
		if extra || place {
			left = append(left, group+":"+name)
		}
	}
	return left, nil
}

// splitTag takes a line like "[GPS]           GPSLatitude                     : 48.1" apart.
func splitTag(line string) (group, name, value string) {
	rest, found := strings.CutPrefix(line, "[")
	if !found {
		return "", "", ""
	}
	group, rest, _ = strings.Cut(rest, "]")
	name, value, _ = strings.Cut(rest, ":")
	return group, strings.TrimSpace(name), strings.TrimSpace(value)
}

// readTracks are the kinds of a film's tracks that hold no places, or whose places exiftool names.
var readTracks = setOf("vide soun subt sbtl text clcp tmcd alis url mebx")

// unreadTrack says whether a film has a track of data that may hold what nobody can read.
func unreadTrack(group, name, value string) bool {
	if !strings.HasPrefix(group, "Track") {
		return false
	}
	return name == "HandlerType" && value != "meta" && !readTracks[value] || name == "MetaFormat" && !readTracks[value]
}

// needed says whether a tag is about how the picture is stored, or not of the file at all.
func needed(group, name string) bool {
	switch {
	case group == "ExifTool", group == "Composite", group == "Adobe", group == "GIF", group == "RIFF",
		group == "QuickTime", group == "Meta", strings.HasPrefix(group, "Track"), strings.HasPrefix(group, "PNG"),
		group == "MPEG", group == "FLAC":
		return true
	case group == "Matroska", group == "Info":
		return name != "Title"
	case group == "Vorbis":
		return name == "Vendor"
	case group == "File":
		return name != "Comment"
	case group == "JFIF":
		return !strings.Contains(name, "Thumbnail")
	case strings.HasPrefix(group, "IFD"), strings.HasPrefix(group, "SubIFD"):
		return neededTags[name]
	case group == "ExifIFD", group == "InteropIFD":
		return neededExif[name]
	}
	return false
}

var neededTags = setOf(`SubfileType OldSubfileType ImageWidth ImageHeight BitsPerSample Compression PhotometricInterpretation
	Thresholding FillOrder StripOffsets Orientation SamplesPerPixel RowsPerStrip StripByteCounts MinSampleValue MaxSampleValue
	XResolution YResolution PlanarConfiguration GrayResponseUnit GrayResponseCurve T4Options T6Options ResolutionUnit PageNumber
	TransferFunction Predictor WhitePoint PrimaryChromaticities ColorMap HalftoneHints TileWidth TileLength TileOffsets
	TileByteCounts InkSet NumberofInks DotRange ExtraSamples SampleFormat SMinSampleValue SMaxSampleValue JPEGTables
	YCbCrCoefficients YCbCrSubSampling YCbCrPositioning ReferenceBlackWhite JPEGProc`)

var neededExif = setOf("ExifVersion ComponentsConfiguration FlashpixVersion ColorSpace Gamma InteropIndex InteropVersion")

// searchLeftovers looks at the bytes of a file: what exiftool does not show must not be there either.
func searchLeftovers(path, mime string, what dam.Cleaning) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if walk := plain[mime]; walk != nil && what != dam.CleanGPS {
		if err := walk(f); err != nil {
			return refusal(stillMetadata, err)
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	found, err := search(f, what)
	if err != nil {
		return err
	}
	if found != "" {
		return refusal(stillMetadata, fmt.Errorf("left: %q", found))
	}
	return nil
}

// Marks that coordinates, or metadata of any kind, leave in the bytes of a file, in lower case.
var (
	placeMarks = []string{"gpslatitude", "gpslongitude", "gpscoordinates", "gpslongtitude", "location.iso6709"}
	anyMarks   = []string{"http://ns.adobe.com/xap/", "<x:xmpmeta", "photoshop 3.0\x00"}
	exifMark   = "exif\x00\x00"
)

// search reads a file in blocks that overlap, and names the first mark in it.
func search(r io.Reader, what dam.Cleaning) (string, error) {
	const size, overlap = 1 << 20, 64 << 10
	buffer := make([]byte, 0, size+overlap)
	for {
		n, err := io.ReadFull(r, buffer[len(buffer) : size+overlap][:size])
		buffer = buffer[:len(buffer)+n]
		if found := findMark(buffer, what); found != "" {
			return found, nil
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		buffer = append(buffer[:0], buffer[len(buffer)-min(overlap, len(buffer)):]...)
	}
}

func findMark(block []byte, what dam.Cleaning) string {
	if what == dam.CleanGPS {
		return findPlace(block)
	}
	if mark := firstMark(lowered(block), anyMarks); mark != "" {
		return mark
	}
	return findPlace(block)
}

func firstMark(lower []byte, marks []string) string {
	for _, mark := range marks {
		if bytes.Contains(lower, []byte(mark)) {
			return mark
		}
	}
	return ""
}

// lowered makes the letters of ASCII small and leaves all other bytes in their places.
func lowered(block []byte) []byte {
	small := bytes.Clone(block)
	for i, b := range small {
		if b >= 'A' && b <= 'Z' {
			small[i] = b + 'a' - 'A'
		}
	}
	return small
}

// findPlace looks for coordinates by their names, and for EXIF data with a directory of them, such as that
// of a picture inside the picture.
func findPlace(block []byte) string {
	lower := lowered(block)
	if mark := firstMark(lower, placeMarks); mark != "" {
		return mark
	}
	if _, found := exifTag(block, tagGPS); found {
		return "a directory of coordinates"
	}
	for rest := lower; ; {
		at := bytes.Index(rest, []byte(exifMark))
		if at < 0 {
			return ""
		}
		rest = rest[at+len(exifMark):]
		if _, found := exifTag(block[len(block)-len(rest):], tagGPS); found {
			return "a directory of coordinates"
		}
	}
}
