package media

import (
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const noPreview = "This camera file holds no picture that can be shown."

// rawLimit bounds one embedded picture; the largest cameras write about 30 MB.
const rawLimit = 256 << 20

// RawPreview takes the largest JPEG out of a camera's raw file, upright as the file says, without any other
// metadata but a colour profile. It becomes preview.jpg in out, a directory nobody else uses. Errors:
// ErrRefused (dam kind Invalid: there is none, or the file is damaged), ErrCrashed, Unavailable if exiftool is
// not installed or after Close, the context's own.
func (t *Tools) RawPreview(ctx context.Context, path, out string) (string, error) {
	ext, err := rawExtension(path)
	if err != nil {
		return "", fmt.Errorf("take a picture out: %w", err)
	}
	run := toolRun{Program: "exiftool", Input: path, Ext: ext, Out: out, OutLimit: rawLimit}
	run.Args = func(in, out string) []string {
		return []string{"-config", "", "-q", "-q", "-m", "-a", "-b", "-W", filepath.Join(out, "found-%t%-c.%s"), "-preview:all", in}
	}
	_, err = t.run(ctx, run)
	if _, itself := exitedWith(err); err != nil && !itself {
		return "", fmt.Errorf("take a picture out: %w", err)
	}
	largest, err := largestJPEG(out)
	if err != nil {
		return "", fmt.Errorf("take a picture out: %w", err)
	}
	run.Args = func(in, out string) []string {
		return []string{
			"-config", "", "-q", "-q", "-m", "-all=", "-trailer:all=", "--icc_profile:all",
			"-tagsfromfile", in, "-IFD0:Orientation", "-tagsfromfile", "@", "-IFD0:Orientation",
			"-o", filepath.Join(out, "preview.jpg"), filepath.Join(out, largest),
		}
	}
	_, err = t.run(ctx, run)
	if _, itself := exitedWith(err); itself {
		err = refusal(noPreview, err)
	}
	if err != nil {
		return "", fmt.Errorf("take a picture out: %w", err)
	}
	os.Remove(filepath.Join(out, largest))
	preview, _, err := made(out, "preview.jpg")
	if err != nil {
		return "", fmt.Errorf("take a picture out: %w", crashed(err))
	}
	return preview, nil
}

// rawExtension is what exiftool must see at the end of a name: it tells raw files that are TIFF by their
// bytes by that, and knows where each maker keeps its pictures.
func rawExtension(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head := make([]byte, HeadSize)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	if mime := rawFormat(head[:n], ""); mime != "" {
		return mime[strings.LastIndexByte(mime, '-')+1:], nil
	}
	return "tif", nil
}

// largestJPEG names the file with the most pixels and removes the others. What a camera calls a picture may
// be none, or a kind of JPEG that only holds sensor data.
func largestJPEG(out string) (string, error) {
	entries, err := os.ReadDir(out)
	if err != nil {
		return "", err
	}
	largest, most := "", 0
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), "found-") {
			continue
		}
		path := filepath.Join(out, entry.Name())
		pixels := pixelsOfJPEG(path)
		if pixels <= most {
			os.Remove(path)
			continue
		}
		if largest != "" {
			os.Remove(filepath.Join(out, largest))
		}
		largest, most = entry.Name(), pixels
	}
	if largest == "" {
		return "", refusal(noPreview, errors.New("no JPEG inside"))
	}
	return largest, nil
}

// pixelsOfJPEG reads the header only; 0: it is no JPEG that can be shown.
func pixelsOfJPEG(path string) int {
	if _, _, err := made(filepath.Dir(path), filepath.Base(path)); err != nil {
		return 0
	}
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	header, err := jpeg.DecodeConfig(f)
	if err != nil {
		return 0
	}
	return header.Width * header.Height
}
