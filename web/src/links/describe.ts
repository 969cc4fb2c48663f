import type { Asset, Link, Original, Rendition } from '../api/types'
import { currentLocale, dateText, listText, momentText, numberText, sizeText, t, zone } from '../ui/i18n.svelte'
import { lastMinute } from './expiry'
import { isMany, type Draft, type Situation } from './terms'
import type { Key } from '../ui/catalogue'

/** «5 Dec 2026, 23:59 CET»: the last minute of a day, with its zone. */
export const dayEndText = (day: string, timeZone: string) => momentText(lastMinute(day, timeZone), timeZone)

/** The same for a link as it is stored: always in the zone it was made in (R33). */
export const expiryText = (link: Pick<Link, 'expires_at' | 'time_zone'>) =>
  link.expires_at ? momentText(link.expires_at, link.time_zone ?? zone()) : null

/** The running sentence above the footer: what will happen, in words. Silent while a date is missing. */
export function outcome(d: Draft, s: Situation): string {
  if (d.expires && !d.day) return ''
  const who = t(d.locked && s.kind === 'public' ? 'staff.sentence.locked' : 'staff.sentence.open')
  const until = d.day && d.expires ? t('staff.sentence.until', { date: longDay(d.day) }) : t('staff.sentence.never')
  if (s.kind === 'download') return t('staff.sentence.download', { who, until })
  const what = taken(d, s)
  if (what.length === 0) return t('staff.sentence.view', { who, until })
  return t('staff.sentence.take', { who, what: listText(what), until })
}

function taken(d: Draft, s: Situation): string[] {
  const out: string[] = []
  if (d.original) out.push(t('staff.sentence.original', { n: isMany(s) ? 2 : 1 }))
  if (d.proxy && d.proxies.length > 0) out.push(t('staff.sentence.proxies', { n: d.proxies.length }))
  if (d.attachments) out.push(t(isMany(s) ? 'staff.sentence.attachments' : 'staff.sentence.files'))
  return out
}

function longDay(day: string): string {
  const locale = currentLocale() === 'en' ? 'en-GB' : 'ru-RU'
  const options = { day: 'numeric', month: currentLocale() === 'en' ? 'short' : 'long', year: 'numeric' } as const
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(new Date(`${day}T12:00:00Z`))
}

/** A proxy's name: the built-in ones in the user's language, others as the admin wrote them. */
export function proxyLabel(name: string): string {
  const key = `staff.proxy.${name}` as Key
  const text = t(key)
  return text === key ? name : text
}

/** «12.4 Mbit/s», «128 kbit/s». */
export function bitrateText(bits: number): string {
  const [value, unit] = bits >= 1e6 ? ([bits / 1e6, 'staff.unit.mbit'] as const) : ([bits / 1e3, 'staff.unit.kbit'] as const)
  const n = numberText(value < 10 ? Math.round(value * 10) / 10 : Math.round(value))
  return t(unit, { n })
}

export const dimensionsText = ({ width, height }: Pick<Original, 'width' | 'height'>) =>
  width && height ? `${width} × ${height}` : ''

/** «MP4», «WEBP»: how a rendition is written. */
export const mimeText = (mime: string) => mime.split('/')[1]!.replace(/^x-|\+xml$/g, '').toUpperCase()

/** «1280 × 720 · MP4 · 2.4 Mbit/s · 9.1 MB»: everything a row says about a rendition (R55). */
export function renditionText(r: Pick<Rendition, 'width' | 'height' | 'mime' | 'bitrate' | 'size'>): string {
  const parts = [dimensionsText(r), mimeText(r.mime), r.bitrate ? bitrateText(r.bitrate) : '', sizeText(r.size)]
  return parts.filter(Boolean).join(' · ')
}

/** The facts about a link that its row shows as words (R112). */
export function factsOf(link: Link): string[] {
  const out = [t(link.kind === 'download' ? 'staff.links.kindDownload' : 'staff.links.kindPublic')]
  out.push(t(`staff.links.status.${link.status}`))
  const { allow } = link
  if (link.kind === 'public' && !allow.original && !allow.attachments && allow.proxies.length === 0) {
    out.push(t('staff.links.viewOnly'))
  }
  if (link.watermark) out.push(t('staff.links.watermark'))
  if (link.pinned) out.push(t('staff.links.pinned'))
  return out
}

export const usedTexts = (link: Link) => [
  t('staff.links.views', { n: link.views }),
  t('staff.links.downloads', { n: link.downloads }),
]

export const lastUsedText = (link: Link) => (link.last_used_at ? dateText(link.last_used_at) : null)

export const coverOf = (asset: Asset) => (asset.renditions.some((r) => r.name === 'thumbnail') ? asset.id : null)
