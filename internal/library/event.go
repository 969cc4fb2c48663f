package library

import (
	"context"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

// Events gives what happens to the assets that the viewer sees, until ctx ends.
// Errors: Unauthenticated.
func (l *Library) Events(ctx context.Context, v dam.Viewer) (<-chan store.Event, error) {
	if err := v.Require(dam.AssetView); err != nil {
		return nil, err
	}
	all, out := l.Store.Subscribe(ctx), make(chan store.Event)
	go func() {
		defer close(out)
		for e := range all {
			a, err := l.Store.Asset(ctx, e.AssetID)
			if err != nil || !v.Sees(a) {
				continue
			}
			select {
			case out <- e:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// Ready says whether rows and bytes can be served. Errors: Unavailable, StorageFull.
func (l *Library) Ready(ctx context.Context) error {
	return firstError(l.Store.Ready(ctx), l.Blobs.Ready(ctx))
}
