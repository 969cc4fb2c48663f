package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"vitrine/internal/dam"
)

type userRow struct {
	bun.BaseModel `bun:"table:users,alias:u"`
	ID            string  `bun:"id,pk"`
	Email         string  `bun:"email"`
	Name          string  `bun:"name"`
	Role          string  `bun:"role"`
	PasswordHash  string  `bun:"password_hash"`
	Disabled      bool    `bun:"disabled"`
	Epoch         int64   `bun:"epoch"`
	CreatedAt     instant `bun:"created_at"`
}

func (r userRow) user() dam.User {
	return dam.User{
		ID: r.ID, Email: r.Email, Name: r.Name, Role: dam.Role(r.Role), PasswordHash: r.PasswordHash,
		Disabled: r.Disabled, Epoch: r.Epoch, CreatedAt: r.CreatedAt.Time,
	}
}

func rowOfUser(u dam.User) *userRow {
	return &userRow{
		ID: u.ID, Email: strings.ToLower(u.Email), Name: u.Name, Role: string(u.Role),
		PasswordHash: u.PasswordHash, Disabled: u.Disabled, Epoch: u.Epoch, CreatedAt: instant{u.CreatedAt},
	}
}

// User reads an account. Errors: NotFound.
func (r Reader) User(ctx context.Context, id string) (dam.User, error) {
	var row userRow
	err := r.db.NewSelect().Model(&row).Where("u.id = ?", id).Scan(ctx)
	return row.user(), found(err, "user")
}

// UserByEmail reads an account by its address in any case. Errors: NotFound.
func (r Reader) UserByEmail(ctx context.Context, email string) (dam.User, error) {
	var row userRow
	err := r.db.NewSelect().Model(&row).Where("u.email = ?", strings.ToLower(email)).Scan(ctx)
	return row.user(), found(err, "user")
}

// Users lists all accounts by name.
func (r Reader) Users(ctx context.Context) ([]dam.User, error) {
	var rows []userRow
	if err := r.db.NewSelect().Model(&rows).Order("u.name", "u.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return each(rows, userRow.user), nil
}

// HasUsers says whether anybody has an account.
func (r Reader) HasUsers(ctx context.Context) (bool, error) {
	return r.db.NewSelect().Model((*userRow)(nil)).Exists(ctx)
}

// UserNames maps ids of users to their names; unknown ids are absent.
func (r Reader) UserNames(ctx context.Context, ids []string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return names, nil
	}
	var rows []userRow
	err := r.db.NewSelect().Model(&rows).Column("id", "name").Where("u.id IN (?)", bun.List(ids)).Scan(ctx)
	for _, row := range rows {
		names[row.ID] = row.Name
	}
	return names, found(err, "user")
}

// InsertUser adds an account. Errors: Conflict when the address is taken.
func (tx *Tx) InsertUser(ctx context.Context, u dam.User) error {
	_, err := tx.db.NewInsert().Model(rowOfUser(u)).Exec(ctx)
	return classify(err)
}

// UpdateUser replaces an account. Errors: NotFound, Conflict.
func (tx *Tx) UpdateUser(ctx context.Context, u dam.User) error {
	res, err := tx.db.NewUpdate().Model(rowOfUser(u)).WherePK().Exec(ctx)
	return hit(res, classify(err), "user")
}

// LinkCounts counts links by the id of their owner.
func (r Reader) LinkCounts(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		OwnerID string `bun:"owner_id"`
		Count   int    `bun:"count"`
	}
	err := r.db.NewRaw("SELECT owner_id, count(*) AS count FROM links GROUP BY owner_id").Scan(ctx, &rows)
	counts := make(map[string]int, len(rows))
	for _, row := range rows {
		counts[row.OwnerID] = row.Count
	}
	return counts, found(err, "link")
}

// APIToken is a key to the API that acts as its user. The key itself is nowhere.
type APIToken struct {
	ID         string
	UserID     string
	Name       string
	CreatedAt  time.Time
	LastUsedAt time.Time
}

type tokenRow struct {
	bun.BaseModel `bun:"table:tokens,alias:t"`
	ID            string  `bun:"id,pk"`
	UserID        string  `bun:"user_id"`
	Name          string  `bun:"name"`
	Digest        []byte  `bun:"digest"`
	CreatedAt     instant `bun:"created_at"`
	LastUsedAt    instant `bun:"last_used_at"`
}

func (r tokenRow) token() APIToken {
	return APIToken{
		ID: r.ID, UserID: r.UserID, Name: r.Name, CreatedAt: r.CreatedAt.Time, LastUsedAt: r.LastUsedAt.Time,
	}
}

// InsertToken adds an API token known by its digest.
func (tx *Tx) InsertToken(ctx context.Context, t APIToken, digest []byte) error {
	_, err := tx.db.NewInsert().Model(&tokenRow{
		ID: t.ID, UserID: t.UserID, Name: t.Name, Digest: digest, CreatedAt: instant{t.CreatedAt},
	}).Exec(ctx)
	return classify(err)
}

// UserOfToken finds whose API token has the digest. Errors: NotFound.
func (r Reader) UserOfToken(ctx context.Context, digest []byte) (dam.User, error) {
	var row userRow
	err := r.db.NewSelect().Model(&row).
		Where("u.id = (SELECT user_id FROM tokens WHERE digest = ?)", digest).Scan(ctx)
	return row.user(), found(err, "token")
}

// Tokens lists the API tokens of a user, the newest first.
func (r Reader) Tokens(ctx context.Context, userID string) ([]APIToken, error) {
	var rows []tokenRow
	err := r.db.NewSelect().Model(&rows).Where("t.user_id = ?", userID).Order("t.created_at DESC", "t.id DESC").Scan(ctx)
	return each(rows, tokenRow.token), found(err, "token")
}

// DeleteToken ends an API token of a user. Errors: NotFound.
func (tx *Tx) DeleteToken(ctx context.Context, userID, id string) error {
	res, err := tx.db.NewDelete().Model((*tokenRow)(nil)).Where("id = ? AND user_id = ?", id, userID).Exec(ctx)
	return hit(res, err, "token")
}

// each turns rows into nouns; an empty list stays a list.
func each[Row, Noun any](rows []Row, noun func(Row) Noun) []Noun {
	out := make([]Noun, len(rows))
	for i, row := range rows {
		out[i] = noun(row)
	}
	return out
}

// FirstAdmin is the oldest administrator whose account works: the owner of what nobody brought in.
// Errors: NotFound.
func (r Reader) FirstAdmin(ctx context.Context) (dam.User, error) {
	var row userRow
	err := r.db.NewSelect().Model(&row).Where("role = ? AND disabled = FALSE", string(dam.RoleAdmin)).
		OrderExpr("created_at, id").Limit(1).Scan(ctx)
	return row.user(), found(err, "administrator")
}
