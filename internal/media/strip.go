package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vitrine/internal/dam"
)

const (
	unstrippable  = "Metadata can't be taken out of files of this kind."
	stillMetadata = "Not all metadata could be taken out of this file, so it can't be given away without."
)

// stripper is how metadata leaves files of one kind; a nil function: it can't be promised.
type stripper struct {
	ext string
	gps func(*Tools, context.Context, stripping) error
	all func(*Tools, context.Context, stripping) error
}

// stripping is one step from one file to another.
type stripping struct{ from, to, ext string }

// strippers has a line for every type that dam.Cleanable names.
var strippers = map[string]stripper{
	"image/jpeg": {"jpg", exifStep(gpsArgs, jpegPreviews), exifStep(allArgs)},
	"image/png":  {"png", exifStep(gpsArgs), filterStep(filterPNG, nothingElse)},
	"image/webp": {"webp", filterStep(filterWebP, placeless), filterStep(filterWebP, nothingElse)}, // exiftool 12.57 can't write it
	"image/gif":  {"gif", exifStep(gpsArgs), filterStep(filterGIF, nothingElse)},
	"image/tiff": {"tif", exifStep(gpsArgs), exifStep(allArgs, tiffArgs)},
	"image/heic": {"heic", exifStep(gpsArgs), exifStep(allArgs)},
	"image/avif": {"avif", exifStep(gpsArgs), exifStep(allArgs)},

	// What a raw file's metadata say is part of its picture: only the place can go.
	"image/x-adobe-dng": {"dng", exifStep(gpsArgs), nil}, "image/x-canon-cr2": {"cr2", exifStep(gpsArgs), nil},
	"image/x-canon-cr3": {"cr3", exifStep(gpsArgs), nil}, "image/x-nikon-nef": {"nef", exifStep(gpsArgs), nil},
	"image/x-sony-arw": {"arw", exifStep(gpsArgs), nil},

	"video/mp4": {"mp4", exifStep(gpsArgs), remuxStep("mov", "mp4")}, "video/x-m4v": {"m4v", exifStep(gpsArgs), remuxStep("mov", "mp4")},
	"video/quicktime": {"mov", exifStep(gpsArgs), remuxStep("mov", "mov")}, "audio/mp4": {"m4a", exifStep(gpsArgs), remuxStep("mov", "ipod")},

	// What exiftool can't write gives all metadata away together.
	"video/matroska": {"mkv", remuxStep("matroska", "matroska"), remuxStep("matroska", "matroska")},
	"video/webm":     {"webm", remuxStep("matroska", "webm"), remuxStep("matroska", "webm")},
	"audio/mpeg":     {"mp3", remuxStep("mp3", "mp3"), remuxStep("mp3", "mp3")},
	"audio/flac":     {"flac", remuxStep("flac", "flac"), remuxStep("flac", "flac")},
	"audio/wav":      {"wav", remuxStep("wav", "wav"), remuxStep("wav", "wav")},
}

// Strip writes a file without coordinates or without metadata as clean.EXT into out, a directory nobody
// else uses, and reads it again: where anything is left, there is no file. Pictures, sound and films are not
// encoded anew. Errors: ErrRefused (dam kind Invalid: it can't be promised for this file), ErrCrashed,
// Unavailable if a program is not installed or after Close, the context's own.
func (t *Tools) Strip(ctx context.Context, path, mime string, what dam.Cleaning, out string) (string, error) {
	s := strippers[mime]
	step := s.all
	if what == dam.CleanGPS {
		step = s.gps
	}
	if step == nil {
		return "", fmt.Errorf("take out metadata: %w", refusal(unstrippable, nil))
	}
	clean := filepath.Join(out, "clean."+s.ext)
	work := stripping{from: path, to: clean, ext: s.ext}
	err := step(t, ctx, work)
	if err == nil {
		err = t.proveStripped(ctx, work, mime, what, s.all != nil)
	}
	if err != nil {
		os.Remove(clean)
		return "", fmt.Errorf("take out metadata: %w", err)
	}
	return clean, nil
}

// proveStripped looks for what is left, has it taken out by name once where the picture can do without it,
// and looks again.
func (t *Tools) proveStripped(ctx context.Context, work stripping, mime string, what dam.Cleaning, spare bool) error {
	left, err := t.leftovers(ctx, work, what)
	if err != nil {
		return err
	}
	if len(left) > 0 && spare {
		again := stripping{from: work.to, to: work.to + "." + work.ext, ext: work.ext}
		if err := exifStep(func(string) []string { return removals(left, what) })(t, ctx, again); err != nil {
			return err
		}
		if err := os.Rename(again.to, work.to); err != nil {
			return err
		}
		if left, err = t.leftovers(ctx, work, what); err != nil {
			return err
		}
	}
	if len(left) > 0 {
		return refusal(stillMetadata, fmt.Errorf("left: %.10q", left))
	}
	return searchLeftovers(work.to, mime, what)
}

