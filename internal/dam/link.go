package dam

import (
	"slices"
	"strings"
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

// Delivery is what may leave for a request: a rendition by its stored name, which bears the link's
// mark where the terms demand one; the original; or a supporting file. Only Release makes one.
type Delivery struct {
	rendition  string
	clean      string
	attachment Attachment
	mark       Mark
	cleaning   Cleaning
	download   bool
}

// Rendition is the stored name of the rendition to deliver, empty for the untouched original and for
// supporting files.
func (d Delivery) Rendition() string { return d.rendition }

// Attachment is the supporting file to deliver.
func (d Delivery) Attachment() (Attachment, bool) { return d.attachment, d.attachment.ID != "" }

// Mark is what the rendition must bear, and the stored name of the rendition to lay it upon; a zero
// Mark is none.
func (d Delivery) Mark() (upon string, m Mark) { return d.clean, d.mark }

// Cleaning is what must be taken out of the original.
func (d Delivery) Cleaning() Cleaning { return d.cleaning }

// Download says whether the bytes leave as a file to keep.
func (d Delivery) Download() bool { return d.download }

// Release decides whether one version of one asset may leave through an admitted link, inline or
// as a download, and as what. The asset must belong to the link's target, be the one that the link
// shows if it is pinned, and hold the rendition or supporting file of that name; that is the
// caller's query.
// Errors: NotFound, NotAllowed, OriginalUnavailable, NotReady.
func (l Link) Release(creator Viewer, a Asset, w Watermark, version string, download bool) (Delivery, error) {
	if !l.Shows(creator, a) {
		return Delivery{}, &Error{Kind: NotFound, Msg: "There is no such item."}
	}
	if version == VersionOriginal {
		return l.releaseOriginal(creator, a)
	}
	if strings.Contains(version, "@") {
		return Delivery{}, &Error{Kind: NotFound, Msg: "There is no such version."}
	}
	if file, ok := a.Attachment(version); ok {
		return l.releaseAttachment(creator, a, file, download)
	}
	r, made := a.Rendition(version)
	if !made && !builtIn(version) && !InViewSet(version) && !slices.Contains(l.Terms.Proxies, version) {
		return Delivery{}, &Error{Kind: NotFound, Msg: "There is no such version."}
	}
	viewing := l.Kind == LinkKindPublic && !download && InViewSet(version)
	if !viewing && !l.offers(creator, version) {
		return Delivery{}, notAllowed()
	}
	if l.Terms.Watermark && made && !r.Markable() {
		return Delivery{}, &Error{Kind: NotAllowed, Msg: "This version can't bear the watermark that the link demands."}
	}
	if !made && a.Status == StatusProcessing {
		return Delivery{}, notReady()
	}
	if !made {
		return Delivery{}, &Error{Kind: NotFound, Msg: "There is no such version."}
	}
	d := Delivery{rendition: a.stored(version), download: download}
	if !l.Terms.Watermark {
		return d, nil
	}
	mark, err := w.Mark(l)
	if err != nil {
		return Delivery{}, err
	}
	d.clean, d.rendition, d.mark = d.rendition, MarkedName(d.rendition, mark.Name), mark
	return d, nil
}

func (l Link) releaseOriginal(creator Viewer, a Asset) (Delivery, error) {
	if !l.Terms.Original || !creator.Has(DownloadOriginal) {
		return Delivery{}, notAllowed()
	}
	if l.Terms.Files != CleanNothing && !Cleanable(a.MIME, l.Terms.Files) {
		return Delivery{}, &Error{Kind: NotAllowed, Msg: "Metadata can't be taken out of a file of this kind, so it stays closed."}
	}
	if a.Original != OriginalAvailable {
		return Delivery{}, &Error{Kind: OriginalUnavailable, Msg: "File is temporarily unavailable."}
	}
	if l.Terms.Files == CleanNothing {
		return Delivery{download: true}, nil
	}
	return Delivery{
		rendition: CleanedName(a.stored(VersionOriginal), l.Terms.Files), cleaning: l.Terms.Files, download: true,
	}, nil
}

// releaseAttachment gives captions to every player; any other supporting file is a right of its own.
func (l Link) releaseAttachment(creator Viewer, a Asset, file Attachment, download bool) (Delivery, error) {
	if l.Kind != LinkKindPublic {
		return Delivery{}, notAllowed()
	}
	if !download && file.Captions() && a.Kind == KindVideo {
		return Delivery{attachment: file}, nil
	}
	if !l.Terms.Attachments || !creator.Has(DownloadAttachment) {
		return Delivery{}, notAllowed()
	}
	return Delivery{attachment: file, download: true}, nil
}

func (l Link) offers(creator Viewer, recipe string) bool {
	return slices.Contains(l.Terms.Proxies, recipe) && creator.Has(DownloadProxy)
}

// Offers lists the versions of an asset that a guest may download: the original first, supporting
// files last.
func (l Link) Offers(creator Viewer, a Asset) []string {
	var out []string
	if _, err := l.releaseOriginal(creator, a); err == nil {
		out = append(out, VersionOriginal)
	}
	for _, r := range a.Renditions {
		if l.offers(creator, r.Name) && (!l.Terms.Watermark || r.Markable()) {
			out = append(out, r.Name)
		}
	}
	for _, file := range a.Attachments {
		if _, err := l.releaseAttachment(creator, a, file, true); err == nil {
			out = append(out, file.ID)
		}
	}
	return out
}

// ShowsVersion says whether a page may show a rendition: in a marked link only what bears the mark.
func (l Link) ShowsVersion(r Rendition) bool { return !l.Terms.Watermark || r.Markable() }

func notAllowed() error {
	return &Error{Kind: NotAllowed, Msg: "This link does not allow that version."}
}

func notReady() error {
	return &Error{Kind: NotReady, Msg: "This version is being made.", RetryAfter: 2 * time.Second}
}

// Cleanable says whether something can be taken out of files of this type with certainty. Documents are
// not cleaned: what they hold inside may hold more. A camera's raw file would look wrong without its
// metadata: only the place can go.
func Cleanable(mime string, c Cleaning) bool {
	switch mime {
	case "image/jpeg", "image/png", "image/tiff", "image/webp", "image/heic", "image/avif", "image/gif",
		"video/mp4", "video/x-m4v", "video/quicktime", "video/matroska", "video/webm",
		"audio/mp4", "audio/mpeg", "audio/flac", "audio/wav":
		return true
	case "image/x-adobe-dng", "image/x-canon-cr2", "image/x-canon-cr3", "image/x-nikon-nef", "image/x-sony-arw":
		return c == CleanGPS
	}
	return false
}

// KnownVersion says whether every library has versions of this name.
func KnownVersion(name string) bool {
	_, page := PageNumber(name)
	return name == VersionOriginal || page || builtIn(name)
}

func builtIn(name string) bool {
	_, ok := FindRecipe(BuiltInRecipes(), name)
	return ok
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

// maxRecipient is how many characters the label of a recipient has at most.
const maxRecipient = 120

// Configured is what the settings offer to links.
type Configured struct {
	Recipes   []Recipe
	Watermark bool
	Faces     bool
}

// ValidTerms checks terms against what they are for (R42, R107, D1 of the decision list) and what
// the settings offer. Errors: Invalid with the field.
func ValidTerms(kind LinkKind, t Terms, c Configured) error {
	if kind == LinkKindDownload {
		if len(t.Proxies) > 0 || t.Attachments || t.Watermark || t.PersonSearch || t.Files != CleanNothing || t.PinnedAt != 0 {
			return InvalidField("allow", "A download link gives the original and nothing else.")
		}
		return nil
	}
	for _, name := range t.Proxies {
		r, known := FindRecipe(c.Recipes, name)
		if !known || !r.Enabled {
			return InvalidField("allow.proxies", "There is no proxy called %q.", name)
		}
		if t.Watermark && r.Moving() {
			return InvalidField("watermark", "Moving pictures and sound can't bear a watermark: leave out %q, or switch the watermark off.", name)
		}
	}
	switch {
	case t.Watermark && !c.Watermark:
		return InvalidField("watermark", "No watermark is configured in the settings.")
	case t.Trace && !t.Watermark:
		return InvalidField("trace", "The traceable text is part of the watermark: switch that on too.")
	case len([]rune(t.Recipient)) > maxRecipient:
		return InvalidField("recipient", "Use at most %d characters.", maxRecipient)
	case t.Show != ShowNone && t.Show != ShowBasic && t.Show != ShowAll:
		return InvalidField("metadata.show", "Show none, basic or all.")
	case t.Files != CleanNothing && t.Files != CleanGPS && t.Files != CleanAll:
		return InvalidField("metadata.files", "Files keep their metadata, lose the place (no_gps) or all of it (none).")
	case t.PersonSearch && !c.Faces:
		return InvalidField("person_search", "Face recognition is switched off.")
	}
	return nil
}

// FitsAsset checks the terms of a link to a single asset against what that asset can give.
// Errors: Invalid with the field.
func (t Terms) FitsAsset(a Asset) error {
	if t.Watermark && a.Kind != KindImage && a.Kind != KindDocument {
		return InvalidField("watermark", "Only pictures and pages of documents can bear a watermark.")
	}
	if t.Original && t.Files != CleanNothing && !Cleanable(a.MIME, t.Files) {
		return InvalidField("metadata.files", "Metadata can't be taken out of a file of this kind.")
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
