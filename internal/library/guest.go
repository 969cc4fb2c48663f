package library

import (
	"context"
	"encoding/hex"
	"net/netip"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/secret"
	"vitrine/internal/store"
)

// passTime is how long a guest stays inside a locked link at most.
const passTime = 12 * time.Hour

// guestPageSize is how many items one page of a gallery shows.
const guestPageSize = 120

// Door is what a guest brings to a link. Address is where the guest comes from, for the limiter
// only; it is never kept.
type Door struct {
	Token   secret.Token
	Pass    string
	Address netip.Addr
}

// GuestPage is what a guest sees of a link, built field by field.
type GuestPage struct {
	Name         string
	Kind         string
	ViewOnly     bool
	PersonSearch bool
	Items        []GuestItem
	Next         string
	Total        int
	ExpiresAt    time.Time
	TimeZone     string
}

// GuestItem is one asset of a link as a guest sees it. View is the version to show, empty for a
// type card; Pending says that it is still being made. Unavailable says that the original is
// allowed and away.
type GuestItem struct {
	ID          string
	Name        string
	Title       string
	Description string
	Kind        dam.AssetKind
	MIME        string
	Width       int
	Height      int
	Duration    float64
	Size        int64
	TakenAt     time.Time
	Placeholder []byte
	View        string
	ViewWidth   int
	ViewHeight  int
	Versions    []GuestVersion
	Pending     bool
	Unavailable bool
}

// GuestVersion is a version that a guest may download.
type GuestVersion struct {
	Name   string
	MIME   string
	Width  int
	Height int
	Size   int64
}

// GuestPlace is where an item stands in its gallery; Before and After are ids, empty at the ends.
type GuestPlace struct {
	Before string
	After  string
	Place  int
}

// Want is one version of one item. Quiet requests are not counted: HEAD, and ranges that go on
// with a download.
type Want struct {
	AssetID  string
	Version  string
	Download bool
	Quiet    bool
}

// admission is a guest inside: what admit found out about the link and its creator.
type admission struct {
	link    dam.Link
	creator dam.Viewer
	row     store.Resolved
}

// admit is the door of every guest's request: it finds the link of the right kind, and has dam
// decide. With an asset's id the row also holds that asset. A refusal is recorded as a visit.
// Errors: NotFound, Inactive, Expired, PasswordRequired.
func (l *Library) admit(ctx context.Context, d Door, kind dam.LinkKind, asset, version string) (admission, error) {
	row, err := l.resolve(ctx, d.Token, asset, version)
	if err != nil {
		return admission{}, err
	}
	if row.Link.Kind != kind {
		return admission{}, noLink()
	}
	now := l.now()
	in := admission{link: row.Link, creator: row.Creator.Viewer(), row: row}
	inside := row.Link.Locked() && l.Keys.CheckPass(d.Pass, row.Link.ID, row.Link.PasswordEpoch, now)
	if err := row.Link.Admit(in.creator, dam.Attempt{Now: now, Inside: inside}); err != nil {
		if dam.KindOf(err) != dam.PasswordRequired {
			l.refused(in, Want{AssetID: asset, Version: version}, err)
		}
		return in, err
	}
	return in, nil
}

// Open gives a page of a link to a guest, and records that the link was opened, once for a visit:
// with the first page. Errors: NotFound, Inactive, Expired, PasswordRequired, Invalid.
func (l *Library) Open(ctx context.Context, d Door, cursor string) (GuestPage, error) {
	page, in, err := l.page(ctx, d, cursor)
	if err == nil && cursor == "" {
		l.visits.record(dam.Visit{LinkID: in.link.ID, At: l.now(), Event: dam.VisitOpened})
	}
	return page, err
}

// Peek is Open without a record, for data and HEAD.
func (l *Library) Peek(ctx context.Context, d Door, cursor string) (GuestPage, error) {
	page, _, err := l.page(ctx, d, cursor)
	return page, err
}

