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
		Renditions: []Rendition{
			{Name: Thumbnail, MIME: "image/jpeg"}, {Name: Preview, MIME: "image/jpeg"}, {Name: Fullscreen, MIME: "image/jpeg"},
		},
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

var (
	film = with(picture, func(a *Asset) {
		a.Kind, a.MIME = KindVideo, "video/mp4"
		a.Renditions = []Rendition{
			{Name: Poster, MIME: "image/jpeg"}, {Name: Video720, MIME: "video/mp4"}, {Name: Storyboard, MIME: "image/jpeg"},
		}
		a.Attachments = []Attachment{{ID: "captions", MIME: MIMECaptions}, {ID: "licence", MIME: "application/pdf"}}
	})
	paper = with(picture, func(a *Asset) {
		a.Kind, a.MIME, a.Pages = KindDocument, "application/pdf", 2
		a.Renditions = []Rendition{{Name: Preview, MIME: "image/jpeg"}, {Name: PageName(2), MIME: "image/jpeg"}}
	})
)

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
		{"the stored name of a marked picture is no version", publicLink, editor,
			with(picture, func(a *Asset) { a.Renditions = append(a.Renditions, Rendition{Name: "preview@w1", MIME: "image/jpeg"}) }), "preview@w1", false, NotFound},
		{"a page of a document is shown", publicLink, editor, paper, PageName(2), false, Internal},
		{"a page is not given as a file", publicLink, editor, paper, PageName(2), true, NotAllowed},
		{"a page that does not exist", publicLink, editor, paper, PageName(3), false, NotFound},
		{"a film plays", publicLink, editor, film, Video720, false, Internal},
		{"a film is not given as a file", publicLink, editor, film, Video720, true, NotAllowed},
		{"captions are for every player", publicLink, editor, film, "captions", false, Internal},
		{"captions are not given as a file", publicLink, editor, film, "captions", true, NotAllowed},
		{"supporting files are a right of their own", publicLink, editor, film, "licence", true, NotAllowed},
		{"supporting files are given where allowed", allow(Terms{Attachments: true}), editor, film, "licence", false, Internal},
		{"allowing supporting files allows nothing else", allow(Terms{Attachments: true}), editor, film, VersionOriginal, true, NotAllowed},
		{"an original that can't be cleaned stays closed", allow(Terms{Original: true, Files: CleanGPS}), editor, paper, VersionOriginal, true, NotAllowed},
		{"a download link shows no preview", downloadLink, editor, picture, Preview, false, NotAllowed},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.link.Release(c.creator, c.asset, Watermark{}, c.version, c.download)
			if got := KindOf(err); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAMarkedLinkReleasesOnlyWhatBearsItsMark(t *testing.T) {
	link := with(publicLink, func(l *Link) {
		l.Terms = Terms{Watermark: true, Original: true, Attachments: true, Proxies: []string{Preview, Fullscreen}}
	})
	mark := Watermark{Version: "1"}
	for _, c := range []struct {
		name      string
		link      Link
		mark      Watermark
		asset     Asset
		version   string
		want      Kind
		rendition string
	}{
		{"a preview bears the mark", link, mark, picture, Preview, Internal, "preview@w1"},
		{"a poster bears the mark", link, mark, film, Poster, Internal, "poster@w1"},
		{"a page bears the mark", link, mark, paper, PageName(2), Internal, "page-2@w1"},
		{"moving pictures stay closed", link, mark, film, Video720, NotAllowed, ""},
		{"the sheet of stills stays closed", link, mark, film, Storyboard, NotAllowed, ""},
		{"the original is the original", link, mark, picture, VersionOriginal, Internal, ""},
		{"without a watermark in the settings nothing leaves", link, Watermark{}, picture, Preview, NotAllowed, ""},
		{"an earlier original's preview bears the mark", link, mark, with(picture, func(a *Asset) { a.Earlier, a.Revision = true, 2 }),
			Preview, Internal, "preview@r2@w1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.link.Release(editor, c.asset, c.mark, c.version, c.version == VersionOriginal)
			if KindOf(err) != c.want || got.Rendition() != c.rendition {
				t.Errorf("got %q, %v", got.Rendition(), err)
			}
		})
	}
	for _, version := range link.Offers(editor, film) {
		if version == Video720 || version == Storyboard {
			t.Errorf("it offers %s", version)
		}
	}
}

func TestATraceableMarkTellsLinksApart(t *testing.T) {
	w := Watermark{Version: "1"}
	name := func(change func(*Link)) string {
		m, err := w.Mark(with(publicLink, func(l *Link) { l.Terms = Terms{Watermark: true, Trace: true}; l.Name = "Press"; change(l) }))
		if err != nil || m.Text == "" {
			t.Fatalf("got %+v, %v", m, err)
		}
		return m.Name
	}
	plain := name(func(*Link) {})
	if plain == name(func(l *Link) { l.Terms.Recipient = "The Daily" }) || plain == name(func(l *Link) { l.Name = "Other" }) {
		t.Error("two links have the same mark")
	}
	if plain != name(func(*Link) {}) {
		t.Error("the mark of one link changes by itself")
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
