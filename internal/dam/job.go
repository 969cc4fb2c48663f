package dam

// Job is a piece of work about one thing. It holds ids only and is safe to run twice.
type Job struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// The kinds of job. They stand in the database: never rename one.
const (
	JobDerive    = "asset.derive"    // facts and pictures of a new original
	JobTranscode = "asset.transcode" // what plays of it
	JobArchive   = "asset.archive"   // bring the archive's copy of an original up to its state
	JobMark      = "link.mark"       // the marked and cleaned renditions of a link
	JobRun       = "run.step"        // a stretch of a long run
	JobSweep     = "blob.sweep"      // remove what no row knows, end what is over
	JobScan      = "source.scan"     // look for changes in all external sources
)
