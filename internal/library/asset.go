package library

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

// trashTime is how long a deleted asset can be restored.
const trashTime = 30 * 24 * time.Hour

// Listing is one page of a list.
type Listing[T any] struct {
	Items []T
	Next  string
	Total int
}

// Assets lists what the viewer sees. Errors: Unauthenticated, Invalid.
func (l *Library) Assets(ctx context.Context, v dam.Viewer, q store.AssetQuery) (Listing[dam.Asset], error) {
	if err := v.Require(dam.AssetView); err != nil {
		return Listing[dam.Asset]{}, err
	}
	general, err := l.General(ctx)
	if err != nil {
		return Listing[dam.Asset]{}, err
	}
	if q.Collection != "" {
		if _, err := l.Collection(ctx, v, q.Collection); err != nil {
			return Listing[dam.Asset]{}, err
		}
	}
	q.Number, _ = dam.ParseNumber(general.NumberPrefix, q.Words)
	items, next, total, err := l.Store.Assets(ctx, v, q)
	return Listing[dam.Asset]{items, next, total}, err
}

// Asset reads one asset by id or number. Errors: Unauthenticated, NotFound.
func (l *Library) Asset(ctx context.Context, v dam.Viewer, idOrNumber string) (dam.Asset, error) {
	if err := v.Require(dam.AssetView); err != nil {
		return dam.Asset{}, err
	}
	a, err := l.findAsset(ctx, idOrNumber)
	if err != nil {
		return dam.Asset{}, err
	}
	return a, dam.May(v, dam.AssetView, a)
}

func (l *Library) findAsset(ctx context.Context, idOrNumber string) (dam.Asset, error) {
	if id, err := uuid.Parse(idOrNumber); err == nil {
		return l.Store.Asset(ctx, id.String())
	}
	general, err := l.General(ctx)
	if err != nil {
		return dam.Asset{}, err
	}
	if n, ok := dam.ParseNumber(general.NumberPrefix, idOrNumber); ok {
		return l.Store.AssetByNumber(ctx, n)
	}
	return dam.Asset{}, &dam.Error{Kind: dam.NotFound, Msg: "There is no such asset."}
}

// AssetPatch says what to change of an asset; nil keeps. With SetReaders the asset becomes
// restricted to its owner and Readers, or open to everybody signed in.
type AssetPatch struct {
	Name, Title, Description *string
	SetReaders               bool
	Restricted               bool
	Readers                  []string
}

// EditAsset changes what people say of an asset. Errors: Unauthenticated, NotFound, Forbidden, Invalid.
func (l *Library) EditAsset(ctx context.Context, v dam.Viewer, id string, p AssetPatch) (dam.Asset, error) {
	return l.changeAsset(ctx, v, id, dam.AssetEdit, "asset.edit", func(ctx context.Context, tx *store.Tx, a *dam.Asset) error {
		if a.Trashed() {
			return &dam.Error{Kind: dam.Conflict, Msg: "This asset is in the trash. Restore it first."}
		}
		if err := p.texts(a); err != nil {
			return err
		}
		if !p.SetReaders {
			return nil
		}
		if a.OwnerID != v.ID && !v.Has(dam.Admin) {
			return &dam.Error{Kind: dam.Forbidden, Field: "restricted_to", Msg: "Only the owner decides who may see the asset."}
		}
		names, err := tx.UserNames(ctx, p.Readers)
		if err != nil {
			return err
		}
		a.Restricted, a.Readers = p.Restricted, nil
		for _, reader := range p.Readers {
			if _, known := names[reader]; !known {
				return dam.InvalidField("restricted_to", "There is no user %s.", reader)
			}
			delete(names, reader)
			a.Readers = append(a.Readers, reader)
		}
		return nil
	})
}

func (p AssetPatch) texts(a *dam.Asset) (err error) {
	if p.Name != nil {
		if _, err = line("name", *p.Name); err != nil {
			return err
		}
		a.Name = fileName(*p.Name)
	}
	if p.Title != nil {
		if a.Title, err = words("title", *p.Title, maxTitleLength); err != nil {
			return err
		}
	}
	if p.Description != nil {
		a.Description, err = words("description", *p.Description, maxDescriptionLength)
	}
	return err
}