// removals are exiftool's arguments to take out tags by name, and, where coordinates hide in notes of the
// maker or in fields that nobody knows, the whole of those.
func removals(left []string, what dam.Cleaning) []string {
	args := []string{"-makernotes:all="}
	for _, tag := range left {
		args = append(args, "-"+tag+"=")
		if group, _, _ := strings.Cut(tag, ":"); what == dam.CleanGPS && strings.HasPrefix(group, "XMP") {
			args = append(args, "-"+group+":all=", "-xmp:all=")
		}
	}
	slices.Sort(args)
	return slices.Compact(args)
}

// gpsArgs name the places where coordinates are. Wildcards are exiftool's.
func gpsArgs(string) []string {
	return []string{
		"-gps:all=", "-gps*=", "-*gps*=", "-*latitude*=", "-*longitude*=", "-*longtitude*=", "-*geotag*=", "-*geolocation*=",
		"-LocationInformation=", "-GeoTiffDirectory=", "-GeoTiffDoubleParams=", "-GeoTiffAsciiParams=",
		"-ModelTiePoint=", "-ModelTransform=", "-PixelScale=", "-IntergraphMatrix=", "-Geosync=",
	}
}

// jpegPreviews are pictures inside the picture, and what phones append: each may say a place of its own.
func jpegPreviews(string) []string {
	return []string{"-ThumbnailImage=", "-PreviewImage=", "-JpgFromRaw=", "-OtherImage=", "-mpf:all=", "-trailer:all="}
}

func allArgs(string) []string {
	return []string{
		"-all=", "-trailer:all=", "--icc_profile:all", "-tagsfromfile", "@", "-IFD0:Orientation", "-ColorSpaceTags",
	}
}

// tiffArgs take out what exiftool leaves in a TIFF's directories.
func tiffArgs(string) []string {
	return []string{"-CommonIFD0=", "-DocumentName=", "-PageName=", "-HostComputer=", "-ImageSourceData=", "-tagsfromfile", "@", "-IFD0:Orientation"}
}

// exifStep has exiftool write the other file.
func exifStep(args ...func(in string) []string) func(*Tools, context.Context, stripping) error {
	return func(t *Tools, ctx context.Context, s stripping) error {
		limit, wall, err := room(s.from)
		if err != nil {
			return err
		}
		run := toolRun{Program: "exiftool", Input: s.from, Ext: s.ext, Out: filepath.Dir(s.to), OutLimit: limit, Wall: wall}
		run.Args = func(in, out string) []string {
			all := []string{"-config", "", "-q", "-q", "-m", "-api", "LargeFileSupport=1"}
			for _, some := range args {
				all = append(all, some(in)...)
			}
			return append(all, "-o", filepath.Join(out, filepath.Base(s.to)), in)
		}
		_, err = t.run(ctx, run)
		return refusedStrip(err)
	}
}

// remuxStep has ffmpeg put pictures, sound and subtitles into a new container and leave all else behind:
// tags, chapters, covers, and the tracks in which cameras note where they are.
func remuxStep(from, to string) func(*Tools, context.Context, stripping) error {
	return func(t *Tools, ctx context.Context, s stripping) error {
		limit, wall, err := room(s.from)
		if err != nil {
			return err
		}
		_, err = t.run(ctx, toolRun{
			Program: "ffmpeg", Input: s.from, Ext: s.ext, Out: filepath.Dir(s.to), OutLimit: limit, Wall: wall,
			Args: func(in, out string) []string {
				args := []string{
					"-hide_banner", "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-f", from, "-i", "file:" + in,
					"-map", "0:V?", "-map", "0:a?", "-map", "0:s?", "-c", "copy", "-map_metadata", "-1", "-map_chapters", "-1",
					"-fflags", "+bitexact",
				}
				if from == "mov" {
					args = append(args, "-movflags", "+faststart")
				}
				return append(args, "-f", to, "file:"+filepath.Join(out, filepath.Base(s.to)))
			},
		})
		return refusedStrip(err)
	}
}

// filterStep copies the pieces of a container that may stay.
func filterStep[W io.Writer](filter func(W, io.Reader, verdict) error, keep verdict) func(*Tools, context.Context, stripping) error {
	return func(_ *Tools, _ context.Context, s stripping) error {
		in, err := os.Open(s.from)
		if err != nil {
			return err
		}
		defer in.Close()
		out, err := os.OpenFile(s.to, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		err = errors.Join(filter(any(out).(W), in, keep), out.Close())
		if errors.Is(err, errContainer) {
			return refusal(stillMetadata, err)
		}
		return err
	}
}

// placeless keeps metadata that hold no coordinates.
func placeless(_ string, body []byte) bool { return findPlace(body) == "" }

// room is how large a file without metadata may be, and how long it may take to write it.
func room(path string) (int64, time.Duration, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	const bytesPerSecond = 10 << 20
	return info.Size() + 64<<20, time.Minute + time.Duration(info.Size()/bytesPerSecond)*time.Second, nil
}

// refusedStrip: a program that came to its end without doing the work will not do it another time.
func refusedStrip(err error) error {
	if _, itself := exitedWith(err); itself {
		return refusal(stillMetadata, err)
	}
	return err
}
