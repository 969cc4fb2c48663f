/** Days are written YYYY-MM-DD; a link works through the last second of its day in a zone (R33). */
export const presets = [1, 7, 30] as const

/** The day it is in a zone at an instant. */
export function dayIn(zone: string, at: Date): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(at)
  const of = (type: string) => parts.find((p) => p.type === type)!.value
  return `${of('year')}-${of('month')}-${of('day')}`
}

export function daysLater(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

/** 23:59 of a day in a zone, as an instant, to print the hour with the zone's name of that season. */
export function lastMinute(day: string, zone: string): Date {
  const wall = Date.parse(`${day}T23:59:00Z`)
  const once = wall - offset(zone, new Date(wall))
  return new Date(wall - offset(zone, new Date(once)))
}

function offset(zone: string, at: Date): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(at)
  const of = (type: string) => Number(parts.find((p) => p.type === type)!.value)
  const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
  return wall - Math.floor(at.getTime() / 1000) * 1000
}
