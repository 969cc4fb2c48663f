import { describe, expect, test } from 'vitest'
import { positions, type Position, type Watermark } from '../api/settings'
import { alignment, cells, changed, draftOf, formOf, maxBytes, pictureFault, step, type MarkDraft } from './mark'

const stored: Watermark = {
  configured: true,
  image: { size: 84_000, width: 600, height: 200 },
  position: 'bottom-right',
  tiled: false,
  size: 25,
  opacity: 50,
  version: 'v1',
}
const draft = (more: Partial<MarkDraft> = {}): MarkDraft => ({ ...draftOf(stored), ...more })
const logo = new File(['<svg/>'], 'logo.svg', { type: 'image/svg+xml' })

describe('what is not saved yet', () => {
  test.each<[string, Partial<MarkDraft>, boolean]>([
    ['nothing was touched', {}, false],
    ['a new picture was chosen', { file: logo }, true],
    ['another place', { position: 'center' }, true],
    ['all over the picture', { tiled: true }, true],
    ['larger', { size: 26 }, true],
    ['fainter', { opacity: 49 }, true],
  ])('%s', (_, more, yes) => {
    expect(changed(draft(more), stored)).toBe(yes)
  })
})

test('the first watermark is laid small and half seen through in the lower corner', () => {
  const nothing = { configured: false, image: null, position: '', tiled: false, size: 0, opacity: 0, version: '' }
  const first = draftOf(nothing as unknown as Watermark)
  expect(first).toEqual({ file: null, position: 'bottom-right', tiled: false, size: 25, opacity: 50 })
  expect(changed(first, nothing as unknown as Watermark)).toBe(false)
})

describe('a picture for the watermark', () => {
  test.each([
    ['of exactly 2 MB will do', { type: 'image/png', size: maxBytes }, null],
    ['of one byte more is too large', { type: 'image/png', size: maxBytes + 1 }, 'large'],
    ['may be a drawing', { type: 'image/svg+xml', size: 900 }, null],
    ['without a byte is none', { type: 'image/png', size: 0 }, 'empty'],
    ['is no GIF', { type: 'image/gif', size: 900 }, 'format'],
    ['is nothing the browser does not know', { type: '', size: 900 }, 'format'],
  ])('%s', (_, file, fault) => {
    expect(pictureFault(file)).toBe(fault)
  })
})

describe('what is sent', () => {
  test('keeps the stored picture unless a new one was chosen', () => {
    expect(formOf(draft()).has('image')).toBe(false)
    expect((formOf(draft({ file: logo })).get('image') as File).name).toBe('logo.svg')
  })
  test('holds every field as text, and the sample that is asked for', () => {
    expect(Object.fromEntries(formOf(draft({ tiled: true }), { sample: 'dark' }))).toEqual({
      position: 'bottom-right',
      tiled: 'true',
      size: '25',
      opacity: '50',
      sample: 'dark',
    })
  })
})

describe('an arrow key on the grid of nine', () => {
  test.each<[Position, string, Position | null]>([
    ['center', 'ArrowLeft', 'left'],
    ['center', 'ArrowRight', 'right'],
    ['center', 'ArrowUp', 'top'],
    ['center', 'ArrowDown', 'bottom'],
    ['top-right', 'ArrowRight', null],
    ['top-right', 'ArrowUp', null],
    ['top-right', 'ArrowDown', 'right'],
    ['bottom-left', 'ArrowDown', null],
    ['center', 'Enter', null],
  ])('from %s %s leads to %s', (from, key, to) => {
    expect(step(from, key)).toBe(to)
  })
})

test('every place has its corner, side or middle', () => {
  expect(positions.map((p) => alignment(p)).map(({ x, y }) => `${y} ${x}`)).toEqual([
    'start start', 'start center', 'start end',
    'center start', 'center center', 'center end',
    'end start', 'end center', 'end end',
  ])
})

describe('a mark all over a picture', () => {
  test('stands in three rows on a wide one, every second moved by half a cell', () => {
    const { cell, at } = cells(2 / 3)
    expect(cell).toBeCloseTo(2 / 9)
    const rows = [0, 1, 2].map((row) => at.filter(({ y }) => Math.round(y / cell) === row).map(({ x }) => Math.round((2 * x) / cell) / 2))
    expect(rows).toEqual([
      [0, 1, 2, 3, 4],
      [-0.5, 0.5, 1.5, 2.5, 3.5],
      [0, 1, 2, 3, 4],
    ])
  })
  test('never becomes hundreds on a very long one', () => {
    expect(cells(100).at.length).toBeLessThanOrEqual(25)
  })
})
