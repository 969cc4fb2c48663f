package library

import (
	"context"
	"slices"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

// Allow is the part of the terms that says which versions may be downloaded.
type Allow struct {
	Original    bool
	Proxies     []string
	Attachments bool
}

// LinkMetadata is the part of the terms that is about facts and files.
type LinkMetadata struct {
	Show  dam.Showing
	Files dam.Cleaning
}

// LinkPatch says what to change of a link; nil and false keep. SetExpiry with neither day nor
// instant removes the expiry; SetPassword with an empty one removes the password.
type LinkPatch struct {
	Name         *string
	Allow        *Allow
	Watermark    *bool
	Trace        *bool
	Recipient    *string
	Metadata     *LinkMetadata
	Pinned       *bool
	PersonSearch *bool
	SetExpiry    bool
	ExpiresOn    string
	TimeZone     string
	ExpiresAt    time.Time
	SetPassword  bool
	Password     string
}

// EditLink changes a link; its URL, QR code and everything untouched stay as they are. Another
// password ends the passes of those who are inside.
// Errors: Unauthenticated, NotFound, Forbidden, Invalid with the field, Conflict.
func (l *Library) EditLink(ctx context.Context, v dam.Viewer, id string, p LinkPatch) (LinkView, error) {
	link, err := l.managed(ctx, v, id)
	if err != nil {
		return LinkView{}, err
	}
	seen := link.UpdatedAt
	before := link.Terms
	if err := l.apply(ctx, v, p, &link); err != nil {
		return LinkView{}, err
	}
	if link.Terms.Widens(before) {
		if err := l.maySeeAllOf(ctx, v, link); err != nil {
			return LinkView{}, err
		}
	}
	if p.SetPassword {
		link.PasswordHash = ""
		link.PasswordEpoch++
		if p.Password != "" {
			if link.PasswordHash, err = l.Hasher.Hash(ctx, p.Password); err != nil {
				return LinkView{}, err
			}
		}
	}
	link.UpdatedAt = l.now()
	if !link.UpdatedAt.After(seen) {
		link.UpdatedAt = seen.Add(time.Microsecond)
	}
	err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.UpdateLink(ctx, link, seen); err != nil {
			return err
		}
		if p.changesTerms() || p.Name != nil {
			if err := l.premade(ctx, tx, link); err != nil {
				return err
			}
		}
		return l.note(ctx, tx, v, "link.edit", id, p.summary())
	})
	if err != nil {
		return LinkView{}, err
	}
	return l.view(ctx, link, v)
}

func (l *Library) apply(ctx context.Context, v dam.Viewer, p LinkPatch, link *dam.Link) (err error) {
	if p.Name != nil {
		if link.Name, err = line("name", *p.Name); err != nil {
			return err
		}
	}
	if p.changesTerms() {
		if link.Kind == dam.LinkKindDownload {
			return dam.InvalidField("allow", "A download link gives the original and nothing else.")
		}
		if err := l.applyTerms(ctx, v, p, link); err != nil {
			return err
		}
	}
	if p.SetPassword && p.Password != "" {
		if link.Kind == dam.LinkKindDownload {
			return dam.InvalidField("password", "A download link has no password.")
		}
		if err := dam.ValidPassword(p.Password); err != nil {
			return err
		}
	}
	return l.applyExpiry(p, link)
}

func (p LinkPatch) changesTerms() bool {
	return p.Allow != nil || p.Watermark != nil || p.Trace != nil || p.Recipient != nil || p.Metadata != nil ||
		p.Pinned != nil || p.PersonSearch != nil
}

// applyTerms changes terms. What was in them before stays unasked, so that a link can always be narrowed.
func (l *Library) applyTerms(ctx context.Context, v dam.Viewer, p LinkPatch, link *dam.Link) error {
	before := link.Terms
	if err := p.applyTo(&link.Terms, l.now()); err != nil {
		return err
	}
	t := &link.Terms
	if t.Widens(before) {
		if err := mayAllow(v, *t); err != nil {
			return err
		}
	}
	if err := l.stillFits(ctx, link.Kind, before, t); err != nil {
		return err
	}
	if link.AssetID != "" {
		a, err := l.Store.Asset(ctx, link.AssetID)
		if err != nil {
			return err
		}
		if err := added(before, *t).FitsAsset(a); err != nil {
			return err
		}
	}
	return l.promised(ctx, *link, before)
}

// applyTo writes what a patch says over terms.
func (p LinkPatch) applyTo(t *dam.Terms, now time.Time) (err error) {
	if p.Allow != nil {
		t.Original, t.Proxies, t.Attachments = p.Allow.Original, p.Allow.Proxies, p.Allow.Attachments
	}
	for _, c := range []struct {
		to  *bool
		set *bool
	}{{&t.Watermark, p.Watermark}, {&t.Trace, p.Trace}, {&t.PersonSearch, p.PersonSearch}} {
		if c.set != nil {
			*c.to = *c.set
		}
	}
	if p.Watermark != nil && !*p.Watermark && p.Trace == nil {
		t.Trace = false
	}
	if p.Recipient != nil {
		if t.Recipient, err = words("recipient", *p.Recipient, maxNameLength); err != nil {
			return err
		}
	}
	if p.Metadata != nil {
		t.Show, t.Files = p.Metadata.Show, p.Metadata.Files
	}
	if p.Pinned != nil && *p.Pinned != (t.PinnedAt != 0) {
		t.PinnedAt = 0
		if *p.Pinned {
			t.PinnedAt = now.UnixMicro()
		}
	}
	return nil
}

