// Package badmedia writes files that mean harm: lures that would have their reader open another file or
// an address, bombs that would cost it all time or memory, and broken ones. Suites bring them in and then
// look whether the trap was touched and the server is well. It is never part of the program.
package badmedia

import (
	"fmt"
	"os"
	"path/filepath"
)

// Trap is what no reader of a file may touch.
type Trap struct {
	File    string // an absolute path, of a file nobody else reads
	Address string // host:port, where nobody else connects
}

// Class says what a file is after.
type Class string

// The classes.
const (
	Lure   Class = "lure"
	Bomb   Class = "bomb"
	Broken Class = "broken"
)

// File is one bad file.
type File struct {
	Name  string // in the directory
	Class Class
	Film  bool // looks like video or sound
	About string
	Path  string // once it is written
	make  func(Trap) ([]byte, error)
}

// Files lists all of them; none is written yet.
func Files() []File {
	var all []File
	for _, some := range [][]File{lists, references, drawings, pictures, films, broken} {
		all = append(all, some...)
	}
	return all
}

// Write writes all files into a directory. It needs ffmpeg, and less than 20 MB.
func Write(dir string, trap Trap) ([]File, error) {
	files := Files()
	for i := range files {
		if err := files[i].Write(dir, trap); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// Write writes one file into a directory and sets its Path.
func (f *File) Write(dir string, trap Trap) error {
	content, err := f.make(trap)
	if err != nil {
		return fmt.Errorf("make %s: %w", f.Name, err)
	}
	f.Path = filepath.Join(dir, f.Name)
	return os.WriteFile(f.Path, content, 0o600)
}

// always is for files that hold no trap.
func always(content func() []byte) func(Trap) ([]byte, error) {
	return func(Trap) ([]byte, error) { return content(), nil }
}

// text fills FILE and ADDRESS into a text.
func text(format string) func(Trap) ([]byte, error) {
	return func(t Trap) ([]byte, error) {
		return []byte(filled(format, t)), nil
	}
}
