package dam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// LinkKind is the kind of a link that has a row.
type LinkKind string

const (
	LinkKindDownload LinkKind = "download"
	LinkKindPublic   LinkKind = "public"
)

// Version names with a fixed meaning; any other name is a recipe's or a supporting file's id.
const VersionOriginal = "original"

// Terms is what a link allows. The zero value allows viewing and nothing else. It is stored as
// JSON and decoded strictly: a term this program does not know refuses the link instead of
// dropping a restriction.
type Terms struct {
	Original     bool     `json:"original,omitempty"`
	Proxies      []string `json:"proxies,omitempty"`
	Attachments  bool     `json:"attachments,omitempty"`
	Watermark    bool     `json:"watermark,omitempty"`
	PersonSearch bool     `json:"person_search,omitempty"`
}

// ParseTerms decodes stored terms. An unknown term is an error.
func ParseTerms(text []byte) (Terms, error) {
	var t Terms
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&t); err != nil {
		return Terms{}, fmt.Errorf("terms of a link: %w", err)
	}
	return t, nil
}

// ViewOnly says whether nothing can be downloaded (R50).
func (t Terms) ViewOnly() bool { return !t.Original && len(t.Proxies) == 0 && !t.Attachments }

// Widens says whether these terms allow anything that others did not.
func (t Terms) Widens(other Terms) bool {
	more := slices.ContainsFunc(t.Proxies, func(name string) bool { return !slices.Contains(other.Proxies, name) })
	return more || t.Original && !other.Original || t.Attachments && !other.Attachments ||
		t.PersonSearch && !other.PersonSearch || !t.Watermark && other.Watermark
}

// Link is a grant to whoever holds its token. It points at one asset or at one collection.
// A zero ExpiresAt never expires. PasswordEpoch grows with every change of the password, so that
// earlier passes end. Broken marks terms that could not be read: nothing is allowed then.
type Link struct {
	ID            string
	Kind          LinkKind
	Name          string
	OwnerID       string
	OwnerName     string
	AssetID       string
	CollectionID  string
	Terms         Terms
	Broken        bool
	ExpiresAt     time.Time
	TimeZone      string
	PasswordHash  string
	PasswordEpoch int64
	SealedToken   []byte
	Total         int
	CreatedAt     time.Time
	UpdatedAt     time.Time
	Views         int64
	Downloads     int64
	LastUsedAt    time.Time
}

// Locked says whether a password stands before the content.
func (l Link) Locked() bool { return l.PasswordHash != "" }

// Attempt is somebody at the door: when, and whether they hold a pass of this link and epoch.
type Attempt struct {
	Now    time.Time
	Inside bool
}

// Admit decides whether a guest may enter now. It is the only place where the creator's standing,
// the expiry and the password are weighed.
// Errors: Inactive, Expired, PasswordRequired.
func (l Link) Admit(creator Viewer, a Attempt) error {
	need := LinkPublic
	if l.Kind == LinkKindDownload {
		need = LinkDownload
	}
	if l.Broken || !creator.Has(LinkPublic) || !creator.Has(need) {
		return &Error{Kind: Inactive, Msg: "This link is not active."}
	}
	if l.ExpiredAt(a.Now) {
		return &Error{Kind: Expired, Msg: "This link has expired."}
	}
	if l.Locked() && !a.Inside {
		return &Error{Kind: PasswordRequired, Msg: "This link is protected by a password."}
	}
	return nil
}

// ExpiredAt says whether the link's time is over at the instant now.
func (l Link) ExpiredAt(now time.Time) bool {
	return !l.ExpiresAt.IsZero() && !now.Before(l.ExpiresAt)
}

// Shows says whether an admitted guest may know of the asset at all: it must be the creator's to
// share at this moment (R95, R109, R126).
func (l Link) Shows(creator Viewer, a Asset) bool { return Sharable(creator, a) == nil }

// Release decides whether one version of one asset may leave through an admitted link, inline or
// as a download. The asset must belong to the link's target; that is the caller's query.
// Errors: NotFound, NotAllowed, OriginalUnavailable, NotReady.
func (l Link) Release(creator Viewer, a Asset, version string, download bool) error {
	if !l.Shows(creator, a) {
		return &Error{Kind: NotFound, Msg: "There is no such item."}
	}
	if version == VersionOriginal {
		return l.releaseOriginal(creator, a)
	}
	if !knownRecipe(version) {
		return &Error{Kind: NotFound, Msg: "There is no such version."}
	}
	viewing := l.Kind == LinkKindPublic && !download && InViewSet(version)
	if !viewing && !l.offers(creator, version) {
		return notAllowed()
	}
	if _, ok := a.Rendition(version); ok {
		return nil
	}
	if a.Status == StatusProcessing {
		return &Error{Kind: NotReady, Msg: "This version is being made.", RetryAfter: 2 * time.Second}
	}
	return &Error{Kind: NotFound, Msg: "There is no such version."}
}

