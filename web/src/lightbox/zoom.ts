/** How a picture stands in a stage: its scale and the shift of its middle, in CSS pixels. */
export interface View {
  scale: number
  x: number
  y: number
}

export interface Size {
  width: number
  height: number
}

export const most = 8

/** The scale at which the whole picture is seen; small pictures are not enlarged. Never cropped. */
export function fit(picture: Size, stage: Size): number {
  if (!picture.width || !picture.height || !stage.width || !stage.height) return 1
  return Math.min(1, stage.width / picture.width, stage.height / picture.height)
}

/** Scales around a point of the stage (measured from its middle) that keeps its place. */
export function scaleAt(view: View, to: number, point: { x: number; y: number }): View {
  const ratio = to / view.scale
  return { scale: to, x: point.x - (point.x - view.x) * ratio, y: point.y - (point.y - view.y) * ratio }
}

/** Keeps the picture from being dragged out of sight. */
export function held(view: View, picture: Size, stage: Size): View {
  const room = (size: number, frame: number) => Math.max(0, (size * view.scale - frame) / 2)
  const x = room(picture.width, stage.width)
  const y = room(picture.height, stage.height)
  return { scale: view.scale, x: Math.min(x, Math.max(-x, view.x)), y: Math.min(y, Math.max(-y, view.y)) }
}
