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
	Tags                     *[]string
	Rights                   *dam.Rights
	SetReaders               bool
	Restricted               bool
	Readers                  []string
}

// EditAsset changes what people say of an asset. Errors: Unauthenticated, NotFound, Forbidden, Invalid.
func (l *Library) EditAsset(ctx context.Context, v dam.Viewer, id string, p AssetPatch) (dam.Asset, error) {
	return l.changeAsset(ctx, v, id, dam.AssetEdit, "asset.edit", func(ctx context.Context, tx *store.Tx, a *dam.Asset) error {
		if err := outOfTrash(*a); err != nil {
			return err
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

func outOfTrash(a dam.Asset) error {
	if a.Trashed() {
		return &dam.Error{Kind: dam.Conflict, Msg: "This asset is in the trash. Restore it first."}
	}
	return nil
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
		if a.Description, err = words("description", *p.Description, maxDescriptionLength); err != nil {
			return err
		}
	}
	if p.Tags != nil {
		if a.Tags, err = tagList(*p.Tags); err != nil {
			return err
		}
	}
	if p.Rights != nil {
		a.Rights, err = rightsOf(*p.Rights)
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
		a.Status, a.Failure, a.Note, a.Work = dam.StatusProcessing, "", "", dam.WorkDeriving
		return l.Queue.Enqueue(ctx, tx, dam.OriginalJob(dam.JobDerive, *a))
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
	Attach             bool
	Archive            bool
	Replace            bool
	Clean              []dam.Cleaning // what can be taken out of the original
}

// AssetCan tells what the viewer may do with an asset, for menus; the verbs ask again.
func (l *Library) AssetCan(v dam.Viewer, a dam.Asset) AssetCan {
	can := func(r dam.Right) bool { return dam.May(v, r, a) == nil }
	out := AssetCan{
		Share:            dam.Sharable(v, a) == nil,
		DownloadOriginal: can(dam.DownloadOriginal) && a.Original == dam.OriginalAvailable,
		DownloadProxy:    can(dam.DownloadProxy), DownloadAttachment: can(dam.DownloadAttachment),
		Edit: can(dam.AssetEdit), Delete: can(dam.AssetDelete),
		Retry:  can(dam.AssetEdit) && a.Status == dam.StatusFailed,
		Attach: can(dam.AssetEdit), Archive: can(dam.AssetEdit) && !a.External(), Replace: can(dam.AssetEdit) && !a.External(),
	}
	for _, c := range []dam.Cleaning{dam.CleanGPS, dam.CleanAll} {
		if dam.Cleanable(a.MIME, c) {
			out.Clean = append(out.Clean, c)
		}
	}
	if out.Share {
		return out
	}
	out.ShareBlocked = "rights"
	if a.External() {
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
	if strings.Contains(version, "@") {
		return nil, noVersion()
	}
	if version == dam.VersionOriginal {
		if err := dam.May(v, dam.DownloadOriginal, a); err != nil {
			return nil, err
		}
		if a.Original != dam.OriginalAvailable {
			return nil, &dam.Error{Kind: dam.OriginalUnavailable, Msg: "The original is " + string(a.Original) + "."}
		}
		return l.original(ctx, a)
	}
	if download {
		if err := dam.May(v, dam.DownloadProxy, a); err != nil {
			return nil, err
		}
	}
	r, err := l.Store.Rendition(ctx, a.ID, version)
	if dam.KindOf(err) == dam.NotFound && a.Status == dam.StatusProcessing {
		return nil, &dam.Error{Kind: dam.NotReady, Msg: "This version is being made.", RetryAfter: 2 * time.Second}
	}
	if err != nil {
		return nil, err
	}
	return l.rendition(ctx, a, version, r, download)
}

func noVersion() error { return &dam.Error{Kind: dam.NotFound, Msg: "There is no such version."} }

// original opens the bytes of an asset as they were brought in.
func (l *Library) original(ctx context.Context, a dam.Asset) (*Content, error) {
	c := &Content{Name: a.Name, MIME: a.MIME, Download: true, Original: true}
	if a.External() {
		return l.externalOriginal(ctx, a, c)
	}
	if err := l.open(ctx, c, a.Key); err != nil {
		if dam.KindOf(err) == dam.OriginalUnavailable {
			l.missing(ctx, a.Key)
		}
		return nil, err
	}
	return c, nil
}

// rendition opens the bytes of a rendition, which is a version of the asset to those who get it.
func (l *Library) rendition(ctx context.Context, a dam.Asset, version string, r dam.Rendition, download bool) (*Content, error) {
	c := &Content{Name: renditionName(a.Name, version, r.MIME), MIME: r.MIME, Download: download}
	if err := l.open(ctx, c, r.Key); err != nil {
		return nil, err
	}
	return c, nil
}

// attachment opens the bytes of a supporting file.
func (l *Library) attachment(ctx context.Context, f dam.Attachment, download bool) (*Content, error) {
	c := &Content{Name: f.Name, MIME: f.MIME, Download: download, Original: download || !f.Captions()}
	if err := l.open(ctx, c, f.Key); err != nil {
		return nil, err
	}
	return c, nil
}

// open gives a content its bytes.
func (l *Library) open(ctx context.Context, c *Content, key string) error {
	body, size, err := l.Blobs.Open(ctx, key)
	if dam.KindOf(err) == dam.NotFound {
		l.Log.Error("bytes are missing from the storage", "key", key)
		return &dam.Error{Kind: dam.OriginalUnavailable, Msg: "File is temporarily unavailable.", Err: err}
	}
	if err != nil {
		return err
	}
	c.ReadSeekCloser, c.Size, c.ETag = body, size, l.Keys.ETag(key)
	return nil
}

// renditionName is the file name of a rendition: IMG_1.CR2 becomes IMG_1-preview.jpg.
func renditionName(name, version, mime string) string {
	stem := name
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		stem = name[:i]
	}
	_, ext, _ := strings.Cut(mime, "/")
	switch mime {
	case "image/jpeg":
		ext = "jpg"
	case "audio/mp4":
		ext = "m4a"
	}
	return stem + "-" + version + "." + ext
}
