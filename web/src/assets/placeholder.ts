import { thumbHashToRGBA } from 'thumbhash'

/** Attachment: paints a ThumbHash on a canvas, so that a tile is filled before its picture is there. */
export function placeholder(hash: string) {
  return (canvas: HTMLCanvasElement) => {
    try {
      const bytes = Uint8Array.from(atob(hash), (c) => c.charCodeAt(0))
      const { w, h, rgba } = thumbHashToRGBA(bytes)
      canvas.width = w
      canvas.height = h
      canvas.getContext('2d')!.putImageData(new ImageData(new Uint8ClampedArray(rgba), w, h), 0, 0)
    } catch {
      // a placeholder that can't be read leaves the neutral surface
    }
  }
}
