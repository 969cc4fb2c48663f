// Command write puts files of internal/testkit where suites that are not Go can use them. It knows nothing
// of what is tested and is never part of the program.
//
//	go run ./internal/testkit/write sample pdf|docx|xlsx|odt|odp|rtf FILE
//	go run ./internal/testkit/write bad FOLDER TRAP-FILE TRAP-ADDRESS    and a line of JSON for each
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"

	"vitrine/internal/testkit/badmedia"
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
	switch {
	case len(args) == 3 && args[0] == "sample" && samples[args[1]] != nil:
		return os.WriteFile(args[2], samples[args[1]](), 0o600)
	case len(args) == 4 && args[0] == "bad":
		files, err := badmedia.Write(args[1], badmedia.Trap{File: args[2], Address: args[3]})
		if err != nil {
			return err
		}
		lines := json.NewEncoder(os.Stdout)
		for _, f := range files {
			if err := lines.Encode(map[string]string{"name": f.Name, "class": string(f.Class), "about": f.About, "path": f.Path}); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%q is not how to use it", args)
}
