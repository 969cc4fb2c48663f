import { describe, expect, test } from 'vitest'
import { frameAt, picks, placeOf, seekBy } from './storyboard'

const grid = { columns: 5, rows: 5 }

describe('a sheet of frames', () => {
  test.each([
    [0, 0],
    [0.039, 0],
    [0.04, 1],
    [0.5, 12],
    [0.999, 24],
    [1, 24],
    [-0.2, 0],
    [7, 24],
  ])('at %d of the film stands frame %d', (share, frame) => {
    expect(frameAt(share, grid)).toBe(frame)
  })

  test('frames lie row by row, and the last one in the last corner', () => {
    expect(placeOf(0, grid)).toEqual({ x: 0, y: 0 })
    expect(placeOf(4, grid)).toEqual({ x: 100, y: 0 })
    expect(placeOf(5, grid)).toEqual({ x: 0, y: 25 })
    expect(placeOf(24, grid)).toEqual({ x: 100, y: 100 })
  })

  test('a sheet of one frame has it in the corner', () => {
    expect(placeOf(0, { columns: 1, rows: 1 })).toEqual({ x: 0, y: 0 })
  })

  test('a few frames are picked from the whole film, in its order', () => {
    expect(picks(5, grid)).toEqual([2, 7, 12, 17, 22])
    expect(picks(0, grid)).toEqual([])
  })
})

describe('the keys of a time line', () => {
  test.each([
    ['ArrowRight', 20, 25],
    ['ArrowLeft', 3, 0],
    ['ArrowRight', 98, 100],
    ['PageUp', 20, 30],
    ['PageDown', 20, 10],
    ['Home', 20, 0],
    ['End', 20, 100],
  ])('%s at %d leads to %d', (key, now, to) => {
    expect(seekBy(key, now, 100)).toBe(to)
  })

  test('other keys are not taken', () => {
    expect(seekBy('s', 20, 100)).toBeNull()
  })
})
