import type { Key, Values } from '../ui/catalogue'

type Say = (key: Key, values?: Values) => string

/** The names the server gives where the user leaves a field blank (R29, R30, R92), for placeholders. */
export function defaultNames(say: Say, now: Date, zone: string, locale: string) {
  const in_ = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : 'ru-RU', { timeZone: zone, ...options }).format(now)
  const date = in_({ day: 'numeric', month: 'short', year: 'numeric' })
  const time = in_({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return {
    link: say('staff.link.defaultName', { date, time }),
    collection: say('staff.link.defaultCollection', { date }),
  }
}
