package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"vitrine/internal/dam"
	"vitrine/internal/library"
	"vitrine/internal/secret"
)

// manifest describes the demo media that scripts/demo-media.sh prepares.
type manifest struct {
	Files     []demoFile `json:"files"`
	Watermark string     `json:"watermark"`
}

type demoFile struct {
	File        string            `json:"file"`
	Title       map[string]string `json:"title"`
	Description map[string]string `json:"description"`
	Author      string            `json:"author"`
	Licence     string            `json:"licence"`
	Attachments []string          `json:"attachments"`
}

// demoNotes is what the demo printed at its first start, so that later starts can print it again.
// It lies in the data folder, readable by its owner only.
type demoNotes struct {
	Password string   `json:"password"`
	Users    []string `json:"users"`
	Links    []string `json:"links"`
}

// demo fills an empty library and prints how to sign in and what to try.
func (s *serveCommand) demo(ctx context.Context, h *house, p *places) error {
	path := filepath.Join(p.Data, "demo.json")
	var notes demoNotes
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		if err := json.Unmarshal(text, &notes); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	default:
		needed, err := h.SetupNeeded(ctx)
		if err != nil || !needed {
			return err // a library in use is never filled with demo media
		}
		if notes, err = s.fill(ctx, h); err != nil {
			return fmt.Errorf("make the demo: %w", err)
		}
		text, err := json.MarshalIndent(notes, "", "  ") //nolint:gosec // the demo keeps its own password to print it again
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	notes.print(p.BaseURL)
	return nil
}

func (n demoNotes) print(base string) {
	fmt.Printf("\n  Vitrine is open at %s\n\n  Sign in with the password %s as\n", base, n.Password)
	for _, user := range n.Users {
		fmt.Println("    " + user)
	}
	fmt.Println("\n  What a guest sees, for a private window:")
	for _, link := range n.Links {
		fmt.Println("    " + link)
	}
	fmt.Println("\n  Try: select some photographs and press «Share»; open one and choose «Create public link».")
}

func (s *serveCommand) fill(ctx context.Context, h *house) (demoNotes, error) {
	notes := demoNotes{Password: secret.GeneratePassword()}
	people := map[dam.Role]dam.Viewer{}
	for _, who := range []struct {
		email, name string
		role        dam.Role
	}{
		{"admin@example.org", "Administrator", dam.RoleAdmin},
		{"editor@example.org", "Editor", dam.RoleEditor},
		{"viewer@example.org", "Viewer", dam.RoleViewer},
	} {
		u, err := h.AddUser(ctx, console(), library.NewUser{Email: who.email, Name: who.name, Role: who.role, Password: notes.Password})
		if err != nil {
			return notes, err
		}
		people[who.role] = u.Viewer()
		notes.Users = append(notes.Users, fmt.Sprintf("%s (%s)", who.email, who.role))
	}
	m, err := s.manifest()
	if err != nil {
		return notes, err
	}
	err = s.open(m.Watermark, func(f *os.File) error {
		size, opacity := 45, 70
		_, err := h.PutWatermark(ctx, people[dam.RoleAdmin], library.WatermarkChange{Image: f, Size: &size, Opacity: &opacity})
		return err
	})
	if err != nil {
		return notes, err
	}
	editor := people[dam.RoleEditor]
	assets, err := s.demoAssets(ctx, h, editor, m)
	if err != nil {
		return notes, err
	}
	notes.Links, err = demoLinks(ctx, h, editor, assets)
	return notes, err
}

// inCollection is how many of the first assets the demo's collection shows, a film and a document among them.
const inCollection = 11

