package library

import (
	"context"

	"github.com/google/uuid"

	"vitrine/internal/dam"
)

// GuestContent gives the bytes of one version to a guest.
// Errors: NotFound, Inactive, Expired, PasswordRequired, NotAllowed, OriginalUnavailable, NotReady.
func (l *Library) GuestContent(ctx context.Context, d Door, w Want) (*Content, error) {
	in, err := l.admit(ctx, d, dam.LinkKindPublic, w.AssetID, w.Version)
	if err != nil {
		return nil, err
	}
	return l.release(ctx, d, in, w)
}

// DirectContent gives the original behind a download link.
// Errors: NotFound, Inactive, Expired, OriginalUnavailable.
func (l *Library) DirectContent(ctx context.Context, d Door, quiet bool) (*Content, error) {
	in, err := l.admit(ctx, d, dam.LinkKindDownload, "", "")
	if err != nil {
		return nil, err
	}
	if in.row, err = l.resolve(ctx, d.Token, in.link.AssetID, dam.VersionOriginal); err != nil {
		return nil, err
	}
	return l.release(ctx, d, in, Want{AssetID: in.link.AssetID, Version: dam.VersionOriginal, Download: true, Quiet: quiet})
}

// release asks dam whether the version may leave, and as what, and opens its bytes.
func (l *Library) release(ctx context.Context, d Door, in admission, w Want) (*Content, error) {
	if !in.row.Here {
		return nil, noItem()
	}
	c, err := l.allowed(ctx, d, in, w)
	if err != nil {
		if dam.KindOf(err) != dam.NotReady { // it only waits
			l.refused(in, w, err)
		}
		return nil, err
	}
	if c.Download && !w.Quiet {
		l.visits.record(dam.Visit{
			LinkID: in.link.ID, At: l.now(), Event: dam.VisitDownloadStarted,
			AssetID: w.AssetID, Version: w.Version, Bytes: c.Size,
		})
	}
	return c, nil
}

func (l *Library) allowed(ctx context.Context, d Door, in admission, w Want) (*Content, error) {
	a, err := l.shown(ctx, d, in, w.Version)
	if err != nil {
		return nil, err
	}
	var mark dam.Watermark
	if in.link.Terms.Watermark {
		if mark, err = l.watermark(ctx); err != nil {
			return nil, err
		}
	}
	delivery, err := in.link.Release(in.creator, a, mark, w.Version, w.Download)
	if err != nil {
		return nil, err
	}
	if file, ok := delivery.Attachment(); ok {
		return l.attachment(ctx, file, delivery.Download())
	}
	if delivery.Rendition() == "" {
		return l.original(ctx, a)
	}
	r, err := l.stored(ctx, d, in, a, delivery)
	if err != nil {
		return nil, err
	}
	if delivery.Cleaning() == dam.CleanNothing {
		return l.rendition(ctx, a, w.Version, r, delivery.Download())
	}
	c := &Content{Name: a.Name, MIME: a.MIME, Download: true, Original: true}
	if err := l.open(ctx, c, r.Key); err != nil {
		return nil, err
	}
	return c, nil
}

// shown is the asset as the link shows it, with what was asked for.
func (l *Library) shown(ctx context.Context, d Door, in admission, version string) (dam.Asset, error) {
	a := in.row.Asset
	if uuid.Validate(version) == nil {
		file, err := l.Store.Attachment(ctx, a.ID, version)
		if err == nil {
			a.Attachments = []dam.Attachment{file}
		} else if dam.KindOf(err) != dam.NotFound {
			return a, err
		}
		return a, nil
	}
	pinned := in.link.Terms.Pinned()
	if pinned.IsZero() || !a.RevisedAt.After(pinned) {
		return a, nil
	}
	r, err := l.Store.EarlierAt(ctx, a.ID, pinned)
	if err != nil {
		return a, err
	}
	stored := dam.EarlierName(version, r.Number)
	row, err := l.resolve(ctx, d.Token, a.ID, stored)
	a = a.As(r)
	if then, ok := row.Asset.Rendition(stored); ok {
		then.Name = version
		a.Renditions = []dam.Rendition{then}
	}
	return a, err
}

// stored finds the rendition that a delivery names; what bears the mark of a link is made when it is
// first asked for.
func (l *Library) stored(ctx context.Context, d Door, in admission, a dam.Asset, delivery dam.Delivery) (dam.Rendition, error) {
	if r, ok := in.row.Asset.Rendition(delivery.Rendition()); ok {
		return r, nil
	}
	row, err := l.resolve(ctx, d.Token, a.ID, delivery.Rendition())
	if err != nil {
		return dam.Rendition{}, err
	}
	if r, ok := row.Asset.Rendition(delivery.Rendition()); ok {
		return r, nil
	}
	return l.madeFor(ctx, a, delivery)
}
