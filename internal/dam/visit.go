package dam

import "time"

// VisitEvent is what happened at a link.
type VisitEvent string

const (
	VisitOpened          VisitEvent = "opened"
	VisitViewed          VisitEvent = "viewed"
	VisitDownloadStarted VisitEvent = "download_started"
	VisitRefused         VisitEvent = "refused"
)

// Visit is one recorded event of a link. Reason is the kind of a refusal. No address, name or
// agent of the guest is kept (R136).
type Visit struct {
	LinkID  string
	At      time.Time
	Event   VisitEvent
	Reason  Kind
	AssetID string
	Version string
	Bytes   int64
}
