/** Where one tile of a justified feed stands, in pixels from the feed's top left corner. */
export interface Tile {
  index: number
  left: number
  width: number
}

export interface Row {
  top: number
  /** Height of the pictures, without what is written under them. */
  height: number
  first: number
  tiles: Tile[]
}

export interface Shape {
  /** Width to fill. */
  width: number
  /** The height a row is aimed at; rows come out up to a third higher or lower. */
  aim: number
  gap: number
  /** Room under every picture for its name. */
  caption: number
}

const narrowest = 0.5
const widest = 3.2

/** A picture's width over its height, kept within what a row can show; unknown is 4:3. */
export function aspect(width: number, height: number): number {
  if (!(width > 0 && height > 0)) return 4 / 3
  return Math.min(widest, Math.max(narrowest, width / height))
}

/**
 * Lays pictures of given aspects out in rows that fill the width exactly and keep every aspect.
 * The last row keeps the aimed height, so that two pictures never grow to fill a screen.
 */
export function justify(aspects: number[], { width, aim, gap, caption }: Shape): Row[] {
  const rows: Row[] = []
  if (width <= 0) return rows
  let top = 0
  let first = 0
  let sum = 0

  const close = (end: number, height: number) => {
    const tiles: Tile[] = []
    let left = 0
    for (let index = first; index < end; index++) {
      const own = aspects[index]! * height
      tiles.push({ index, left, width: own })
      left += own + gap
    }
    rows.push({ top, height, first, tiles })
    top += height + caption + gap
    first = end
    sum = 0
  }

  aspects.forEach((a, index) => {
    const without = heightFor(sum, index - first, width, gap)
    const including = heightFor(sum + a, index - first + 1, width, gap)
    if (index > first && without - aim < aim - including) close(index, without)
    sum += a
    const height = heightFor(sum, index - first + 1, width, gap)
    if (height <= aim) close(index + 1, height)
  })
  if (first < aspects.length) close(aspects.length, Math.min(aim, heightFor(sum, aspects.length - first, width, gap)))
  return rows
}

function heightFor(sum: number, count: number, width: number, gap: number): number {
  return sum > 0 ? (width - gap * (count - 1)) / sum : Infinity
}

/** The full height of laid-out rows. */
export function heightOf(rows: Row[], { caption }: Shape): number {
  const last = rows.at(-1)
  return last ? last.top + last.height + caption : 0
}

/** The rows that a window from `top` to `bottom` touches, as a half-open range. */
export function rowsBetween(rows: Row[], top: number, bottom: number, caption: number): [number, number] {
  const from = firstWhere(rows.length, (i) => rows[i]!.top + rows[i]!.height + caption > top)
  const to = firstWhere(rows.length, (i) => rows[i]!.top >= bottom)
  return [from, Math.max(from, to)]
}

/** The row that holds a tile. */
export function rowOf(rows: Row[], index: number): number {
  return firstWhere(rows.length, (i) => rows[i]!.first > index) - 1
}

/** The tile of the row above or below whose middle is nearest. */
export function neighbour(rows: Row[], index: number, step: 1 | -1): number {
  const at = rowOf(rows, index)
  const here = rows[at]?.tiles.find((tile) => tile.index === index)
  const next = rows[at + step]
  if (!here || !next) return index
  const middle = here.left + here.width / 2
  const off = (tile: Tile) => Math.abs(tile.left + tile.width / 2 - middle)
  return next.tiles.reduce((best, tile) => (off(tile) < off(best) ? tile : best)).index
}

function firstWhere(count: number, test: (i: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const mid = (low + high) >> 1
    if (test(mid)) high = mid
    else low = mid + 1
  }
  return low
}
