import type { Asset } from '../api/types'
import type { Glyph } from '../ui/action'
import { durationText } from '../ui/duration'
import { percentText, t } from '../ui/i18n.svelte'
import { formatOf, glyphOf } from '../ui/kinds'

export interface Badge {
  text: string
  tone: 'plain' | 'danger'
  glyph?: Glyph
}

export const has = (asset: Asset, version: string) => asset.renditions.some((r) => r.name === version)

const plain = (text: string): Badge => ({ text, tone: 'plain' })

/** Kind and length of what is not simply a picture: 0:32, PDF 12 p. */
export function kindBadge(asset: Asset): Badge | null {
  const glyph = glyphOf[asset.kind]
  if (asset.kind === 'video' || asset.kind === 'audio') {
    return { ...plain(asset.duration > 0 ? durationText(asset.duration) : t(`staff.kind.${asset.kind}`)), glyph }
  }
  // Without a picture the tile is a card that says the format itself.
  if (asset.kind !== 'document' || !has(asset, 'thumbnail')) return null
  const format = formatOf(asset)
  return { ...plain(asset.pages > 0 ? t('staff.tile.pages', { format, n: asset.pages }) : format), glyph }
}

/** What is being done with an asset right now, and how far it is. */
export function workText(asset: Asset): string | null {
  if (asset.work === 'restoring' || asset.work === 'archiving') return t(`staff.work.${asset.work}`)
  if (asset.status !== 'processing') return null
  const percent = percentText(asset.progress)
  if (asset.work === 'transcoding') return t('staff.work.transcoding', { percent })
  return t(asset.work === 'deriving' ? 'staff.work.deriving' : 'staff.tile.processing', { percent })
}

/** Every state of an asset in words (R84, ux 3.1: never by colour alone). */
export function badgesOf(asset: Asset): Badge[] {
  const out: Badge[] = []
  const work = workText(asset)
  if (work) out.push(plain(work))
  if (asset.status === 'failed') out.push({ text: t('staff.tile.failed'), tone: 'danger' })
  if (asset.original === 'archived' && asset.work !== 'restoring') out.push(plain(t('staff.tile.archived')))
  if (asset.original === 'missing') out.push({ text: t('staff.tile.missing'), tone: 'danger' })
  if (asset.source !== 'upload') out.push(plain(t('staff.tile.external')))
  if (asset.links > 0) out.push(plain(t('staff.tile.links', { n: asset.links })))
  return out
}

/** The name of a tile: «clip.mp4, Video, 0:32, selected, 2 links». */
export function tileName(asset: Asset, selected: boolean): string {
  const parts = [asset.title || asset.name, t(`staff.kind.${asset.kind}`)]
  const kind = kindBadge(asset)
  if (kind && kind.text !== parts[1]) parts.push(kind.text)
  if (selected) parts.push(t('staff.tile.selected'))
  return [...parts, ...badgesOf(asset).map((b) => b.text)].join(', ')
}

