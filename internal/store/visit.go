package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

type visitRow struct {
	bun.BaseModel `bun:"table:visits,alias:v"`
	ID            int64   `bun:"id,pk,autoincrement"`
	LinkID        string  `bun:"link_id"`
	At            instant `bun:"at"`
	Event         string  `bun:"event"`
	Reason        string  `bun:"reason"`
	AssetID       string  `bun:"asset_id"`
	Version       string  `bun:"version"`
	Bytes         int64   `bun:"bytes"`
}

func (r visitRow) visit() dam.Visit {
	return dam.Visit{
		LinkID: r.LinkID, At: r.At.Time, Event: dam.VisitEvent(r.Event), Reason: dam.Kind(r.Reason),
		AssetID: r.AssetID, Version: r.Version, Bytes: r.Bytes,
	}
}

// AddVisits writes a batch of visits and adds them to the counts of their links. Visits of links
// deleted meanwhile are dropped. It does not count as a commit: it changes nothing a guest sees.
func (s *Store) AddVisits(ctx context.Context, visits []dam.Visit) error {
	run := s.inSQLite
	if s.pool != nil {
		run = s.inPostgres
	}
	return run(ctx, func(ctx context.Context, tx *Tx) error {
		for link, list := range byLink(visits) {
			if err := tx.addVisits(ctx, link, list); err != nil {
				return fmt.Errorf("write visits: %w", err)
			}
		}
		return nil
	})
}

func byLink(visits []dam.Visit) map[string][]dam.Visit {
	groups := map[string][]dam.Visit{}
	for _, v := range visits {
		groups[v.LinkID] = append(groups[v.LinkID], v)
	}
	return groups
}

func (tx *Tx) addVisits(ctx context.Context, link string, list []dam.Visit) error {
	var views, downloads int
	var last time.Time
	rows := make([]visitRow, len(list))
	for i, v := range list {
		rows[i] = visitRow{LinkID: link, At: instant{v.At}, Event: string(v.Event), Reason: string(v.Reason),
			AssetID: v.AssetID, Version: v.Version, Bytes: v.Bytes}
		switch v.Event {
		case dam.VisitOpened:
			views++
		case dam.VisitDownloadStarted:
			downloads++
		case dam.VisitViewed, dam.VisitRefused:
			continue
		}
		last = v.At
	}
	res, err := tx.db.NewRaw("UPDATE links SET views = views + ?, downloads = downloads + ?, "+
		"last_used_at = coalesce(?, last_used_at) WHERE id = ?", views, downloads, instant{last}, link).Exec(ctx)
	if err := hit(res, err, "link"); dam.KindOf(err) == dam.NotFound {
		return nil
	} else if err != nil {
		return err
	}
	_, err = tx.db.NewInsert().Model(&rows).ExcludeColumn("id").Exec(ctx)
	return err
}

// Visits lists the visits of a link, the newest first. Errors: Invalid with field cursor.
func (r Reader) Visits(ctx context.Context, linkID string, page Page) ([]dam.Visit, string, error) {
	var rows []visitRow
	sel := r.db.NewSelect().Model(&rows).Where("v.link_id = ?", linkID)
	if page.Cursor != "" {
		at, err := readMark(page.Cursor, linkID, false)
		if err != nil {
			return nil, "", err
		}
		sel = sel.Where("v.id < ?", at.Value)
	}
	if err := sel.OrderExpr("v.id DESC").Limit(int64(page.size()) + 1).Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("list visits: %w", err)
	}
	next := ""
	if len(rows) > page.size() {
		rows = rows[:page.size()]
		next = mark{Sort: linkID, Value: rows[len(rows)-1].ID, ID: linkID}.cursor()
	}
	return each(rows, visitRow.visit), next, nil
}

// LinkStats sums up the visits of a link; days are UTC days, the newest first, at most 30.
type LinkStats struct {
	Views      int64
	Downloads  int64
	Refused    int64
	LastUsedAt time.Time
	Days       []DayCount
}

// DayCount is one UTC day of a link, written YYYY-MM-DD.
type DayCount struct {
	Day       string
	Views     int64
	Downloads int64
}

// Stats sums up the visits of a link since an instant, by day.
func (r Reader) Stats(ctx context.Context, l dam.Link, since time.Time) (LinkStats, error) {
	out := LinkStats{Views: l.Views, Downloads: l.Downloads, LastUsedAt: l.LastUsedAt, Days: []DayCount{}}
	var rows []struct {
		Day       int64 `bun:"day"`
		Views     int64 `bun:"views"`
		Downloads int64 `bun:"downloads"`
		Refused   int64 `bun:"refused"`
	}
	const day = int64(24 * time.Hour / time.Microsecond)
	err := r.db.NewRaw("SELECT at / ? AS day, sum(CASE WHEN event = 'opened' THEN 1 ELSE 0 END) AS views, "+
		"sum(CASE WHEN event = 'download_started' THEN 1 ELSE 0 END) AS downloads, "+
		"sum(CASE WHEN event = 'refused' THEN 1 ELSE 0 END) AS refused "+
		"FROM visits WHERE link_id = ? AND at >= ? GROUP BY 1 ORDER BY 1 DESC", day, l.ID, instant{since}).Scan(ctx, &rows)
	if err != nil {
		return LinkStats{}, fmt.Errorf("sum up visits: %w", err)
	}
	for _, row := range rows {
		out.Refused += row.Refused
		out.Days = append(out.Days, DayCount{
			Day:   time.UnixMicro(row.Day * day).UTC().Format(time.DateOnly),
			Views: row.Views, Downloads: row.Downloads,
		})
	}
	return out, nil
}
