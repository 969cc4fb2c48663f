// Command write puts files of internal/testkit where suites that are not Go can use them. It knows nothing
// of what is tested and is never part of the program.
//
//	go run ./internal/testkit/write sample pdf|docx|xlsx|odt|odp|rtf FILE
package main

import (
	"fmt"
	"log"
	"os"

	"vitrine/internal/testkit/sample"
)

var samples = map[string]func() []byte{
	"pdf":  func() []byte { return sample.PDF(12) },
	"docx": sample.DOCX,
	"xlsx": sample.XLSX,
	"odt":  sample.ODT,
	"odp":  sample.ODP,
	"rtf":  sample.RTF,
}

func main() {
	log.SetFlags(0)
	if err := write(os.Args[1:]); err != nil {
		log.Fatal("write: ", err)
	}
}

func write(args []string) error {
	if len(args) != 3 || args[0] != "sample" || samples[args[1]] == nil {
		return fmt.Errorf("usage: write sample KIND FILE, not %q", args)
	}
	return os.WriteFile(args[2], samples[args[1]](), 0o600)
}
