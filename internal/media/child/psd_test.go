package child

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
)

// photoshopFile is a PSD of 8 bits, its planes given raw, packed or not, with one resource before it.
func photoshopFile(width, height, mode int, packed bool, resource []byte, planes ...[]byte) []byte {
	b := append([]byte("8BPS\x00\x01"), make([]byte, 6)...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(planes)))
	b = binary.BigEndian.AppendUint32(b, uint32(height))
	b = binary.BigEndian.AppendUint32(b, uint32(width))
	b = append(b, 0, 8, 0, byte(mode), 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(len(resource)))
	b = append(b, resource...)
	b = append(b, 0, 0, 0, 0)
	if !packed {
		return append(append(b, 0, 0), bytes.Join(planes, nil)...)
	}
	b = append(b, 0, 1)
	b = append(b, make([]byte, 2*height*len(planes))...)
	for _, plane := range planes {
		for row := range height {
			b = append(b, byte(width-1))
			b = append(b, plane[row*width:][:width]...)
		}
	}
	return b
}

func resource(id uint16, body string) []byte {
	b := binary.BigEndian.AppendUint16([]byte("8BIM"), id)
	b = append(b, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	return append(b, body...)
}

func TestAPhotoshopPictureIsReadPlaneByPlane(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	plane := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return b
	}
	red, green, blue := plane(12), plane(12), plane(12)
	for _, packed := range []bool{false, true} {
		d, err := openPSD(bytes.NewReader(photoshopFile(4, 3, 3, packed, resource(1039, "profile!"), red, green, blue)))
		if err != nil || d.width != 4 || d.height != 3 || string(d.profile) != "profile!" || d.alpha {
			t.Fatalf("%+v, %v", d, err)
		}
		got, err := d.pixels(4)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 12 {
			if want := []byte{red[i], green[i], blue[i]}; !bytes.Equal(got.Pix[3*i:3*i+3], want) {
				t.Errorf("packed %v: pixel %d is %v, want %v", packed, i, got.Pix[3*i:3*i+3], want)
			}
		}
	}
}

func TestALargePhotoshopPictureIsMadeSmallerWhileItIsRead(t *testing.T) {
	// Seven by five: what is left over at the edges is left out, and must not reach the next plane.
	red, green := bytes.Repeat([]byte{200}, 35), bytes.Repeat([]byte{10}, 35)
	red[0], red[1], red[7], red[8] = 0, 100, 100, 200
	d, err := openPSD(bytes.NewReader(photoshopFile(7, 5, 3, false, nil, red, green, green)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.pixels(3)
	if err != nil || got.Width != 3 || got.Height != 2 {
		t.Fatal(got, err)
	}
	want := append([]byte{100, 10, 10}, bytes.Repeat([]byte{200, 10, 10}, 5)...)
	if !bytes.Equal(got.Pix, want) {
		t.Errorf("got %v, want %v", got.Pix, want)
	}
}

func TestPackedRowsMayRepeat(t *testing.T) {
	file := photoshopFile(5, 1, 1, true, nil, make([]byte, 5))
	file = append(file[:len(file)-6], 0xfd, 7, 0x80, 0, 9) // four times 7, nothing, one 9
	d, err := openPSD(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.pixels(5)
	if err != nil || !bytes.Equal(got.Pix, []byte{7, 7, 7, 7, 9}) {
		t.Errorf("got %v, %v", got.Pix, err)
	}
}

func TestPhotoshopFilesThatCannotBeShownSayWhy(t *testing.T) {
	good := photoshopFile(4, 3, 1, true, nil, make([]byte, 12))
	unmerged := photoshopFile(4, 3, 1, true, resource(1057, "\x00\x00\x00\x01\x00\x00"), make([]byte, 12))
	if _, err := openPSD(bytes.NewReader(unmerged)); !errors.Is(err, errUnmerged) {
		t.Errorf("without a picture of all layers: %v", err)
	}
	huge := bytes.Clone(good)
	copy(huge[14:], "\xff\xff\xff\xff\xff\xff\xff\xff")
	if _, err := openPSD(bytes.NewReader(huge)); err == nil {
		t.Error("of more pixels than there are numbers it is read")
	}
	for i := range len(good) {
		d, err := openPSD(bytes.NewReader(good[:i]))
		if err == nil {
			_, err = d.pixels(4)
		}
		if err == nil {
			t.Errorf("cut at %d of %d it is read", i, len(good))
		}
	}
}

func FuzzPhotoshop(f *testing.F) {
	f.Add(photoshopFile(4, 3, 3, true, resource(1039, "profile!"), make([]byte, 12), make([]byte, 12), make([]byte, 12)))
	f.Add(photoshopFile(4, 3, 4, false, resource(1057, "\x00\x00\x00\x01\x01\x00"), make([]byte, 12), make([]byte, 12), make([]byte, 12), make([]byte, 12)))
	f.Fuzz(func(t *testing.T, content []byte) {
		d, err := openPSD(bytes.NewReader(content))
		if err != nil || d.width < 1 || d.height < 1 || d.width*d.height > 1<<16 {
			return
		}
		for _, wanted := range []int{1, 3, 1000} {
			if p, err := d.pixels(wanted); err == nil && len(p.Pix) != p.Width*p.Height*p.Bands {
				t.Errorf("%dx%d of %d bands has %d bytes", p.Width, p.Height, p.Bands, len(p.Pix))
			}
		}
	})
}
