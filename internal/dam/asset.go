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

// SourceUpload marks assets whose original is in our own storage.
const SourceUpload = "upload"

// Asset is one thing in the library. Sizes are bytes, Width and Height upright pixels, Duration
// seconds. Failure is the sentence for people while Status is failed.
type Asset struct {
	ID          string
	Number      int64
	Name        string
	Title       string
	Description string
	Kind        AssetKind
	MIME        string
	Size        int64
	Width       int
	Height      int
	Duration    float64
	SHA256      string
	Key         string
	Original    OriginalState
	Source      string
	Status      AssetStatus
	Failure     string
	OwnerID     string
	OwnerName   string
	Placeholder []byte
	Metadata    Metadata
	Restricted  bool
	Readers     []string
	CreatedAt   time.Time
	TakenAt     time.Time
	TrashedAt   time.Time
	Renditions  []Rendition
	Links       int
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

// Rendition is one recipe's result for one asset.
type Rendition struct {
	AssetID string
	Name    string
	MIME    string
	Width   int
	Height  int
	Size    int64
	Key     string
	CRC32   uint32
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
