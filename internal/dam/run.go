package dam

import "time"

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
// the name of a recipe or the id of a source. Cursor is how far it came.
type Run struct {
	ID        string
	Kind      RunKind
	Subject   string
	State     RunState
	Total     int
	Done      int
	Failed    int
	Message   string
	Cursor    string
	ByID      string
	CreatedAt time.Time
	EndedAt   time.Time
}
