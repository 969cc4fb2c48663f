package server

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

type assetJSON struct {
	ID           string              `json:"id"`
	Number       string              `json:"number" example:"VTR-12"`
	Name         string              `json:"name"`
	Title        string              `json:"title"`
	Description  string              `json:"description"`
	Kind         dam.AssetKind       `json:"kind" enum:"image,video,audio,document,other"`
	MIME         string              `json:"mime"`
	Size         int64               `json:"size"`
	Width        int                 `json:"width"`
	Height       int                 `json:"height"`
	Duration     float64             `json:"duration" doc:"Seconds"`
	SHA256       string              `json:"sha256"`
	Original     dam.OriginalState   `json:"original" enum:"available,archived,missing"`
	Source       string              `json:"source"`
	Status       dam.AssetStatus     `json:"status" enum:"processing,ready,failed"`
	Failure      *string             `json:"failure"`
	Progress     float64             `json:"progress" minimum:"0" maximum:"1"`
	CreatedAt    time.Time           `json:"created_at"`
	TakenAt      *time.Time          `json:"taken_at"`
	Owner        personJSON          `json:"owner"`
	Placeholder  *[]byte             `json:"placeholder" nullable:"true" doc:"ThumbHash, base64"`
	Renditions   []renditionJSON     `json:"renditions" nullable:"false"`
	Attachments  []attachmentJSON    `json:"attachments" nullable:"false"`
	Metadata     metadataJSON        `json:"metadata"`
	RestrictedTo *[]personJSON       `json:"restricted_to" doc:"Null: everybody signed in sees it"`
	Links        int                 `json:"links"`
	InTrash      bool                `json:"in_trash"`
	Can          assetCanJSON        `json:"can"`
	DuplicateOf  *assetReferenceJSON `json:"duplicate_of,omitempty" doc:"The same bytes were here before"`
}

var assetType = reflect.TypeFor[assetJSON]()

