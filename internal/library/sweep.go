package library

import (
	"context"
	"fmt"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/store"
)

// grace is how old unused bytes must be before they are removed, so that bytes whose row is about
// to be written are never touched.
const grace = 24 * time.Hour

// Sweep removes what is over: trash after 30 days, unfinished uploads, ended sessions, collections
// of ended links where the settings say so, and bytes that no row knows. It is safe to run twice.
func (l *Library) Sweep(ctx context.Context, _ dam.Job) error {
	if err := l.sweepRows(ctx); err != nil {
		return fmt.Errorf("sweep rows: %w", err)
	}
	if err := l.sweepMarks(ctx); err != nil {
		return fmt.Errorf("sweep what was made for links: %w", err)
	}
	if err := l.sweepBlobs(ctx); err != nil {
		return fmt.Errorf("sweep bytes: %w", err)
	}
	if err := l.sweepArchive(ctx); err != nil {
		return fmt.Errorf("sweep the archive: %w", err)
	}
	return nil
}

// sweepMarks forgets what was made for links that are gone or ask for something else now.
func (l *Library) sweepMarks(ctx context.Context) error {
	w, err := l.Store.Watermark(ctx)
	if err != nil {
		return err
	}
	links, err := l.Store.TracedLinks(ctx)
	if err != nil {
		return err
	}
	marks := map[string]bool{}
	for _, link := range links {
		if m, err := w.Mark(link); err == nil {
			marks[m.Name] = true
		}
	}
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return firstError(tx.DropCleaned(ctx), tx.DropTraces(ctx, marks))
	})
}

// sweepArchive removes the archive's copies that no archived original needs.
func (l *Library) sweepArchive(ctx context.Context) error {
	if l.Archive == nil {
		return nil
	}
	before := l.now().Add(-grace)
	keys, err := l.Store.ArchiveLeftovers(ctx, before)
	if err != nil {
		return err
	}
	for _, key := range keys {
		// First the word, then the deed: a copy that no row knows is put again by the next archiving.
		err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.SetArchived(ctx, key, false, l.now()) })
		if err != nil {
			return err
		}
		if err := l.Archive.Delete(ctx, key, before); err != nil {
			return err
		}
	}
	return nil
}

func (l *Library) sweepRows(ctx context.Context) error {
	now := l.now()
	general, err := l.General(ctx)
	if err != nil {
		return err
	}
	old, err := l.Store.TrashedBefore(ctx, now.Add(-trashTime))
	if err != nil {
		return err
	}
	var ended []string
	if general.CleanCollections {
		if ended, err = l.Store.EndedLinkCollections(ctx, now); err != nil {
			return err
		}
	}
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, a := range old {
			if err := tx.DeleteAsset(ctx, a); dam.KindOf(err) == dam.NotFound {
				continue // restored this moment
			} else if err != nil {
				return err
			}
			if err := l.note(ctx, tx, dam.Viewer{}, "asset.delete", a.ID, nil); err != nil {
				return err
			}
		}
		for _, id := range ended {
			if err := tx.DeleteCollection(ctx, id); err != nil {
				return err
			}
		}
		return firstError(tx.DropUploads(ctx, now), tx.DropSessions(ctx, now), tx.DropBudgets(ctx, now.Add(-guessWindow)))
	})
}

// sweepBlobs dooms unused bytes first and removes them in a second step, so that an upload of the
// same content between the two is told to come again instead of losing its bytes.
func (l *Library) sweepBlobs(ctx context.Context) error {
	before := l.now().Add(-grace)
	var doomed []string
	err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		doomed, err = tx.DoomBlobs(ctx, before)
		return err
	})
	if err != nil {
		return err
	}
	err = l.Blobs.Walk(ctx, func(e blob.Entry) error {
		if e.Modified.After(before) {
			return nil
		}
		known, err := l.Store.BlobKnown(ctx, e.Key)
		if err != nil || known {
			return err
		}
		return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			mine, err := tx.DoomStray(ctx, e.Key, l.now())
			if mine {
				doomed = append(doomed, e.Key)
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	for _, key := range doomed {
		if !external(key) {
			if err := l.Blobs.Delete(ctx, key, before); err != nil {
				return err
			}
		}
		err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.ForgetBlob(ctx, key) })
		if err != nil {
			return err
		}
	}
	return nil
}

