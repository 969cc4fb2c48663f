import { expect, test } from 'vitest'
import type { Rights } from '../api/types'
import { placeText, rightsState, sameRights } from './rights'

const rights = (from: string | null, until: string | null): Rights => ({
  licence: '',
  credit: '',
  usage_from: from,
  usage_until: until,
})

test.each([
  ['without dates', rights(null, null), 'open'],
  ['on the first day', rights('2026-11-23', null), 'open'],
  ['on the last day', rights(null, '2026-11-23'), 'open'],
  ['a day after the last', rights('2026-01-01', '2026-11-22'), 'ended'],
  ['a day before the first', rights('2026-11-24', '2027-01-01'), 'later'],
] as const)('usage rights %s', (_, given, state) => {
  expect(rightsState(given, '2026-11-23')).toBe(state)
})

test('an empty date is no date', () => {
  expect(sameRights(rights(null, null), rights('', null))).toBe(true)
  expect(sameRights(rights(null, null), rights('2026-11-23', null))).toBe(false)
})

test('a place tells its hemispheres', () => {
  const names = { n: 'N', s: 'S', e: 'E', w: 'W' }
  expect(placeText(48.137128, 11.575401, names)).toBe('48.13713° N, 11.57540° E')
  expect(placeText(-33.8688, -70.6, names)).toBe('33.86880° S, 70.60000° W')
})
