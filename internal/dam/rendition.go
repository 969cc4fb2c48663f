package dam

import (
	"strconv"
	"strings"
)

// Rendition is one recipe's result for one asset. Its name is the recipe's, or a page's, or one of
// these with what sets it apart after an "@": no list shows those, and only this file makes them.
type Rendition struct {
	AssetID string
	Name    string
	MIME    string
	Width   int
	Height  int
	Size    int64
	Key     string
	CRC32   uint32
}

// MaxPages is how many pages of a document can be looked at.
const MaxPages = 100

const pagePrefix = "page-"

// PageName names the picture of a document's page, counted from 1.
func PageName(n int) string { return pagePrefix + strconv.Itoa(n) }

// PageNumber says which page a name means.
func PageNumber(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, pagePrefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n >= 1 && n <= MaxPages && strconv.Itoa(n) == digits
}

// EarlierName names a rendition of an earlier original.
func EarlierName(name string, revision int) string { return name + "@r" + strconv.Itoa(revision) }

// MarkedName names the rendition with a mark upon it.
func MarkedName(name, mark string) string { return name + "@" + mark }

// CleanedName names the original without what a link takes out of it.
func CleanedName(name string, c Cleaning) string { return name + "@" + string(c) }

// Listed says whether lists show a rendition of this name.
func Listed(name string) bool {
	_, page := PageNumber(name)
	return !page && !strings.Contains(name, "@")
}

// Markable says whether a watermark can be laid upon the rendition: a still picture, but not the
// sheet of stills a player seeks by.
func (r Rendition) Markable() bool {
	return strings.HasPrefix(r.MIME, "image/") && r.Name != Storyboard
}

// InViewSet says whether every link may deliver this rendition inline for viewing (design 5.5).
// What is not in the set leaves only if the terms allow it.
func InViewSet(name string) bool {
	switch name {
	case Thumbnail, Preview, Poster, Storyboard, Video720, Audio128:
		return true
	}
	_, page := PageNumber(name)
	return page
}

// StoryboardGrid is how many stills stand beside and below each other on a storyboard: the still in
// place i of n is the one at (i + 1/2) / n of the duration, which is in seconds.
func StoryboardGrid(duration float64) int {
	if duration < 120 {
		return 5
	}
	return 10
}

// stored is the name under which the rendition of a version is kept.
func (a Asset) stored(version string) string {
	if a.Earlier {
		return EarlierName(version, a.Revision)
	}
	return version
}
