/** A sheet of frames, evenly taken from a film and laid out row by row. */
export interface Sheet {
  url: string
  columns: number
  rows: number
}

type Grid = Pick<Sheet, 'columns' | 'rows'>

/** The frame that stands for a moment, given as its share of the whole. */
export function frameAt(share: number, { columns, rows }: Grid): number {
  const count = columns * rows
  return Math.min(count - 1, Math.max(0, Math.floor(share * count)))
}

/** Where a frame lies on its sheet, as the percents of a `background-position`. */
export function placeOf(frame: number, { columns, rows }: Grid): { x: number; y: number } {
  const share = (at: number, of: number) => (of > 1 ? (100 * at) / (of - 1) : 0)
  return { x: share(frame % columns, columns), y: share(Math.floor(frame / columns), rows) }
}

/** So many frames that tell the whole film, in its order. */
export function picks(count: number, grid: Grid): number[] {
  return Array.from({ length: Math.max(0, count) }, (_, i) => frameAt((i + 0.5) / count, grid))
}

/** A moment within a film, whatever was asked for. */
export const within = (moment: number, duration: number) => Math.min(Math.max(0, moment), Math.max(0, duration))

/** Where a key leads on a time line, or null if it is none of its keys. */
export function seekBy(key: string, now: number, duration: number): number | null {
  const to: Record<string, number> = {
    ArrowRight: now + 5,
    ArrowUp: now + 5,
    ArrowLeft: now - 5,
    ArrowDown: now - 5,
    PageUp: now + duration / 10,
    PageDown: now - duration / 10,
    Home: 0,
    End: duration,
  }
  return key in to ? within(to[key]!, duration) : null
}
