import type { Key, Values } from '../ui/catalogue'

type Say = (key: Key, values?: Values) => string

/** The names the server gives where the user leaves a field blank (R29, R30, R92), for placeholders. */
export function defaultNames(say: Say, now: Date, zone: string) {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(now)
  const of = (type: string) => parts.find((p) => p.type === type)!.value
  const month = say('staff.link.months').split(' ')[Number(of('month')) - 1]
  const date = `${of('day')} ${month} ${of('year')}`
  return {
    link: say('staff.link.defaultName', { date, time: `${of('hour')}:${of('minute')}` }),
    collection: say('staff.link.defaultCollection', { date }),
  }
}