type renditionJSON struct {
	Name   string `json:"name"`
	MIME   string `json:"mime"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Size   int64  `json:"size"`
}

type attachmentJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	MIME string `json:"mime"`
	Size int64  `json:"size"`
}

type metadataJSON struct {
	Camera    string     `json:"camera,omitempty"`
	Lens      string     `json:"lens,omitempty"`
	Exposure  string     `json:"exposure,omitempty"`
	Creator   string     `json:"creator,omitempty"`
	Copyright string     `json:"copyright,omitempty"`
	Keywords  []string   `json:"keywords,omitempty"`
	GPS       *pointJSON `json:"gps"`
}

type pointJSON struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// Schema is that of a place or null, which a reference could not say.
func (pointJSON) Schema(huma.Registry) *huma.Schema {
	number := &huma.Schema{Type: huma.TypeNumber, Format: "double"}
	return &huma.Schema{
		Type: huma.TypeObject, Nullable: true, Required: []string{"lat", "lon"},
		Properties: map[string]*huma.Schema{"lat": number, "lon": number},
	}
}

type assetCanJSON struct {
	Share              bool    `json:"share"`
	ShareBlocked       *string `json:"share_blocked" doc:"external, rights, or null"`
	DownloadOriginal   bool    `json:"download_original"`
	DownloadProxy      bool    `json:"download_proxy"`
	DownloadAttachment bool    `json:"download_attachment"`
	Edit               bool    `json:"edit"`
	Delete             bool    `json:"delete"`
	Retry              bool    `json:"retry"`
}

type assetReferenceJSON struct {
	ID     string `json:"id"`
	Number string `json:"number"`
}

type assetOut struct{ Body assetJSON }
type assetsOut struct{ Body listJSON[assetJSON] }

type assetsIn struct {
	Paging
	Words      string `query:"q" maxLength:"500" doc:"Words, a number or an id"`
	Sort       string `query:"sort" enum:"newest,oldest,name,number,size" default:"newest"`
	Kind       string `query:"kind" enum:"image,video,audio,document,other"`
	Collection string `query:"collection"`
	Owner      string `query:"owner"`
	Status     string `query:"status" enum:"processing,ready,failed"`
	Trash      bool   `query:"trash"`
}

type assetPatchIn struct {
	ByID
	Body struct {
		Name         Opt[string]   `json:"name,omitempty"`
		Title        Opt[string]   `json:"title,omitempty"`
		Description  Opt[string]   `json:"description,omitempty"`
		RestrictedTo Opt[[]string] `json:"restricted_to,omitempty" doc:"Ids of users; null: everybody"`
	}
}

func (s *Server) listAssets(ctx context.Context, v dam.Viewer, in *assetsIn) (*assetsOut, error) {
	list, err := s.Library.Assets(ctx, v, library.AssetQuery{
		Words: in.Words, Sort: in.Sort, Kind: in.Kind, Collection: in.Collection,
		Owner: in.Owner, Status: in.Status, Trash: in.Trash, Page: in.page(),
	})
	if err != nil {
		return nil, err
	}
	items, err := s.assetsJSON(ctx, v, list.Items...)
	return &assetsOut{listJSON[assetJSON]{items, cursor(list.Next), list.Total}}, err
}

func (s *Server) getAsset(ctx context.Context, v dam.Viewer, in *ByID) (*assetOut, error) {
	a, err := s.Library.Asset(ctx, v, in.ID)
	return s.assetOut(ctx, v, a, err)
}

func (s *Server) editAsset(ctx context.Context, v dam.Viewer, in *assetPatchIn) (*assetOut, error) {
	patch := library.AssetPatch{
		Name: text(in.Body.Name), Title: text(in.Body.Title), Description: text(in.Body.Description),
		SetReaders: in.Body.RestrictedTo.Sent,
		Restricted: in.Body.RestrictedTo.Sent && !in.Body.RestrictedTo.Null,
		Readers:    in.Body.RestrictedTo.Value,
	}
	a, err := s.Library.EditAsset(ctx, v, in.ID, patch)
	return s.assetOut(ctx, v, a, err)
}

// text is the new value of a text, where null clears it.
func text(o Opt[string]) *string {
	if !o.Sent {
		return nil
	}
	return &o.Value
}

func (s *Server) trashAsset(ctx context.Context, v dam.Viewer, in *ByID) (*nothing, error) {
	_, err := s.Library.TrashAsset(ctx, v, in.ID)
	return nil, err
}

func (s *Server) restoreAsset(ctx context.Context, v dam.Viewer, in *ByID) (*assetOut, error) {
	a, err := s.Library.RestoreAsset(ctx, v, in.ID)
	return s.assetOut(ctx, v, a, err)
}

func (s *Server) retryAsset(ctx context.Context, v dam.Viewer, in *ByID) (*assetOut, error) {
	a, err := s.Library.RetryAsset(ctx, v, in.ID)
	return s.assetOut(ctx, v, a, err)
}

func (s *Server) archiveAsset(ctx context.Context, v dam.Viewer, in *ByID) (*assetOut, error) {
	a, err := s.Library.ArchiveAsset(ctx, v, in.ID)
	return s.assetOut(ctx, v, a, err)
}

func (s *Server) unarchiveAsset(ctx context.Context, v dam.Viewer, in *ByID) (*assetOut, error) {
	a, err := s.Library.UnarchiveAsset(ctx, v, in.ID)
	return s.assetOut(ctx, v, a, err)
}

// assetVersion is the bytes of one version for signed-in people.
func (s *Server) assetVersion(w http.ResponseWriter, r *http.Request, v dam.Viewer) error {
	download := r.URL.Query().Has("download")
	c, err := s.Library.AssetContent(r.Context(), v, r.PathValue("id"), r.PathValue("name"), download)
	if err != nil {
		return err
	}
	return s.deliver(w, r, c)
}

func (s *Server) assetOut(ctx context.Context, v dam.Viewer, a dam.Asset, err error) (*assetOut, error) {
	if err != nil {
		return nil, err
	}
	items, err := s.assetsJSON(ctx, v, a)
	if err != nil {
		return nil, err
	}
	return &assetOut{items[0]}, nil
}

// assetsJSON writes assets for the one who asks: what they may do with each is part of it.
func (s *Server) assetsJSON(ctx context.Context, v dam.Viewer, assets ...dam.Asset) ([]assetJSON, error) {
	general, err := s.Library.General(ctx)
	if err != nil {
		return nil, err
	}
	var readers []string
	for _, a := range assets {
		readers = append(readers, a.Readers...)
	}
	names, err := s.Library.UserNames(ctx, readers...)
	if err != nil {
		return nil, err
	}
	return each(assets, func(a dam.Asset) assetJSON {
		out := newAssetJSON(a, general.NumberPrefix)
		out.Can = newCanJSON(s.Library.AssetCan(v, a))
		if a.Restricted {
			people := each(a.Readers, func(id string) personJSON { return personJSON{id, names[id]} })
			out.RestrictedTo = &people
		}
		return out
	}), nil
}

func newAssetJSON(a dam.Asset, prefix string) assetJSON {
	out := assetJSON{
		ID: a.ID, Number: dam.NumberText(prefix, a.Number), Name: a.Name, Title: a.Title,
		Description: a.Description, Kind: a.Kind, MIME: a.MIME, Size: a.Size, Width: a.Width,
		Height: a.Height, Duration: a.Duration, SHA256: a.SHA256, Original: a.Original,
		Source: a.Source, Status: a.Status, Failure: orNull(a.Failure), Progress: progress(a),
		CreatedAt: a.CreatedAt.UTC(), TakenAt: instant(a.TakenAt),
		Owner:       personJSON{a.OwnerID, a.OwnerName},
		Attachments: []attachmentJSON{},
		Links:       a.Links, InTrash: a.Trashed(),
		Metadata: metadataJSON{
			Camera: a.Metadata.Camera, Lens: a.Metadata.Lens, Exposure: a.Metadata.Exposure,
			Creator: a.Metadata.Creator, Copyright: a.Metadata.Copyright, Keywords: a.Metadata.Keywords,
		},
		Renditions: each(a.Renditions, func(r dam.Rendition) renditionJSON {
			return renditionJSON{r.Name, r.MIME, r.Width, r.Height, r.Size}
		}),
	}
	if len(a.Placeholder) > 0 {
		out.Placeholder = &a.Placeholder
	}
	if p := a.Metadata.GPS; p != nil {
		out.Metadata.GPS = &pointJSON{p.Lat, p.Lon}
	}
	return out
}

// progress is how much of an asset's work is done, as far as its rows tell.
func progress(a dam.Asset) float64 {
	if a.Status != dam.StatusProcessing {
		return 1
	}
	recipes := dam.ImageRecipes()
	done := 0
	for _, r := range recipes {
		if slices.ContainsFunc(a.Renditions, func(have dam.Rendition) bool { return have.Name == r.Name }) {
			done++
		}
	}
	return float64(done) / float64(len(recipes)+1)
}

func newCanJSON(c library.AssetCan) assetCanJSON {
	return assetCanJSON{
		Share: c.Share, ShareBlocked: orNull(c.ShareBlocked), DownloadOriginal: c.DownloadOriginal,
		DownloadProxy: c.DownloadProxy, DownloadAttachment: c.DownloadAttachment,
		Edit: c.Edit, Delete: c.Delete, Retry: c.Retry,
	}
}
