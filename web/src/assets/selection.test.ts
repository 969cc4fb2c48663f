import { describe, expect, test } from 'vitest'
import { all, nothing, pick, toggle, without, type Selection } from './selection'

const order = ['a', 'b', 'c', 'd', 'e']
const ids = (s: Selection) => [...s.ids].sort().join('')

describe('selection', () => {
  test('a plain click selects only that tile and becomes the anchor', () => {
    const s = pick(pick(nothing, order, 'a'), order, 'c')
    expect([ids(s), s.anchor]).toEqual(['c', 'c'])
  })

  test('a click with Ctrl adds, and takes away again', () => {
    const s = pick(pick(nothing, order, 'a'), order, 'c', { toggle: true })
    expect(ids(s)).toBe('ac')
    expect(ids(pick(s, order, 'a', { toggle: true }))).toBe('c')
  })

  test('a click with Shift takes the range from the anchor, either way', () => {
    const from = pick(nothing, order, 'c')
    expect(ids(pick(from, order, 'e', { range: true }))).toBe('cde')
    expect(ids(pick(from, order, 'a', { range: true }))).toBe('abc')
  })

  test('a second Shift click pivots on the same anchor', () => {
    const s = pick(pick(pick(nothing, order, 'c'), order, 'e', { range: true }), order, 'b', { range: true })
    expect([ids(s), s.anchor]).toEqual(['bc', 'c'])
  })

  test('Ctrl and Shift together keep what was selected', () => {
    let s = pick(nothing, order, 'a')
    s = pick(s, order, 'd', { toggle: true })
    expect(ids(pick(s, order, 'e', { toggle: true, range: true }))).toBe('ade')
  })

  test('Shift without an anchor, or with one that left the feed, is a plain click', () => {
    expect(ids(pick(nothing, order, 'b', { range: true }))).toBe('b')
    expect(ids(pick({ ids: new Set(['x']), anchor: 'x' }, order, 'b', { range: true }))).toBe('b')
  })

  test('toggling does not change the selection it came from', () => {
    const before = pick(nothing, order, 'a')
    toggle(before, 'b')
    expect(ids(before)).toBe('a')
  })

  test('everything, and then without the deleted ones', () => {
    const s = without(all(nothing, order), ['a', 'e'])
    expect([ids(s), s.anchor]).toEqual(['bcd', null])
  })
})
