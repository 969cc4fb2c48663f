package server

import (
	"context"
	"net/http"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

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
	Source     string `query:"source" doc:"The id of an external source, or external for all of them"`
	Archived   bool   `query:"archived" doc:"Only those whose original is archived"`
	Trash      bool   `query:"trash"`
}

type assetPatchIn struct {
	ByID
	Body struct {
		Name         Opt[string]   `json:"name,omitempty"`
		Title        Opt[string]   `json:"title,omitempty"`
		Description  Opt[string]   `json:"description,omitempty"`
		Tags         Opt[[]string] `json:"tags,omitempty" doc:"All tags; at most a hundred"`
		Rights       *rightsJSON   `json:"rights,omitempty" doc:"All of them: what is not named becomes empty"`
		RestrictedTo Opt[[]string] `json:"restricted_to,omitempty" doc:"Ids of users; null: everybody"`
	}
}

func (s *Server) listAssets(ctx context.Context, v dam.Viewer, in *assetsIn) (*assetsOut, error) {
	list, err := s.Library.Assets(ctx, v, library.AssetQuery{
		Words: in.Words, Sort: in.Sort, Kind: in.Kind, Collection: in.Collection, Owner: in.Owner,
		Status: in.Status, Source: in.Source, Archived: in.Archived, Trash: in.Trash, Page: in.page(),
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
	if in.Body.Tags.Sent {
		patch.Tags = &in.Body.Tags.Value
	}
	if in.Body.Rights != nil {
		patch.Rights = in.Body.Rights.rights()
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

type factGroupJSON struct {
	Name  string     `json:"name" example:"EXIF"`
	Items []factJSON `json:"items" nullable:"false"`
}

type factJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type factsOut struct {
	Body struct {
		Groups []factGroupJSON `json:"groups" nullable:"false"`
	}
}

// assetMetadata is what the file says of itself, as it stands there.
func (s *Server) assetMetadata(ctx context.Context, v dam.Viewer, in *ByID) (*factsOut, error) {
	groups, err := s.Library.AssetMetadata(ctx, v, in.ID)
	if err != nil {
		return nil, err
	}
	out := &factsOut{}
	out.Body.Groups = each(groups, func(g dam.FactGroup) factGroupJSON {
		return factGroupJSON{g.Name, each(g.Items, func(f dam.Fact) factJSON { return factJSON{f.Name, f.Value} })}
	})
	return out, nil
}
