package server

import (
	"context"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

type recipeJSON struct {
	Name     string         `json:"name"`
	Kind     dam.RecipeKind `json:"kind" enum:"image,video,audio"`
	Box      int            `json:"box" doc:"The longest side in pixels; nothing is ever enlarged. 0 for sound"`
	MIME     string         `json:"mime"`
	Quality  int            `json:"quality"`
	BuiltIn  bool           `json:"built_in"`
	Enabled  bool           `json:"enabled"`
	Required bool           `json:"required" doc:"Pages could not show anything without it: it can't be switched off"`
	Viewing  bool           `json:"viewing" doc:"Every link may show it; downloads need the link's terms"`
	Links    int            `json:"links" doc:"How many links offer it"`
	Missing  int            `json:"missing" doc:"How many assets lack it"`
}

type recipeOut struct{ Body recipeJSON }

type recipesOut struct {
	Body struct {
		Items []recipeJSON `json:"items" nullable:"false"`
	}
}

// ByName is the input of operations on one recipe.
type ByName struct {
	Name string `path:"name"`
}

type newRecipeIn struct {
	Body struct {
		Name    string         `json:"name" example:"web-1600"`
		Kind    dam.RecipeKind `json:"kind" enum:"image,video"`
		Box     int            `json:"box"`
		MIME    string         `json:"mime" example:"image/webp"`
		Quality int            `json:"quality"`
	}
}

type recipePatchIn struct {
	ByName
	Body struct {
		Enabled *bool   `json:"enabled,omitempty"`
		Box     *int    `json:"box,omitempty"`
		MIME    *string `json:"mime,omitempty"`
		Quality *int    `json:"quality,omitempty"`
		Confirm bool    `json:"confirm,omitempty" doc:"Change it although links offer it"`
	}
}

type recipeDeleteIn struct {
	ByName
	Confirm bool `query:"confirm" doc:"Delete it although links offer it"`
}

type linkReferenceJSON struct {
	ID    string     `json:"id"`
	Name  string     `json:"name"`
	Owner personJSON `json:"owner"`
}

type recipeLinksOut struct {
	Body struct {
		Items []linkReferenceJSON `json:"items" nullable:"false"`
	}
}

func (s *Server) listRecipes(ctx context.Context, v dam.Viewer, _ *nothing) (*recipesOut, error) {
	list, err := s.Library.Recipes(ctx, v)
	if err != nil {
		return nil, err
	}
	out := &recipesOut{}
	out.Body.Items = each(list, newRecipeJSON)
	return out, nil
}

func (s *Server) addRecipe(ctx context.Context, v dam.Viewer, in *newRecipeIn) (*recipeOut, error) {
	b := in.Body
	r, err := s.Library.AddRecipe(ctx, v, dam.Recipe{
		Name: b.Name, Kind: b.Kind, Box: b.Box, MIME: b.MIME, Quality: b.Quality, Enabled: true,
	})
	return newRecipeOut(r, err)
}

func (s *Server) editRecipe(ctx context.Context, v dam.Viewer, in *recipePatchIn) (*recipeOut, error) {
	b := in.Body
	r, err := s.Library.EditRecipe(ctx, v, in.Name, library.RecipePatch{
		Enabled: b.Enabled, Box: b.Box, MIME: b.MIME, Quality: b.Quality, Confirm: b.Confirm,
	})
	return newRecipeOut(r, err)
}

func (s *Server) deleteRecipe(ctx context.Context, v dam.Viewer, in *recipeDeleteIn) (*nothing, error) {
	return nil, s.Library.DeleteRecipe(ctx, v, in.Name, in.Confirm)
}

func (s *Server) recipeLinks(ctx context.Context, v dam.Viewer, in *ByName) (*recipeLinksOut, error) {
	links, err := s.Library.RecipeLinks(ctx, v, in.Name)
	if err != nil {
		return nil, err
	}
	out := &recipeLinksOut{}
	out.Body.Items = each(links, func(l dam.Link) linkReferenceJSON {
		return linkReferenceJSON{l.ID, l.Name, personJSON{l.OwnerID, l.OwnerName}}
	})
	return out, nil
}

func (s *Server) rebuildRecipe(ctx context.Context, v dam.Viewer, in *ByName) (*runOut, error) {
	run, err := s.Library.Rebuild(ctx, v, in.Name)
	return newRunOut(run, err)
}

func newRecipeOut(r library.RecipeView, err error) (*recipeOut, error) {
	if err != nil {
		return nil, err
	}
	return &recipeOut{newRecipeJSON(r)}, nil
}

func newRecipeJSON(r library.RecipeView) recipeJSON {
	return recipeJSON{
		Name: r.Name, Kind: r.Kind, Box: r.Box, MIME: r.MIME, Quality: r.Quality, BuiltIn: r.BuiltIn, Enabled: r.Enabled,
		Required: r.Required(), Viewing: dam.InViewSet(r.Name), Links: r.Links, Missing: r.Missing,
	}
}
