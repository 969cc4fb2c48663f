import { positions, type Position, type Watermark } from '../api/settings'

/** How a watermark is laid, as the form holds it. */
export interface MarkDraft {
  /** A picture that is not stored yet. */
  file: File | null
  position: Position
  tiled: boolean
  size: number
  opacity: number
}

export const maxBytes = 2 << 20
export const pictureTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/svg+xml']

/** How the stored watermark is laid, or how the first one will be. */
export const draftOf = ({ position, tiled, size, opacity }: Watermark): MarkDraft => ({
  file: null,
  position: position || 'bottom-right',
  tiled,
  size: size || 25,
  opacity: opacity || 50,
})

export function changed(draft: MarkDraft, stored: Watermark): boolean {
  const before = draftOf(stored)
  return (Object.keys(before) as (keyof MarkDraft)[]).some((field) => draft[field] !== before[field])
}

/** Why a file can't be a watermark; null if it can. */
export function pictureFault(file: Pick<File, 'type' | 'size'>): 'large' | 'format' | 'empty' | null {
  if (!pictureTypes.includes(file.type)) return 'format'
  if (file.size === 0) return 'empty'
  return file.size > maxBytes ? 'large' : null
}

/** What is sent: the fields, and the picture only where a new one was chosen. */
export function formOf(draft: MarkDraft, more: Record<string, string> = {}): FormData {
  const form = new FormData()
  form.set('position', draft.position)
  form.set('tiled', String(draft.tiled))
  form.set('size', String(draft.size))
  form.set('opacity', String(draft.opacity))
  for (const [name, value] of Object.entries(more)) form.set(name, value)
  // The picture comes last: whoever reads the form knows by then how it is laid.
  if (draft.file) form.set('image', draft.file)
  return form
}

const steps: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** The place an arrow key leads to on the grid of nine; null for other keys and at the edge. */
export function step(from: Position, key: string): Position | null {
  const by = steps[key]
  if (!by) return null
  const at = positions.indexOf(from)
  const [x, y] = [(at % 3) + by[0], Math.floor(at / 3) + by[1]]
  if (x < 0 || x > 2 || y < 0 || y > 2) return null
  return positions[y * 3 + x]!
}

/** Where a place is, as the words of CSS alignment. */
export function alignment(position: Position): { x: string; y: string } {
  const at = positions.indexOf(position)
  const words = ['start', 'center', 'end'] as const
  return { x: words[at % 3]!, y: words[Math.floor(at / 3)]! }
}

/** Where the corners of cells are when a mark is repeated, and how wide a cell is: in parts of a width of 1. */
export function cells(height: number): { cell: number; at: { x: number; y: number }[] } {
  const cell = Math.max(Math.min(1, height) / 3, Math.max(1, height) / 24)
  const at: { x: number; y: number }[] = []
  // Laid like bricks, as the server lays them: every second row is moved by half a cell.
  for (let row = 0; row * cell < height - 1e-9; row++) {
    for (let x = row % 2 ? -cell / 2 : 0; x < 1 - 1e-9; x += cell) at.push({ x, y: row * cell })
  }
  return { cell, at }
}
