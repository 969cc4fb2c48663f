package library

import (
	"context"
	"fmt"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/store"
)

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
		if err := l.noteMissing(ctx, rows, ours); err != nil {
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

// noteMissing writes down which originals are gone and which are there again, where that is news.
func (l *Library) noteMissing(ctx context.Context, rows []store.BlobRow, ours map[string]int64) error {
	for _, missing := range []bool{true, false} {
		var keys []string
		for _, row := range rows {
			if _, there := ours[row.Key]; row.Kept && !row.External && there != missing {
				keys = append(keys, row.Key)
			}
		}
		news, err := l.Store.SaidMissing(ctx, keys, !missing)
		if err != nil {
			return err
		}
		if len(news) == 0 {
			continue
		}
		err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			for _, key := range news {
				ids, err := tx.SetMissing(ctx, key, missing)
				if err != nil {
					return err
				}
				for _, id := range ids {
					tx.Announce(store.Event{AssetID: id})
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
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
