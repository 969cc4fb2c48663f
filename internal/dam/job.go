package dam

import "strings"

// Job is a piece of work about one thing. It holds ids only and is safe to run twice.
type Job struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// OriginalJob is work on the present original of an asset. It names the content, so that it does nothing
// to another one that has taken its place.
func OriginalJob(kind string, a Asset) Job { return Job{Kind: kind, ID: a.ID + " " + a.SHA256} }

// Original says which asset and which of its contents a job is about.
func (j Job) Original() (assetID, sha256 string) {
	assetID, sha256, _ = strings.Cut(j.ID, " ")
	return assetID, sha256
}

// The kinds of job. They stand in the database: never rename one.
const (
	JobDerive    = "asset.derive"    // facts and pictures of a new original
	JobTranscode = "asset.transcode" // what plays of it
	JobArchive   = "asset.archive"   // copy an archived original into the archive
	JobRestore   = "asset.restore"   // bring an original back from the archive
	JobMark      = "link.mark"       // the marked and cleaned renditions of a link
	JobRun       = "run.step"        // a stretch of a long run
	JobSweep     = "blob.sweep"      // remove what no row knows, end what is over
	JobScan      = "source.scan"     // look for changes in all external sources
)