func (l Link) releaseOriginal(creator Viewer, a Asset) error {
	if !l.Terms.Original || !creator.Has(DownloadOriginal) {
		return notAllowed()
	}
	if a.Original != OriginalAvailable {
		return &Error{Kind: OriginalUnavailable, Msg: "File is temporarily unavailable."}
	}
	return nil
}

func (l Link) offers(creator Viewer, recipe string) bool {
	return slices.Contains(l.Terms.Proxies, recipe) && creator.Has(DownloadProxy)
}

// Offers lists the versions of an asset that a guest may download, the original first.
func (l Link) Offers(creator Viewer, a Asset) []string {
	var out []string
	if l.releaseOriginal(creator, a) == nil {
		out = append(out, VersionOriginal)
	}
	for _, r := range a.Renditions {
		if l.offers(creator, r.Name) {
			out = append(out, r.Name)
		}
	}
	return out
}

func notAllowed() error {
	return &Error{Kind: NotAllowed, Msg: "This link does not allow that version."}
}

// KnownVersion says whether a version can have this name.
func KnownVersion(name string) bool { return name == VersionOriginal || knownRecipe(name) }

func knownRecipe(name string) bool {
	return slices.ContainsFunc(ImageRecipes(), func(r Recipe) bool { return r.Name == name })
}

// LinkStatus says in one word how a link stands, for lists.
type LinkStatus string

const (
	LinkActive              LinkStatus = "active"
	LinkExpired             LinkStatus = "expired"
	LinkInactive            LinkStatus = "inactive"
	LinkOriginalUnavailable LinkStatus = "original_unavailable"
)

// Status tells how the link stands for somebody who holds its password. The asset is that of a
// single link; a collection's link passes the zero Asset.
func (l Link) Status(creator Viewer, a Asset, now time.Time) LinkStatus {
	switch KindOf(l.Admit(creator, Attempt{Now: now, Inside: true})) {
	case Expired:
		return LinkExpired
	case Inactive:
		return LinkInactive
	}
	if l.AssetID == "" {
		return LinkActive
	}
	if !l.Shows(creator, a) {
		return LinkInactive
	}
	if l.Kind == LinkKindDownload && a.Original != OriginalAvailable {
		return LinkOriginalUnavailable
	}
	return LinkActive
}

// EndOfDay is the last microsecond of a day in a zone, in UTC: the expiry of R33. The day is
// written YYYY-MM-DD. Errors: Invalid with field expires_on.
func EndOfDay(day string, zone *time.Location) (time.Time, error) {
	d, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		return time.Time{}, InvalidField("expires_on", "Write the day as YYYY-MM-DD.")
	}
	y, m, n := d.Date()
	return time.Date(y, m, n+1, 0, 0, 0, 0, zone).Add(-time.Microsecond).UTC(), nil
}

// ValidTerms checks terms against what they are for (R42, R107, D1 of the decision list).
// Errors: Invalid with the field.
func ValidTerms(kind LinkKind, t Terms) error {
	if kind == LinkKindDownload {
		if len(t.Proxies) > 0 || t.Attachments || t.Watermark || t.PersonSearch {
			return InvalidField("allow", "A download link gives the original and nothing else.")
		}
		return nil
	}
	for _, name := range t.Proxies {
		if !knownRecipe(name) {
			return InvalidField("allow.proxies", "There is no proxy called %q.", name)
		}
	}
	if t.Watermark {
		return InvalidField("watermark", "No watermark is configured in the settings.")
	}
	if t.PersonSearch {
		return InvalidField("person_search", "Face recognition is switched off.")
	}
	return nil
}

// Passwords of links and accounts: 8 to 1024 bytes, as typed (D10).
const (
	MinPassword = 8
	MaxPassword = 1024
)

// ValidPassword checks the length of a password. Errors: Invalid with field password.
func ValidPassword(password string) error {
	if len([]rune(password)) < MinPassword {
		return InvalidField("password", "Use at least %d characters.", MinPassword)
	}
	if len(password) > MaxPassword {
		return InvalidField("password", "Use at most %d bytes.", MaxPassword)
	}
	return nil
}
