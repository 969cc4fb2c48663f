import type { RunEvent } from '../api/live'
import type { Run } from '../api/runs'

/** How runs go, without asking anybody. */

export const ended = (run: Pick<Run, 'state'>) => run.state !== 'running' && run.state !== 'paused'

/** The share that is behind us; null while nobody counted what there is to do. */
export function shareOf(run: Pick<Run, 'total' | 'done' | 'failed' | 'state'>): number | null {
  if (run.state === 'done') return 1
  if (run.total <= 0) return null
  return Math.min(1, (run.done + run.failed) / run.total)
}

/** The runs after an event; null when it is about one we don't know. */
export function after(runs: Run[], event: RunEvent): Run[] | null {
  const at = runs.findIndex((run) => run.id === event.id)
  if (at < 0) return null
  const { state, total, done, failed } = event
  return runs.with(at, { ...runs[at]!, state, total, done, failed })
}

/**
 * The runs with this one in its newest form; a new one stands first. What has ended stays so: the answer
 * that began a short run may come after the event of its end.
 */
export function put(runs: Run[], run: Run): Run[] {
  const at = runs.findIndex((known) => known.id === run.id)
  if (at >= 0 && ended(runs[at]!) && !ended(run)) return runs
  return at < 0 ? [run, ...runs] : runs.with(at, run)
}

/** What goes on stands first, then what ended last. */
export function ordered(runs: Run[]): Run[] {
  const when = (run: Run) => run.ended_at ?? run.created_at
  return runs.toSorted((a, b) => Number(ended(a)) - Number(ended(b)) || when(b).localeCompare(when(a)))
}
