package library

import (
	"context"
	"errors"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"vitrine/internal/dam"
	"vitrine/internal/media"
)

const (
	// makeTime is how long one making may take.
	makeTime = 10 * time.Minute
	// refusalTime is how long a file that could not be made into something is not tried again.
	refusalTime = 5 * time.Minute
	refusalRows = 10_000
)

// workshop bounds what is made because somebody asked for it: guests are strangers, and each making is a
// program that runs.
type workshop struct {
	same     singleflight.Group
	cleaning lane // originals for guests
	marking  lane // marked pictures for guests
	ahead    lane // whatever links will need
	refused  *otter.Cache[string, error]
}

func newWorkshop() *workshop {
	return &workshop{
		cleaning: newLane(1, 4), marking: newLane(2, 62), ahead: newLane(1, 64),
		refused: otter.Must(&otter.Options[string, error]{
			MaximumSize: refusalRows, ExpiryCalculator: otter.ExpiryWriting[string, error](refusalTime),
		}),
	}
}

// forGuests is the lane of a making that a guest waits for.
func (w *workshop) forGuests(d dam.Delivery) lane {
	if d.Cleaning() != dam.CleanNothing {
		return w.cleaning
	}
	return w.marking
}

// refusal is why something can't be made, as far as that was found out lately.
func (w *workshop) refusal(what string) error {
	err, _ := w.refused.GetIfPresent(what)
	return err
}

// note remembers errors that would come again, at a price.
func (w *workshop) note(what string, err error) {
	if errors.Is(err, media.ErrRefused) || errors.Is(err, media.ErrCrashed) || errors.Is(err, errMakeTime) {
		_, _ = w.refused.Set(what, err)
	}
}

var errMakeTime = errors.New("took too long")

// lane lets a number of makings go on at once and a number more wait.
type lane struct{ inside, at chan struct{} }

func newLane(atOnce, waiting int) lane {
	return lane{inside: make(chan struct{}, atOnce+waiting), at: make(chan struct{}, atOnce)}
}

// enter waits for its turn; leave must be called in the end. Errors: NotReady at once when too many wait.
func (l lane) enter(ctx context.Context) (leave func(), err error) {
	select {
	case l.inside <- struct{}{}:
	default:
		return nil, beingMade()
	}
	select {
	case l.at <- struct{}{}:
		return func() { <-l.at; <-l.inside }, nil
	case <-ctx.Done():
		<-l.inside
		return nil, ctx.Err()
	}
}

func beingMade() error {
	return &dam.Error{Kind: dam.NotReady, Msg: "This version is being made.", RetryAfter: firstView}
}
