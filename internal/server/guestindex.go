package server

import (
	"encoding/json"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

// guestIndex is index.json of design 5.4. Its fields are the whole of what a guest may read.
type guestIndex struct {
	Name         string      `json:"name"`
	ViewOnly     bool        `json:"view_only"`
	PersonSearch bool        `json:"person_search"`
	Items        []indexItem `json:"items"`
	NextCursor   *string     `json:"next_cursor"`
}

// indexItem is one item. An address is null where the link shows nothing of the kind; page_url is a
// pattern whose {n} counts from 1 to pages.
type indexItem struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Kind       dam.AssetKind  `json:"kind"`
	MIME       string         `json:"mime"`
	Width      int            `json:"width"`
	Height     int            `json:"height"`
	Duration   float64        `json:"duration"`
	Pages      int            `json:"pages"`
	ViewURL    *string        `json:"view_url"`
	PageURL    *string        `json:"page_url"`
	PosterURL  *string        `json:"poster_url"`
	PlayURL    *string        `json:"play_url"`
	Storyboard *indexSheet    `json:"storyboard"`
	Captions   []indexCaption `json:"captions"`
	Metadata   []dam.Fact     `json:"metadata"`
	Rights     indexRights    `json:"rights"`
	Versions   []indexVersion `json:"versions"`
}

type indexSheet struct {
	URL     string `json:"url"`
	Columns int    `json:"columns"`
	Rows    int    `json:"rows"`
}

type indexCaption struct {
	URL   string `json:"url"`
	Label string `json:"label"`
}

type indexRights struct {
	Licence    string  `json:"licence"`
	Credit     string  `json:"credit"`
	UsageFrom  *string `json:"usage_from"`
	UsageUntil *string `json:"usage_until"`
}

type indexVersion struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	MIME  string `json:"mime"`
	Size  int64  `json:"size"`
	URL   string `json:"url"`
}

func (w words) index(base string, g library.GuestPage) ([]byte, error) {
	out := guestIndex{Name: g.Name, ViewOnly: g.ViewOnly, PersonSearch: g.PersonSearch, Items: []indexItem{}}
	if g.Next != "" {
		out.NextCursor = &g.Next
	}
	for _, it := range g.Items {
		out.Items = append(out.Items, w.indexItem(base, it))
	}
	return json.Marshal(out)
}

func (w words) indexItem(base string, it library.GuestItem) indexItem {
	at := func(version string) *string {
		if version == "" {
			return nil
		}
		return unlessEmpty(versionPath(base, it.ID, version))
	}
	item := indexItem{
		ID: it.ID, Name: it.Name, Kind: it.Kind, MIME: it.MIME,
		Width: it.Width, Height: it.Height, Duration: it.Duration, Pages: it.Pages,
		ViewURL: at(it.View), PosterURL: at(it.Poster), PlayURL: at(it.Play),
		Captions: []indexCaption{}, Metadata: []dam.Fact{}, Versions: []indexVersion{},
		Rights: indexRights{
			it.Rights.Licence, it.Rights.Credit, unlessEmpty(it.Rights.UsageFrom), unlessEmpty(it.Rights.UsageUntil),
		},
	}
	if pagesShown(it) > 0 {
		item.PageURL = at(pagePattern)
	}
	if sheet := at(it.Storyboard); sheet != nil {
		item.Storyboard = &indexSheet{*sheet, it.Columns, it.Rows}
	}
	for _, c := range it.Captions {
		item.Captions = append(item.Captions, indexCaption{versionPath(base, it.ID, c.ID), c.Label})
	}
	item.Metadata = append(item.Metadata, it.Facts...)
	for _, v := range it.Versions {
		label := v.Label
		if label == "" {
			label = w.Or("guest.version."+v.Name, v.Name)
		}
		item.Versions = append(item.Versions, indexVersion{
			Name: v.Name, Label: label, MIME: v.MIME, Size: v.Size, URL: versionPath(base, it.ID, v.Name),
		})
	}
	return item
}

// pagePattern stands for the names of all pages in an address.
const pagePattern = "page-{n}"

func unlessEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
