import { expect, test } from 'vitest'
import { durationText } from './duration'

test.each([
  [0, '0:00'],
  [0.4, '0:00'],
  [31.6, '0:32'],
  [59.7, '1:00'],
  [725, '12:05'],
  [3723, '1:02:03'],
  [-1, '0:00'],
])('%d seconds are written %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text)
})
