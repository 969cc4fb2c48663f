package dam

import (
	"strconv"
	"strings"
	"time"
)

// AssetKind is the broad kind of an asset.
type AssetKind string

const (
	KindImage    AssetKind = "image"
	KindVideo    AssetKind = "video"
	KindAudio    AssetKind = "audio"
	KindDocument AssetKind = "document"
	KindOther    AssetKind = "other"
)

// OriginalState says where the original is (R26).
type OriginalState string

const (
	OriginalAvailable OriginalState = "available"
	OriginalArchived  OriginalState = "archived"
	OriginalMissing   OriginalState = "missing"
)

// AssetStatus says how far the renditions are.
type AssetStatus string

const (
	StatusProcessing AssetStatus = "processing"
	StatusReady      AssetStatus = "ready"
	StatusFailed     AssetStatus = "failed"
)

// SourceUpload marks assets whose original is in our own storage; any other source is the id of an
// external one.
const SourceUpload = "upload"

// Work is what is being done with an asset in the background.
type Work string

const (
	WorkNone        Work = ""
	WorkDeriving    Work = "deriving"
	WorkTranscoding Work = "transcoding"
	WorkArchiving   Work = "archiving"
	WorkRestoring   Work = "restoring"
)

// Asset is one thing in the library. Sizes are bytes, Width and Height upright pixels, Duration
// seconds. Failure is the sentence for people while Status is failed, Note the one that says why a
// ready asset shows less than others. Path is the place in an external source. Revision counts the
// originals from 1; RevisedAt is when the present one came, zero for the first.
type Asset struct {
	ID                       string
	Number                   int64
	Name                     string
	Title                    string
	Description              string
	Kind                     AssetKind
	MIME                     string
	Size                     int64
	Width                    int
	Height                   int
	Duration                 float64
	SHA256                   string
	Key                      string
	Original                 OriginalState
	Source                   string
	Status                   AssetStatus
	Failure                  string
	OwnerID                  string
	OwnerName                string
	Placeholder              []byte
	Metadata                 Metadata
	Restricted               bool
	Readers                  []string
	CreatedAt                time.Time
	TakenAt                  time.Time
	TrashedAt                time.Time
	Renditions               []Rendition
	Links                    int
	Pages                    int
	Tags                     []string
	Rights                   Rights
	Codec                    Codec
	Revision                 int
	RevisedAt                time.Time
	RevisedBy, RevisedByName string
	Path                     string
	Note                     string
	Work                     Work
	Attachments              []Attachment
	Earlier                  bool // this is how the asset was with an earlier original
}

// External says whether the original lies in a source that is not ours.
func (a Asset) External() bool { return a.Source != SourceUpload }

// Rights is what people say about the use of an asset. The days are written YYYY-MM-DD.
type Rights struct {
	Licence    string `json:"licence,omitempty"`
	Credit     string `json:"credit,omitempty"`
	UsageFrom  string `json:"usage_from,omitempty"`
	UsageUntil string `json:"usage_until,omitempty"`
}

// Codec is how a film or a sound is coded: names as ffprobe gives them, frames and bits a second.
type Codec struct {
	Video   string  `json:"video,omitempty"`
	Audio   string  `json:"audio,omitempty"`
	Rate    float64 `json:"rate,omitempty"`
	Bitrate int64   `json:"bitrate,omitempty"`
}

// Attachment is a supporting file: bytes that belong to an asset, of any type, never looked into.
type Attachment struct {
	ID        string
	AssetID   string
	Name      string
	MIME      string
	Size      int64
	Key       string
	CRC32     uint32
	CreatedAt time.Time
}

// MIMECaptions is the type of supporting files that players show as captions.
const MIMECaptions = "text/vtt"

// Captions says whether the supporting file is captions for a film.
func (a Attachment) Captions() bool { return a.MIME == MIMECaptions }

