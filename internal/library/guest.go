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
	Pages       int
	Poster      string // a still of the film, empty for none; likewise Play and Storyboard
	Play        string // what a player plays
	Storyboard  string // a square sheet of stills, Columns beside and Rows below each other
	Columns     int
	Rows        int
	Captions    []GuestCaption
	Facts       []dam.Fact
	Rights      dam.Rights
	Marked      bool // its pictures bear the watermark of the link
	Cleaned     dam.Cleaning
}

// GuestCaption is a supporting file with the captions of a film.
type GuestCaption struct {
	ID    string
	Label string
}

// GuestVersion is a version that a guest may download. Label is the file name of a supporting file.
// Size is 0 where it is not known before the version is made.
type GuestVersion struct {
	Name   string
	Label  string
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
		if !in.link.Shows(in.creator, a) {
			continue
		}
		item, err := l.item(ctx, in, a)
		if err != nil {
			return GuestPage{}, in, err
		}
		page.Items = append(page.Items, item)
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
	item, err := l.item(ctx, in, a)
	if err != nil {
		return GuestPage{}, in, err
	}
	page := in.frame("asset")
	page.Total, page.Items = 1, []GuestItem{item}
	if in.link.Terms.Show == dam.ShowAll {
		page.Items[0].Facts, err = l.guestFacts(ctx, in, a)
	}
	return page, in, err
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

// item is one asset as the link shows it.
func (l *Library) item(ctx context.Context, in admission, a dam.Asset) (GuestItem, error) {
	a, err := l.asOf(ctx, a, in.link)
	if err != nil {
		return GuestItem{}, err
	}
	terms := in.link.Terms
	item := GuestItem{
		ID: a.ID, Name: a.Name, Kind: a.Kind, MIME: a.MIME,
		Width: a.Width, Height: a.Height, Duration: a.Duration, Size: a.Size, Pages: a.Pages,
		Placeholder: a.Placeholder, Versions: []GuestVersion{},
		Pending:     a.Status == dam.StatusProcessing,
		Unavailable: terms.Original && a.Original != dam.OriginalAvailable,
		Marked:      terms.Watermark, Cleaned: terms.Files,
	}
	if terms.Show != dam.ShowNone {
		item.Title, item.Description, item.TakenAt, item.Rights = a.Title, a.Description, a.TakenAt, a.Rights
	}
	item.show(in.link, a)
	for _, name := range in.link.Offers(in.creator, a) {
		item.Versions = append(item.Versions, versionOf(a, name, terms))
	}
	return item, nil
}

// show finds what the page shows of an asset.
func (item *GuestItem) show(link dam.Link, a dam.Asset) {
	shown := func(name string) string {
		if r, ok := a.Rendition(name); ok && link.ShowsVersion(r) {
			return name
		}
		return ""
	}
	for _, name := range []string{dam.Preview, dam.Poster, dam.Thumbnail} {
		if item.View = shown(name); item.View != "" {
			r, _ := a.Rendition(name)
			item.ViewWidth, item.ViewHeight = r.Width, r.Height
			break
		}
	}
	switch a.Kind {
	case dam.KindVideo:
		item.Poster, item.Play, item.Storyboard = shown(dam.Poster), shown(dam.Video720), shown(dam.Storyboard)
		for _, file := range a.Attachments {
			if file.Captions() {
				item.Captions = append(item.Captions, GuestCaption{file.ID, file.Name})
			}
		}
	case dam.KindAudio:
		item.Play = shown(dam.Audio128)
	}
	if item.Storyboard != "" {
		item.Columns = dam.StoryboardGrid(a.Duration)
		item.Rows = item.Columns
	}
}

func versionOf(a dam.Asset, name string, terms dam.Terms) GuestVersion {
	if file, ok := a.Attachment(name); ok {
		return GuestVersion{Name: name, Label: file.Name, MIME: file.MIME, Size: file.Size}
	}
	if r, ok := a.Rendition(name); ok {
		v := GuestVersion{Name: name, MIME: r.MIME, Width: r.Width, Height: r.Height, Size: r.Size}
		if terms.Watermark {
			v.Size = 0
		}
		return v
	}
	v := GuestVersion{Name: name, MIME: a.MIME, Width: a.Width, Height: a.Height, Size: a.Size}
	if terms.Files != dam.CleanNothing {
		v.Size = 0
	}
	return v
}

// guestFacts is what the file says of itself as far as the terms tell it.
func (l *Library) guestFacts(ctx context.Context, in admission, a dam.Asset) ([]dam.Fact, error) {
	groups, _, err := l.Store.Facts(ctx, a.ID)
	if err != nil || in.link.Terms.Pinned().Before(a.RevisedAt) && !in.link.Terms.Pinned().IsZero() {
		return nil, err // the facts are the newest original's
	}
	if !in.link.Terms.ShowsPlace() {
		groups = withoutPlace(groups)
	}
	var out []dam.Fact
	for _, g := range groups {
		switch g.Name {
		case "EXIF", "IPTC", "XMP", "PDF": // the rest is how the file is built
			out = append(out, g.Items...)
		}
	}
	return out, nil
}

// refused records a refusal. Of what was asked for it notes only what there is: the words of an
// address are a guest's own, of any length and content.
func (l *Library) refused(in admission, w Want, err error) {
	visit := dam.Visit{LinkID: in.link.ID, At: l.now(), Event: dam.VisitRefused, Reason: dam.KindOf(err)}
	if in.row.Here {
		visit.AssetID = w.AssetID
	}
	if dam.KnownVersion(w.Version) || len(in.row.Asset.Renditions) > 0 {
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
