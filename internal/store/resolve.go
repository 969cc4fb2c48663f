package store

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

// Resolved is what the gate needs to decide about one request, read in one statement: the link,
// its creator, and, where the asset belongs to the link, the asset with the one rendition asked for.
// Only what the gate weighs and the answer needs is filled in.
type Resolved struct {
	Link    dam.Link
	Creator dam.User
	Asset   dam.Asset
	Here    bool // the asset belongs to the link's target
}

// hotQueries are the statements of the guest's path, prepared once.
type hotQueries struct {
	link  *sql.Stmt
	asset *sql.Stmt
}

// The fewer columns, the faster: these are what the gate weighs and what the answer needs.
const (
	linkColumns = `l.id, l.kind, l.name, l.owner_id, l.asset_id, l.collection_id, l.terms, l.expires_at, l.time_zone,
	l.password_hash, l.password_epoch, l.created_at, u.role, u.disabled`
	assetColumns = `a.id, a.name, a.mime, a.blob_key, a.original, a.source, a.status, a.owner_id, a.restricted, a.trashed_at,
	a.kind, a.revision, a.revised_at,
	EXISTS (SELECT 1 FROM asset_readers ar WHERE ar.asset_id = a.id AND ar.user_id = l.owner_id), r.mime, r.blob_key`

	resolveLink  = `SELECT ` + linkColumns + ` FROM links l JOIN users u ON u.id = l.owner_id WHERE l.digest = ?`
	resolveAsset = `SELECT ` + linkColumns + `, ` + assetColumns + `
	FROM links l JOIN users u ON u.id = l.owner_id
	LEFT JOIN assets a ON a.id = ? AND (l.asset_id = a.id OR EXISTS (
		SELECT 1 FROM collection_assets ca WHERE ca.collection_id = l.collection_id AND ca.asset_id = a.id))
	LEFT JOIN renditions r ON r.asset_id = a.id AND r.name = ?
	WHERE l.digest = ?`
)

func (s *Store) prepare(ctx context.Context) error {
	db := s.db.(*bun.DB).DB
	var err error
	if s.hot.link, err = db.PrepareContext(ctx, s.dialect.rebind(resolveLink)); err != nil {
		return err
	}
	s.hot.asset, err = db.PrepareContext(ctx, s.dialect.rebind(resolveAsset))
	return err
}

func (h hotQueries) close() {
	for _, stmt := range []*sql.Stmt{h.link, h.asset} {
		if stmt != nil {
			stmt.Close()
		}
	}
}

// ResolveLink reads a link and its creator by the digest of a token. It is over sooner than anybody
// could call it off, so that it does not listen for that. Errors: NotFound.
func (s *Store) ResolveLink(ctx context.Context, digest []byte) (Resolved, error) {
	var row resolvedRow
	err := s.hot.link.QueryRowContext(context.WithoutCancel(ctx), digest).Scan(row.linkFields()...)
	if err != nil {
		return Resolved{}, found(err, "link")
	}
	return row.resolved(), nil
}

// ResolveAsset is ResolveLink together with one asset and one of its renditions by name; Here is
// false when the asset does not belong to the link. Errors: NotFound when the link is unknown.
func (s *Store) ResolveAsset(ctx context.Context, digest []byte, assetID, version string) (Resolved, error) {
	row := resolvedRow{version: version}
	err := s.hot.asset.QueryRowContext(context.WithoutCancel(ctx), assetID, version, digest).Scan(append(row.linkFields(), row.assetFields()...)...)
	if err != nil {
		return Resolved{}, found(err, "link")
	}
	return row.resolved(), nil
}

type resolvedRow struct {
	version string
	link    linkRow
	creator userRow
	asset   struct {
		id, name, mime, key             sql.NullString
		original, source, status, owner sql.NullString
		restricted, reader              sql.NullBool
		trashed, revised                instant
		kind                            sql.NullString
		revision                        sql.NullInt64
		renditionMIME, renditionKey     sql.NullString
	}
}

func (r *resolvedRow) linkFields() []any {
	l, u := &r.link, &r.creator
	return []any{&l.ID, &l.Kind, &l.Name, &l.OwnerID, &l.AssetID, &l.CollectionID, &l.Terms, &l.ExpiresAt, &l.TimeZone,
		&l.PasswordHash, &l.PasswordEpoch, &l.CreatedAt, &u.Role, &u.Disabled}
}

func (r *resolvedRow) assetFields() []any {
	a := &r.asset
	return []any{&a.id, &a.name, &a.mime, &a.key, &a.original, &a.source, &a.status, &a.owner, &a.restricted, &a.trashed,
		&a.kind, &a.revision, &a.revised, &a.reader, &a.renditionMIME, &a.renditionKey}
}

func (r *resolvedRow) resolved() Resolved {
	r.creator.ID = r.link.OwnerID
	out := Resolved{Link: r.link.link(), Creator: r.creator.user(), Here: r.asset.id.Valid}
	if !out.Here {
		return out
	}
	a := r.asset
	out.Asset = dam.Asset{
		ID: a.id.String, Name: a.name.String, MIME: a.mime.String, Key: a.key.String,
		Original: dam.OriginalState(a.original.String), Source: a.source.String,
		Status: dam.AssetStatus(a.status.String), OwnerID: a.owner.String,
		Restricted: a.restricted.Bool, TrashedAt: a.trashed.Time,
		Kind: dam.AssetKind(a.kind.String), Revision: int(a.revision.Int64), RevisedAt: a.revised.Time,
	}
	if a.reader.Bool {
		out.Asset.Readers = []string{r.link.OwnerID}
	}
	if a.renditionKey.Valid {
		out.Asset.Renditions = []dam.Rendition{{
			AssetID: a.id.String, Name: r.version, MIME: a.renditionMIME.String, Key: a.renditionKey.String,
		}}
	}
	return out
}
