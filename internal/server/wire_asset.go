package server

import (
	"context"
	"reflect"
	"slices"
	"strings"
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
	Pages        int                 `json:"pages" doc:"Of a document; the first hundred can be seen as versions page-1, page-2 and so on"`
	Codec        *codecJSON          `json:"codec" doc:"Of a film or a sound"`
	Storyboard   *gridJSON           `json:"storyboard" doc:"How the stills of the version storyboard stand"`
	SHA256       string              `json:"sha256" doc:"Empty for what lies in an external source"`
	Original     dam.OriginalState   `json:"original" enum:"available,archived,missing"`
	Revision     int                 `json:"revision" doc:"Counts the originals from 1"`
	Source       string              `json:"source" doc:"upload, or the id of an external source"`
	SourceName   *string             `json:"source_name"`
	Path         string              `json:"path" doc:"The place in an external source"`
	Status       dam.AssetStatus     `json:"status" enum:"processing,ready,failed"`
	Failure      *string             `json:"failure"`
	Note         *string             `json:"note" doc:"Why an asset that is ready shows less than others"`
	Work         *string             `json:"work" doc:"What is being done with it: deriving, transcoding, archiving, restoring, or null"`
	Progress     float64             `json:"progress" minimum:"0" maximum:"1"`
	CreatedAt    time.Time           `json:"created_at"`
	TakenAt      *time.Time          `json:"taken_at"`
	Owner        personJSON          `json:"owner"`
	Tags         []string            `json:"tags" nullable:"false"`
	Rights       rightsJSON          `json:"rights"`
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
	Name    string         `json:"name"`
	Kind    dam.RecipeKind `json:"kind" enum:"image,video,audio"`
	MIME    string         `json:"mime"`
	Width   int            `json:"width"`
	Height  int            `json:"height"`
	Size    int64          `json:"size"`
	Bitrate int64          `json:"bitrate,omitempty" doc:"Bits a second of what plays"`
}

type attachmentJSON struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	MIME      string    `json:"mime"`
	Size      int64     `json:"size"`
	CreatedAt time.Time `json:"created_at"`
}

var attachmentType = reflect.TypeFor[attachmentJSON]()

type codecJSON struct {
	Video   string  `json:"video"`
	Audio   string  `json:"audio"`
	Rate    float64 `json:"rate" doc:"Frames a second"`
	Bitrate int64   `json:"bitrate" doc:"Bits a second"`
}

// Schema is that of a codec or null, which a reference could not say.
func (codecJSON) Schema(huma.Registry) *huma.Schema {
	return orNothing(map[string]*huma.Schema{
		"video": {Type: huma.TypeString}, "audio": {Type: huma.TypeString},
		"rate": {Type: huma.TypeNumber}, "bitrate": {Type: huma.TypeInteger},
	})
}

type gridJSON struct {
	Columns int `json:"columns"`
	Rows    int `json:"rows"`
}

// Schema is that of a grid or null.
func (gridJSON) Schema(huma.Registry) *huma.Schema {
	return orNothing(map[string]*huma.Schema{"columns": {Type: huma.TypeInteger}, "rows": {Type: huma.TypeInteger}})
}

type rightsJSON struct {
	Licence    string  `json:"licence" required:"false"`
	Credit     string  `json:"credit" required:"false"`
	UsageFrom  *string `json:"usage_from" required:"false" example:"2026-01-01"`
	UsageUntil *string `json:"usage_until" required:"false" example:"2026-12-31"`
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

// Schema is that of a place or null.
func (pointJSON) Schema(huma.Registry) *huma.Schema {
	number := &huma.Schema{Type: huma.TypeNumber, Format: "double"}
	return orNothing(map[string]*huma.Schema{"lat": number, "lon": number})
}

// orNothing is the schema of an object that may be null: a reference could not say so.
func orNothing(properties map[string]*huma.Schema) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeObject, Nullable: true, Properties: properties}
	for name := range properties {
		s.Required = append(s.Required, name)
	}
	slices.Sort(s.Required)
	return s
}

type assetCanJSON struct {
	Share              bool           `json:"share"`
	ShareBlocked       *string        `json:"share_blocked" doc:"external, rights, or null"`
	DownloadOriginal   bool           `json:"download_original"`
	DownloadProxy      bool           `json:"download_proxy"`
	DownloadAttachment bool           `json:"download_attachment"`
	Edit               bool           `json:"edit"`
	Delete             bool           `json:"delete"`
	Retry              bool           `json:"retry"`
	Attach             bool           `json:"attach"`
	Archive            bool           `json:"archive"`
	Replace            bool           `json:"replace"`
	Clean              []dam.Cleaning `json:"clean" nullable:"false" enum:"no_gps,none" doc:"What can be taken out of the original"`
}

type assetReferenceJSON struct {
	ID     string `json:"id"`
	Number string `json:"number"`
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
	sources, err := s.sourceNames(ctx, v, assets)
	if err != nil {
		return nil, err
	}
	return each(assets, func(a dam.Asset) assetJSON {
		out := newAssetJSON(a, general.NumberPrefix)
		out.SourceName = orNull(sources[a.Source])
		out.Can = newCanJSON(s.Library.AssetCan(v, a))
		if a.Restricted {
			people := each(a.Readers, func(id string) personJSON { return personJSON{id, names[id]} })
			out.RestrictedTo = &people
		}
		return out
	}), nil
}

