package dam

// Job is a piece of work about one thing. It holds ids only and is safe to run twice.
type Job struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// The kinds of job. They stand in the database: never rename one.
const (
	JobDerive = "asset.derive" // facts and renditions of a new original
	JobSweep  = "blob.sweep"   // remove what no row knows, end what is over
)
