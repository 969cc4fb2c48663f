import { fill, translate, type Key, type Values } from './catalogue'

export type Locale = 'en' | 'ru'

type Room = 'staff' | 'settings'
type Texts = Record<string, string>

/** The texts of a room that few people enter are fetched when somebody enters it. */
const catalogues: Record<Room, Record<Locale, () => Promise<{ default: Texts }>>> = {
  staff: {
    en: () => import('../../catalogue/staff.en.json'),
    ru: () => import('../../catalogue/staff.ru.json'),
  },
  settings: {
    en: () => import('../../catalogue/settings.en.json'),
    ru: () => import('../../catalogue/settings.ru.json'),
  },
}

const rooms = new Set<Room>(['staff'])
let wanted: Locale = 'en'
let asked = 0

let locale = $state<Locale>('en')
let texts = $state.raw<Texts>({})
let sayings = $state.raw<Texts>({})

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
  wanted = next
  const turn = ++asked
  const known = await Promise.all([...rooms].map((room) => catalogues[room][next]()))
  const translated = next === 'ru' ? (await import('../../catalogue/said.ru.json')).default : {}
  if (turn !== asked) return
  texts = Object.assign({}, ...known.map((catalogue) => catalogue.default))
  sayings = translated
  locale = next
  document.documentElement.lang = next
  if (remember) localStorage.setItem('vitrine.locale', next)
}

/** Fetches the texts of a room before it is drawn. */
export async function learn(room: Room) {
  if (rooms.has(room)) return
  rooms.add(room)
  await speak(wanted)
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

const spans: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** «5 minutes ago», «yesterday»; the date itself for what is more than a week old. */
export function agoText(at: string, now = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000
  if (seconds < -7 * 86_400) return dateText(at)
  const [unit, size] = spans.find(([, size]) => -seconds >= size) ?? (['second', Infinity] as const)
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.round(seconds / size) || 0, unit)
}

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
