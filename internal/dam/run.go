package dam

import (
	"strconv"
	"strings"
	"time"
)

// RunKind is what a run does.
type RunKind string

const (
	RunRebuild RunKind = "rebuild"
	RunRescan  RunKind = "rescan"
	RunImport  RunKind = "import"
)

// RunState says how a run stands.
type RunState string

const (
	RunRunning   RunState = "running"
	RunPaused    RunState = "paused"
	RunDone      RunState = "done"
	RunCancelled RunState = "cancelled"
	RunFailed    RunState = "failed"
)

// Ended says whether nothing more will happen.
func (s RunState) Ended() bool { return s == RunDone || s == RunCancelled || s == RunFailed }

// Run is long work over many assets that people watch, pause and cancel. Subject is what it is about:
// the name of a recipe or the id of a source. Cursor is how far it came. Generation counts the jobs that it
// was given: only the last one works on it.
type Run struct {
	ID         string
	Kind       RunKind
	Subject    string
	State      RunState
	Total      int
	Done       int
	Failed     int
	Message    string
	Cursor     string
	Generation int
	ByID       string
	CreatedAt  time.Time
	EndedAt    time.Time
}

// Job is the work of the run's present generation.
func (r Run) Job() Job { return Job{Kind: JobRun, ID: r.ID + " " + strconv.Itoa(r.Generation)} }

// Run says which run a job works on, and as which of its generations. Jobs of earlier programs are of the first.
func (j Job) Run() (id string, generation int) {
	id, text, _ := strings.Cut(j.ID, " ")
	generation, _ = strconv.Atoi(text)
	return id, generation
}
