package dam

import (
	"testing"
	"time"
)

var (
	noon    = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	editor  = Viewer{ID: "e", Name: "Editor", Role: RoleEditor}
	picture = Asset{
		ID: "a", OwnerID: "e", Source: SourceUpload, Original: OriginalAvailable, Status: StatusReady,
		Renditions: []Rendition{{Name: Thumbnail}, {Name: Preview}, {Name: Fullscreen}},
	}
	publicLink   = Link{ID: "l", Kind: LinkKindPublic, OwnerID: "e", AssetID: "a"}
	downloadLink = Link{ID: "d", Kind: LinkKindDownload, OwnerID: "e", AssetID: "a", Terms: Terms{Original: true}}
)

func with[T any](v T, change func(*T)) T {
	change(&v)
	return v
}

func TestAdmitWeighsCreatorThenExpiryThenPassword(t *testing.T) {
	expiring := with(publicLink, func(l *Link) { l.ExpiresAt = noon })
	locked := with(publicLink, func(l *Link) { l.PasswordHash = "x" })
	for _, c := range []struct {
		name    string
		link    Link
		creator Viewer
		attempt Attempt
		want    Kind
	}{
		{"an open link lets in", publicLink, editor, Attempt{Now: noon}, Internal},
		{"one microsecond before the end it is open", expiring, editor, Attempt{Now: noon.Add(-time.Microsecond)}, Internal},
		{"at the very instant of the end it is over", expiring, editor, Attempt{Now: noon}, Expired},
		{"a pass does not outlive the link", with(expiring, func(l *Link) { l.PasswordHash = "x" }), editor, Attempt{Now: noon, Inside: true}, Expired},
		{"a locked link asks for the password", locked, editor, Attempt{Now: noon}, PasswordRequired},
		{"a pass opens a locked link", locked, editor, Attempt{Now: noon, Inside: true}, Internal},
		{"a disabled creator ends the link", publicLink, Viewer{}, Attempt{Now: noon}, Inactive},
		{"a creator who became a viewer ends the link", publicLink, Viewer{ID: "e", Role: RoleViewer}, Attempt{Now: noon}, Inactive},
		{"terms nobody can read end the link", with(publicLink, func(l *Link) { l.Broken = true }), editor, Attempt{Now: noon}, Inactive},
		{"inactive is said before expired", expiring, Viewer{}, Attempt{Now: noon}, Inactive},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := KindOf(c.link.Admit(c.creator, c.attempt)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestReleaseGivesWhatTheTermsAllowAndNothingElse(t *testing.T) {
	allow := func(t Terms) Link { return with(publicLink, func(l *Link) { l.Terms = t }) }
	archived := with(picture, func(a *Asset) { a.Original = OriginalArchived })
	bare := with(picture, func(a *Asset) { a.Renditions = nil })
	for _, c := range []struct {
		name     string
		link     Link
		creator  Viewer
		asset    Asset
		version  string
		download bool
		want     Kind
	}{
		{"view only shows the preview", publicLink, editor, picture, Preview, false, Internal},
		{"view only shows the thumbnail", publicLink, editor, picture, Thumbnail, false, Internal},
		{"view only does not give the preview as a file", publicLink, editor, picture, Preview, true, NotAllowed},
		{"view only does not show the largest rendition", publicLink, editor, picture, Fullscreen, false, NotAllowed},
		{"view only does not give the original", publicLink, editor, picture, VersionOriginal, false, NotAllowed},
		{"an allowed proxy is given as a file", allow(Terms{Proxies: []string{Fullscreen}}), editor, picture, Fullscreen, true, Internal},
		{"one allowed proxy does not allow another", allow(Terms{Proxies: []string{Fullscreen}}), editor, picture, Thumbnail, true, NotAllowed},
		{"the allowed original is given", allow(Terms{Original: true}), editor, picture, VersionOriginal, true, Internal},
		{"an archived original is away for now", allow(Terms{Original: true}), editor, archived, VersionOriginal, true, OriginalUnavailable},
		{"an archived original that is not allowed is not allowed", publicLink, editor, archived, VersionOriginal, true, NotAllowed},
		{"the creator's right to originals is asked again", allow(Terms{Original: true}), Viewer{ID: "e", Role: RoleContributor}, picture, VersionOriginal, true, NotFound},
		{"an unknown version does not exist", publicLink, editor, picture, "medium", false, NotFound},
		{"an empty version does not exist", publicLink, editor, picture, "", false, NotFound},
		{"an asset in the trash does not exist", publicLink, editor, with(picture, func(a *Asset) { a.TrashedAt = noon }), Preview, false, NotFound},
		{"an asset restricted to somebody else does not exist", publicLink, editor,
			with(picture, func(a *Asset) { a.Restricted, a.OwnerID = true, "x" }), Preview, false, NotFound},
		{"an asset from an external source does not exist", publicLink, editor, with(picture, func(a *Asset) { a.Source = "folder" }), Preview, false, NotFound},
		{"a rendition that is being made is not ready", publicLink, editor, with(bare, func(a *Asset) { a.Status = StatusProcessing }), Preview, false, NotReady},
		{"a rendition that can't be made does not exist", publicLink, editor, with(bare, func(a *Asset) { a.Status = StatusFailed }), Preview, false, NotFound},
		{"a download link gives the original", downloadLink, editor, picture, VersionOriginal, true, Internal},
		{"a download link shows no preview", downloadLink, editor, picture, Preview, false, NotAllowed},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := KindOf(c.link.Release(c.creator, c.asset, c.version, c.download)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheZeroLinkLetsNobodyIn(t *testing.T) {
	if KindOf(Link{}.Admit(Viewer{}, Attempt{})) != Inactive {
		t.Error("the zero link of nobody is open")
	}
	if !(Terms{}).ViewOnly() {
		t.Error("the zero terms allow a download")
	}
}

func TestTermsAreReadStrictly(t *testing.T) {
	if _, err := ParseTerms([]byte(`{"original":true,"max_downloads":3}`)); err == nil {
		t.Error("a term that this program does not know was dropped")
	}
	got, err := ParseTerms([]byte(`{"original":true}`))
	if err != nil || !got.Original {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestEndOfDayIsTheLastMomentInThatZone(t *testing.T) {
	for _, c := range []struct{ name, zone, day, want string }{
		{"far east of Greenwich, in summer time", "Pacific/Auckland", "2026-12-05", "2026-12-05T10:59:59.999999Z"},
		{"west of Greenwich", "America/Los_Angeles", "2026-12-05", "2026-12-06T07:59:59.999999Z"},
		{"the day clocks go forward has 23 hours", "Europe/Berlin", "2026-03-29", "2026-03-29T21:59:59.999999Z"},
		{"the day clocks go back has 25 hours", "Europe/Berlin", "2026-10-25", "2026-10-25T22:59:59.999999Z"},
		{"the farthest zone", "Pacific/Kiritimati", "2026-12-31", "2026-12-31T09:59:59.999999Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			got, err := EndOfDay(c.day, zone)
			if err != nil || got.Format(time.RFC3339Nano) != c.want {
				t.Errorf("got %s, %v, want %s", got.Format(time.RFC3339Nano), err, c.want)
			}
		})
	}
	if _, err := EndOfDay("5.12.2026", time.UTC); KindOf(err) != Invalid {
		t.Errorf("a day in another form: %v", err)
	}
}

func TestStatusSaysHowALinkStands(t *testing.T) {
	for _, c := range []struct {
		name    string
		link    Link
		creator Viewer
		asset   Asset
		want    LinkStatus
	}{
		{"open", publicLink, editor, picture, LinkActive},
		{"over", with(publicLink, func(l *Link) { l.ExpiresAt = noon }), editor, picture, LinkExpired},
		{"without a creator", publicLink, Viewer{}, picture, LinkInactive},
		{"its asset in the trash", publicLink, editor, with(picture, func(a *Asset) { a.TrashedAt = noon }), LinkInactive},
		{"a download of an archived original", downloadLink, editor, with(picture, func(a *Asset) { a.Original = OriginalArchived }), LinkOriginalUnavailable},
		{"of a collection", with(publicLink, func(l *Link) { l.AssetID, l.CollectionID = "", "c" }), editor, Asset{}, LinkActive},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.link.Status(c.creator, c.asset, noon); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestOffersListsWhatAGuestMayTake(t *testing.T) {
	link := with(publicLink, func(l *Link) { l.Terms = Terms{Original: true, Proxies: []string{Preview}} })
	if got := link.Offers(editor, picture); len(got) != 2 || got[0] != VersionOriginal || got[1] != Preview {
		t.Errorf("got %v", got)
	}
	if got := publicLink.Offers(editor, picture); len(got) != 0 {
		t.Errorf("a view-only link offers %v", got)
	}
}
