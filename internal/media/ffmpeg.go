package media

import (
	"cmp"
	"context"
	"errors"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"vitrine/internal/dam"
)

// What ffmpeg may read: containers that hold their own bytes, never a list of other files or addresses,
// and the decoders of what cameras, editors and recorders write. "file" is the only protocol.
const (
	formats = "mov,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,wav,w64,mp3,flac,aac,aiff"

	codecs = "h264,hevc,vp8,vp9,libvpx,libvpx-vp9,av1,libdav1d,libaom-av1,mpeg4,mpeg2video,mpeg1video," +
		"h263,h263i,h263p,flv,msmpeg4,msmpeg4v2,msmpeg4v1,wmv1,wmv2,wmv3,vc1,theora,mjpeg,mjpegb,prores,dnxhd,cfhd," +
		"dvvideo,ffv1,huffyuv,ffvhuff,utvideo,png,qtrle,svq1,svq3,cinepak,rawvideo,v210,v308,v408,v410,r210," +
		"aac,aac_latm,mp3,mp3float,mp2,mp2float,mp1,mp1float,opus,libopus,vorbis,libvorbis,flac,alac,ac3,eac3,dca,truehd,mlp," +
		"wmav1,wmav2,wmapro,wmalossless,amrnb,amrwb,speex,libspeex,nellymoser,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt," +
		"adpcm_swf,gsm_ms,pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_s64le," +
		"pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd," +
		// Never used, but ffprobe refuses a file with a track that may not be opened.
		"mov_text,subrip,srt,text,ass,ssa,webvtt,dvbsub,dvdsub,pgssub,xsub,cc_dec,libzvbi_teletextdec"
)

// reading are the arguments to read the file; before are those that must come before it.
func reading(in string, before ...string) []string {
	return append(before,
		"-protocol_whitelist", "file", "-format_whitelist", formats, "-codec_whitelist", codecs, "-i", "file:"+in)
}

// ffmpegRun is one run of ffmpeg that makes one file.
type ffmpegRun struct {
	input    string
	reading  []string // arguments before the input
	writing  []string // arguments after it
	out, to  string   // directory and name of the file it makes; to may be empty
	size     int64    // bytes of that file
	wall     time.Duration
	work     time.Duration // of the processors; default: as much as they can do in that time
	memory   int64
	progress func(seconds float64)
}

// ffmpeg makes a file and tells how many frames went into it. Errors: ErrRefused (dam kind Invalid: the
// file can't be read, or is too much for the limits), else as run.
func (t *Tools) ffmpeg(ctx context.Context, r ffmpegRun) (frames int, err error) {
	r.work = cmp.Or(r.work, r.wall*time.Duration(runtime.NumCPU()))
	run := toolRun{
		Program: "ffmpeg", Input: r.input, Ext: "bin", Out: r.out, OutLimit: r.size,
		Wall: r.wall, CPU: r.work, Memory: r.memory,
		Line: func(line string) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			n, err := strconv.ParseInt(value, 10, 64)
			switch {
			case err != nil:
			case key == "frame":
				frames = int(n)
			case key == "out_time_us" && r.progress != nil:
				r.progress(float64(n) / 1e6)
			}
		},
		Args: func(in, out string) []string {
			args := []string{"-nostdin", "-hide_banner", "-v", "error", "-y", "-progress", "pipe:1"}
			args = append(args, reading(in, r.reading...)...)
			args = append(args, r.writing...)
			if r.to != "" {
				args = append(args, "file:"+out+"/"+r.to)
			}
			return args
		},
	}
	if _, err := t.run(ctx, run); err != nil {
		return frames, settled(err)
	}
	return frames, nil
}

// Why a file will never play, in sentences for people.
const (
	saidUnreadable = "This file can't be played: it is damaged or of another kind than it looks."
	saidEmpty      = "This file holds nothing that could be played."
	saidElsewhere  = "This film keeps its frames in other files. Export it as one file and upload that."
	saidTracks     = "This file has more tracks than can be played."
	saidFrames     = "This video has larger frames than can be shown."
	saidHeavy      = "This file is too long or too large to be made ready for playing."
)

func neverPlays(sentence, detail string) error {
	return &dam.Error{Kind: dam.Invalid, Msg: sentence, Err: detailed(ErrRefused, detail)}
}

// tooHeavy tells what took all the time or work it was given, and would again.
func tooHeavy(err error, work time.Duration) error {
	if !errors.Is(err, ErrRefused) && tookTooMuch(err, work) {
		return neverPlays(saidHeavy, err.Error())
	}
	return err
}

// settled tells a file at fault from a run at fault: a program that gave up by itself, or whose output
// grew too large, will do no better next time.
func settled(err error) error {
	var exit *exec.ExitError
	switch _, itself := exitedWith(err); {
	case itself:
		return neverPlays(saidUnreadable, err.Error())
	case errors.As(err, &exit):
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGXFSZ {
			return neverPlays(saidHeavy, err.Error())
		}
	}
	return err
}

// The limits of what is made ready for playing.
const (
	maxSide    = 8192
	maxTracks  = 32
	maxSeconds = 4 * 3600
	maxPixels  = 1.9e12 // of all frames together: an hour of 4K at 60 frames a second
	maxMade    = 8 << 30
	maxWall    = 8 * time.Hour

	stillWall = 30 * time.Second // to make one picture
	stillSize = 64 << 20
)

// playingWall is how long a file may take to be made ready for playing: on two processors with nothing
// else to do all that is within the limits takes less than half of it.
func playingWall(f VideoFacts) time.Duration {
	return min(2*time.Minute+time.Duration(4*f.Duration*float64(time.Second)), maxWall)
}

// playingWork is how much processor time it may take.
func playingWork(f VideoFacts) time.Duration { return 2 * playingWall(f) }

// frameMemory is what the decoder of such frames may hold: they are kept by the dozen.
func frameMemory(f VideoFacts) int64 {
	if f.Width*f.Height > 4096*2304 {
		return 4 << 30
	}
	return 2 << 30
}
