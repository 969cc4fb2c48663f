package library

import (
	"context"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/secret"
	"vitrine/internal/store"
)

// TestNamesThatAGuestMadeUpFillNoMemory: a token in the wrong hands must not become a way to make
// the server remember thousands of addresses of any length.
func TestNamesThatAGuestMadeUpFillNoMemory(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	rows, err := store.Open(ctx, "sqlite:"+filepath.Join(dir, "vitrine.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	keys, err := secret.Open(filepath.Join(dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	l := &Library{Config: Config{Store: rows, Keys: keys, Now: time.Now}, cache: newResolutions()}
	token, now := secret.NewToken(), time.Now()
	a := dam.Asset{
		ID: newID(), Name: "a.txt", Kind: dam.KindOther, Key: "00/key", Original: dam.OriginalAvailable,
		Source: dam.SourceUpload, Status: dam.StatusReady, OwnerID: "owner", CreatedAt: now,
	}
	err = rows.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return firstError(
			tx.InsertUser(ctx, dam.User{ID: "owner", Email: "o@example.org", Role: dam.RoleEditor, CreatedAt: now}),
			tx.UseBlob(ctx, a.Key, 1, 1, now), tx.InsertAsset(ctx, a),
			tx.InsertLink(ctx, dam.Link{ID: "link", Kind: dam.LinkKindPublic, OwnerID: "owner", AssetID: a.ID, SealedToken: []byte{1}, CreatedAt: now, UpdatedAt: now}, keys.Digest(token)))
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		made := "made up " + strconv.Itoa(i)
		for _, name := range [][2]string{{"", ""}, {a.ID, dam.Preview}, {made, dam.Preview}, {a.ID, made}} {
			if row, err := l.resolve(ctx, token, name[0], name[1]); err != nil || row.Here != (name[0] == a.ID) {
				t.Fatal(name, row.Here, err)
			}
		}
	}
	l.cache.rows.CleanUp()
	if n := l.cache.rows.EstimatedSize(); n != 2 {
		t.Errorf("%d answers are remembered, 2 of them are of use", n)
	}
}
