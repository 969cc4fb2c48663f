import type { Asset } from '../api/types'
import { bitrateText, dimensionsText } from '../links/describe'
import { durationText } from '../ui/duration'
import { dateText, momentText, numberText, said, sizeText, t } from '../ui/i18n.svelte'
import { formatOf } from '../ui/kinds'
import { placeText } from './rights'

const codecs: Record<string, string> = { h264: 'H.264', hevc: 'H.265', prores: 'ProRes', vorbis: 'Vorbis', opus: 'Opus' }
const codecText = (name: string) => codecs[name] ?? name.toUpperCase()

/** «H.264, 29.97 frames/s, 4.2 Mbit/s». */
function videoText({ codec }: Asset): string {
  if (!codec?.video) return ''
  const rate = codec.rate > 0 ? t('staff.info.rate', { n: numberText(Math.round(codec.rate * 100) / 100) }) : ''
  const bits = codec.bitrate > 0 ? bitrateText(codec.bitrate) : ''
  return [codecText(codec.video), rate, bits].filter(Boolean).join(', ')
}

function audioText({ codec }: Asset): string {
  if (!codec?.audio) return ''
  const bits = !codec.video && codec.bitrate > 0 ? bitrateText(codec.bitrate) : ''
  return [codecText(codec.audio), bits].filter(Boolean).join(', ')
}

/** A page or a wave is as large as we draw it: that says nothing about the file. */
export const hasPixels = ({ kind }: Pick<Asset, 'kind'>) => kind === 'image' || kind === 'video'

function originalText({ original }: Asset): string {
  if (original === 'available') return ''
  return t(original === 'archived' ? 'staff.info.originalArchived' : 'staff.info.originalMissing')
}

/** What the system knows about an asset, as rows of name and value; what it does not know has no row. */
export function factsOf(asset: Asset): [string, string][] {
  const { metadata: m } = asset
  const rows: [string, string | undefined | null][] = [
    [t('staff.info.format'), formatOf(asset)],
    [t('staff.info.dimensions'), hasPixels(asset) ? dimensionsText(asset) : ''],
    [t('staff.info.duration'), asset.duration > 0 ? durationText(asset.duration) : ''],
    [t('staff.info.pages'), asset.pages > 0 ? numberText(asset.pages) : ''],
    [t('staff.info.video'), videoText(asset)],
    [t('staff.info.audio'), audioText(asset)],
    [t('staff.info.size'), sizeText(asset.size)],
    [t('staff.info.original'), originalText(asset)],
    [t('staff.info.source'), asset.source !== 'upload' ? (asset.source_name ?? t('staff.tile.external')) : ''],
    [t('staff.info.path'), asset.path],
    [t('staff.info.taken'), asset.taken_at && momentText(asset.taken_at)],
    [t('staff.info.added'), dateText(asset.created_at)],
    [t('staff.info.owner'), asset.owner.name],
    [t('staff.info.camera'), m.camera],
    [t('staff.info.lens'), m.lens],
    [t('staff.info.exposure'), m.exposure],
    [t('staff.info.creator'), m.creator],
    [t('staff.info.copyright'), m.copyright],
    [t('staff.info.keywords'), m.keywords?.join(', ')],
    [t('staff.info.failure'), asset.status === 'failed' && asset.failure ? said(asset.failure) : null],
  ]
  if (!asset.can.edit) {
    rows.push(
      [t('staff.info.tags'), asset.tags.join(', ')],
      [t('staff.rights.licence'), asset.rights.licence],
      [t('staff.rights.credit'), asset.rights.credit],
    )
  }
  return rows.filter((row): row is [string, string] => Boolean(row[1]))
}

/** Where a picture was taken: for people, and as maps read it. */
export function placeOf({ metadata: { gps } }: Asset): { text: string; plain: string } | null {
  if (!gps) return null
  const [n, s, e, w] = t('staff.info.compass').split('|') as [string, string, string, string]
  return { text: placeText(gps.lat, gps.lon, { n, s, e, w }), plain: `${gps.lat}, ${gps.lon}` }
}
