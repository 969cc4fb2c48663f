package dam

import (
	"regexp"
	"slices"
)

// RecipeKind is the kind of material a recipe works on.
type RecipeKind string

const (
	RecipeImage RecipeKind = "image"
	RecipeVideo RecipeKind = "video"
	RecipeAudio RecipeKind = "audio"
)

// Recipe says how a rendition is made. Box is the longest allowed side in pixels: the picture is
// fitted inside and never enlarged; sound has none. Quality is the encoder's own scale, 1 to 100.
type Recipe struct {
	Name    string
	Kind    RecipeKind
	Box     int
	MIME    string
	Quality int
	BuiltIn bool
	Enabled bool
}

// The built-in recipes.
const (
	Fullscreen = "fullscreen"
	Preview    = "preview"
	Thumbnail  = "thumbnail"
	Poster     = "poster"
	Video720   = "video720"
	Storyboard = "storyboard"
	Audio128   = "audio128"
)

const (
	mimeJPEG = "image/jpeg"
	mimeMP4  = "video/mp4"
	mimeM4A  = "audio/mp4"
)

// BuiltInRecipes lists the recipes every library begins with, the largest of each kind first, so that
// a picture can be made from the one before.
func BuiltInRecipes() []Recipe {
	return []Recipe{
		{Fullscreen, RecipeImage, 2560, mimeJPEG, 82, true, true},
		{Preview, RecipeImage, 1280, mimeJPEG, 82, true, true},
		{Thumbnail, RecipeImage, 500, mimeJPEG, 80, true, true},
		{Poster, RecipeVideo, 1280, mimeJPEG, 82, true, true},
		{Video720, RecipeVideo, 1280, mimeMP4, 75, true, true},
		{Storyboard, RecipeVideo, 160, mimeJPEG, 75, true, true},
		{Audio128, RecipeAudio, 0, mimeM4A, 75, true, true},
	}
}

// ImageRecipes lists the built-in recipes for pictures, largest first.
func ImageRecipes() []Recipe {
	return slices.DeleteFunc(BuiltInRecipes(), func(r Recipe) bool { return r.Kind != RecipeImage })
}

// Required says whether pages could not show anything without the recipe: it can't be switched off.
func (r Recipe) Required() bool {
	return r.Name == Thumbnail || r.Name == Preview || r.Name == Poster
}

// Moving says whether the recipe makes something that plays; such renditions bear no watermark.
func (r Recipe) Moving() bool {
	return r.Kind == RecipeAudio || r.Kind == RecipeVideo && r.Name != Poster
}

var recipeName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

var recipeMIMEs = map[RecipeKind][]string{
	RecipeImage: {mimeJPEG, "image/webp", "image/avif", "image/png"},
	RecipeVideo: {mimeMP4, "video/webm"},
}

// The bounds of a recipe's box in pixels.
const (
	MinBox = 16
	MaxBox = 8192
)

// ValidRecipe checks a recipe that an administrator made. Errors: Invalid with the field.
func ValidRecipe(r Recipe) error {
	_, page := PageNumber(r.Name)
	formats := recipeMIMEs[r.Kind]
	switch {
	case !recipeName.MatchString(r.Name):
		return InvalidField("name", "Use one to forty small letters a-z, digits and hyphens, not a hyphen first.")
	case page || r.Name == VersionOriginal:
		return InvalidField("name", "This name means something else already. Choose another.")
	case formats == nil:
		return InvalidField("kind", "A recipe is for images or for videos.")
	case !slices.Contains(formats, r.MIME):
		return InvalidField("mime", "Images are made as JPEG, WebP, AVIF or PNG, videos as MP4 or WebM.")
	case r.Box < MinBox || r.Box > MaxBox || r.Kind == RecipeVideo && (r.Box < 144 || r.Box > 3840):
		return InvalidField("box", "The longest side is 16 to 8192 pixels for images and 144 to 3840 for videos.")
	case r.Quality < 1 || r.Quality > 100:
		return InvalidField("quality", "Quality is a number from 1 to 100.")
	}
	return nil
}

// FindRecipe finds a recipe by name.
func FindRecipe(list []Recipe, name string) (Recipe, bool) {
	i := slices.IndexFunc(list, func(r Recipe) bool { return r.Name == name })
	if i < 0 {
		return Recipe{}, false
	}
	return list[i], true
}

// Serves says whether an asset of a kind gets a rendition by this recipe.
func (r Recipe) Serves(kind AssetKind) bool {
	switch r.Kind {
	case RecipeImage:
		return kind == KindImage || r.BuiltIn && r.Name == Thumbnail && kind != KindOther ||
			r.BuiltIn && r.Name == Preview && (kind == KindDocument || kind == KindAudio)
	case RecipeVideo:
		return kind == KindVideo
	case RecipeAudio:
		return kind == KindAudio
	}
	return false
}