// Revision is one original of an asset, the present or an earlier one.
type Revision struct {
	AssetID  string
	Number   int
	Name     string
	Kind     AssetKind
	MIME     string
	Size     int64
	SHA256   string
	Key      string
	Width    int
	Height   int
	Duration float64
	Pages    int
	Since    time.Time
	ByID     string
	ByName   string
	Current  bool
}

// As is the asset as it was with an earlier original. Which renditions it had is the caller's to say. What
// is known of the present file alone is not known of an earlier one; an archived asset is so with all its
// originals.
func (a Asset) As(r Revision) Asset {
	a.Earlier, a.Status, a.Renditions, a.Work = true, StatusReady, nil, WorkNone
	a.TakenAt, a.Placeholder, a.Metadata, a.Codec, a.Note, a.Failure = time.Time{}, nil, Metadata{}, Codec{}, "", ""
	if a.Original != OriginalArchived {
		a.Original = OriginalAvailable
	}
	a.Name, a.Kind, a.MIME, a.Size, a.SHA256, a.Key = r.Name, r.Kind, r.MIME, r.Size, r.SHA256, r.Key
	a.Width, a.Height, a.Duration, a.Pages = r.Width, r.Height, r.Duration, r.Pages
	a.Revision, a.RevisedAt = r.Number, r.Since
	return a
}

// FactGroup is what a file says about itself in one of its languages, such as EXIF or XMP.
type FactGroup struct {
	Name  string `json:"name"`
	Items []Fact `json:"items"`
}

// Fact is one name with its value.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Metadata is what the file says about itself, cleaned, and never written back into it.
type Metadata struct {
	Camera    string   `json:"camera,omitempty"`
	Lens      string   `json:"lens,omitempty"`
	Exposure  string   `json:"exposure,omitempty"`
	Creator   string   `json:"creator,omitempty"`
	Copyright string   `json:"copyright,omitempty"`
	Keywords  []string `json:"keywords,omitempty"`
	GPS       *Point   `json:"gps,omitempty"`
}

// Point is a place on the WGS 84 ellipsoid in degrees.
type Point struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// Rendition finds a rendition by its recipe's name.
func (a Asset) Rendition(name string) (Rendition, bool) {
	for _, r := range a.Renditions {
		if r.Name == name {
			return r, true
		}
	}
	return Rendition{}, false
}

// Attachment finds a supporting file by its id.
func (a Asset) Attachment(id string) (Attachment, bool) {
	for _, file := range a.Attachments {
		if file.ID == id {
			return file, true
		}
	}
	return Attachment{}, false
}

// Trashed says whether the asset was deleted and waits for its end.
func (a Asset) Trashed() bool { return !a.TrashedAt.IsZero() }

// OriginalNote is the exact sentence of R19.
const OriginalNote = "You cannot create a direct download link if the asset original is archived or unavailable."

// Sharable says whether the viewer may put the asset into a public link (R11, R84).
// Errors: Unauthenticated, NotFound, Forbidden.
func Sharable(v Viewer, a Asset) error {
	if a.Trashed() {
		return &Error{Kind: NotFound, Msg: "There is no such asset."}
	}
	if err := May(v, LinkPublic, a); err != nil {
		return err
	}
	if a.Source != SourceUpload {
		return &Error{Kind: Forbidden, Msg: "Assets from external sources cannot be shared by link."}
	}
	return nil
}

// NumberText writes an asset's number as people see it: the prefix, a hyphen and the number.
func NumberText(prefix string, n int64) string { return prefix + "-" + strconv.FormatInt(n, 10) }

// ParseNumber reads a number as people type it, in any case; the prefix must be right.
func ParseNumber(prefix, text string) (int64, bool) {
	head, tail, ok := strings.Cut(strings.ToUpper(strings.TrimSpace(text)), "-")
	if !ok || head != strings.ToUpper(prefix) {
		return 0, false
	}
	n, err := strconv.ParseInt(tail, 10, 64)
	return n, err == nil && n > 0 && tail[0] != '+'
}
