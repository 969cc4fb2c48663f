package media_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"vitrine/internal/media"
)

func TestFactsOfAPhotographAreRead(t *testing.T) {
	dir := t.TempDir()
	photo := tag(t, writeJPEG(t, filepath.Join(dir, "a photo\n-with a hostile name.jpg"), quarterPicture(60, 40)),
		"-Make=Canon", "-Model=Canon EOS R5", "-LensModel=RF35mm F1.8", "-ExposureTime=0.004", "-FNumber=4", "-ISO=200",
		"-FocalLength=35", "-DateTimeOriginal=2026:07:01 12:30:00", "-OffsetTimeOriginal=+02:00", "-Orientation=6",
		"-XMP-dc:Title=Утро на реке", "-XMP-dc:Description=Two lines", "-XMP-dc:Creator=A", "-XMP-dc:Creator=B",
		"-XMP-dc:Rights=All of them", "-XMP-dc:Subject=river", "-XMP-dc:Subject=2026", "-IPTC:Keywords=river", "-IPTC:Keywords=fog",
		"-GPSLatitude=33.9", "-GPSLatitudeRef=S", "-GPSLongitude=18.4", "-GPSLongitudeRef=E")
	exif := newExif(t, media.Options{})
	facts, err := exif.Read(t.Context(), photo)
	if err != nil {
		t.Fatal(err)
	}
	if facts.All["IFD0:Model"] != "Canon EOS R5" {
		t.Errorf("All is %v", facts.All)
	}
	for name, value := range facts.All {
		if strings.Contains(value, dir) || strings.Contains(value, "hostile name") {
			t.Errorf("%s tells the path: %s", name, value)
		}
	}
	facts.All = nil
	want := media.Facts{
		TakenAt: time.Date(2026, 7, 1, 10, 30, 0, 0, time.UTC),
		Camera:  "Canon EOS R5", Lens: "RF35mm F1.8", Exposure: "1/250 s, f/4, ISO 200, 35 mm",
		Title: "Утро на реке", Description: "Two lines", Creator: "A, B", Copyright: "All of them",
		Keywords: []string{"river", "2026", "fog"}, GPS: &media.Point{Lat: -33.9, Lon: 18.4}, Orientation: 6,
	}
	if !reflect.DeepEqual(facts, want) {
		t.Errorf("got  %+v %+v\nwant %+v %+v", facts, facts.GPS, want, want.GPS)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left %v", left)
	}
}

func TestFilesThatSayNothingGiveNoFacts(t *testing.T) {
	dir := t.TempDir()
	exif := newExif(t, media.Options{})
	for name, content := range map[string][]byte{
		"a text": []byte("plain"), "nothing": nil, "noise": {0, 1, 2, 3, 255, 254}, "arguments": []byte("-execute\n-ver\n"),
	} {
		t.Run(name, func(t *testing.T) {
			facts, err := exif.Read(t.Context(), write(t, filepath.Join(dir, name), content))
			if err != nil {
				t.Fatal(err)
			}
			facts.All = nil
			if !reflect.DeepEqual(facts, media.Facts{}) {
				t.Errorf("got %+v", facts)
			}
		})
	}
}

func TestTheToolIsReplacedWhenItTakesTooLong(t *testing.T) {
	dir := t.TempDir()
	slow := filepath.Join(dir, "slow")
	if err := os.WriteFile(slow, []byte("#!/bin/sh\nwhile :; do :; done\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	photo := writeJPEG(t, filepath.Join(dir, "p.jpg"), quarterPicture(60, 40))
	exif := newExif(t, media.Options{ExifTool: slow, Limits: media.Limits{Metadata: 300 * time.Millisecond}})
	before := children(t)
	for range 2 {
		if _, err := exif.Read(t.Context(), photo); !errors.Is(err, media.ErrCrashed) {
			t.Errorf("got %v", err)
		}
	}
	if now := children(t); len(now) > len(before) {
		t.Errorf("still running: %v, before: %v", now, before)
	}
}

func TestAMissingToolIsSaid(t *testing.T) {
	photo := writeJPEG(t, filepath.Join(t.TempDir(), "p.jpg"), quarterPicture(60, 40))
	_, err := newExif(t, media.Options{ExifTool: "/nonexistent/exiftool"}).Read(t.Context(), photo)
	if !errors.Is(err, media.ErrCrashed) || !strings.Contains(err.Error(), "/nonexistent/exiftool") {
		t.Errorf("got %v", err)
	}
}

func TestTheToolIsReplacedAfterItsJobs(t *testing.T) {
	photo := writeJPEG(t, filepath.Join(t.TempDir(), "p.jpg"), quarterPicture(60, 40))
	exif := newExif(t, media.Options{Limits: media.Limits{JobsPerChild: 1}})
	before := children(t)
	for range 2 {
		if _, err := exif.Read(t.Context(), photo); err != nil {
			t.Fatal(err)
		}
		if now := children(t); len(now) > len(before) {
			t.Errorf("still running: %v, before: %v", now, before)
		}
	}
}
