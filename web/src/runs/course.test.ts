import { describe, expect, test } from 'vitest'
import type { Run } from '../api/runs'
import { after, ended, ordered, put, shareOf } from './course'

const run = (more: Partial<Run> = {}): Run => ({
  id: 'a',
  kind: 'rebuild',
  subject: 'preview',
  state: 'running',
  total: 10,
  done: 0,
  failed: 0,
  created_at: '2026-05-01T10:00:00Z',
  ended_at: null,
  message: null,
  ...more,
})

describe('how far a run is', () => {
  test.each<[string, Partial<Run>, number | null]>([
    ['nothing yet', {}, 0],
    ['what failed is behind us too', { done: 3, failed: 2 }, 0.5],
    ['nobody counted yet', { total: 0 }, null],
    ['there was nothing to do', { total: 0, state: 'done' }, 1],
    ['more turned up than was counted', { done: 12 }, 1],
  ])('%s', (_, more, share) => {
    expect(shareOf(run(more))).toBe(share)
  })
})

test.each<[Run['state'], boolean]>([
  ['running', false],
  ['paused', false],
  ['done', true],
  ['cancelled', true],
  ['failed', true],
])('a run that is %s has ended: %s', (state, yes) => {
  expect(ended({ state })).toBe(yes)
})

describe('an event', () => {
  test('moves the run it is about and no other', () => {
    const [a, b] = after([run(), run({ id: 'b' })], { id: 'b', state: 'paused', total: 10, done: 4, failed: 1 })!
    expect(a).toEqual(run())
    expect(b).toEqual(run({ id: 'b', state: 'paused', done: 4, failed: 1 }))
  })
  test('about an unknown run is not guessed at', () => {
    expect(after([run()], { id: 'x', state: 'running', total: 1, done: 0, failed: 0 })).toBeNull()
  })
})

test('a new run stands first, a known one stays in its place', () => {
  const runs = put([run()], run({ id: 'b' }))
  expect(runs.map((r) => r.id)).toEqual(['b', 'a'])
  expect(put(runs, run({ done: 5 })).map((r) => r.done)).toEqual([0, 5])
})

test('a run that has ended does not go on again when an older answer comes late', () => {
  const over = [run({ state: 'done', done: 10, ended_at: '2026-05-01T10:01:00Z' })]
  expect(put(over, run())).toEqual(over)
})

test('what goes on stands before what ended, each the newest first', () => {
  const list = [
    run({ id: 'old', state: 'done', ended_at: '2026-05-01T11:00:00Z' }),
    run({ id: 'first', created_at: '2026-05-01T09:00:00Z' }),
    run({ id: 'new', state: 'failed', ended_at: '2026-05-01T12:00:00Z' }),
    run({ id: 'second', state: 'paused', created_at: '2026-05-01T10:00:00Z' }),
  ]
  expect(ordered(list).map((r) => r.id)).toEqual(['second', 'first', 'new', 'old'])
})
