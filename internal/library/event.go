package library

import (
	"context"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

// Events gives what happens to the assets and runs that the viewer sees, until ctx ends.
// Errors: Unauthenticated.
func (l *Library) Events(ctx context.Context, v dam.Viewer) (<-chan store.Event, error) {
	if err := v.Require(dam.AssetView); err != nil {
		return nil, err
	}
	all, out := l.Store.Subscribe(ctx), make(chan store.Event)
	go func() {
		defer close(out)
		for e := range all {
			if !l.hears(ctx, v, e) {
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

func (l *Library) hears(ctx context.Context, v dam.Viewer, e store.Event) bool {
	if e.Run != nil {
		return maySeeRun(v, dam.Run{ByID: e.Run.ByID})
	}
	a, err := l.Store.Asset(ctx, e.AssetID)
	return err == nil && v.Sees(a)
}

// Ready says whether rows and bytes can be served. Errors: Unavailable, StorageFull.
func (l *Library) Ready(ctx context.Context) error {
	return firstError(l.Store.Ready(ctx), l.Blobs.Ready(ctx))
}
