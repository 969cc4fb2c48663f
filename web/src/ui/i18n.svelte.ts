import { fill, translate, type Key, type Values } from './catalogue'

export type Locale = 'en' | 'ru'

const catalogues = {
  en: () => import('../../catalogue/staff.en.json'),
  ru: () => import('../../catalogue/staff.ru.json'),
}

let locale = $state<Locale>('en')
let texts = $state.raw<Record<string, string>>({})
let sayings = $state.raw<Record<string, string>>({})

/** The text of a key in the chosen language. */
export function t(key: Key, values: Values = {}): string {
  return fill(texts[key] ?? key, values, locale)
}

/** What the server said for people, in the chosen language; the server itself speaks English. */
export const said = (sentence: string) => translate(sentence, sayings)

export const currentLocale = () => locale

export function preferredLocale(): Locale {
  const stored = localStorage.getItem('vitrine.locale')
  const wanted = stored ?? navigator.languages.find((l) => /^(en|ru)\b/.test(l)) ?? 'en'
  return wanted.startsWith('ru') ? 'ru' : 'en'
}

/** Speaks a language from now on; `remember` keeps it for the next visit. */
export async function speak(next: Locale, remember = false) {
  texts = (await catalogues[next]()).default
  sayings = next === 'ru' ? (await import('../../catalogue/said.ru.json')).default : {}
  locale = next
  document.documentElement.lang = next
  if (remember) localStorage.setItem('vitrine.locale', next)
}

/** The user's own time zone: days are picked, and times are printed, in it. */
export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

const format = (options: Intl.DateTimeFormatOptions, timeZone?: string) =>
  new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : 'ru-RU', { ...options, timeZone })

export const dateText = (at: string | Date, timeZone?: string) => format({ dateStyle: 'medium' }, timeZone).format(new Date(at))

export const timeText = (at: string | Date, timeZone?: string) => format({ timeStyle: 'short' }, timeZone).format(new Date(at))

/** «5 Dec 2026, 23:59 CET»: an instant together with its zone. */
export const momentText = (at: string | Date, timeZone?: string) =>
  format(
    { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
    timeZone,
  ).format(new Date(at))

export const numberText = (n: number) => new Intl.NumberFormat(locale).format(n)

export const percentText = (share: number) =>
  new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(share)

export const listText = (parts: string[]) => new Intl.ListFormat(locale, { type: 'conjunction' }).format(parts)

/** Bytes as people read them: 24 MB, 1.2 GB. */
export function sizeText(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** step
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[step],
    unitDisplay: 'short',
    maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  }).format(value)
}