// TrashAsset deletes an asset in a way that can be undone for 30 days; its links stop at once.
// Errors: Unauthenticated, NotFound, Forbidden.
func (l *Library) TrashAsset(ctx context.Context, v dam.Viewer, id string) (dam.Asset, error) {
	return l.changeAsset(ctx, v, id, dam.AssetDelete, "asset.trash", func(_ context.Context, _ *store.Tx, a *dam.Asset) error {
		if a.Trashed() {
			return &dam.Error{Kind: dam.NotFound, Msg: "There is no such asset."}
		}
		a.TrashedAt = l.now()
		return nil
	})
}

// RestoreAsset takes an asset out of the trash; its links work again (R125).
// Errors: Unauthenticated, NotFound, Forbidden.
func (l *Library) RestoreAsset(ctx context.Context, v dam.Viewer, id string) (dam.Asset, error) {
	return l.changeAsset(ctx, v, id, dam.AssetDelete, "asset.restore", func(_ context.Context, _ *store.Tx, a *dam.Asset) error {
		a.TrashedAt = time.Time{}
		return nil
	})
}

// RetryAsset has the renditions of a failed asset tried again.
// Errors: Unauthenticated, NotFound, Forbidden, Conflict when nothing failed.
func (l *Library) RetryAsset(ctx context.Context, v dam.Viewer, id string) (dam.Asset, error) {
	return l.changeAsset(ctx, v, id, dam.AssetEdit, "asset.retry", func(ctx context.Context, tx *store.Tx, a *dam.Asset) error {
		if a.Status != dam.StatusFailed {
			return &dam.Error{Kind: dam.Conflict, Msg: "Nothing failed with this asset."}
		}
		a.Status, a.Failure = dam.StatusProcessing, ""
		return l.Queue.Enqueue(ctx, tx, dam.Job{Kind: dam.JobDerive, ID: a.ID})
	})
}

// ArchiveAsset marks the original as archived: from that moment no link and no download gives it,
// while renditions stay. Errors: Unauthenticated, NotFound, Forbidden, Conflict.
func (l *Library) ArchiveAsset(ctx context.Context, v dam.Viewer, id string) (dam.Asset, error) {
	return l.moveOriginal(ctx, v, id, "asset.archive", dam.OriginalAvailable, dam.OriginalArchived)
}

// UnarchiveAsset makes an archived original available again.
// Errors: Unauthenticated, NotFound, Forbidden, Conflict.
func (l *Library) UnarchiveAsset(ctx context.Context, v dam.Viewer, id string) (dam.Asset, error) {
	return l.moveOriginal(ctx, v, id, "asset.unarchive", dam.OriginalArchived, dam.OriginalAvailable)
}

func (l *Library) moveOriginal(ctx context.Context, v dam.Viewer, id, action string, from, to dam.OriginalState) (dam.Asset, error) {
	return l.changeAsset(ctx, v, id, dam.AssetEdit, action, func(_ context.Context, _ *store.Tx, a *dam.Asset) error {
		if a.Original != from {
			return &dam.Error{Kind: dam.Conflict, Msg: "The original is " + string(a.Original) + "."}
		}
		a.Original = to
		return nil
	})
}

// changeAsset is the frame of every change of an asset: read, ask, change, write, note, announce,
// all in one transaction.
func (l *Library) changeAsset(ctx context.Context, v dam.Viewer, id string, right dam.Right, action string,
	change func(context.Context, *store.Tx, *dam.Asset) error,
) (dam.Asset, error) {
	found, err := l.Asset(ctx, v, id)
	if err != nil {
		return dam.Asset{}, err
	}
	var out dam.Asset
	err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		a, err := tx.Asset(ctx, found.ID)
		if err != nil {
			return err
		}
		if err := dam.May(v, right, a); err != nil {
			return err
		}
		if err := change(ctx, tx, &a); err != nil {
			return err
		}
		out = a
		if err := tx.UpdateAsset(ctx, a); err != nil {
			return err
		}
		tx.Announce(store.Event{AssetID: a.ID, Status: a.Status})
		return l.note(ctx, tx, v, action, a.ID, nil)
	})
	return out, err
}

