package store

import (
	"context"
	"fmt"

	"vitrine/internal/dam"
)

// Facts reads what the file of an asset says of itself and the words in it; both are empty when
// nothing is known.
func (r Reader) Facts(ctx context.Context, assetID string) (groups []dam.FactGroup, body string, err error) {
	var row struct {
		Facts document[[]dam.FactGroup] `bun:"facts"`
		Body  string                    `bun:"body"`
	}
	err = found(r.db.NewRaw("SELECT facts, body FROM asset_facts WHERE asset_id = ?", assetID).Scan(ctx, &row), "facts")
	if dam.KindOf(err) == dam.NotFound {
		err = nil
	}
	return row.Facts.V, row.Body, err
}

// SaveFacts keeps what the file of an asset says of itself and the words in it. The words are found by
// the search once the asset is updated.
func (tx *Tx) SaveFacts(ctx context.Context, assetID string, groups []dam.FactGroup, body string) error {
	if groups == nil {
		groups = []dam.FactGroup{}
	}
	_, err := tx.db.NewRaw("INSERT INTO asset_facts (asset_id, facts, body) VALUES (?, ?, ?) "+
		"ON CONFLICT (asset_id) DO UPDATE SET facts = excluded.facts, body = excluded.body",
		assetID, document[[]dam.FactGroup]{groups}, body).Exec(ctx)
	if err != nil {
		return fmt.Errorf("save facts: %w", err)
	}
	return nil
}
