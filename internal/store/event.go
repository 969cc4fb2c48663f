package store

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"vitrine/internal/dam"
)

// Event tells every node that an asset, or a run, changed. It holds what people may see anyway once
// they may see the thing.
type Event struct {
	AssetID  string          `json:"id,omitempty"`
	Status   dam.AssetStatus `json:"status,omitempty"`
	Progress float64         `json:"progress,omitempty"`
	Work     dam.Work        `json:"work,omitempty"`
	Run      *RunEvent       `json:"run,omitempty"`
}

// RunEvent is how far a run is, and who began it.
type RunEvent struct {
	ID     string       `json:"id"`
	ByID   string       `json:"by"`
	State  dam.RunState `json:"state"`
	Total  int          `json:"total"`
	Done   int          `json:"done"`
	Failed int          `json:"failed"`
}

// channel is the name under which PostgreSQL passes events between nodes.
const channel = "vitrine_events"

type events struct {
	mu   sync.Mutex
	subs map[chan Event]struct{}
}

// Announce has an event published when the transaction is committed.
func (tx *Tx) Announce(e Event) { tx.events = append(tx.events, e) }

// Publish passes an event to all nodes now.
func (s *Store) Publish(ctx context.Context, e Event) { s.publish(ctx, []Event{e}) }

func (s *Store) publish(ctx context.Context, list []Event) {
	for _, e := range list {
		if s.pool == nil {
			s.events.pass(e)
			continue
		}
		text, _ := json.Marshal(e) // plain fields always have a JSON form
		// Losing a notice only delays a screen: the next one, or a reload, tells the same.
		_, _ = s.pool.Exec(context.WithoutCancel(ctx), "SELECT pg_notify($1, $2)", channel, string(text))
	}
}

// Subscribe gives the events of all nodes until ctx ends. A reader that is slow loses events.
func (s *Store) Subscribe(ctx context.Context) <-chan Event {
	ch := make(chan Event, 64)
	s.events.mu.Lock()
	if s.events.subs == nil {
		s.events.subs = map[chan Event]struct{}{}
	}
	s.events.subs[ch] = struct{}{}
	s.events.mu.Unlock()
	context.AfterFunc(ctx, func() {
		s.events.mu.Lock()
		defer s.events.mu.Unlock()
		delete(s.events.subs, ch)
		close(ch)
	})
	return ch
}

func (e *events) pass(event Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for ch := range e.subs {
		select {
		case ch <- event:
		default:
		}
	}
}

// listen receives the events of other nodes until ctx ends, connecting again when the line breaks.
func (s *Store) listen(ctx context.Context) {
	if s.pool == nil {
		return
	}
	s.done.Go(func() {
		for ctx.Err() == nil {
			s.listenOnce(ctx)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	})
}

func (s *Store) listenOnce(ctx context.Context) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return
	}
	raw := conn.Hijack() // a connection that listens must not go back to the pool
	defer raw.Close(context.WithoutCancel(ctx))
	if _, err := raw.Exec(ctx, "LISTEN "+channel); err != nil {
		return
	}
	for {
		n, err := raw.WaitForNotification(ctx)
		if err != nil {
			return
		}
		var e Event
		if json.Unmarshal([]byte(n.Payload), &e) == nil {
			s.events.pass(e)
		}
	}
}
