package library

import (
	"context"
	"fmt"

	"vitrine/internal/dam"
	"vitrine/internal/secret"
)

// view completes a link for one who may manage it; creator may be its creator as known already.
func (l *Library) view(ctx context.Context, link dam.Link, creator dam.Viewer) (LinkView, error) {
	if creator.ID != link.OwnerID {
		u, err := l.Store.User(ctx, link.OwnerID)
		if err != nil {
			return LinkView{}, err
		}
		creator = u.Viewer()
		link.OwnerName = u.Name
	}
	link.OwnerName = firstText(link.OwnerName, creator.Name)
	token, err := l.Keys.Unseal(link.SealedToken, sealedToken)
	if err != nil {
		return LinkView{}, fmt.Errorf("open the token of link %s: %w", link.ID, err)
	}
	out := LinkView{Link: link, URL: l.linkURL(link.Kind, secret.Token(token))}
	if link.Kind == dam.LinkKindPublic {
		out.EmbedURL = l.BaseURL + "/e/" + string(token)
	}
	aimed := l.aimedAtCollection
	if link.AssetID != "" {
		aimed = l.aimedAtAsset
	}
	err = aimed(ctx, creator, &out)
	return out, err
}

func (l *Library) linkURL(kind dam.LinkKind, token secret.Token) string {
	if kind == dam.LinkKindDownload {
		return l.BaseURL + "/d/" + token.Reveal()
	}
	return l.BaseURL + "/s/" + token.Reveal()
}

func (l *Library) aimedAtAsset(ctx context.Context, creator dam.Viewer, out *LinkView) error {
	a, err := l.Store.Asset(ctx, out.AssetID)
	if err != nil {
		return err
	}
	general, err := l.General(ctx)
	if err != nil {
		return err
	}
	out.Total = 1
	if out.Shows(creator, a) {
		out.Shared = 1
	}
	out.Status = out.Link.Status(creator, a, l.now())
	out.Target = Target{
		Kind: "asset", ID: a.ID, Name: a.Name, Number: dam.NumberText(general.NumberPrefix, a.Number), Count: 1, Cover: a.ID,
	}
	return nil
}

func (l *Library) aimedAtCollection(ctx context.Context, creator dam.Viewer, out *LinkView) error {
	c, err := l.Store.Collection(ctx, creator, out.CollectionID)
	if err != nil {
		return err
	}
	if out.Total, err = l.Store.CollectionSize(ctx, c.ID); err != nil {
		return err
	}
	out.Shared = c.Count
	out.Status = out.Link.Status(creator, dam.Asset{}, l.now())
	out.Target = Target{Kind: "collection", ID: c.ID, Name: c.Name, Count: out.Total}
	if len(c.Covers) > 0 {
		out.Target.Cover = c.Covers[0]
	}
	return nil
}

func (l *Library) views(ctx context.Context, links []dam.Link) ([]LinkView, error) {
	out := make([]LinkView, len(links))
	creators := map[string]dam.User{}
	for i, link := range links {
		u, known := creators[link.OwnerID]
		if !known {
			var err error
			if u, err = l.Store.User(ctx, link.OwnerID); err != nil {
				return nil, err
			}
			creators[link.OwnerID] = u
		}
		link.OwnerName = u.Name
		creator := u.Viewer()
		creator.ID = link.OwnerID // a disabled creator has no rights but is known
		var err error
		if out[i], err = l.view(ctx, link, creator); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
