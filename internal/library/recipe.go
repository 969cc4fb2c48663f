package library

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

// RecipeView is a recipe with how many links name it and how many assets lack its rendition.
type RecipeView struct {
	dam.Recipe
	Links   int
	Missing int
}

// Recipes lists all recipes; administrators are told how much they are used. Errors: Unauthenticated.
func (l *Library) Recipes(ctx context.Context, v dam.Viewer) ([]RecipeView, error) {
	if err := v.Require(dam.AssetView); err != nil {
		return nil, err
	}
	list, err := l.Store.Recipes(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]RecipeView, len(list))
	for i, r := range list {
		out[i].Recipe = r
		if !v.Has(dam.Admin) {
			continue
		}
		if out[i], err = l.recipeView(ctx, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (l *Library) recipeView(ctx context.Context, r dam.Recipe) (RecipeView, error) {
	links, err := l.Store.LinksUsing(ctx, r.Name)
	if err != nil {
		return RecipeView{}, err
	}
	view := RecipeView{Recipe: r, Links: len(links)}
	if r.Enabled {
		view.Missing, err = l.Store.CountLacking(ctx, served(r), r.Name)
	}
	return view, err
}

// served lists the kinds of asset that get a rendition by a recipe.
func served(r dam.Recipe) []dam.AssetKind {
	var out []dam.AssetKind
	for _, kind := range []dam.AssetKind{dam.KindImage, dam.KindVideo, dam.KindAudio, dam.KindDocument} {
		if r.Serves(kind) {
			out = append(out, kind)
		}
	}
	return out
}

// RecipeLinks lists the links whose terms name a recipe. Errors: Unauthenticated, Forbidden, NotFound.
func (l *Library) RecipeLinks(ctx context.Context, v dam.Viewer, name string) ([]dam.Link, error) {
	if _, err := l.recipe(ctx, v, name); err != nil {
		return nil, err
	}
	return l.Store.LinksUsing(ctx, name)
}

// recipe reads a recipe for an administrator.
func (l *Library) recipe(ctx context.Context, v dam.Viewer, name string) (dam.Recipe, error) {
	if err := v.Require(dam.Admin); err != nil {
		return dam.Recipe{}, err
	}
	list, err := l.Store.Recipes(ctx)
	if err != nil {
		return dam.Recipe{}, err
	}
	r, known := dam.FindRecipe(list, name)
	if !known {
		return r, &dam.Error{Kind: dam.NotFound, Msg: "There is no such recipe."}
	}
	return r, nil
}

// AddRecipe adds a recipe. It is used for what is brought in from now on; Rebuild makes it for the rest.
// Errors: Unauthenticated, Forbidden, Invalid with the field, Conflict for a name that is taken.
func (l *Library) AddRecipe(ctx context.Context, v dam.Viewer, r dam.Recipe) (RecipeView, error) {
	_, err := l.recipe(ctx, v, r.Name)
	if err == nil {
		return RecipeView{}, &dam.Error{Kind: dam.Conflict, Field: "name", Msg: "There is a recipe of this name already."}
	}
	if dam.KindOf(err) != dam.NotFound {
		return RecipeView{}, err
	}
	r.BuiltIn, r.Enabled = false, true
	if err := dam.ValidRecipe(r); err != nil {
		return RecipeView{}, err
	}
	err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SaveRecipe(ctx, r); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "recipe.add", r.Name, nil)
	})
	if err != nil {
		return RecipeView{}, err
	}
	return l.recipeView(ctx, r)
}

// RecipePatch says what to change of a recipe; nil keeps. Confirm accepts that links lose it.
type RecipePatch struct {
	Enabled *bool
	Box     *int
	MIME    *string
	Quality *int
	Confirm bool
}

