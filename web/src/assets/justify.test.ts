import { describe, expect, test } from 'vitest'
import { aspect, heightOf, justify, neighbour, rowOf, rowsBetween, type Shape } from './justify'

const shape: Shape = { width: 1000, aim: 200, gap: 8, caption: 24 }
const mixed = Array.from({ length: 57 }, (_, i) => [1.5, 0.66, 1, 1.78, 3, 0.5][i % 6]!)

describe('justified layout', () => {
  test('every row but the last fills the width to the pixel', () => {
    for (const row of justify(mixed, shape).slice(0, -1)) {
      const last = row.tiles.at(-1)!
      expect(last.left + last.width).toBeCloseTo(shape.width, 6)
    }
  })

  test('every picture keeps its aspect', () => {
    for (const row of justify(mixed, shape))
      for (const tile of row.tiles) expect(tile.width / row.height).toBeCloseTo(mixed[tile.index]!, 6)
  })

  test('every picture appears once and in order', () => {
    const order = justify(mixed, shape).flatMap((row) => row.tiles.map((tile) => tile.index))
    expect(order).toEqual(mixed.map((_, i) => i))
  })

  test('rows stay near the aimed height', () => {
    for (const row of justify(mixed, shape).slice(0, -1)) {
      expect(row.height).toBeGreaterThan(shape.aim * 0.6)
      expect(row.height).toBeLessThan(shape.aim * 1.5)
    }
  })

  test('rows do not overlap and leave room for the names', () => {
    const rows = justify(mixed, shape)
    rows.slice(1).forEach((row, i) => expect(row.top).toBeCloseTo(rows[i]!.top + rows[i]!.height + 32, 6))
    expect(heightOf(rows, shape)).toBeCloseTo(rows.at(-1)!.top + rows.at(-1)!.height + 24, 6)
  })

  test('a lone picture is not blown up beyond the aimed height', () => {
    expect(justify([1.5], shape)[0]!.height).toBe(200)
  })

  test('a picture too wide for the screen shrinks into it', () => {
    const [row] = justify([3.2], { ...shape, width: 300 })
    expect(row!.tiles[0]!.width).toBeCloseTo(300)
  })

  test('no width and no pictures give no rows', () => {
    expect(justify([1, 1], { ...shape, width: 0 })).toEqual([])
    expect(justify([], shape)).toEqual([])
    expect(heightOf([], shape)).toBe(0)
  })

  test('unknown and extreme sizes get a shape that can be shown', () => {
    expect(aspect(0, 0)).toBeCloseTo(4 / 3)
    expect(aspect(20000, 100)).toBe(3.2)
    expect(aspect(100, 20000)).toBe(0.5)
  })
})

describe('finding rows', () => {
  const rows = justify(mixed, shape)

  test('the window touches exactly the rows it overlaps', () => {
    const [from, to] = rowsBetween(rows, rows[2]!.top + 1, rows[4]!.top + 1, shape.caption)
    expect([from, to]).toEqual([2, 5])
  })

  test('a window past the end is empty', () => {
    const [from, to] = rowsBetween(rows, 1e6, 2e6, shape.caption)
    expect(to - from).toBe(0)
  })

  test('each tile is found in its row', () => {
    rows.forEach((row, r) => row.tiles.forEach((tile) => expect(rowOf(rows, tile.index)).toBe(r)))
  })

  test('down and up reach the nearest tile, and stop at the edges', () => {
    const below = neighbour(rows, 0, 1)
    expect(rowOf(rows, below)).toBe(1)
    expect(neighbour(rows, 0, -1)).toBe(0)
    expect(neighbour(rows, mixed.length - 1, 1)).toBe(mixed.length - 1)
  })
})
