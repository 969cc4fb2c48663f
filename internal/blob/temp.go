package blob

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"strconv"
	"syscall"
	"time"
)

const (
	tmpDir = "tmp"
	// tmpAge is when a temporary file is nobody's any more even where the file system has no locks.
	tmpAge = 24 * time.Hour
)

// temp makes a temporary file that its lock marks as used for as long as the process lives.
func (d *disk) temp() (*os.File, string, error) {
	for {
		name := path.Join(tmpDir, strconv.FormatUint(rand.Uint64(), 36))
		f, err := d.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, "", err
		}
		if err := flock(f, syscall.LOCK_EX); err != nil && !noLocks(err) {
			f.Close()
			d.root.Remove(name)
			return nil, "", err
		}
		// Another process that starts may have swept the file before it was locked.
		if _, err := d.root.Stat(name); err == nil {
			return f, name, nil
		}
		f.Close()
	}
}

// sweepTemp removes the temporary files of processes that are gone.
func (d *disk) sweepTemp() error {
	files, err := fs.ReadDir(d.root.FS(), tmpDir)
	if err != nil {
		return err
	}
	for _, file := range files {
		name := path.Join(tmpDir, file.Name())
		f, err := d.root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if d.nobodys(f) {
			d.root.Remove(name)
		}
		f.Close()
	}
	return nil
}

func (d *disk) nobodys(f *os.File) bool {
	err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return true
	}
	info, statErr := f.Stat()
	return noLocks(err) && statErr == nil && time.Since(info.ModTime()) > tmpAge
}

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if err != syscall.EINTR {
			return err
		}
	}
}

func noLocks(err error) bool {
	return errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.EOPNOTSUPP)
}