// sourceNames names the external sources by id, if any of the assets lies in one.
func (s *Server) sourceNames(ctx context.Context, v dam.Viewer, assets []dam.Asset) (map[string]string, error) {
	if !slices.ContainsFunc(assets, dam.Asset.External) {
		return nil, nil
	}
	list, err := s.Library.Sources(ctx, v)
	names := map[string]string{}
	for _, source := range list {
		names[source.ID] = source.Name
	}
	return names, err
}

func newAssetJSON(a dam.Asset, prefix string) assetJSON {
	out := assetJSON{
		ID: a.ID, Number: dam.NumberText(prefix, a.Number), Name: a.Name, Title: a.Title,
		Description: a.Description, Kind: a.Kind, MIME: a.MIME, Size: a.Size, Width: a.Width,
		Height: a.Height, Duration: a.Duration, Pages: a.Pages, SHA256: a.SHA256, Original: a.Original,
		Revision: a.Revision, Source: a.Source, Path: a.Path,
		Status: a.Status, Failure: orNull(a.Failure), Note: orNull(a.Note), Work: orNull(string(a.Work)), Progress: progress(a),
		CreatedAt: a.CreatedAt.UTC(), TakenAt: instant(a.TakenAt),
		Owner: personJSON{a.OwnerID, a.OwnerName}, Tags: each(a.Tags, func(tag string) string { return tag }),
		Rights: newRightsJSON(a.Rights), Renditions: renditionsJSON(a),
		Attachments: each(a.Attachments, newAttachmentJSON),
		Links:       a.Links, InTrash: a.Trashed(),
		Metadata: metadataJSON{
			Camera: a.Metadata.Camera, Lens: a.Metadata.Lens, Exposure: a.Metadata.Exposure,
			Creator: a.Metadata.Creator, Copyright: a.Metadata.Copyright, Keywords: a.Metadata.Keywords,
		},
	}
	if a.External() {
		out.SHA256 = "" // nobody has read all of it
	}
	if a.Codec != (dam.Codec{}) {
		out.Codec = &codecJSON{a.Codec.Video, a.Codec.Audio, a.Codec.Rate, a.Codec.Bitrate}
	}
	if _, made := a.Rendition(dam.Storyboard); made {
		side := dam.StoryboardGrid(a.Duration)
		out.Storyboard = &gridJSON{side, side}
	}
	if len(a.Placeholder) > 0 {
		out.Placeholder = &a.Placeholder
	}
	if p := a.Metadata.GPS; p != nil {
		out.Metadata.GPS = &pointJSON{p.Lat, p.Lon}
	}
	return out
}

func renditionsJSON(a dam.Asset) []renditionJSON {
	out := []renditionJSON{}
	for _, r := range a.Renditions {
		if !dam.Listed(r.Name) {
			continue
		}
		kind, _, _ := strings.Cut(r.MIME, "/")
		one := renditionJSON{
			Name: r.Name, Kind: dam.RecipeKind(kind), MIME: r.MIME, Width: r.Width, Height: r.Height, Size: r.Size,
		}
		if one.Kind != dam.RecipeImage && a.Duration > 0 {
			one.Bitrate = int64(float64(r.Size) * 8 / a.Duration)
		}
		out = append(out, one)
	}
	return out
}

func newAttachmentJSON(f dam.Attachment) attachmentJSON {
	return attachmentJSON{f.ID, f.Name, f.MIME, f.Size, f.CreatedAt.UTC()}
}

func newRightsJSON(r dam.Rights) rightsJSON {
	return rightsJSON{r.Licence, r.Credit, orNull(r.UsageFrom), orNull(r.UsageUntil)}
}

func (r rightsJSON) rights() *dam.Rights {
	out := dam.Rights{Licence: r.Licence, Credit: r.Credit}
	if r.UsageFrom != nil {
		out.UsageFrom = *r.UsageFrom
	}
	if r.UsageUntil != nil {
		out.UsageUntil = *r.UsageUntil
	}
	return &out
}

// progress is how much of an asset's work is done, as far as its rows tell.
func progress(a dam.Asset) float64 {
	if a.Status != dam.StatusProcessing {
		return 1
	}
	wanted, done := 1, 0 // the work ends with the row itself
	for _, r := range dam.BuiltInRecipes() {
		if !r.Serves(a.Kind) {
			continue
		}
		wanted++
		if _, made := a.Rendition(r.Name); made {
			done++
		}
	}
	return float64(done) / float64(wanted)
}

func newCanJSON(c library.AssetCan) assetCanJSON {
	return assetCanJSON{
		Share: c.Share, ShareBlocked: orNull(c.ShareBlocked), DownloadOriginal: c.DownloadOriginal,
		DownloadProxy: c.DownloadProxy, DownloadAttachment: c.DownloadAttachment,
		Edit: c.Edit, Delete: c.Delete, Retry: c.Retry, Attach: c.Attach, Archive: c.Archive, Replace: c.Replace,
		Clean: append([]dam.Cleaning{}, c.Clean...),
	}
}