func (s *serveCommand) manifest() (manifest, error) {
	var m manifest
	text, err := os.ReadFile(filepath.Join(s.DemoMedia, "manifest.json"))
	if err != nil {
		return m, fmt.Errorf("the demo media are not there, make them with scripts/demo-media.sh: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("read the manifest of the demo media: %w", err)
	}
	if len(m.Files) < inCollection {
		return m, fmt.Errorf("the manifest names only %d files", len(m.Files))
	}
	return m, nil
}

// open hands one of the demo media to a function.
func (s *serveCommand) open(name string, use func(*os.File) error) error {
	f, err := os.Open(filepath.Join(s.DemoMedia, filepath.Base(name)))
	if err != nil {
		return err
	}
	defer f.Close()
	return use(f)
}

func (s *serveCommand) demoAssets(ctx context.Context, h *house, v dam.Viewer, m manifest) ([]dam.Asset, error) {
	var assets []dam.Asset
	for i := len(m.Files) - 1; i >= 0; i-- { // the first of the manifest is the newest in the feed
		a, err := s.demoAsset(ctx, h, v, m.Files[i])
		if err != nil {
			return nil, err
		}
		assets = append([]dam.Asset{a}, assets...)
	}
	return assets, nil
}

func (s *serveCommand) demoAsset(ctx context.Context, h *house, v dam.Viewer, entry demoFile) (a dam.Asset, err error) {
	err = s.open(entry.File, func(f *os.File) error {
		a, _, err = h.BringIn(ctx, v, library.NewAsset{
			Name: entry.File, Title: entry.Title["en"], Description: entry.Description["en"], Body: f,
		})
		return err
	})
	if err != nil {
		return a, err
	}
	for _, name := range entry.Attachments {
		err := s.open(name, func(f *os.File) error {
			_, err := h.Attach(ctx, v, a.ID, library.NewFile{Name: name, Body: f})
			return err
		})
		if err != nil {
			return a, err
		}
	}
	return h.EditAsset(ctx, v, a.ID, library.AssetPatch{Rights: &dam.Rights{Licence: entry.Licence, Credit: entry.Author}})
}

// demoLinks makes one link of each kind, and an archived original that has one.
func demoLinks(ctx context.Context, h *house, v dam.Viewer, assets []dam.Asset) ([]string, error) {
	collection, err := h.CreateCollection(ctx, v, "Autumn exhibition", idsOf(assets[:inCollection]))
	if err != nil {
		return nil, err
	}
	all := []string{dam.Thumbnail, dam.Preview, dam.Fullscreen}
	moving := append([]string{dam.Poster, dam.Video720}, all...)
	year := h.Now().AddDate(1, 0, 0).Format("2006-01-02")
	const password = "open sesame"
	wanted := []struct {
		says string
		link library.NewLink
	}{
		{"a collection with downloads:   ", library.NewLink{Kind: dam.LinkKindPublic, CollectionID: collection.ID,
			Name: "Autumn exhibition, press", Terms: dam.Terms{Original: true, Proxies: moving, Attachments: true}}},
		{"one photograph, view only:     ", library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: idsOf(assets[:1]),
			Name: "For approval"}},
		{"three photographs, until next year:", library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: idsOf(assets[2:5]),
			CollectionName: "Choice for the poster", Name: "Choice for the poster", ExpiresOn: year, TimeZone: "UTC",
			Terms: dam.Terms{Proxies: []string{dam.Preview, dam.Fullscreen}}}},
		{"with a watermark that tells whose they are:", library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: idsOf(assets[3:6]),
			CollectionName: "Proofs", Name: "Proofs for the evening paper",
			Terms: dam.Terms{Proxies: all, Watermark: true, Trace: true, Recipient: "The Evening Paper"}}},
		{"with the password «" + password + "»:", library.NewLink{Kind: dam.LinkKindPublic, AssetIDs: idsOf(assets[5:6]),
			Name: "Under embargo", Password: password, Terms: dam.Terms{Proxies: all}}},
		{"a direct download:             ", library.NewLink{Kind: dam.LinkKindDownload, AssetIDs: idsOf(assets[1:2]),
			Name: "Original for print"}},
	}
	last := assets[len(assets)-1]
	archived := library.NewLink{Kind: dam.LinkKindDownload, AssetIDs: []string{last.ID}, Name: "Moved to the archive since"}
	var lines []string
	for _, w := range wanted {
		if w.link.Kind == dam.LinkKindPublic {
			w.link.Terms.Show = dam.ShowBasic
		}
		view, err := h.CreateLink(ctx, v, w.link)
		if err != nil {
			return nil, err
		}
		lines = append(lines, w.says+" "+view.URL)
	}
	view, err := h.CreateLink(ctx, v, archived)
	if err != nil {
		return nil, err
	}
	if _, err := h.ArchiveAsset(ctx, v, last.ID); err != nil {
		return nil, err
	}
	return append(lines, "a download whose original is archived: "+view.URL), nil
}

func idsOf(assets []dam.Asset) []string {
	ids := make([]string, len(assets))
	for i, a := range assets {
		ids[i] = a.ID
	}
	return ids
}