// EditRecipe changes a recipe. Switching it off takes its renditions away, from links too; of a built-in
// one nothing else can be changed. After any other change Rebuild makes the renditions anew.
// Errors: Unauthenticated, Forbidden, NotFound, Invalid with the field, InUse with the links.
func (l *Library) EditRecipe(ctx context.Context, v dam.Viewer, name string, p RecipePatch) (RecipeView, error) {
	before, err := l.recipe(ctx, v, name)
	if err != nil {
		return RecipeView{}, err
	}
	r := before
	if p.Enabled != nil {
		r.Enabled = *p.Enabled
	}
	if p.Box != nil {
		r.Box = *p.Box
	}
	if p.MIME != nil {
		r.MIME = *p.MIME
	}
	if p.Quality != nil {
		r.Quality = *p.Quality
	}
	changed := r.Box != before.Box || r.MIME != before.MIME || r.Quality != before.Quality
	switch {
	case r.BuiltIn && changed:
		return RecipeView{}, dam.InvalidField("name", "A built-in recipe can be switched off, but not changed. Add one of your own.")
	case !r.Enabled && r.Required():
		return RecipeView{}, dam.InvalidField("enabled", "Pages show their pictures by this recipe, so it stays on.")
	case changed:
		if err := dam.ValidRecipe(r); err != nil {
			return RecipeView{}, err
		}
	}
	off := before.Enabled && !r.Enabled
	if off && !p.Confirm {
		if err := l.unusedByLinks(ctx, name); err != nil {
			return RecipeView{}, err
		}
	}
	err = l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SaveRecipe(ctx, r); err != nil {
			return err
		}
		if off || changed {
			if err := tx.DropRecipe(ctx, name); err != nil {
				return err
			}
		}
		return l.note(ctx, tx, v, "recipe.edit", name, nil)
	})
	if err != nil {
		return RecipeView{}, err
	}
	return l.recipeView(ctx, r)
}

// DeleteRecipe deletes an own recipe with its renditions; it vanishes from links (R56).
// Errors: Unauthenticated, Forbidden, NotFound, Invalid for a built-in one, InUse with the links.
func (l *Library) DeleteRecipe(ctx context.Context, v dam.Viewer, name string, confirm bool) error {
	r, err := l.recipe(ctx, v, name)
	if err != nil {
		return err
	}
	if r.BuiltIn {
		return dam.InvalidField("name", "A built-in recipe can be switched off, but not deleted.")
	}
	if !confirm {
		if err := l.unusedByLinks(ctx, name); err != nil {
			return err
		}
	}
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.DeleteRecipe(ctx, name); err != nil {
			return err
		}
		// Another recipe of this name is another one.
		if err := l.takeFromLinks(ctx, tx, name); err != nil {
			return err
		}
		if err := tx.DropRecipe(ctx, name); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "recipe.delete", name, nil)
	})
}

func (l *Library) takeFromLinks(ctx context.Context, tx *store.Tx, recipe string) error {
	for {
		links, err := tx.LinksUsing(ctx, recipe)
		if err != nil || len(links) == 0 {
			return err
		}
		for _, link := range links {
			link.Terms.Proxies = slices.DeleteFunc(link.Terms.Proxies, func(name string) bool { return name == recipe })
			if err := tx.SaveTerms(ctx, link.ID, link.Terms); err != nil {
				return err
			}
		}
	}
}

// unusedByLinks refuses to take from links what they name, and tells which those are.
func (l *Library) unusedByLinks(ctx context.Context, recipe string) error {
	links, err := l.Store.LinksUsing(ctx, recipe)
	if err != nil || len(links) == 0 {
		return err
	}
	const named = 5
	names := make([]string, 0, named)
	refusal := &dam.Error{Kind: dam.InUse}
	for _, link := range links {
		refusal.Links = append(refusal.Links, dam.LinkRef{ID: link.ID, Name: link.Name})
		if len(names) < named {
			names = append(names, "«"+link.Name+"»")
		}
	}
	if len(links) > named {
		names = append(names, "…")
	}
	refusal.Msg = fmt.Sprintf("Links use this recipe: %s. Confirm to take it from them.", strings.Join(names, ", "))
	return refusal
}

// rebuild makes the rendition of one recipe for one asset that lacks it, from the original.
func (l *Library) rebuild(ctx context.Context, r dam.Recipe, id string) error {
	if r.Moving() {
		next, err := l.film(ctx)
		if err != nil {
			return err
		}
		defer next()
	}
	if _, err := l.Store.Rendition(ctx, id, r.Name); dam.KindOf(err) != dam.NotFound {
		return err // made meanwhile, by a job that was at it when the run was paused
	}
	a, err := l.Store.Asset(ctx, id)
	if err != nil {
		return err
	}
	if a.Original != dam.OriginalAvailable {
		return &dam.Error{Kind: dam.OriginalUnavailable, Msg: "File is temporarily unavailable."}
	}
	d, done, err := l.derivation(ctx, a)
	if err != nil {
		return err
	}
	defer done()
	d.recipes = []dam.Recipe{r}
	if r.Moving() {
		return d.moving(ctx, d.recipes)
	}
	made, err := d.make(ctx)
	if err != nil {
		return err
	}
	return d.renew(ctx, made.renditions...)
}
