import { expect, test } from 'vitest'
import { formatOf } from './kinds'

test.each([
  ['IMG_1.JPG', 'image/jpeg', 'JPEG'],
  ['scan.tif', 'image/tiff', 'TIFF'],
  ['logo.svg', 'image/svg+xml', 'SVG'],
  ['layers.psd', 'image/vnd.adobe.photoshop', 'PSD'],
  ['raw.dng', 'image/x-adobe-dng', 'DNG'],
  ['clip.mov', 'video/quicktime', 'MOV'],
  ['nameless', 'application/pdf', 'PDF'],
])('%s of type %s is a %s', (name, mime, format) => {
  expect(formatOf({ name, mime })).toBe(format)
})
