package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"vitrine/internal/dam"
	"vitrine/internal/store"
)

// begin adds a run that is worked.
func (w *world) begin(id string, assetIDs ...string) dam.Run {
	w.t.Helper()
	run := dam.Run{ID: id, Kind: dam.RunRebuild, Subject: "web", State: dam.RunRunning, Total: 5, CreatedAt: noon}
	w.tx(func(ctx context.Context, tx *store.Tx) error {
		begun, err := tx.InsertRun(ctx, run, assetIDs)
		if err == nil && !begun {
			w.t.Errorf("run %s did not begin", id)
		}
		return err
	})
	return run
}

// turn brings a run into another state.
func (w *world) turn(id string, from, to dam.RunState) (run dam.Run, err error) {
	err = w.InTx(w.ctx, func(ctx context.Context, tx *store.Tx) error {
		run, err = tx.TurnRun(ctx, id, from, to, noon)
		return err
	})
	return run, err
}

func TestOnlyThePresentGenerationNotesHowFarARunCame(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.begin("1")
		note := func(r dam.Run) (state dam.RunState, err error) {
			err = w.InTx(w.ctx, func(ctx context.Context, tx *store.Tx) error {
				state, err = tx.NoteRun(ctx, r)
				return err
			})
			return state, err
		}
		if _, err := w.turn("1", dam.RunRunning, dam.RunPaused); err != nil {
			t.Fatal(err)
		}
		first.Done, first.Cursor = 1, "a"
		if state, err := note(first); err != nil || state != dam.RunPaused {
			t.Errorf("what was at work when it was paused hears %q, %v", state, err)
		}
		second, err := w.turn("1", dam.RunPaused, dam.RunRunning)
		if err != nil || second.Generation != first.Generation+1 || second.Done != 1 || second.Cursor != "a" {
			t.Errorf("it goes on as %+v, %v", second, err)
		}
		first.Done = 2
		if _, err := note(first); dam.KindOf(err) != dam.NotFound {
			t.Errorf("the earlier generation still writes: %v", err)
		}
		if state, err := note(second); err != nil || state != dam.RunRunning {
			t.Errorf("the present one hears %q, %v", state, err)
		}
		if _, err := w.turn("1", dam.RunPaused, dam.RunRunning); dam.KindOf(err) != dam.NotFound {
			t.Errorf("resumed twice: %v", err)
		}
		done, err := w.turn("1", dam.RunRunning, dam.RunDone)
		if read, readErr := w.Run(w.ctx, "1"); err != nil || readErr != nil || read != done || !done.EndedAt.Equal(noon) {
			t.Errorf("in the end it is %+v and reads %+v, %v, %v", done, read, err, readErr)
		}
	})
}

func TestOneRunAboutTheSameBeginsEvenOnTwoNodes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		nodes := []*store.Store{w.Store, w.Store}
		if w.Postgres() != nil {
			other, err := store.Open(w.ctx, w.url)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { other.Close() })
			nodes[1] = other
		}
		for round := range 5 {
			begun := make([]bool, 2)
			var all sync.WaitGroup
			for i, node := range nodes {
				all.Go(func() {
					run := dam.Run{ID: fmt.Sprint(round, i), Kind: dam.RunRebuild, Subject: "web", State: dam.RunRunning, CreatedAt: noon}
					err := node.InTx(w.ctx, func(ctx context.Context, tx *store.Tx) (err error) {
						if begun[i], err = tx.InsertRun(ctx, run, nil); err != nil {
							return err
						}
						_, err = tx.LiveRun(ctx, dam.RunRebuild, "web")
						return err
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			live, err := w.LiveRun(w.ctx, dam.RunRebuild, "web")
			if err != nil || begun[0] == begun[1] {
				t.Fatalf("%v began, live is %+v, %v", begun, live, err)
			}
			if _, err := w.turn(live.ID, dam.RunRunning, dam.RunDone); err != nil {
				t.Fatal(err)
			}
			if _, err := w.LiveRun(w.ctx, dam.RunRebuild, "web"); dam.KindOf(err) != dam.NotFound {
				t.Errorf("after its end: %v", err)
			}
		}
	})
}

func TestWhatARunIsForIsListedInOrderAndForgottenWithItsEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var want []string
		for i := range 1200 {
			want = append(want, fmt.Sprintf("%04d", i))
		}
		w.begin("1", append(slices.Clone(want), want[0])...)
		var got []string
		for after := ""; ; after = got[len(got)-1] {
			ids, err := w.RunItems(w.ctx, "1", after, 500)
			if err != nil {
				t.Fatal(err)
			}
			if len(ids) == 0 {
				break
			}
			got = append(got, ids...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %d ids", len(got))
		}
		if ids, err := w.RunItems(w.ctx, "2", "", 500); err != nil || len(ids) != 0 {
			t.Errorf("another run is for %v, %v", ids, err)
		}
		if _, err := w.turn("1", dam.RunRunning, dam.RunCancelled); err != nil {
			t.Fatal(err)
		}
		if ids, err := w.RunItems(w.ctx, "1", "", 500); err != nil || len(ids) != 0 {
			t.Errorf("after its end %d ids are left, %v", len(ids), err)
		}
	})
}

func TestAssetsThatCanNotHaveARenditionDoNotLackIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		picture := func(change func(*dam.Asset)) dam.Asset {
			return w.addAsset(func(a *dam.Asset) {
				a.Kind = dam.KindImage
				change(a)
			})
		}
		lacks := picture(func(*dam.Asset) {})
		picture(func(a *dam.Asset) { a.Original = dam.OriginalArchived })
		picture(func(a *dam.Asset) { a.Original = dam.OriginalMissing })
		picture(func(a *dam.Asset) { a.Note = "There is no LibreOffice." })
		picture(func(a *dam.Asset) { a.Status = dam.StatusFailed })
		picture(func(a *dam.Asset) { a.TrashedAt = noon })
		kinds := []dam.AssetKind{dam.KindImage}
		if ids, err := w.Lacking(w.ctx, kinds, "web", "", 10); err != nil || !slices.Equal(ids, []string{lacks.ID}) {
			t.Errorf("got %v, %v", ids, err)
		}
		if n, err := w.CountLacking(w.ctx, kinds, "web"); err != nil || n != 1 {
			t.Errorf("counted %d, %v", n, err)
		}
	})
}
