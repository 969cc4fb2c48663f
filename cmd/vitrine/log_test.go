package main

import (
	"strings"
	"testing"
)

func TestWarningsDoNotWaitForOthers(t *testing.T) {
	var out strings.Builder
	log, flush := newLog(&out, false)
	log.Info("an ordinary request")
	if out.Len() != 0 {
		t.Errorf("an ordinary line went out alone: %q", out.String())
	}
	log.With("a", 1).Warn("look at this")
	if got := out.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "look at this") {
		t.Errorf("after a warning there is %q", got)
	}
	log.Info("the last words")
	flush()
	if !strings.Contains(out.String(), "the last words") {
		t.Error("the end of the log is lost")
	}
}
