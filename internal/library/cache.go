package library

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"

	"vitrine/internal/dam"
	"vitrine/internal/secret"
	"vitrine/internal/store"
)

// resolutions remembers what the gate read about a link and an asset. An entry holds only while no
// transaction of this process has committed since it was read, and for a second at most, so that
// what another node changed is seen within that second. No change has to remember to drop it. Names
// that a guest made up are not remembered: they are of any length and number.
type resolutions struct {
	rows *otter.Cache[resolutionKey, resolution]
}

type resolutionKey struct{ digest, asset, version string }

type resolution struct {
	store.Resolved
	commits uint64
	at      time.Time
}

const (
	resolutionTime = time.Second
	resolutionRows = 20_000
)

func newResolutions() *resolutions {
	return &resolutions{otter.Must(&otter.Options[resolutionKey, resolution]{MaximumSize: resolutionRows})}
}

// resolve reads the link behind a token, and with an asset's id that asset and one of its
// renditions. Errors: NotFound.
func (l *Library) resolve(ctx context.Context, token secret.Token, asset, version string) (store.Resolved, error) {
	digest := l.Keys.Digest(token)
	key := resolutionKey{string(digest), asset, version}
	commits := l.Store.Commits()
	now := time.Now()
	if known, ok := l.cache.rows.GetIfPresent(key); ok && known.commits == commits && now.Sub(known.at) < resolutionTime {
		return known.Resolved, nil
	}
	read := func() (store.Resolved, error) { return l.Store.ResolveLink(ctx, digest) }
	if asset != "" {
		read = func() (store.Resolved, error) { return l.Store.ResolveAsset(ctx, digest, asset, version) }
	}
	row, err := read()
	if dam.KindOf(err) == dam.NotFound {
		return row, noLink()
	}
	if err == nil && (asset == "" || row.Here && (dam.KnownVersion(version) || len(row.Asset.Renditions) > 0)) {
		l.cache.rows.Set(key, resolution{row, commits, now})
	}
	return row, err
}

// noLink is the one answer about links that do not exist, exist no more, or are of another kind.
func noLink() error { return &dam.Error{Kind: dam.NotFound, Msg: "Link not found."} }
