package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

// Setting reads a setting into value, which keeps what it holds when nothing was ever saved.
func (r Reader) Setting(ctx context.Context, name string, value any) error {
	var text string
	err := found(r.db.NewRaw("SELECT value FROM settings WHERE name = ?", name).Scan(ctx, &text), "setting")
	if dam.KindOf(err) == dam.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), value)
}

// SaveSetting writes a setting as JSON.
func (tx *Tx) SaveSetting(ctx context.Context, name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("save setting %s: %w", name, err)
	}
	_, err = tx.db.NewRaw("INSERT INTO settings (name, value) VALUES (?, ?) "+
		"ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, string(text)).Exec(ctx)
	return err
}

// AuditEntry is one line of the audit log: who did what to which thing. Detail holds no secret.
type AuditEntry struct {
	ID       int64
	At       time.Time
	UserID   string
	UserName string
	Action   string
	Subject  string
	Detail   map[string]string
}

type auditRow struct {
	bun.BaseModel `bun:"table:audit,alias:au"`
	ID            int64                       `bun:"id,pk,autoincrement"`
	At            instant                     `bun:"at"`
	UserID        string                      `bun:"user_id"`
	UserName      string                      `bun:"user_name"`
	Action        string                      `bun:"action"`
	Subject       string                      `bun:"subject"`
	Detail        document[map[string]string] `bun:"detail"`
}

// Note adds a line to the audit log.
func (tx *Tx) Note(ctx context.Context, e AuditEntry) error {
	row := &auditRow{At: instant{e.At}, UserID: e.UserID, UserName: e.UserName, Action: e.Action,
		Subject: e.Subject, Detail: document[map[string]string]{e.Detail}}
	_, err := tx.db.NewInsert().Model(row).ExcludeColumn("id").Exec(ctx)
	return err
}

// Audit lists the audit log, the newest first. Errors: Invalid with field cursor.
func (r Reader) Audit(ctx context.Context, page Page) ([]AuditEntry, string, error) {
	var rows []auditRow
	sel := r.db.NewSelect().Model(&rows)
	if page.Cursor != "" {
		at, err := readMark(page.Cursor, "audit", false)
		if err != nil {
			return nil, "", err
		}
		sel = sel.Where("au.id < ?", at.Value)
	}
	if err := sel.OrderExpr("au.id DESC").Limit(int64(page.size()) + 1).Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("list the audit log: %w", err)
	}
	next := ""
	if len(rows) > page.size() {
		rows = rows[:page.size()]
		next = mark{Sort: "audit", Value: rows[len(rows)-1].ID, ID: "audit"}.cursor()
	}
	return each(rows, func(row auditRow) AuditEntry {
		return AuditEntry{ID: row.ID, At: row.At.Time, UserID: row.UserID, UserName: row.UserName,
			Action: row.Action, Subject: row.Subject, Detail: row.Detail.V}
	}), next, nil
}