// AssetCan is what a viewer may do with an asset. ShareBlocked is "external" or "rights" where
// Share is false.
type AssetCan struct {
	Share              bool
	ShareBlocked       string
	DownloadOriginal   bool
	DownloadProxy      bool
	DownloadAttachment bool
	Edit               bool
	Delete             bool
	Retry              bool
}

// AssetCan tells what the viewer may do with an asset, for menus; the verbs ask again.
func (l *Library) AssetCan(v dam.Viewer, a dam.Asset) AssetCan {
	can := func(r dam.Right) bool { return dam.May(v, r, a) == nil }
	out := AssetCan{
		Share:            dam.Sharable(v, a) == nil,
		DownloadOriginal: can(dam.DownloadOriginal) && a.Original == dam.OriginalAvailable,
		DownloadProxy:    can(dam.DownloadProxy), DownloadAttachment: can(dam.DownloadAttachment),
		Edit: can(dam.AssetEdit), Delete: can(dam.AssetDelete),
		Retry: can(dam.AssetEdit) && a.Status == dam.StatusFailed,
	}
	if out.Share {
		return out
	}
	out.ShareBlocked = "rights"
	if a.Source != dam.SourceUpload {
		out.ShareBlocked = "external"
	}
	return out
}

// Content is bytes that passed the gate. The embedded reader of a blob on disk is the *os.File
// itself. Original marks bytes as they were brought in, which never render on our origin.
type Content struct {
	io.ReadSeekCloser
	Name     string
	MIME     string
	Size     int64
	ETag     string
	Original bool
	Download bool
}

// AssetContent gives a version of an asset to somebody signed in; the original only as a download.
// Errors: Unauthenticated, NotFound, Forbidden, OriginalUnavailable, NotReady.
func (l *Library) AssetContent(ctx context.Context, v dam.Viewer, idOrNumber, version string, download bool) (*Content, error) {
	a, err := l.Asset(ctx, v, idOrNumber)
	if err != nil {
		return nil, err
	}
	if version == dam.VersionOriginal {
		if err := dam.May(v, dam.DownloadOriginal, a); err != nil {
			return nil, err
		}
		if a.Original != dam.OriginalAvailable {
			return nil, &dam.Error{Kind: dam.OriginalUnavailable, Msg: "The original is " + string(a.Original) + "."}
		}
		return l.content(ctx, a, version, true)
	}
	if download {
		if err := dam.May(v, dam.DownloadProxy, a); err != nil {
			return nil, err
		}
	}
	return l.content(ctx, a, version, download)
}

// content opens the bytes of a version that may leave.
func (l *Library) content(ctx context.Context, a dam.Asset, version string, download bool) (*Content, error) {
	c := &Content{Name: a.Name, MIME: a.MIME, Download: download, Original: version == dam.VersionOriginal}
	key := a.Key
	if !c.Original {
		r, ok := a.Rendition(version)
		if !ok && a.Status == dam.StatusProcessing {
			return nil, &dam.Error{Kind: dam.NotReady, Msg: "This version is being made.", RetryAfter: 2 * time.Second}
		}
		if !ok {
			return nil, &dam.Error{Kind: dam.NotFound, Msg: "There is no such version."}
		}
		key, c.MIME, c.Name = r.Key, r.MIME, renditionName(a.Name, version, r.MIME)
	}
	body, size, err := l.Blobs.Open(ctx, key)
	if dam.KindOf(err) == dam.NotFound {
		l.Log.Error("bytes are missing from the storage", "asset", a.ID, "version", version)
		return nil, &dam.Error{Kind: dam.OriginalUnavailable, Msg: "File is temporarily unavailable.", Err: err}
	}
	if err != nil {
		return nil, err
	}
	c.ReadSeekCloser, c.Size, c.ETag = body, size, l.Keys.ETag(key)
	return c, nil
}

// renditionName is the file name of a rendition: IMG_1.CR2 becomes IMG_1-preview.jpg.
func renditionName(name, version, mime string) string {
	stem := name
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		stem = name[:i]
	}
	_, ext, _ := strings.Cut(mime, "/")
	if ext == "jpeg" {
		ext = "jpg"
	}
	return stem + "-" + version + "." + ext
}
