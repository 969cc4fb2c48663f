package library

import "context"

// Film is what makes one film wait for another.
func (l *Library) Film(ctx context.Context) (done func(), err error) { return l.film(ctx) }
