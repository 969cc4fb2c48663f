package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

type recipeRow struct {
	bun.BaseModel `bun:"table:recipes,alias:rc"`
	Name          string `bun:"name,pk"`
	Kind          string `bun:"kind"`
	Box           int    `bun:"box"`
	MIME          string `bun:"mime"`
	Quality       int    `bun:"quality"`
	BuiltIn       bool   `bun:"built_in"`
	Enabled       bool   `bun:"enabled"`
}

func (r recipeRow) recipe() dam.Recipe {
	return dam.Recipe{
		Name: r.Name, Kind: dam.RecipeKind(r.Kind), Box: r.Box, MIME: r.MIME, Quality: r.Quality,
		BuiltIn: r.BuiltIn, Enabled: r.Enabled,
	}
}

// Recipes lists all recipes, by kind and then the largest first. A built-in one has a row only once
// somebody changed it.
func (r Reader) Recipes(ctx context.Context) ([]dam.Recipe, error) {
	var rows []recipeRow
	if err := r.db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read recipes: %w", err)
	}
	list := dam.BuiltInRecipes()
	for _, row := range rows {
		i := slices.IndexFunc(list, func(r dam.Recipe) bool { return r.Name == row.Name })
		if i < 0 {
			list = append(list, row.recipe())
			continue
		}
		list[i] = row.recipe()
	}
	kinds := []dam.RecipeKind{dam.RecipeImage, dam.RecipeVideo, dam.RecipeAudio}
	slices.SortStableFunc(list, func(a, b dam.Recipe) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(b.Box, a.Box))
	})
	return list, nil
}

// SaveRecipe adds or replaces a recipe.
func (tx *Tx) SaveRecipe(ctx context.Context, r dam.Recipe) error {
	row := &recipeRow{
		Name: r.Name, Kind: string(r.Kind), Box: r.Box, MIME: r.MIME, Quality: r.Quality, BuiltIn: r.BuiltIn, Enabled: r.Enabled,
	}
	_, err := tx.db.NewInsert().Model(row).On("CONFLICT (name) DO UPDATE").
		Set("box = EXCLUDED.box, mime = EXCLUDED.mime, quality = EXCLUDED.quality, enabled = EXCLUDED.enabled").Exec(ctx)
	return err
}

// DeleteRecipe forgets a recipe. Errors: NotFound.
func (tx *Tx) DeleteRecipe(ctx context.Context, name string) error {
	res, err := tx.db.NewRaw("DELETE FROM recipes WHERE name = ? AND built_in = FALSE", name).Exec(ctx)
	return hit(res, err, "recipe")
}

// LinksUsing lists the links whose terms name a recipe, the newest first, at most 500.
func (r Reader) LinksUsing(ctx context.Context, recipe string) ([]dam.Link, error) {
	var rows []linkRow
	// The name stands in JSON as a whole word: names hold neither quotes nor wildcards.
	err := r.db.NewSelect().Model(&rows).Where("l.terms LIKE ?", `%"`+recipe+`"%`).
		OrderExpr("l.created_at DESC").Limit(MaxLimit).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read links of a recipe: %w", err)
	}
	return slices.DeleteFunc(each(rows, linkRow.link), func(l dam.Link) bool { return !slices.Contains(l.Terms.Proxies, recipe) }), nil
}

// lacking is the assets of some kinds whose original is here and that have no rendition of a name. A note
// says why there is none.
const lacking = `FROM assets a WHERE a.kind IN (?) AND a.trashed_at IS NULL AND a.status <> 'failed'
	AND a.original = 'available' AND a.note = ''
	AND NOT EXISTS (SELECT 1 FROM renditions r WHERE r.asset_id = a.id AND r.name = ?)`

// CountLacking counts the assets of some kinds without a rendition of a name.
func (r Reader) CountLacking(ctx context.Context, kinds []dam.AssetKind, name string) (n int, err error) {
	err = r.db.NewRaw("SELECT count(*) "+lacking, bun.List(kinds), name).Scan(ctx, &n)
	return n, err
}

// Lacking lists the ids of assets of some kinds without a rendition of a name, after an id.
func (r Reader) Lacking(ctx context.Context, kinds []dam.AssetKind, name, after string, limit int) (ids []string, err error) {
	err = r.db.NewRaw("SELECT a.id "+lacking+" AND a.id > ? ORDER BY a.id LIMIT ?", bun.List(kinds), name, after, limit).Scan(ctx, &ids)
	return ids, err
}
