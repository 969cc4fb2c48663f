package dam

import "time"

// SourceKind is what an external source is.
type SourceKind string

const (
	SourceFolder SourceKind = "folder"
	SourceBucket SourceKind = "bucket"
)

// SourceState says how an external source stands.
type SourceState string

const (
	SourceOK       SourceState = "ok"
	SourceScanning SourceState = "scanning"
	SourceOffline  SourceState = "offline"
)

// Source is a folder or bucket whose files are shown where they lie. They are never written, and never
// shared by link (R84).
type Source struct {
	ID        string
	Name      string
	Kind      SourceKind
	Address   string
	State     SourceState
	Message   string
	Assets    int
	ScannedAt time.Time
	CreatedAt time.Time
}
