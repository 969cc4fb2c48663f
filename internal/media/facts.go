package media

import (
	"bytes"
	"cmp"
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
	Credit      string
	Licence     string // terms in words, or where they are
	City        string
	Country     string
	Keywords    []string
	GPS         *Point
	Orientation int               // EXIF, 1 to 8; 0 if the file doesn't say
	All         map[string]string // "group:tag" to value, as people read it
}

// Point is a place in degrees.
type Point struct{ Lat, Lon float64 }

// Caps of what is kept of one file.
const (
	maxTags     = 600
	maxValue    = 1000
	maxTitle    = 300
	maxText     = 5000
	maxKeyword  = 100
	maxKeywords = 200
)

// tags are one file's values by "group:tag". A value is as exiftool gives it: plain, or a pair of what
// people read and of the number behind it.
type tags map[string]any

// forPeople and forUs choose from such a pair.
const (
	forPeople = "val"
	forUs     = "num"
)

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
		Lens:        t.text(maxTitle, "ExifIFD:LensModel", "XMP-exifEX:LensModel", "XMP-aux:Lens", "Composite:LensID"),
		Exposure:    t.exposure(),
		Title:       t.text(maxTitle, titles...),
		Description: t.text(maxText, descriptions...),
		Creator:     t.text(maxTitle, creators...),
		Copyright:   t.text(maxTitle, "XMP-dc:Rights", "IPTC:CopyrightNotice", "IFD0:Copyright", "Keys:Copyright", "ItemList:Copyright", "PNG:Copyright"),
		Credit:      t.text(maxTitle, "XMP-photoshop:Credit", "IPTC:Credit"),
		Licence:     t.text(maxText, "XMP-xmpRights:UsageTerms", "XMP-cc:License", "XMP-xmpRights:WebStatement", "XMP-plus:LicensorURL"),
		City:        t.text(maxTitle, "XMP-iptcExt:LocationShownCity", "XMP-photoshop:City", "IPTC:City"),
		Country:     t.text(maxTitle, "XMP-iptcExt:LocationShownCountryName", "XMP-photoshop:Country", "IPTC:Country-PrimaryLocationName"),
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

// Where files say the same thing in different places, best first.
var (
	titles = []string{
		"XMP-dc:Title", "IPTC:ObjectName", "Keys:Title", "ItemList:Title", "PDF:Title", "PNG:Title", "SVG:Title",
		"ID3v2_4:Title", "ID3v2_3:Title", "Vorbis:Title", "RIFF:Title", "Matroska:Title",
	}
	descriptions = []string{
		"XMP-dc:Description", "IPTC:Caption-Abstract", "IFD0:ImageDescription", "Keys:Description", "ItemList:Description", "PNG:Description",
	}
	creators = []string{
		"XMP-dc:Creator", "IPTC:By-line", "IFD0:Artist", "Keys:Artist", "Keys:Author", "ItemList:Artist", "PDF:Author", "PNG:Author",
		"ID3v2_4:Artist", "ID3v2_3:Artist", "Vorbis:Artist", "RIFF:Artist",
	}
)

// text returns the first of the named tags that has a value, as people read it.
func (t tags) text(limit int, names ...string) string { return t.first(forPeople, limit, names...) }

func (t tags) first(side string, limit int, names ...string) string {
	for _, name := range names {
		if s := clean(strings.Join(texts(t[name], side), ", "), limit); s != "" {
			return s
		}
	}
	return ""
}

func (t tags) number(name string) (float64, bool) {
	n, err := strconv.ParseFloat(t.first(forUs, 40, name), 64)
	return n, err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
}

// texts flattens a JSON value; what is no text, number, pair or list of them is left out.
func texts(value any, side string) []string {
	switch v := value.(type) {
	case map[string]any:
		if wanted, ok := v[side]; ok {
			return texts(wanted, side)
		}
		return texts(v[forPeople], side) // exiftool leaves out a number that people read as it is
	case string:
		return []string{v}
	case json.Number:
		return []string{v.String()}
	case bool:
		return []string{strconv.FormatBool(v)}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, texts(item, side)...)
		}
		return all
	}
	return nil
}

func (t tags) camera() string {
	maker := t.text(100, "IFD0:Make", "Keys:Make", "UserData:Make", "XMP-tiff:Make")
	model := t.text(100, "IFD0:Model", "Keys:Model", "UserData:Model", "XMP-tiff:Model")
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
	for _, name := range []string{"XMP-dc:Subject", "IPTC:Keywords", "Keys:Keywords", "ItemList:Keyword"} {
		for _, word := range texts(t[name], forPeople) {
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

// all keeps what fits, what people wrote before what a camera's maker did; binary values and what exiftool
// says of itself or of its input's path are no facts of the file.
func (t tags) all() map[string]string {
	kept := map[string]string{}
	names := slices.SortedFunc(maps.Keys(t), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
	for _, name := range names {
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

// rank is the order in which groups are kept when a file has more tags than are.
func rank(name string) int {
	for i, group := range []string{"IFD0:", "ExifIFD:", "GPS:", "IPTC", "XMP-", "File:", "Composite:"} {
		if strings.HasPrefix(name, group) {
			return i
		}
	}
	return math.MaxInt
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
