package store

import (
	"context"
	"time"

	"vitrine/internal/dam"
)

// Spend takes one from the budget of a key: at most limit in a window that begins with the first.
// Check and spend are one statement, so that many nodes share one budget. Zero means it was taken;
// otherwise it says how long the window still lasts.
func (s *Store) Spend(ctx context.Context, key string, limit int, window time.Duration, now time.Time) (time.Duration, error) {
	over := instant{now.Add(-window)}
	res, err := s.writer.NewRaw("INSERT INTO budgets (key, began_at, spent) VALUES (?, ?, 1) ON CONFLICT (key) DO UPDATE SET "+
		"spent = CASE WHEN budgets.began_at <= ? THEN 1 ELSE budgets.spent + 1 END, "+
		"began_at = CASE WHEN budgets.began_at <= ? THEN excluded.began_at ELSE budgets.began_at END "+
		"WHERE budgets.began_at <= ? OR budgets.spent < ?",
		key, instant{now}, over, over, over, limit).Exec(ctx)
	err = hit(res, err, "budget")
	if dam.KindOf(err) != dam.NotFound {
		return 0, err
	}
	var began instant
	if err := s.writer.NewRaw("SELECT began_at FROM budgets WHERE key = ?", key).Scan(ctx, &began); err != nil {
		return 0, err
	}
	return max(time.Second, began.Add(window).Sub(now)), nil
}

// Refund gives back what a right answer should not have cost.
func (s *Store) Refund(ctx context.Context, key string) error {
	_, err := s.writer.NewRaw("UPDATE budgets SET spent = spent - 1 WHERE key = ? AND spent > 0", key).Exec(ctx)
	return err
}

// DropBudgets forgets budgets whose window began before an instant.
func (tx *Tx) DropBudgets(ctx context.Context, before time.Time) error {
	_, err := tx.db.NewRaw("DELETE FROM budgets WHERE began_at < ?", instant{before}).Exec(ctx)
	return err
}