// stillFits checks changed terms against the settings. Proxies that the settings no longer offer are gone
// from the link (R56).
func (l *Library) stillFits(ctx context.Context, kind dam.LinkKind, before dam.Terms, t *dam.Terms) error {
	recipes, err := l.Store.Recipes(ctx)
	if err != nil {
		return err
	}
	w, err := l.Store.Watermark(ctx)
	if err != nil {
		return err
	}
	t.Proxies = slices.DeleteFunc(slices.Clone(t.Proxies), func(name string) bool {
		r, known := dam.FindRecipe(recipes, name)
		return slices.Contains(before.Proxies, name) && (!known || !r.Enabled)
	})
	return dam.ValidTerms(kind, *t, dam.Configured{
		Recipes: recipes, Watermark: w.Configured() || before.Watermark, Faces: before.PersonSearch,
	})
}

// added is what terms demand of an asset that they did not demand before.
func added(before, t dam.Terms) dam.Terms {
	t.Watermark = t.Watermark && !before.Watermark
	t.Original = t.Original && (!before.Original || t.Files != before.Files)
	return t
}

// promised refuses to switch on originals or supporting files where there are none, as CreateLink does; what
// is in a collection of people's own may come later.
func (l *Library) promised(ctx context.Context, link dam.Link, before dam.Terms) error {
	n := NewLink{Kind: link.Kind}
	n.Terms.Original = link.Terms.Original && !before.Original
	n.Terms.Attachments = link.Terms.Attachments && !before.Attachments
	if !n.Terms.Original && !n.Terms.Attachments {
		return nil
	}
	owner, err := l.Store.User(ctx, link.OwnerID)
	if err != nil {
		return err
	}
	if link.CollectionID != "" {
		c, err := l.Store.Collection(ctx, owner.Viewer(), link.CollectionID)
		if err != nil || !c.MadeForLink {
			return err
		}
	}
	var missing error
	for cursor := ""; ; {
		assets, next, err := l.linkAssets(ctx, owner.Viewer(), link, cursor)
		if err != nil {
			return err
		}
		if originalsThere(n, assets) == nil {
			n.Terms.Original = false
		}
		if attachmentsThere(n, assets) == nil {
			n.Terms.Attachments = false
		}
		missing = firstError(originalsThere(n, nil), attachmentsThere(n, nil))
		if cursor = next; cursor == "" || missing == nil {
			return missing
		}
	}
}

func (l *Library) applyExpiry(p LinkPatch, link *dam.Link) error {
	if !p.SetExpiry {
		return nil
	}
	if p.TimeZone == "" {
		p.TimeZone = link.TimeZone
	}
	zone, err := zoneOf(p.TimeZone)
	if err != nil {
		return err
	}
	link.TimeZone = zone.String()
	link.ExpiresAt, err = l.expiry(p.ExpiresOn, zone, p.ExpiresAt)
	return err
}

// expiry reads the end of a link: a day in a zone, an instant, or neither for never.
func (l *Library) expiry(day string, zone *time.Location, at time.Time) (time.Time, error) {
	if day != "" && !at.IsZero() {
		return time.Time{}, dam.InvalidField("expires_on", "Give a day or an instant, not both.")
	}
	field := "expires_at"
	if day != "" {
		field = "expires_on"
		var err error
		if at, err = dam.EndOfDay(day, zone); err != nil {
			return time.Time{}, err
		}
	}
	if !at.IsZero() && !at.After(l.now()) {
		return time.Time{}, dam.InvalidField(field, "Choose a time that is not over yet.")
	}
	return at.UTC().Truncate(time.Microsecond), nil
}

func zoneOf(name string) (*time.Location, error) {
	if name == "Local" {
		name = "?"
	}
	zone, err := time.LoadLocation(name) // "" is UTC
	if err != nil {
		return nil, dam.InvalidField("time_zone", "%q is no time zone of the IANA database.", name)
	}
	return zone, nil
}

// summary names what was changed, never to what secret.
func (p LinkPatch) summary() map[string]string {
	out := map[string]string{}
	if p.Name != nil {
		out["name"] = *p.Name
	}
	if p.changesTerms() {
		out["terms"] = "changed"
	}
	if p.SetExpiry {
		out["expiry"] = "changed"
	}
	if p.SetPassword {
		out["password"] = "changed"
		if p.Password == "" {
			out["password"] = "removed"
		}
	}
	return out
}

// maySeeAllOf refuses somebody who manages another's link to more than they see: they may narrow and
// end it, but not open it wider. Errors: Forbidden.
func (l *Library) maySeeAllOf(ctx context.Context, v dam.Viewer, link dam.Link) error {
	if v.ID == link.OwnerID {
		return nil
	}
	var all bool
	if link.AssetID != "" {
		a, err := l.Store.Asset(ctx, link.AssetID)
		if err != nil {
			return err
		}
		all = v.Sees(a)
	} else {
		size, err := l.Store.CollectionSize(ctx, link.CollectionID)
		if err != nil {
			return err
		}
		seen, err := l.Store.CollectionCount(ctx, v, link.CollectionID)
		if err != nil {
			return err
		}
		all = seen == size
	}
	if !all {
		return &dam.Error{Kind: dam.Forbidden, Field: "allow", Msg: "You cannot allow what you may not download yourself."}
	}
	return nil
}
