package media

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestTheTimeATextMeans(t *testing.T) {
	for _, c := range []struct {
		name, tags string
		want       time.Time
		unknown    bool
	}{
		{"a clock with its zone", `"ExifIFD:DateTimeOriginal":"2026:01:02 03:04:05","ExifIFD:OffsetTimeOriginal":"-05:00"`,
			time.Date(2026, 1, 2, 8, 4, 5, 0, time.UTC), false},
		{"a clock without a zone", `"ExifIFD:DateTimeOriginal":"2026:01:02 03:04:05"`,
			time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), true},
		{"a clock with a zone that is none", `"ExifIFD:DateTimeOriginal":"2026:01:02 03:04:05","ExifIFD:OffsetTimeOriginal":"   :  "`,
			time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), true},
		{"fractions of a second", `"ExifIFD:DateTimeOriginal":"2026:01:02 03:04:05.25"`,
			time.Date(2026, 1, 2, 3, 4, 5, 250_000_000, time.UTC), true},
		{"a phone's film with its zone, which beats the film's UTC",
			`"QuickTime:CreateDate":"2026:01:02 01:04:05","Keys:CreationDate":"2026:01:02 03:04:05+02:00"`,
			time.Date(2026, 1, 2, 1, 4, 5, 0, time.UTC), false},
		{"a film's UTC", `"QuickTime:CreateDate":"2026:01:02 01:04:05"`, time.Date(2026, 1, 2, 1, 4, 5, 0, time.UTC), false},
		{"a clock that was never set", `"ExifIFD:DateTimeOriginal":"0000:00:00 00:00:00"`, time.Time{}, false},
		{"a film's clock that was never set", `"QuickTime:CreateDate":"1904:01:01 00:00:00"`, time.Time{}, false},
		{"a bad first tag and a good second one", `"ExifIFD:DateTimeOriginal":"soon","ExifIFD:CreateDate":"2026:01:02 03:04:05"`,
			time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := parseFacts([]byte("[{" + c.tags + "}]"))
			if !f.TakenAt.Equal(c.want) || f.ZoneUnknown != c.unknown {
				t.Errorf("got %v (zone unknown: %v), want %v (%v)", f.TakenAt, f.ZoneUnknown, c.want, c.unknown)
			}
		})
	}
}

func TestExposureReadsAsPhotographersWriteIt(t *testing.T) {
	for tags, want := range map[string]string{
		`"ExifIFD:ExposureTime":0.0005,"ExifIFD:FNumber":1.8,"ExifIFD:ISO":64,"ExifIFD:FocalLength":4.25`: "1/2000 s, f/1.8, ISO 64, 4.3 mm",
		`"ExifIFD:ExposureTime":0.5,"ExifIFD:FNumber":11`:                                                 "0.5 s, f/11",
		`"ExifIFD:ExposureTime":30`:                           "30 s",
		`"ExifIFD:ExposureTime":0,"ExifIFD:FNumber":0`:        "",
		`"ExifIFD:ExposureTime":"undef","ExifIFD:ISO":"1 2"`:  "",
		`"ExifIFD:ExposureTime":"inf","ExifIFD:FNumber":1e99`: "",
	} {
		if got := parseFacts([]byte("[{" + tags + "}]")).Exposure; got != want {
			t.Errorf("%s: got %q, want %q", tags, got, want)
		}
	}
}

func TestAPairIsReadByPeopleAndCountedByUs(t *testing.T) {
	f := parseFacts([]byte(`[{"IFD0:Orientation":{"num":6,"val":"Rotate 90 CW"},"ExifIFD:FNumber":{"desc":"F Number","val":4},
		"ExifIFD:ExposureTime":{"num":0.004,"val":"1/250"},"ExifIFD:FocalLength":{"num":35,"val":"35.0 mm"},
		"XMP-dc:Creator":{"val":["A","B"]},"XMP-x:Odd":{"val":{"num":1}},"XMP-x:Empty":{}}]`))
	if f.Orientation != 6 || f.Exposure != "1/250 s, f/4, 35 mm" || f.Creator != "A, B" {
		t.Errorf("got %+v", f)
	}
	if f.All["IFD0:Orientation"] != "Rotate 90 CW" || f.All["ExifIFD:FocalLength"] != "35.0 mm" || f.All["XMP-x:Empty"] != "" {
		t.Errorf("got %v", f.All)
	}
}

func TestHostileTagsAreCleanedAndCapped(t *testing.T) {
	tags := map[string]any{
		"XMP-dc:Title":                          "a\x00b\x1b[31m\u202ec\xff\r\td",
		"XMP-dc:Description":                    strings.Repeat("ж", 1<<20),
		"XMP-dc:Subject":                        []any{strings.Repeat("k", 1000), " ", "\x07", "same", "same", map[string]any{"x": 1}, nil},
		"IFD0:Orientation":                      99,
		"Composite:GPSLatitude":                 "91",
		"Composite:GPSLongitude":                "10",
		"IFD0:Make":                             "  NIKON CORPORATION  ",
		"IFD0:Model":                            "NIKON D5\u0007",
		"ExifIFD:UserComment":                   "(Binary data 12 bytes, use -b option to extract)",
		"SourceFile":                            "/secret/path",
		"ExifTool:Warning":                      "of the tool",
		"XMP-x:Evil\u202eName":                  "x",
		"XMP-x:" + strings.Repeat("Long", 1000): "x",
	}
	for i := range 1000 {
		tags[fmt.Sprintf("XMP-z:Tag%04d", i)] = strings.Repeat("v", 5000)
	}
	answer, err := json.Marshal([]any{tags})
	if err != nil {
		t.Fatal(err)
	}
	f := parseFacts(answer)
	if f.Title != "ab[31mc\uFFFD  d" {
		t.Errorf("title is %q", f.Title)
	}
	if len(f.Description) > maxText || !utf8.ValidString(f.Description) || f.Description == "" {
		t.Errorf("description has %d bytes", len(f.Description))
	}
	if len(f.Keywords) != 2 || len(f.Keywords[0]) != maxKeyword || f.Keywords[1] != "same" {
		t.Errorf("keywords are %q", f.Keywords)
	}
	if f.Orientation != 0 || f.GPS != nil || f.Camera != "NIKON D5" {
		t.Errorf("orientation %d, GPS %v, camera %q", f.Orientation, f.GPS, f.Camera)
	}
	if len(f.All) != maxTags {
		t.Errorf("%d tags are kept", len(f.All))
	}
	if f.All["IFD0:Model"] != "NIKON D5" {
		t.Error("tags of no meaning pushed out what the camera says")
	}
	for name, value := range f.All {
		if len(value) > maxValue || len(name) > 100 || strings.HasPrefix(name, "ExifTool") || name == "SourceFile" ||
			strings.Contains(value, "Binary data") || strings.Contains(name, "Evil") {
			t.Errorf("kept %s: %.40s", name, value)
		}
	}
}

func TestAnAnswerThatIsNoneGivesNoFacts(t *testing.T) {
	for _, answer := range []string{"", "null", "{}", "[]", "[{},{}]", "[1]", `[{"IFD0:Make":`} {
		if f := parseFacts([]byte(answer)); f.All != nil || f.Camera != "" {
			t.Errorf("%q: got %+v", answer, f)
		}
	}
}
