package dam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Showing is what of an asset's facts a link's page tells.
type Showing string

const (
	ShowNone  Showing = ""      // name, format and size only
	ShowBasic Showing = "basic" // and title, description, dates, rights
	ShowAll   Showing = "all"   // and what the file says of itself
)

// Cleaning is what is taken out of originals before they leave through a link.
type Cleaning string

const (
	CleanNothing Cleaning = ""
	CleanGPS     Cleaning = "no_gps"
	CleanAll     Cleaning = "none" // no metadata is left
)

// Terms is what a link allows. The zero value allows viewing and nothing else. It is stored as
// JSON and decoded strictly: a term this program does not know refuses the link instead of
// dropping a restriction. PinnedAt, in microseconds since 1970, holds the link to the originals
// of that moment; zero follows the newest.
type Terms struct {
	Original     bool     `json:"original,omitempty"`
	Proxies      []string `json:"proxies,omitempty"`
	Attachments  bool     `json:"attachments,omitempty"`
	Watermark    bool     `json:"watermark,omitempty"`
	Trace        bool     `json:"trace,omitempty"`
	Recipient    string   `json:"recipient,omitempty"`
	PersonSearch bool     `json:"person_search,omitempty"`
	Show         Showing  `json:"show,omitempty"`
	Files        Cleaning `json:"files,omitempty"`
	PinnedAt     int64    `json:"pinned_at,omitempty"`
}

// ParseTerms decodes stored terms. An unknown term is an error.
func ParseTerms(text []byte) (Terms, error) {
	var t Terms
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&t); err != nil {
		return Terms{}, fmt.Errorf("terms of a link: %w", err)
	}
	return t, nil
}

// ViewOnly says whether nothing can be downloaded (R50).
func (t Terms) ViewOnly() bool { return !t.Original && len(t.Proxies) == 0 && !t.Attachments }

// Widens says whether these terms allow anything that others did not.
func (t Terms) Widens(other Terms) bool {
	more := slices.ContainsFunc(t.Proxies, func(name string) bool { return !slices.Contains(other.Proxies, name) })
	return more || t.Original && !other.Original || t.Attachments && !other.Attachments ||
		t.PersonSearch && !other.PersonSearch || !t.Watermark && other.Watermark || !t.Trace && other.Trace ||
		t.Show != other.Show && other.Show != ShowAll && t.Show != ShowNone ||
		t.Files != other.Files && t.Files != CleanAll && other.Files != CleanNothing ||
		t.PinnedAt != other.PinnedAt
}

// Pinned is the moment whose originals the link shows; zero for a link that follows the newest.
func (t Terms) Pinned() time.Time {
	if t.PinnedAt == 0 {
		return time.Time{}
	}
	return time.UnixMicro(t.PinnedAt).UTC()
}

// ShowsPlace says whether the page may tell where a picture was taken: where the link gives the file
// that tells it anyway (R133).
func (t Terms) ShowsPlace() bool { return t.Show == ShowAll && t.Original && t.Files == CleanNothing }
