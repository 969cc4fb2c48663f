package library

import (
	"context"
	"regexp"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

// General is the settings of the whole installation.
type General struct {
	NumberPrefix     string `json:"number_prefix"`
	CleanCollections bool   `json:"clean_collections"` // delete a link's own collection after its expiry (R104)
	SelectionLimit   int    `json:"selection_limit"`   // how many assets can be selected at once (R105)
}

const settingGeneral = "general"

// General reads the general settings.
func (l *Library) General(ctx context.Context) (General, error) {
	g := General{NumberPrefix: "VTR", SelectionLimit: 500}
	err := l.Store.Setting(ctx, settingGeneral, &g)
	return g, err
}

var prefixForm = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,9}$`)

// PutGeneral replaces the general settings. Errors: Unauthenticated, Forbidden, Invalid.
func (l *Library) PutGeneral(ctx context.Context, v dam.Viewer, g General) (General, error) {
	if err := v.Require(dam.Admin); err != nil {
		return g, err
	}
	if !prefixForm.MatchString(g.NumberPrefix) {
		return g, dam.InvalidField("number_prefix", "Use one to ten letters A-Z and digits, beginning with a letter.")
	}
	if g.SelectionLimit < 1 || g.SelectionLimit > maxSelection {
		return g, dam.InvalidField("selection_limit", "Use a number from 1 to %d.", maxSelection)
	}
	return g, l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SaveSetting(ctx, settingGeneral, g); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "settings.general", settingGeneral, nil)
	})
}

// Audit lists who did what, the newest first. Errors: Unauthenticated, Forbidden, Invalid.
func (l *Library) Audit(ctx context.Context, v dam.Viewer, page store.Page) ([]store.AuditEntry, string, error) {
	if err := v.Require(dam.Admin); err != nil {
		return nil, "", err
	}
	return l.Store.Audit(ctx, page)
}

// note adds a line to the audit log in the transaction of the deed. Detail never holds a secret.
func (l *Library) note(ctx context.Context, tx *store.Tx, v dam.Viewer, action, subject string, detail map[string]string) error {
	return tx.Note(ctx, store.AuditEntry{
		At: l.now(), UserID: v.ID, UserName: v.Name, Action: action, Subject: subject, Detail: detail,
	})
}
