package media_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/media"
)

func TestRightsAndNamesOfPlacesAreRead(t *testing.T) {
	photo := tag(t, writeJPEG(t, filepath.Join(t.TempDir(), "p.jpg"), quarterPicture(60, 40)),
		"-XMP-xmpRights:UsageTerms=Editorial use only", "-XMP-photoshop:Credit=Agency", "-IPTC:Credit=Older",
		"-XMP-photoshop:City=Казань", "-IPTC:CodedCharacterSet=UTF8", "-IPTC:Country-PrimaryLocationName=Россия", "-ExifIFD:Flash=16")
	facts, err := newExif(t, media.Options{}).Read(t.Context(), photo)
	if err != nil {
		t.Fatal(err)
	}
	if facts.Licence != "Editorial use only" || facts.Credit != "Agency" || facts.City != "Казань" || facts.Country != "Россия" {
		t.Errorf("got %+v", facts)
	}
	if facts.All["ExifIFD:Flash"] != "Off, Did not fire" {
		t.Errorf("a flash is told as %q", facts.All["ExifIFD:Flash"])
	}
}

// An XMP is XML: one that names a file of the server, or a host, must get neither.
func TestMetadataThatNamesAFileOfTheServerDoesNotGetIt(t *testing.T) {
	const secret = "canary-2f1c9"
	dir := t.TempDir()
	canary := write(t, filepath.Join(dir, "canary"), []byte(secret))
	xmp := `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY leak SYSTEM "file://` + canary + `"><!ENTITY % net SYSTEM "http://127.0.0.1:1/x"> %net;]>` +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" rdf:about=""><dc:title><rdf:Alt><rdf:li xml:lang="x-default">T &leak;</rdf:li></rdf:Alt></dc:title>` +
		`<dc:creator>` + "@" + canary + `</dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>`
	body := append([]byte("http://ns.adobe.com/xap/1.0/\x00"), xmp...)
	segment := append([]byte{0xff, 0xe1, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
	whole, err := os.ReadFile(writeJPEG(t, filepath.Join(dir, "plain.jpg"), quarterPicture(60, 40)))
	if err != nil {
		t.Fatal(err)
	}
	exif := newExif(t, media.Options{})
	for name, content := range map[string][]byte{
		"in.jpg":   append(append(append([]byte{}, whole[:2]...), segment...), whole[2:]...),
		"side.xmp": []byte(xmp),
		"draw.svg": []byte(`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY leak SYSTEM "file://` + canary + `">]><svg xmlns="http://www.w3.org/2000/svg"><title>&leak;</title></svg>`),
	} {
		facts, err := exif.Read(t.Context(), write(t, filepath.Join(dir, name), content))
		if err != nil {
			t.Fatal(err)
		}
		for tag, value := range facts.All {
			if strings.Contains(value, secret) {
				t.Errorf("%s: %s tells %q", name, tag, value)
			}
		}
		if name != "draw.svg" && !strings.HasPrefix(facts.Title, "T ") {
			t.Errorf("%s: the title was not read, so nothing was tried: %+v", name, facts)
		}
	}
}
