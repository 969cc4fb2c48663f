package server

import (
	"cmp"
	"context"
	"html"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

type linkJSON struct {
	ID           string         `json:"id"`
	Kind         dam.LinkKind   `json:"kind" enum:"download,public"`
	Name         string         `json:"name"`
	URL          string         `json:"url"`
	EmbedHTML    *string        `json:"embed_html"`
	QRURL        string         `json:"qr_url"`
	ExpiresAt    *time.Time     `json:"expires_at"`
	TimeZone     *string        `json:"time_zone"`
	HasPassword  bool           `json:"has_password"`
	Allow        allowJSON      `json:"allow"`
	Watermark    bool           `json:"watermark"`
	Trace        bool           `json:"trace"`
	Recipient    string         `json:"recipient"`
	Metadata     showingJSON    `json:"metadata"`
	Pinned       bool           `json:"pinned"`
	PinnedAt     *time.Time     `json:"pinned_at" doc:"The link shows the originals of this moment"`
	PersonSearch bool           `json:"person_search"`
	Target       targetJSON     `json:"target"`
	CollectionID *string        `json:"collection_id,omitempty"`
	Shared       int            `json:"shared" doc:"How many of the assets the link shows"`
	Total        int            `json:"total" doc:"How many assets it was made for"`
	Owner        personJSON     `json:"owner"`
	Status       dam.LinkStatus `json:"status" enum:"active,expired,inactive,original_unavailable"`
	Views        int64          `json:"views"`
	Downloads    int64          `json:"downloads"`
	LastUsedAt   *time.Time     `json:"last_used_at"`
	CreatedAt    time.Time      `json:"created_at"`
	UpdatedAt    time.Time      `json:"updated_at"`
}

type allowJSON struct {
	Original    bool     `json:"original" required:"false"`
	Proxies     []string `json:"proxies" required:"false" nullable:"false" maxItems:"100"`
	Attachments bool     `json:"attachments" required:"false"`
}

// showingJSON is what a link tells of an asset's metadata, and what it takes out of files. A change
// names both: what is not named could only become looser unseen.
type showingJSON struct {
	Show  string `json:"show" enum:"none,basic,all"`
	Files string `json:"files" enum:"keep,no_gps,none" doc:"What is taken out of originals: nothing, the place, or all metadata"`
}

type newShowingJSON struct {
	Show  string `json:"show,omitempty" enum:"none,basic,all" default:"basic"`
	Files string `json:"files,omitempty" enum:"keep,no_gps,none" default:"keep"`
}

// The words for what dam says with nothing.
const (
	showNothing = "none"
	filesKeep   = "keep"
)

func showingOf(t dam.Terms) showingJSON {
	return showingJSON{cmp.Or(string(t.Show), showNothing), cmp.Or(string(t.Files), filesKeep)}
}

func (m showingJSON) terms() library.LinkMetadata {
	out := library.LinkMetadata{Show: dam.Showing(m.Show), Files: dam.Cleaning(m.Files)}
	if m.Show == showNothing {
		out.Show = dam.ShowNone
	}
	if m.Files == filesKeep {
		out.Files = dam.CleanNothing
	}
	return out
}

type targetJSON struct {
	Kind   string  `json:"kind" enum:"asset,collection"`
	ID     string  `json:"id"`
	Name   string  `json:"name"`
	Number *string `json:"number"`
	Count  int     `json:"count"`
	Cover  *string `json:"cover" doc:"Id of the asset that stands for it"`
}

type linkOut struct{ Body linkJSON }
type linksOut struct{ Body listJSON[linkJSON] }

type linksIn struct {
	Paging
	Words  string `query:"q" maxLength:"500"`
	Status string `query:"status" enum:"active,expired"`
	Kind   string `query:"kind" enum:"download,public"`
	Owner  string `query:"owner"`
}

type newLinkIn struct {
	Language string `header:"Accept-Language"`
	Body     struct {
		Kind           dam.LinkKind   `json:"kind" enum:"download,public"`
		AssetIDs       []string       `json:"asset_ids,omitempty" maxItems:"10000"`
		CollectionID   string         `json:"collection_id,omitempty"`
		CollectionName string         `json:"collection_name,omitempty" doc:"For the collection that several assets become"`
		Name           string         `json:"name,omitempty"`
		Allow          allowJSON      `json:"allow,omitempty"`
		ExpiresOn      Opt[string]    `json:"expires_on,omitempty" example:"2026-12-31" doc:"Open to the end of this day"`
		TimeZone       string         `json:"time_zone,omitempty" example:"Europe/Berlin"`
		ExpiresAt      Opt[time.Time] `json:"expires_at,omitempty"`
		Password       Opt[string]    `json:"password,omitempty"`
		Watermark      bool           `json:"watermark,omitempty"`
		Trace          bool           `json:"trace,omitempty" doc:"The watermark says which link a picture came from"`
		Recipient      string         `json:"recipient,omitempty" doc:"Whom the link is for"`
		Metadata       newShowingJSON `json:"metadata,omitempty"`
		Pinned         bool           `json:"pinned,omitempty" doc:"Keep to the originals of this moment"`
		PersonSearch   bool           `json:"person_search,omitempty"`
		Locale         string         `json:"locale,omitempty" enum:"en,ru" doc:"Language of default names"`
	}
}

type linkPatchIn struct {
	ByID
	Body struct {
		Name         Opt[string]    `json:"name,omitempty"`
		Allow        *allowJSON     `json:"allow,omitempty"`
		ExpiresOn    Opt[string]    `json:"expires_on,omitempty"`
		TimeZone     string         `json:"time_zone,omitempty"`
		ExpiresAt    Opt[time.Time] `json:"expires_at,omitempty"`
		Password     Opt[string]    `json:"password,omitempty"`
		Watermark    *bool          `json:"watermark,omitempty"`
		Trace        *bool          `json:"trace,omitempty"`
		Recipient    Opt[string]    `json:"recipient,omitempty"`
		Metadata     *showingJSON   `json:"metadata,omitempty"`
		Pinned       *bool          `json:"pinned,omitempty"`
		PersonSearch *bool          `json:"person_search,omitempty"`
	}
}

type assetLinksOut struct {
	Body struct {
		Links          []linkJSON `json:"links" nullable:"false"`
		ViaCollections []linkJSON `json:"via_collections" nullable:"false"`
		InternalURL    string     `json:"internal_url"`
	}
}

func (s *Server) listLinks(ctx context.Context, v dam.Viewer, in *linksIn) (*linksOut, error) {
	list, err := s.Library.Links(ctx, v, library.LinkQuery{
		Status: in.Status, Kind: in.Kind, Owner: in.Owner, Words: in.Words, Page: in.page(),
	})
	if err != nil {
		return nil, err
	}
	return &linksOut{listJSON[linkJSON]{each(list.Items, s.linkJSON), cursor(list.Next), list.Total}}, nil
}

func (s *Server) createLink(ctx context.Context, v dam.Viewer, in *newLinkIn) (*linkOut, error) {
	b := in.Body
	metadata := showingJSON{cmp.Or(b.Metadata.Show, string(dam.ShowBasic)), cmp.Or(b.Metadata.Files, filesKeep)}.terms()
	n := library.NewLink{
		Kind: b.Kind, AssetIDs: b.AssetIDs, CollectionID: b.CollectionID, CollectionName: b.CollectionName,
		Name: b.Name, Password: b.Password.Value, Locale: b.Locale,
		ExpiresOn: b.ExpiresOn.Value, TimeZone: b.TimeZone, ExpiresAt: b.ExpiresAt.Value,
		Terms: dam.Terms{
			Original: b.Allow.Original, Proxies: b.Allow.Proxies, Attachments: b.Allow.Attachments,
			Watermark: b.Watermark, Trace: b.Trace, Recipient: b.Recipient, PersonSearch: b.PersonSearch,
			Show: metadata.Show, Files: metadata.Files,
		},
		Pinned: b.Pinned,
	}
	if n.Locale == "" {
		n.Locale = chooseLanguage("", in.Language)
	}
	l, err := s.Library.CreateLink(ctx, v, n)
	return s.linkOut(l, err)
}

func (s *Server) getLink(ctx context.Context, v dam.Viewer, in *ByID) (*linkOut, error) {
	l, err := s.Library.Link(ctx, v, in.ID)
	return s.linkOut(l, err)
}

func (s *Server) editLink(ctx context.Context, v dam.Viewer, in *linkPatchIn) (*linkOut, error) {
	b := in.Body
	if b.ExpiresOn.Sent && b.ExpiresAt.Sent {
		return nil, dam.InvalidField("expires_at", "Send expires_on or expires_at, not both.")
	}
	patch := library.LinkPatch{
		Name: text(b.Name), Watermark: b.Watermark, Trace: b.Trace, Recipient: text(b.Recipient),
		PersonSearch: b.PersonSearch, Pinned: b.Pinned,
		SetExpiry: b.ExpiresOn.Sent || b.ExpiresAt.Sent,
		ExpiresOn: b.ExpiresOn.Value, TimeZone: b.TimeZone, ExpiresAt: b.ExpiresAt.Value,
		SetPassword: b.Password.Sent, Password: b.Password.Value,
	}
	if b.Allow != nil {
		patch.Allow = &library.Allow{
			Original: b.Allow.Original, Proxies: b.Allow.Proxies, Attachments: b.Allow.Attachments,
		}
	}
	if b.Metadata != nil {
		metadata := b.Metadata.terms()
		patch.Metadata = &metadata
	}
	l, err := s.Library.EditLink(ctx, v, in.ID, patch)
	return s.linkOut(l, err)
}

func (s *Server) deleteLink(ctx context.Context, v dam.Viewer, in *ByID) (*nothing, error) {
	return nil, s.Library.DeleteLink(ctx, v, in.ID)
}

func (s *Server) assetLinks(ctx context.Context, v dam.Viewer, in *ByID) (*assetLinksOut, error) {
	own, via, internal, err := s.Library.AssetLinks(ctx, v, in.ID)
	if err != nil {
		return nil, err
	}
	out := &assetLinksOut{}
	out.Body.Links, out.Body.ViaCollections = each(own, s.linkJSON), each(via, s.linkJSON)
	out.Body.InternalURL = internal
	return out, nil
}

func (s *Server) linkOut(l library.LinkView, err error) (*linkOut, error) {
	if err != nil {
		return nil, err
	}
	return &linkOut{s.linkJSON(l)}, nil
}

func (s *Server) linkJSON(l library.LinkView) linkJSON {
	proxies := l.Terms.Proxies
	if proxies == nil {
		proxies = []string{}
	}
	out := linkJSON{
		ID: l.ID, Kind: l.Kind, Name: l.Name, URL: l.URL, QRURL: apiPrefix + "/links/" + l.ID + "/qr",
		ExpiresAt: instant(l.ExpiresAt), TimeZone: orNull(l.TimeZone), HasPassword: l.Locked(),
		Allow:     allowJSON{l.Terms.Original, proxies, l.Terms.Attachments},
		Watermark: l.Terms.Watermark, Trace: l.Terms.Trace, Recipient: l.Terms.Recipient,
		Metadata: showingOf(l.Terms), Pinned: l.Terms.PinnedAt != 0, PinnedAt: instant(l.Terms.Pinned()),
		PersonSearch: l.Terms.PersonSearch,
		Target: targetJSON{
			Kind: l.Target.Kind, ID: l.Target.ID, Name: l.Target.Name, Number: orNull(l.Target.Number),
			Count: l.Target.Count, Cover: orNull(l.Target.Cover),
		},
		CollectionID: orNull(l.CollectionID), Shared: l.Shared, Total: l.Total,
		Owner: personJSON{l.OwnerID, l.OwnerName}, Status: l.Status, Views: l.Views, Downloads: l.Downloads,
		LastUsedAt: instant(l.LastUsedAt), CreatedAt: l.CreatedAt.UTC(), UpdatedAt: l.UpdatedAt.UTC(),
	}
	if l.EmbedURL != "" {
		code := `<iframe src="` + html.EscapeString(l.EmbedURL) + `" title="` + html.EscapeString(l.Name) +
			`" width="640" height="480" style="border:0" loading="lazy" allowfullscreen></iframe>`
		out.EmbedHTML = &code
	}
	return out
}
