package media_test

import (
	"os"
	"testing"

	"vitrine/internal/media/child"
)

// The test binary is its own child, as the server's is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "render" {
		os.Exit(child.Main(os.Args[2:]))
	}
	os.Exit(m.Run())
}
