import { expect, test } from 'vitest'
import { dayIn, daysLater, lastMinute, presets } from './expiry'

test('the presets are counted from the day of the zone, not of UTC', () => {
  const now = new Date('2026-11-23T20:00:00Z')
  expect(dayIn('UTC', now)).toBe('2026-11-23')
  expect(dayIn('Pacific/Auckland', now)).toBe('2026-11-24')
  expect(dayIn('America/Los_Angeles', new Date('2026-11-23T05:00:00Z'))).toBe('2026-11-22')
  const days = presets.map((n) => daysLater(dayIn('Pacific/Auckland', now), n))
  expect(days).toEqual(['2026-11-25', '2026-12-01', '2026-12-24'])
})

test('days run over months, years and leap days', () => {
  expect(daysLater('2026-12-31', 1)).toBe('2027-01-01')
  expect(daysLater('2028-02-28', 1)).toBe('2028-02-29')
})

test.each([
  ['Europe/Berlin in winter', '2026-12-05', 'Europe/Berlin', '2026-12-05T22:59:00.000Z'],
  ['Europe/Berlin in summer', '2026-07-05', 'Europe/Berlin', '2026-07-05T21:59:00.000Z'],
  ['the day the clock goes back', '2026-10-25', 'Europe/Berlin', '2026-10-25T22:59:00.000Z'],
  ['the day the clock goes forward', '2026-03-29', 'Europe/Berlin', '2026-03-29T21:59:00.000Z'],
  ['Auckland, ahead of UTC', '2026-11-23', 'Pacific/Auckland', '2026-11-23T10:59:00.000Z'],
  ['Los Angeles, behind UTC', '2026-11-23', 'America/Los_Angeles', '2026-11-24T07:59:00.000Z'],
])('the last minute in %s', (_, day, zone, instant) => {
  expect(lastMinute(day, zone).toISOString()).toBe(instant)
})