// Fault is one thing that Check found. Assets are the numbers of those that need the bytes.
type Fault struct {
	Key    string
	What   string
	Assets []string
}

// CheckReport is what Check looked at. Stray bytes are no fault: the sweeper removes them.
type CheckReport struct {
	Blobs  int
	Bytes  int64
	Strays int
	Faults []Fault
}

// Check compares the rows with the bytes, in our storage and in the archive: every blob in use is there
// with its size and, when deep, with the content its key names. Assets whose original is gone are marked
// as missing, and those whose original is there again as available. Step is called after each blob.
func (l *Library) Check(ctx context.Context, deep bool, step func(done int)) (CheckReport, error) {
	var report CheckReport
	ours, err := sizesIn(ctx, l.Blobs)
	if err != nil {
		return report, err
	}
	var archive map[string]int64
	if l.Archive != nil {
		if archive, err = sizesIn(ctx, l.Archive); err != nil {
			return report, err
		}
	}
	after := ""
	for {
		rows, err := l.Store.Blobs(ctx, after)
		if err != nil || len(rows) == 0 {
			report.Strays = len(ours)
			return report, err
		}
		for _, row := range rows {
			after = row.Key
			if row.External {
				continue // its source says how it is
			}
			if err := l.checkBlob(ctx, row, deep, ours, archive, &report); err != nil {
				return report, err
			}
			delete(ours, row.Key)
			report.Blobs++
			report.Bytes += row.Size
			step(report.Blobs)
		}
	}
}

func sizesIn(ctx context.Context, s blob.Store) (map[string]int64, error) {
	sizes := map[string]int64{}
	return sizes, s.Walk(ctx, func(e blob.Entry) error {
		sizes[e.Key] = e.Size
		return nil
	})
}

func (l *Library) checkBlob(ctx context.Context, row store.BlobRow, deep bool, ours, archive map[string]int64, report *CheckReport) error {
	what := ""
	if row.Kept {
		size, there := ours[row.Key]
		switch {
		case !there:
			what = "the bytes are missing"
		case size != row.Size:
			what = fmt.Sprintf("there are %d bytes instead of %d", size, row.Size)
		case deep:
			var err error
			if what, err = l.damage(ctx, row); err != nil {
				return err
			}
		}
		if err := l.setMissing(ctx, row.Key, !there); err != nil {
			return err
		}
	}
	if row.Archived && what == "" && archive != nil {
		if size, there := archive[row.Key]; !there || size != row.Size {
			what = "the copy in the archive is missing"
		}
	}
	if what == "" {
		return nil
	}
	fault, err := l.fault(ctx, row.Key, what)
	report.Faults = append(report.Faults, fault)
	return err
}

func (l *Library) damage(ctx context.Context, row store.BlobRow) (string, error) {
	found, damaged, err := blob.Verify(ctx, l.Blobs, row.Key)
	if err != nil {
		return "", err
	}
	if damaged || int64(found.CRC32) != row.CRC32 {
		return "the content is damaged", nil
	}
	return "", nil
}

func (l *Library) fault(ctx context.Context, key, what string) (Fault, error) {
	general, err := l.General(ctx)
	if err != nil {
		return Fault{}, err
	}
	numbers, err := l.Store.AssetsOfBlob(ctx, key)
	fault := Fault{Key: key, What: what}
	for _, n := range numbers {
		fault.Assets = append(fault.Assets, dam.NumberText(general.NumberPrefix, n))
	}
	return fault, err
}