func (l *Library) page(ctx context.Context, d Door, cursor string) (GuestPage, admission, error) {
	in, err := l.admit(ctx, d, dam.LinkKindPublic, "", "")
	if err != nil {
		return expiredPage(in, err), in, err
	}
	if in.link.AssetID != "" {
		return l.onePage(ctx, in, in.link.AssetID)
	}
	assets, next, err := l.Store.CollectionAssets(ctx, in.creator, in.link.CollectionID, store.Page{Cursor: cursor, Limit: guestPageSize})
	if err != nil {
		return GuestPage{}, in, err
	}
	page := in.frame("collection")
	page.Next = next
	if page.Total, err = l.Store.CollectionCount(ctx, in.creator, in.link.CollectionID); err != nil {
		return GuestPage{}, in, err
	}
	for _, a := range assets {
		if in.link.Shows(in.creator, a) {
			page.Items = append(page.Items, in.item(a))
		}
	}
	return page, in, nil
}

func (l *Library) onePage(ctx context.Context, in admission, id string) (GuestPage, admission, error) {
	a, err := l.Store.Asset(ctx, id)
	if err != nil || !in.link.Shows(in.creator, a) {
		if err == nil || dam.KindOf(err) == dam.NotFound {
			err = noLink()
		}
		return GuestPage{}, in, err
	}
	page := in.frame("asset")
	page.Total, page.Items = 1, []GuestItem{in.item(a)}
	return page, in, nil
}

// OpenItem gives one item of a gallery with its neighbours.
// Errors: NotFound, Inactive, Expired, PasswordRequired.
func (l *Library) OpenItem(ctx context.Context, d Door, assetID string) (GuestPage, GuestPlace, error) {
	in, err := l.admit(ctx, d, dam.LinkKindPublic, assetID, dam.Preview)
	if err != nil {
		return expiredPage(in, err), GuestPlace{}, err
	}
	if !in.row.Here {
		return GuestPage{}, GuestPlace{}, noItem()
	}
	page, _, err := l.onePage(ctx, in, assetID)
	if err != nil || in.link.CollectionID == "" {
		return page, GuestPlace{Place: 1}, err
	}
	page.Kind = "collection"
	var place GuestPlace
	place.Before, place.After, place.Place, err = l.Store.Neighbours(ctx, in.creator, in.link.CollectionID, assetID)
	if err != nil {
		return GuestPage{}, place, err
	}
	page.Total, err = l.Store.CollectionCount(ctx, in.creator, in.link.CollectionID)
	return page, place, err
}

// expiredPage tells those who come too late until when the link was open, and nothing else.
func expiredPage(in admission, err error) GuestPage {
	if dam.KindOf(err) != dam.Expired {
		return GuestPage{}
	}
	return GuestPage{ExpiresAt: in.link.ExpiresAt, TimeZone: in.link.TimeZone}
}

func (in admission) frame(kind string) GuestPage {
	return GuestPage{
		Name: in.link.Name, Kind: kind, ViewOnly: in.link.Terms.ViewOnly(), PersonSearch: in.link.Terms.PersonSearch,
		Items: []GuestItem{}, ExpiresAt: in.link.ExpiresAt, TimeZone: in.link.TimeZone,
	}
}

func (in admission) item(a dam.Asset) GuestItem {
	item := GuestItem{
		ID: a.ID, Name: a.Name, Title: a.Title, Description: a.Description, Kind: a.Kind, MIME: a.MIME,
		Width: a.Width, Height: a.Height, Duration: a.Duration, Size: a.Size, TakenAt: a.TakenAt,
		Placeholder: a.Placeholder, Versions: []GuestVersion{},
		Pending:     a.Status == dam.StatusProcessing,
		Unavailable: in.link.Terms.Original && a.Original != dam.OriginalAvailable,
	}
	for _, name := range []string{dam.Preview, dam.Thumbnail} {
		if r, ok := a.Rendition(name); ok {
			item.View, item.ViewWidth, item.ViewHeight = name, r.Width, r.Height
			break
		}
	}
	for _, name := range in.link.Offers(in.creator, a) {
		if name == dam.VersionOriginal {
			item.Versions = append(item.Versions, GuestVersion{name, a.MIME, a.Width, a.Height, a.Size})
			continue
		}
		r, _ := a.Rendition(name)
		item.Versions = append(item.Versions, GuestVersion{name, r.MIME, r.Width, r.Height, r.Size})
	}
	return item
}

