package library

import (
	"context"
	"slices"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/secret"
	"vitrine/internal/store"
)

// sealedToken is what sealed tokens of links are for; it stands in the database.
const sealedToken = "link token"

// NewLink is a link to be made: for assets or for a collection. Several assets get a personal
// collection of their own. The expiry is a day in a zone or an instant.
type NewLink struct {
	Kind           dam.LinkKind
	AssetIDs       []string
	CollectionID   string
	CollectionName string
	Name           string
	Terms          dam.Terms
	ExpiresOn      string
	TimeZone       string
	ExpiresAt      time.Time
	Password       string
	Locale         string
	Pinned         bool
}

// LinkView is a link as those see it who may manage it. Shared of Total assets are in the link.
type LinkView struct {
	dam.Link
	URL      string
	EmbedURL string
	Status   dam.LinkStatus
	Target   Target
	Shared   int
	Total    int
}

// Target is what a link points at. Kind is "asset" or "collection", Cover an asset's id.
type Target struct {
	Kind   string
	ID     string
	Name   string
	Number string
	Count  int
	Cover  string
}

// CreateLink makes a link, and for several assets a personal collection, in one transaction.
// Errors: Unauthenticated, Forbidden, NotFound, Invalid with the field, OriginalNotHere.
func (l *Library) CreateLink(ctx context.Context, v dam.Viewer, n NewLink) (LinkView, error) {
	if n.Kind == dam.LinkKindDownload {
		n.Terms.Original = true
	}
	var err error
	if n.Terms.Recipient, err = words("recipient", n.Terms.Recipient, maxNameLength); err != nil {
		return LinkView{}, err
	}
	if n.Pinned {
		n.Terms.PinnedAt = l.now().UnixMicro()
	}
	if err := n.check(v); err != nil {
		return LinkView{}, err
	}
	if err := l.fits(ctx, n.Kind, n.Terms, nil); err != nil {
		return LinkView{}, err
	}
	zone, err := zoneOf(n.TimeZone)
	if err != nil {
		return LinkView{}, err
	}
	link := dam.Link{
		ID: newID(), Kind: n.Kind, OwnerID: v.ID, OwnerName: v.Name, Terms: n.Terms, TimeZone: zone.String(),
		PasswordEpoch: 1, CollectionID: n.CollectionID, CreatedAt: l.now(),
	}
	link.UpdatedAt = link.CreatedAt
	if link.ExpiresAt, err = l.expiry(n.ExpiresOn, zone, n.ExpiresAt); err != nil {
		return LinkView{}, err
	}
	here := link.CreatedAt.In(zone)
	if link.Name, err = words("name", n.Name, maxNameLength); err != nil {
		return LinkView{}, err
	}
	if link.Name == "" {
		link.Name = defaultLinkName(n.Locale, here)
	}
	own, assets, total, err := l.aim(ctx, v, n, &link, here)
	if err != nil {
		return LinkView{}, err
	}
	if n.Password != "" {
		if link.PasswordHash, err = l.Hasher.Hash(ctx, n.Password); err != nil {
			return LinkView{}, err
		}
	}
	token := secret.NewToken()
	if link.SealedToken, err = l.Keys.Seal([]byte(token.Reveal()), sealedToken); err != nil {
		return LinkView{}, err
	}
	err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if own != nil {
			if err := tx.InsertCollection(ctx, *own); err != nil {
				return err
			}
			if err := tx.AddMembers(ctx, own.ID, idsOf(assets)); err != nil {
				return err
			}
		}
		if err := tx.InsertLink(ctx, link, l.Keys.Digest(token)); err != nil {
			return err
		}
		if err := l.premade(ctx, tx, link); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "link.create", link.ID, map[string]string{"kind": string(link.Kind), "name": link.Name})
	})
	if err != nil {
		return LinkView{}, err
	}
	view, err := l.view(ctx, link, v)
	if total > 0 {
		view.Total = total
	}
	return view, err
}

// check refuses what no state of the library could allow.
func (n NewLink) check(v dam.Viewer) error {
	if err := v.Require(dam.LinkPublic); err != nil {
		return err
	}
	switch n.Kind {
	case dam.LinkKindPublic:
	case dam.LinkKindDownload:
		if err := v.Require(dam.LinkDownload); err != nil {
			return err
		}
		if n.CollectionID != "" || len(n.AssetIDs) != 1 {
			return dam.InvalidField("asset_ids", "A download link is for exactly one asset.")
		}
		if n.Password != "" {
			return dam.InvalidField("password", "A download link has no password.")
		}
	default:
		return dam.InvalidField("kind", "A link is of kind download or public.")
	}
	if (len(n.AssetIDs) == 0) == (n.CollectionID == "") {
		return dam.InvalidField("asset_ids", "Name assets or one collection.")
	}
	if len(n.AssetIDs) > maxSelection {
		return dam.InvalidField("asset_ids", "Name at most %d assets.", maxSelection)
	}
	if n.Password != "" {
		if err := dam.ValidPassword(n.Password); err != nil {
			return err
		}
	}
	return mayAllow(v, n.Terms)
}

