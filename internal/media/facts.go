package media

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Facts are what a file says of itself, cleaned: nothing in it was checked to be true.
type Facts struct {
	TakenAt     time.Time // UTC; zero if the file doesn't say
	ZoneUnknown bool      // TakenAt was a clock's time without a zone and is read as if it were UTC
	Camera      string
	Lens        string
	Exposure    string // "1/250 s, f/4, ISO 200, 35 mm"
	Title       string
	Description string
	Creator     string
	Copyright   string
	Keywords    []string
	GPS         *Point
	Orientation int               // EXIF, 1 to 8; 0 if the file doesn't say
	All         map[string]string // "group:tag" to value
}

// Point is a place in degrees.
type Point struct{ Lat, Lon float64 }

// Caps of what is kept of one file.
const (
	maxTags     = 400
	maxValue    = 1000
	maxTitle    = 300
	maxText     = 5000
	maxKeyword  = 100
	maxKeywords = 200
)

// tags are one file's values by "group:tag".
type tags map[string]any

func parseFacts(answer []byte) Facts {
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	var files []tags
	if err := decoder.Decode(&files); err != nil || len(files) != 1 {
		return Facts{}
	}
	t := files[0]
	f := Facts{
		Camera:      t.camera(),
		Lens:        t.text(maxTitle, "ExifIFD:LensModel", "XMP-exifEX:LensModel", "XMP-aux:Lens"),
		Exposure:    t.exposure(),
		Title:       t.text(maxTitle, "XMP-dc:Title", "IPTC:ObjectName", "Keys:Title", "PDF:Title"),
		Description: t.text(maxText, "XMP-dc:Description", "IPTC:Caption-Abstract", "IFD0:ImageDescription"),
		Creator:     t.text(maxTitle, "XMP-dc:Creator", "IPTC:By-line", "IFD0:Artist", "PDF:Author"),
		Copyright:   t.text(maxTitle, "XMP-dc:Rights", "IPTC:CopyrightNotice", "IFD0:Copyright"),
		Keywords:    t.keywords(),
		GPS:         t.place(),
		All:         t.all(),
	}
	if n, ok := t.number("IFD0:Orientation"); ok && n >= 1 && n <= 8 {
		f.Orientation = int(n)
	}
	f.TakenAt, f.ZoneUnknown = t.takenAt()
	return f
}

// text returns the first of the named tags that has a value.
func (t tags) text(limit int, names ...string) string {
	for _, name := range names {
		if s := clean(strings.Join(texts(t[name]), ", "), limit); s != "" {
			return s
		}
	}
	return ""
}

func (t tags) number(name string) (float64, bool) {
	n, err := strconv.ParseFloat(t.text(40, name), 64)
	return n, err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
}

// texts flattens a JSON value; what is no text, number or list of them is left out.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case json.Number:
		return []string{v.String()}
	case bool:
		return []string{strconv.FormatBool(v)}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, texts(item)...)
		}
		return all
	}
	return nil
}

func (t tags) camera() string {
	maker, model := t.text(100, "IFD0:Make", "Keys:Make"), t.text(100, "IFD0:Model", "Keys:Model")
	first, _, _ := strings.Cut(maker, " ")
	if strings.HasPrefix(strings.ToLower(model), strings.ToLower(first)) {
		return model
	}
	return strings.TrimSpace(maker + " " + model)
}

func (t tags) exposure() string {
	var parts []string
	if s, ok := t.number("ExifIFD:ExposureTime"); ok && s > 0 && s < 1e6 {
		if s < 0.3 {
			parts = append(parts, fmt.Sprintf("1/%.0f s", 1/s))
		} else {
			parts = append(parts, short(s)+" s")
		}
	}
	if n, ok := t.number("ExifIFD:FNumber"); ok && n > 0 && n < 1000 {
		parts = append(parts, "f/"+short(n))
	}
	if n, ok := t.number("ExifIFD:ISO"); ok && n > 0 && n < 1e8 {
		parts = append(parts, "ISO "+short(n))
	}
	if n, ok := t.number("ExifIFD:FocalLength"); ok && n > 0 && n < 1e5 {
		parts = append(parts, short(n)+" mm")
	}
	return strings.Join(parts, ", ")
}

func short(n float64) string { return strconv.FormatFloat(math.Round(n*10)/10, 'f', -1, 64) }

func (t tags) keywords() []string {
	var all []string
	for _, name := range []string{"XMP-dc:Subject", "IPTC:Keywords"} {
		for _, word := range texts(t[name]) {
			word = strings.ReplaceAll(clean(word, maxKeyword), "\n", " ")
			if word != "" && !slices.Contains(all, word) && len(all) < maxKeywords {
				all = append(all, word)
			}
		}
	}
	return all
}

func (t tags) place() *Point {
	lat, okLat := t.number("Composite:GPSLatitude")
	lon, okLon := t.number("Composite:GPSLongitude")
	if !okLat || !okLon || math.Abs(lat) > 90 || math.Abs(lon) > 180 || (lat == 0 && lon == 0) {
		return nil
	}
	return &Point{Lat: lat, Lon: lon}
}

// all keeps what fits, in the order of names; binary values and what exiftool says of itself or of its
// input's path are no facts of the file.
func (t tags) all() map[string]string {
	kept := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(t)) {
		if len(kept) == maxTags {
			break
		}
		group, _, found := strings.Cut(name, ":")
		value := t.text(maxValue, name)
		if !found || group == "ExifTool" || value == "" || strings.HasPrefix(value, "(Binary data ") {
			continue
		}
		if key := clean(name, 100); key == name {
			kept[key] = value
		}
	}
	return kept
}

// clocks are the tags that may say when a picture was taken, with the tags that hold their zones, best
// first.
var clocks = []struct {
	time, zone string
	utc        bool
}{
	{"ExifIFD:DateTimeOriginal", "ExifIFD:OffsetTimeOriginal", false},
	{"ExifIFD:CreateDate", "ExifIFD:OffsetTimeDigitized", false},
	{"Keys:CreationDate", "", false},
	{"XMP-exif:DateTimeOriginal", "", false},
	{"XMP-photoshop:DateCreated", "", false},
	{"Composite:DateTimeCreated", "", false},
	{"QuickTime:CreateDate", "", true},
	{"XMP-xmp:CreateDate", "", false},
	{"PDF:CreateDate", "", false},
}

const (
	localTime = "2006:01:02 15:04:05.999999999"
	zonedTime = localTime + "Z07:00"
)

func (t tags) takenAt() (at time.Time, zoneUnknown bool) {
	for _, c := range clocks {
		text := t.text(60, c.time)
		for _, try := range []struct {
			layout, text string
			zoned        bool
		}{
			{zonedTime, text, true},
			{zonedTime, text + t.text(10, c.zone), true},
			{localTime, text, c.utc},
		} {
			at, err := time.Parse(try.layout, try.text)
			if err == nil && at.Year() >= 1826 && at.Year() < 2200 && at.Unix() != quickTimeZero {
				return at.UTC().Truncate(time.Microsecond), !try.zoned
			}
		}
	}
	return time.Time{}, false
}

// quickTimeZero is what a clock that was never set says: 1904-01-01.
const quickTimeZero = -2082844800
