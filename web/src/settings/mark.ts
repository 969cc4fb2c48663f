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

export const draftOf = ({ position, tiled, size, opacity }: Watermark): MarkDraft => ({
  file: null,
  position,
  tiled,
  size,
  opacity,
})

export function changed(draft: MarkDraft, stored: Watermark): boolean {
  const { file, position, tiled, size, opacity } = draft
  return (
    file !== null ||
    position !== stored.position ||
    tiled !== stored.tiled ||
    size !== stored.size ||
    opacity !== stored.opacity
  )
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
