package server

import (
	"context"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

type collectionJSON struct {
	ID        string             `json:"id"`
	Name      string             `json:"name"`
	Kind      dam.CollectionKind `json:"kind" enum:"personal,shared"`
	Owner     personJSON         `json:"owner"`
	Count     int                `json:"count"`
	Covers    []string           `json:"covers" nullable:"false" doc:"Ids of its first assets, at most four"`
	Links     int                `json:"links"`
	CreatedAt time.Time          `json:"created_at"`
	Can       collectionCanJSON  `json:"can"`
}

type collectionCanJSON struct {
	Edit  bool `json:"edit"`
	Share bool `json:"share"`
}

type collectionOut struct{ Body collectionJSON }
type collectionsOut struct{ Body listJSON[collectionJSON] }

type collectionsIn struct {
	Paging
	Words string `query:"q" maxLength:"500"`
}

type newCollectionIn struct {
	Body struct {
		Name     string   `json:"name"`
		AssetIDs []string `json:"asset_ids,omitempty" maxItems:"10000"`
	}
}

type collectionPatchIn struct {
	ByID
	Body struct {
		Name string `json:"name"`
	}
}

type collectionAssetsIn struct {
	ByID
	Body struct {
		AssetIDs []string `json:"asset_ids" nullable:"false" minItems:"1" maxItems:"10000"`
	}
}

func (s *Server) listCollections(ctx context.Context, v dam.Viewer, in *collectionsIn) (*collectionsOut, error) {
	list, err := s.Library.Collections(ctx, v, library.CollectionQuery{Words: in.Words, Page: in.page()})
	if err != nil {
		return nil, err
	}
	items := each(list.Items, func(c dam.Collection) collectionJSON { return newCollectionJSON(v, c) })
	return &collectionsOut{listJSON[collectionJSON]{items, cursor(list.Next), list.Total}}, nil
}

func (s *Server) createCollection(ctx context.Context, v dam.Viewer, in *newCollectionIn) (*collectionOut, error) {
	c, err := s.Library.CreateCollection(ctx, v, in.Body.Name, in.Body.AssetIDs)
	return newCollectionOut(v, c, err)
}

func (s *Server) getCollection(ctx context.Context, v dam.Viewer, in *ByID) (*collectionOut, error) {
	c, err := s.Library.Collection(ctx, v, in.ID)
	return newCollectionOut(v, c, err)
}

func (s *Server) renameCollection(ctx context.Context, v dam.Viewer, in *collectionPatchIn) (*collectionOut, error) {
	c, err := s.Library.RenameCollection(ctx, v, in.ID, in.Body.Name)
	return newCollectionOut(v, c, err)
}

func (s *Server) deleteCollection(ctx context.Context, v dam.Viewer, in *ByID) (*nothing, error) {
	return nil, s.Library.DeleteCollection(ctx, v, in.ID)
}

func (s *Server) addToCollection(ctx context.Context, v dam.Viewer, in *collectionAssetsIn) (*collectionOut, error) {
	c, err := s.Library.AddToCollection(ctx, v, in.ID, in.Body.AssetIDs)
	return newCollectionOut(v, c, err)
}

func (s *Server) removeFromCollection(
	ctx context.Context, v dam.Viewer, in *collectionAssetsIn,
) (*collectionOut, error) {
	c, err := s.Library.RemoveFromCollection(ctx, v, in.ID, in.Body.AssetIDs)
	return newCollectionOut(v, c, err)
}

func newCollectionOut(v dam.Viewer, c dam.Collection, err error) (*collectionOut, error) {
	if err != nil {
		return nil, err
	}
	return &collectionOut{newCollectionJSON(v, c)}, nil
}

func newCollectionJSON(v dam.Viewer, c dam.Collection) collectionJSON {
	covers := c.Covers
	if covers == nil {
		covers = []string{}
	}
	return collectionJSON{
		ID: c.ID, Name: c.Name, Kind: c.Kind, Owner: personJSON{c.OwnerID, c.OwnerName}, Count: c.Count,
		Covers: covers, Links: c.Links, CreatedAt: c.CreatedAt.UTC(),
		Can: collectionCanJSON{Edit: dam.MayEditCollection(v, c) == nil, Share: v.Has(dam.LinkPublic)},
	}
}