// fits checks terms against the settings, and against the asset of a single link.
// Errors: Invalid with the field.
func (l *Library) fits(ctx context.Context, kind dam.LinkKind, t dam.Terms, single *dam.Asset) error {
	recipes, err := l.Store.Recipes(ctx)
	if err != nil {
		return err
	}
	w, err := l.Store.Watermark(ctx)
	if err != nil {
		return err
	}
	if err := dam.ValidTerms(kind, t, dam.Configured{Recipes: recipes, Watermark: w.Configured()}); err != nil {
		return err
	}
	if single == nil || kind == dam.LinkKindDownload {
		return nil
	}
	return t.FitsAsset(*single)
}

// mayAllow refuses terms that give more than their giver has (R11). Errors: Forbidden.
func mayAllow(v dam.Viewer, t dam.Terms) error {
	for _, need := range []struct {
		wanted bool
		right  dam.Right
		field  string
	}{
		{t.Original, dam.DownloadOriginal, "allow.original"},
		{len(t.Proxies) > 0, dam.DownloadProxy, "allow.proxies"},
		{t.Attachments, dam.DownloadAttachment, "allow.attachments"},
	} {
		if need.wanted && !v.Has(need.right) {
			return &dam.Error{Kind: dam.Forbidden, Field: need.field, Msg: "You cannot allow what you may not download yourself."}
		}
	}
	return nil
}

// aim points a link at its target. For several assets it also drafts their collection and says how
// many of how many are shareable.
func (l *Library) aim(ctx context.Context, v dam.Viewer, n NewLink, link *dam.Link, here time.Time) (
	own *dam.Collection, assets []dam.Asset, total int, err error,
) {
	if n.CollectionID != "" {
		c, err := l.Collection(ctx, v, n.CollectionID)
		if err == nil && c.Count == 0 {
			err = dam.InvalidField("collection_id", "The collection is empty.")
		}
		return nil, nil, 0, err
	}
	wanted := slices.Compact(slices.Sorted(slices.Values(n.AssetIDs)))
	found, err := l.Store.AssetsByID(ctx, n.AssetIDs)
	if err != nil {
		return nil, nil, 0, err
	}
	var refusal error = &dam.Error{Kind: dam.NotFound, Field: "asset_ids", Msg: "There is no such asset."}
	for _, a := range found {
		if err := dam.Sharable(v, a); err != nil {
			if dam.KindOf(err) != dam.NotFound {
				refusal = err
			}
			continue
		}
		assets = append(assets, a)
	}
	if len(assets) == 0 {
		return nil, nil, 0, refusal
	}
	if err := firstError(originalsThere(n, assets), attachmentsThere(n, assets)); err != nil {
		return nil, nil, 0, err
	}
	if len(wanted) == 1 {
		link.AssetID = assets[0].ID
		return nil, assets, 0, l.fits(ctx, n.Kind, n.Terms, &assets[0])
	}
	if n.Terms.Watermark && !slices.ContainsFunc(assets, markable) {
		return nil, nil, 0, dam.InvalidField("watermark", "Only pictures and pages of documents can bear a watermark.")
	}
	name, err := words("collection_name", n.CollectionName, maxNameLength)
	if name == "" {
		name = defaultCollectionName(n.Locale, here)
	}
	own = &dam.Collection{
		ID: newID(), Name: name, Kind: dam.CollectionPersonal, OwnerID: v.ID, MadeForLink: true, CreatedAt: link.CreatedAt,
	}
	link.CollectionID = own.ID
	return own, assets, len(wanted), err
}

// originalsThere refuses links that promise originals none of the assets has now (R39, R47, R93).
func originalsThere(n NewLink, assets []dam.Asset) error {
	there := slices.ContainsFunc(assets, func(a dam.Asset) bool { return a.Original == dam.OriginalAvailable })
	switch {
	case there:
		return nil
	case n.Kind == dam.LinkKindDownload:
		return &dam.Error{Kind: dam.OriginalNotHere, Msg: dam.OriginalNote}
	case n.Terms.Original:
		return dam.InvalidField("allow.original", "The original is archived or unavailable.")
	}
	return nil
}

// attachmentsThere refuses links that promise supporting files none of the assets has (R49, R93).
func attachmentsThere(n NewLink, assets []dam.Asset) error {
	some := slices.ContainsFunc(assets, func(a dam.Asset) bool { return len(a.Attachments) > 0 })
	if n.Terms.Attachments && !some {
		return dam.InvalidField("allow.attachments", "There are no supporting files.")
	}
	return nil
}

