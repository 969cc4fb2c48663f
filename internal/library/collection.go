package library

import (
	"context"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

// maxSelection is how many assets one request may name.
const maxSelection = 10_000

// Collections lists what the viewer sees. Errors: Unauthenticated, Invalid.
func (l *Library) Collections(ctx context.Context, v dam.Viewer, q store.CollectionQuery) (Listing[dam.Collection], error) {
	if err := v.Require(dam.AssetView); err != nil {
		return Listing[dam.Collection]{}, err
	}
	items, next, total, err := l.Store.Collections(ctx, v, q)
	return Listing[dam.Collection]{items, next, total}, err
}

// Collection reads one collection. Errors: Unauthenticated, NotFound.
func (l *Library) Collection(ctx context.Context, v dam.Viewer, id string) (dam.Collection, error) {
	if err := v.Require(dam.AssetView); err != nil {
		return dam.Collection{}, err
	}
	c, err := l.Store.Collection(ctx, v, id)
	if err == nil && !v.SeesCollection(c) {
		err = &dam.Error{Kind: dam.NotFound, Msg: "There is no such collection."}
	}
	return c, err
}

// CreateCollection makes a shared collection of assets in the given order.
// Errors: Unauthenticated, Forbidden, NotFound for an asset the viewer does not see, Invalid.
func (l *Library) CreateCollection(ctx context.Context, v dam.Viewer, name string, assetIDs []string) (dam.Collection, error) {
	if err := v.Require(dam.CollectionCreate); err != nil {
		return dam.Collection{}, err
	}
	name, err := line("name", name)
	if err != nil {
		return dam.Collection{}, err
	}
	if err := l.seesAll(ctx, v, assetIDs); err != nil {
		return dam.Collection{}, err
	}
	c := dam.Collection{ID: newID(), Name: name, Kind: dam.CollectionShared, OwnerID: v.ID, CreatedAt: l.now()}
	err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.InsertCollection(ctx, c); err != nil {
			return err
		}
		if err := tx.AddMembers(ctx, c.ID, assetIDs); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "collection.create", c.ID, map[string]string{"name": name})
	})
	if err != nil {
		return dam.Collection{}, err
	}
	return l.Collection(ctx, v, c.ID)
}

// RenameCollection gives a collection another name. Errors: Unauthenticated, NotFound, Forbidden, Invalid.
func (l *Library) RenameCollection(ctx context.Context, v dam.Viewer, id, name string) (dam.Collection, error) {
	name, err := line("name", name)
	if err != nil {
		return dam.Collection{}, err
	}
	return l.changeCollection(ctx, v, id, "collection.rename", func(ctx context.Context, tx *store.Tx) error {
		return tx.RenameCollection(ctx, id, name)
	})
}

// AddToCollection appends assets; the collection's links show them at once (R103).
// Errors: Unauthenticated, NotFound, Forbidden, Invalid.
func (l *Library) AddToCollection(ctx context.Context, v dam.Viewer, id string, assetIDs []string) (dam.Collection, error) {
	if err := l.seesAll(ctx, v, assetIDs); err != nil {
		return dam.Collection{}, err
	}
	return l.changeCollection(ctx, v, id, "collection.add", func(ctx context.Context, tx *store.Tx) error {
		return tx.AddMembers(ctx, id, assetIDs)
	})
}

// RemoveFromCollection takes assets out; they vanish from the collection's links at once.
// Errors: Unauthenticated, NotFound, Forbidden.
func (l *Library) RemoveFromCollection(ctx context.Context, v dam.Viewer, id string, assetIDs []string) (dam.Collection, error) {
	return l.changeCollection(ctx, v, id, "collection.remove", func(ctx context.Context, tx *store.Tx) error {
		return tx.RemoveMembers(ctx, id, assetIDs)
	})
}

// DeleteCollection removes a collection with its links; assets stay.
// Errors: Unauthenticated, NotFound, Forbidden.
func (l *Library) DeleteCollection(ctx context.Context, v dam.Viewer, id string) error {
	c, err := l.Collection(ctx, v, id)
	if err != nil {
		return err
	}
	if err := dam.MayEditCollection(v, c); err != nil {
		return err
	}
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.DeleteCollection(ctx, id); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "collection.delete", id, map[string]string{"name": c.Name})
	})
}

func (l *Library) changeCollection(ctx context.Context, v dam.Viewer, id, action string,
	change func(context.Context, *store.Tx) error,
) (dam.Collection, error) {
	c, err := l.Collection(ctx, v, id)
	if err != nil {
		return dam.Collection{}, err
	}
	if err := dam.MayEditCollection(v, c); err != nil {
		return dam.Collection{}, err
	}
	err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := change(ctx, tx); err != nil {
			return err
		}
		return l.note(ctx, tx, v, action, id, nil)
	})
	if err != nil {
		return dam.Collection{}, err
	}
	return l.Collection(ctx, v, id)
}

// seesAll refuses a list with an asset that does not exist for the viewer.
func (l *Library) seesAll(ctx context.Context, v dam.Viewer, ids []string) error {
	if len(ids) > maxSelection {
		return dam.InvalidField("asset_ids", "Name at most %d assets.", maxSelection)
	}
	assets, err := l.Store.AssetsByID(ctx, ids)
	if err != nil {
		return err
	}
	seen := make(map[string]bool, len(assets))
	for _, a := range assets {
		seen[a.ID] = v.Sees(a) && !a.Trashed()
	}
	for _, id := range ids {
		if !seen[id] {
			return &dam.Error{Kind: dam.NotFound, Field: "asset_ids", Msg: "There is no asset " + id + "."}
		}
	}
	return nil
}
