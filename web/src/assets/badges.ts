import type { Asset } from '../api/types'
import { percentText, t } from '../ui/i18n.svelte'

export interface Badge {
  text: string
  tone: 'plain' | 'danger'
}

/** Every state of an asset in words (R84, ux 3.1: never by colour alone). */
export function badgesOf(asset: Asset): Badge[] {
  const plain = (text: string): Badge => ({ text, tone: 'plain' })
  const out: Badge[] = []
  if (asset.status === 'processing') out.push(plain(t('staff.tile.processing', { percent: percentText(asset.progress) })))
  if (asset.status === 'failed') out.push({ text: t('staff.tile.failed'), tone: 'danger' })
  if (asset.original === 'archived') out.push(plain(t('staff.tile.archived')))
  if (asset.original === 'missing') out.push({ text: t('staff.tile.missing'), tone: 'danger' })
  if (asset.can.share_blocked === 'external') out.push(plain(t('staff.tile.external')))
  if (asset.links > 0) out.push(plain(t('staff.tile.links', { n: asset.links })))
  return out
}

/** The name of a tile: «IMG_1.jpg, Image, selected, 2 links». */
export function tileName(asset: Asset, selected: boolean): string {
  const parts = [asset.title || asset.name, t(`staff.kind.${asset.kind}`)]
  if (selected) parts.push(t('staff.tile.selected'))
  return [...parts, ...badgesOf(asset).map((b) => b.text)].join(', ')
}

export const has = (asset: Asset, version: string) => asset.renditions.some((r) => r.name === version)
