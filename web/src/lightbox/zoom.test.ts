import { describe, expect, test } from 'vitest'
import { fit, held, scaleAt } from './zoom'

const stage = { width: 1000, height: 500 }

describe('a picture in its stage', () => {
  test('a large picture is shown whole', () => {
    expect(fit({ width: 4000, height: 1000 }, stage)).toBe(0.25)
    expect(fit({ width: 1000, height: 2000 }, stage)).toBe(0.25)
  })

  test('a small picture is not enlarged, and one of unknown size stays', () => {
    expect(fit({ width: 100, height: 100 }, stage)).toBe(1)
    expect(fit({ width: 0, height: 0 }, stage)).toBe(1)
  })

  test('zooming keeps the point under the pointer where it is', () => {
    const point = { x: 200, y: -100 }
    const before = { scale: 0.5, x: 30, y: 10 }
    const after = scaleAt(before, 2, point)
    const inPicture = (v: typeof before) => [(point.x - v.x) / v.scale, (point.y - v.y) / v.scale]
    expect(inPicture(after)).toEqual(inPicture(before))
  })

  test('a picture smaller than the stage stays in the middle, a larger one covers it', () => {
    const picture = { width: 1000, height: 500 }
    expect(held({ scale: 0.5, x: 400, y: 300 }, picture, stage)).toEqual({ scale: 0.5, x: 0, y: 0 })
    expect(held({ scale: 2, x: 900, y: -900 }, picture, stage)).toEqual({ scale: 2, x: 500, y: -250 })
  })
})
