package library

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"vitrine/internal/dam"
	"vitrine/internal/media"
)

// facts reads what the file says about itself. A file whose facts can't be read is still shown.
func (d *derivation) facts(ctx context.Context) media.Facts {
	facts, err := d.Exif.Read(ctx, d.path)
	if err != nil {
		d.Log.Warn("the facts of a file can't be read", "asset", d.asset.ID, "error", err)
		return media.Facts{}
	}
	return facts
}

// describe fills what people left empty from what the file says; of a new original only what is about the
// file itself, since links that are pinned to an earlier one show the rest.
func describe(a *dam.Asset, f media.Facts) {
	a.TakenAt = f.TakenAt
	a.Metadata = dam.Metadata{
		Camera: f.Camera, Lens: f.Lens, Exposure: f.Exposure, Creator: f.Creator, Copyright: f.Copyright, Keywords: f.Keywords,
	}
	if f.GPS != nil {
		a.Metadata.GPS = &dam.Point{Lat: f.GPS.Lat, Lon: f.GPS.Lon}
	}
	if a.Revision > 1 {
		return
	}
	if a.Title == "" {
		a.Title, _ = words("title", f.Title, maxTitleLength)
	}
	if a.Description == "" {
		a.Description, _ = words("description", f.Description, maxDescriptionLength)
	}
	if len(a.Tags) == 0 {
		a.Tags, _ = tagList(f.Keywords[:min(len(f.Keywords), maxTags)])
	}
	if a.Rights == (dam.Rights{}) {
		a.Rights.Licence, _ = words("licence", f.Licence, maxTitleLength)
		a.Rights.Credit, _ = words("credit", firstText(f.Credit, f.Creator), maxTitleLength)
	}
}

// groups sorts what a file says of itself by the language it says it in.
func groups(f media.Facts) []dam.FactGroup {
	byName := map[string][]dam.Fact{}
	for _, key := range slices.Sorted(maps.Keys(f.All)) {
		group, tag, _ := strings.Cut(key, ":")
		name := groupName(group)
		byName[name] = append(byName[name], dam.Fact{Name: tag, Value: f.All[key]})
	}
	first := []string{"EXIF", "IPTC", "XMP"}
	out := []dam.FactGroup{}
	for _, name := range append(first, slices.Sorted(maps.Keys(byName))...) {
		if items := byName[name]; items != nil {
			out = append(out, dam.FactGroup{Name: name, Items: items})
			delete(byName, name)
		}
	}
	return out
}

func groupName(group string) string {
	switch {
	case strings.HasPrefix(group, "IFD"), group == "ExifIFD", group == "GPS", group == "InteropIFD", group == "SubIFD":
		return "EXIF"
	case strings.HasPrefix(group, "XMP"):
		return "XMP"
	case strings.HasPrefix(group, "IPTC"):
		return "IPTC"
	}
	return group
}

// place finds the names of facts that tell where something is.
var place = regexp.MustCompile(`(?i)gps|latitude|longitude|altitude|location|geo|city|country|state|province|iso6709|coordinates`)

// withoutPlace leaves out what tells where a picture was taken.
func withoutPlace(groups []dam.FactGroup) []dam.FactGroup {
	out := []dam.FactGroup{}
	for _, g := range groups {
		g.Items = slices.DeleteFunc(slices.Clone(g.Items), func(f dam.Fact) bool { return place.MatchString(f.Name) })
		if len(g.Items) > 0 && !place.MatchString(g.Name) {
			out = append(out, g)
		}
	}
	return out
}

// AssetMetadata tells what the file of an asset says of itself. Errors: Unauthenticated, NotFound.
func (l *Library) AssetMetadata(ctx context.Context, v dam.Viewer, id string) ([]dam.FactGroup, error) {
	a, err := l.Asset(ctx, v, id)
	if err != nil {
		return nil, err
	}
	groups, _, err := l.Store.Facts(ctx, a.ID)
	return groups, err
}

// The most tags an asset bears, and the longest in characters.
const (
	maxTags      = 100
	maxTagLength = 64
)

// tagList cleans tags, in their order, each once. Errors: Invalid with field tags.
func tagList(tags []string) ([]string, error) {
	out := []string{}
	for _, tag := range tags {
		tag, err := words("tags", strings.Join(strings.Fields(tag), " "), maxTagLength)
		if err != nil {
			return out, err
		}
		if tag != "" && !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	if len(out) > maxTags {
		return out[:maxTags], dam.InvalidField("tags", "Use at most %d tags.", maxTags)
	}
	return out, nil
}

// rightsOf checks what people say about the use of an asset. Errors: Invalid with the field.
func rightsOf(r dam.Rights) (out dam.Rights, err error) {
	if out.Licence, err = words("rights.licence", r.Licence, maxTitleLength); err != nil {
		return out, err
	}
	if out.Credit, err = words("rights.credit", r.Credit, maxTitleLength); err != nil {
		return out, err
	}
	if out.UsageFrom, err = dayOf("rights.usage_from", r.UsageFrom); err != nil {
		return out, err
	}
	if out.UsageUntil, err = dayOf("rights.usage_until", r.UsageUntil); err != nil {
		return out, err
	}
	if out.UsageFrom != "" && out.UsageUntil != "" && out.UsageUntil < out.UsageFrom {
		return out, dam.InvalidField("rights.usage_until", "The last day of use is before the first.")
	}
	return out, nil
}

func dayOf(field, day string) (string, error) {
	if day == "" {
		return "", nil
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", dam.InvalidField(field, "Write the day as YYYY-MM-DD.")
	}
	return day, nil
}