func markable(a dam.Asset) bool { return a.Kind == dam.KindImage || a.Kind == dam.KindDocument }

// premade asks for what the guests of a link would otherwise wait for.
func (l *Library) premade(ctx context.Context, tx *store.Tx, link dam.Link) error {
	if !link.Terms.Watermark && link.Terms.Files == dam.CleanNothing {
		return nil
	}
	return l.Queue.Enqueue(ctx, tx, dam.Job{Kind: dam.JobMark, ID: link.ID})
}

// DeleteLink ends a link for everybody, at once and for good (R121). A collection that it made
// stays. Errors: Unauthenticated, NotFound.
func (l *Library) DeleteLink(ctx context.Context, v dam.Viewer, id string) error {
	link, err := l.managed(ctx, v, id)
	if err != nil {
		return err
	}
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.DeleteLink(ctx, id); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "link.delete", id, map[string]string{"name": link.Name})
	})
}

// Link reads a link that the viewer may manage. Errors: Unauthenticated, NotFound.
func (l *Library) Link(ctx context.Context, v dam.Viewer, id string) (LinkView, error) {
	link, err := l.managed(ctx, v, id)
	if err != nil {
		return LinkView{}, err
	}
	return l.view(ctx, link, v)
}

func (l *Library) managed(ctx context.Context, v dam.Viewer, id string) (dam.Link, error) {
	if err := v.Require(dam.AssetView); err != nil {
		return dam.Link{}, err
	}
	link, err := l.Store.Link(ctx, id)
	if err != nil {
		return dam.Link{}, err
	}
	return link, dam.MayManage(v, link)
}

// Links lists the viewer's own links, or everybody's for those who manage all.
// Errors: Unauthenticated, Invalid.
func (l *Library) Links(ctx context.Context, v dam.Viewer, q store.LinkQuery) (Listing[LinkView], error) {
	if err := v.Require(dam.AssetView); err != nil {
		return Listing[LinkView]{}, err
	}
	if !v.Has(dam.LinkManageAll) {
		if q.Owner != "" && q.Owner != v.ID {
			return Listing[LinkView]{Items: []LinkView{}}, nil
		}
		q.Owner = v.ID
	}
	q.Now = l.now()
	links, next, total, err := l.Store.Links(ctx, q)
	if err != nil {
		return Listing[LinkView]{}, err
	}
	views, err := l.views(ctx, links)
	return Listing[LinkView]{views, next, total}, err
}

// AssetLinks lists the links that show an asset, made for it or through collections, as far as the
// viewer may manage them, and the internal URL. Errors: Unauthenticated, NotFound.
func (l *Library) AssetLinks(ctx context.Context, v dam.Viewer, assetID string) (own, via []LinkView, internalURL string, err error) {
	a, err := l.Asset(ctx, v, assetID)
	if err != nil {
		return nil, nil, "", err
	}
	general, err := l.General(ctx)
	if err != nil {
		return nil, nil, "", err
	}
	direct, err := l.Links(ctx, v, store.LinkQuery{Asset: a.ID, Page: store.Page{Limit: store.MaxLimit}})
	if err != nil {
		return nil, nil, "", err
	}
	through, err := l.Store.LinksThrough(ctx, a.ID)
	if err != nil {
		return nil, nil, "", err
	}
	through = slices.DeleteFunc(through, func(link dam.Link) bool { return dam.MayManage(v, link) != nil })
	via, err = l.views(ctx, through)
	return direct.Items, via, l.BaseURL + "/a/" + dam.NumberText(general.NumberPrefix, a.Number), err
}

// LinkVisits lists what happened at a link, the newest first. Errors: Unauthenticated, NotFound, Invalid.
func (l *Library) LinkVisits(ctx context.Context, v dam.Viewer, id string, page store.Page) ([]dam.Visit, string, error) {
	if _, err := l.managed(ctx, v, id); err != nil {
		return nil, "", err
	}
	return l.Store.Visits(ctx, id, page)
}

// LinkStats sums up the last 30 days of a link. Errors: Unauthenticated, NotFound.
func (l *Library) LinkStats(ctx context.Context, v dam.Viewer, id string) (store.LinkStats, error) {
	link, err := l.managed(ctx, v, id)
	if err != nil {
		return store.LinkStats{}, err
	}
	return l.Store.Stats(ctx, link, l.now().AddDate(0, 0, -30))
}

func idsOf(assets []dam.Asset) []string {
	ids := make([]string, len(assets))
	for i, a := range assets {
		ids[i] = a.ID
	}
	return ids
}