// GuestContent gives the bytes of one version to a guest.
// Errors: NotFound, Inactive, Expired, PasswordRequired, NotAllowed, OriginalUnavailable, NotReady.
func (l *Library) GuestContent(ctx context.Context, d Door, w Want) (*Content, error) {
	in, err := l.admit(ctx, d, dam.LinkKindPublic, w.AssetID, w.Version)
	if err != nil {
		return nil, err
	}
	return l.release(ctx, in, w)
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
	return l.release(ctx, in, Want{AssetID: in.link.AssetID, Version: dam.VersionOriginal, Download: true, Quiet: quiet})
}

// release asks dam whether the version may leave and opens its bytes.
func (l *Library) release(ctx context.Context, in admission, w Want) (*Content, error) {
	if !in.row.Here {
		return nil, noItem()
	}
	if err := in.link.Release(in.creator, in.row.Asset, w.Version, w.Download); err != nil {
		l.refused(in, w, err)
		return nil, err
	}
	c, err := l.content(ctx, in.row.Asset, w.Version, w.Download || w.Version == dam.VersionOriginal)
	if err != nil {
		l.refused(in, w, err)
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

// refused records a refusal. Of what was asked for it notes only what there is: the words of an
// address are a guest's own, of any length and content.
func (l *Library) refused(in admission, w Want, err error) {
	visit := dam.Visit{LinkID: in.link.ID, At: l.now(), Event: dam.VisitRefused, Reason: dam.KindOf(err)}
	if in.row.Here {
		visit.AssetID = w.AssetID
	}
	if dam.KnownVersion(w.Version) {
		visit.Version = w.Version
	}
	l.visits.record(visit)
}

// Unlock trades the password of a link for a pass. Guesses are limited for each link and network;
// an open link has nothing to unlock.
// Errors: NotFound, Inactive, Expired, Conflict, WrongPassword, TooMany, Unavailable.
func (l *Library) Unlock(ctx context.Context, d Door, password string) (pass string, expires time.Time, err error) {
	row, err := l.resolve(ctx, d.Token, "", "")
	if err != nil {
		return "", time.Time{}, err
	}
	link, now := row.Link, l.now()
	if link.Kind != dam.LinkKindPublic {
		return "", time.Time{}, noLink()
	}
	if err := link.Admit(row.Creator.Viewer(), dam.Attempt{Now: now, Inside: true}); err != nil {
		return "", time.Time{}, err
	}
	if !link.Locked() {
		return "", time.Time{}, &dam.Error{Kind: dam.Conflict, Msg: "This link needs no password."}
	}
	budget := "unlock:" + link.ID + ":" + network(d.Address)
	if err := l.spend(ctx, budget, guesses); err != nil {
		l.refused(admission{link: link}, Want{}, err)
		return "", time.Time{}, err
	}
	right, err := l.Hasher.Verify(ctx, link.PasswordHash, password)
	if err != nil {
		return "", time.Time{}, err
	}
	if !right {
		err := &dam.Error{Kind: dam.WrongPassword, Msg: "That password is not right."}
		l.refused(admission{link: link}, Want{}, err)
		return "", time.Time{}, err
	}
	if err := l.Store.Refund(ctx, budget); err != nil {
		return "", time.Time{}, err
	}
	expires = now.Add(passTime)
	if !link.ExpiresAt.IsZero() && link.ExpiresAt.Before(expires) {
		expires = link.ExpiresAt
	}
	return l.Keys.NewPass(link.ID, link.PasswordEpoch, expires), expires, nil
}

// PassCookie is the name of the cookie that holds the pass of a link; it tells nothing of the token.
func (l *Library) PassCookie(token secret.Token) string {
	return "vitrine_pass_" + hex.EncodeToString(l.Keys.Digest(token)[:4])
}

func noItem() error { return &dam.Error{Kind: dam.NotFound, Msg: "There is no such item."} }
