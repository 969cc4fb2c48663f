package server

import (
	"context"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

type visitJSON struct {
	At      time.Time      `json:"at"`
	Event   dam.VisitEvent `json:"event" enum:"opened,viewed,download_started,download_finished,refused"`
	Reason  *string        `json:"reason" doc:"The code of a refusal"`
	AssetID *string        `json:"asset_id"`
	Version *string        `json:"version"`
	Bytes   int64          `json:"bytes"`
}

type visitsIn struct {
	ByID
	Paging
}

type visitsOut struct{ Body streamJSON[visitJSON] }

type statsOut struct {
	Body struct {
		Views      int64      `json:"views"`
		Downloads  int64      `json:"downloads"`
		Refused    int64      `json:"refused"`
		LastUsedAt *time.Time `json:"last_used_at"`
		Days       []dayJSON  `json:"days" nullable:"false"`
	}
}

type dayJSON struct {
	Day       string `json:"day"`
	Views     int64  `json:"views"`
	Downloads int64  `json:"downloads"`
}

func (s *Server) linkVisits(ctx context.Context, v dam.Viewer, in *visitsIn) (*visitsOut, error) {
	visits, next, err := s.Library.LinkVisits(ctx, v, in.ID, in.page())
	if err != nil {
		return nil, err
	}
	items := each(visits, func(t dam.Visit) visitJSON {
		return visitJSON{
			At: t.At.UTC(), Event: t.Event, Reason: orNull(string(t.Reason)),
			AssetID: orNull(t.AssetID), Version: orNull(t.Version), Bytes: t.Bytes,
		}
	})
	return &visitsOut{streamJSON[visitJSON]{items, cursor(next)}}, nil
}

func (s *Server) linkStats(ctx context.Context, v dam.Viewer, in *ByID) (*statsOut, error) {
	stats, err := s.Library.LinkStats(ctx, v, in.ID)
	if err != nil {
		return nil, err
	}
	out := &statsOut{}
	out.Body.Views, out.Body.Downloads, out.Body.Refused = stats.Views, stats.Downloads, stats.Refused
	out.Body.LastUsedAt = instant(stats.LastUsedAt)
	out.Body.Days = each(stats.Days, func(d library.DayCount) dayJSON { return dayJSON{d.Day, d.Views, d.Downloads} })
	return out, nil
}
