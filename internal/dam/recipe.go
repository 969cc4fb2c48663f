package dam

// RecipeKind is the kind of material a recipe works on.
type RecipeKind string

const (
	RecipeImage RecipeKind = "image"
	RecipeVideo RecipeKind = "video"
)

// Recipe says how a rendition is made. Box is the longest allowed side in pixels: the picture is
// fitted inside and never enlarged. Quality is the encoder's own scale, 1 to 100.
type Recipe struct {
	Name    string
	Kind    RecipeKind
	Box     int
	MIME    string
	Quality int
}

// The built-in recipes for pictures, largest first, so that each can be made from the one before.
const (
	Fullscreen = "fullscreen"
	Preview    = "preview"
	Thumbnail  = "thumbnail"
)

// ImageRecipes lists the built-in recipes for pictures, largest first.
func ImageRecipes() []Recipe {
	return []Recipe{
		{Name: Fullscreen, Kind: RecipeImage, Box: 2560, MIME: "image/jpeg", Quality: 82},
		{Name: Preview, Kind: RecipeImage, Box: 1280, MIME: "image/jpeg", Quality: 82},
		{Name: Thumbnail, Kind: RecipeImage, Box: 500, MIME: "image/jpeg", Quality: 80},
	}
}

// InViewSet says whether every link may deliver this rendition inline for viewing
// (design 5.5). What is not in the set leaves only if the terms allow it.
func InViewSet(name string) bool { return name == Thumbnail || name == Preview }
