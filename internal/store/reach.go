package store

import (
	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

// reach is the one WHERE of "what may X see". It says of rows "a" what dam.Viewer.Sees says of
// assets; TestReachAgreesWithTheRule compares the two.
func reach(q *bun.SelectQuery, v dam.Viewer) *bun.SelectQuery {
	if !v.Has(dam.AssetView) {
		return q.Where("1 = 0")
	}
	if v.Has(dam.Admin) {
		return q
	}
	return q.Where("(a.restricted = FALSE OR a.owner_id = ? OR EXISTS "+
		"(SELECT 1 FROM asset_readers ar WHERE ar.asset_id = a.id AND ar.user_id = ?))", v.ID, v.ID)
}
