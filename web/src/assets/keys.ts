import { neighbour, rowOf, type Row } from './justify'

/** The index of the tile a key leads to. */
export type Move = number

interface Pressed {
  key: string
  ctrlKey: boolean
  metaKey: boolean
}

/** Where a key leads from a tile, or null if it is no key for moving (ux 3.21). */
export function moveFrom({ key, ctrlKey, metaKey }: Pressed, rows: Row[], index: number, viewport: number): Move | null {
  const last = (rows.at(-1)?.tiles.at(-1)?.index ?? 0)
  const row = rows[rowOf(rows, index)]
  const far = ctrlKey || metaKey
  switch (key) {
    case 'ArrowRight':
      return Math.min(last, index + 1)
    case 'ArrowLeft':
      return Math.max(0, index - 1)
    case 'ArrowDown':
      return neighbour(rows, index, 1)
    case 'ArrowUp':
      return neighbour(rows, index, -1)
    case 'Home':
      return far ? 0 : (row?.first ?? 0)
    case 'End':
      return far ? last : (row?.tiles.at(-1)?.index ?? last)
    case 'PageDown':
      return page(rows, index, 1, viewport)
    case 'PageUp':
      return page(rows, index, -1, viewport)
  }
  return null
}

function page(rows: Row[], index: number, step: 1 | -1, viewport: number): Move {
  const from = rows[rowOf(rows, index)]?.top ?? 0
  let at = index
  for (;;) {
    const next = neighbour(rows, at, step)
    const row = rows[rowOf(rows, next)]
    if (next === at || !row || Math.abs(row.top - from) > viewport) return at === index ? next : at
    at = next
  }
}
