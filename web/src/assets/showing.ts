import { attachmentUrl, versionUrl } from '../api/client'
import type { Asset, Rendition } from '../api/types'

/** The way an asset can be looked at. */
export type Way = 'picture' | 'video' | 'audio' | 'pages' | 'card'

const pagesPictured = 100

export const pictured = (asset: Asset) => Math.min(asset.pages, pagesPictured)

/** Where a version is seen. A browser keeps pictures by their address, so those of a new original have a new one. */
export const seenAt = ({ id, revision }: Pick<Asset, 'id' | 'revision'>, version: string) =>
  versionUrl(id, version) + (revision > 1 ? `?r=${revision}` : '')

/** What a player plays: the ready-made proxy before those an administrator added. */
export function playable(asset: Asset): Rendition | undefined {
  if (asset.kind !== 'video' && asset.kind !== 'audio') return undefined
  const moving = asset.renditions.filter((r) => r.mime.startsWith(`${asset.kind}/`))
  return moving.find((r) => r.name === 'video720' || r.name === 'audio128') ?? moving[0]
}

/** Pictures of the asset itself, the smallest first; a sheet of frames is none. */
export const pictures = (asset: Asset) =>
  asset.renditions
    .filter((r) => r.mime.startsWith('image/') && r.name !== 'storyboard')
    .toSorted((a, b) => a.width - b.width)

export function wayOf(asset: Asset): Way {
  if (playable(asset)) return asset.kind === 'video' ? 'video' : 'audio'
  if (asset.kind === 'document' && asset.pages > 0 && asset.status === 'ready') return 'pages'
  return pictures(asset).length > 0 ? 'picture' : 'card'
}

/** The sheet of frames of a film, once it is there. */
export function sheetOf(asset: Asset) {
  if (!asset.storyboard || !asset.renditions.some((r) => r.name === 'storyboard')) return null
  return { url: seenAt(asset, 'storyboard'), ...asset.storyboard }
}

/** Captions are supporting files; the player names them as their owner did. */
export const tracksOf = (asset: Asset) =>
  asset.attachments
    .filter((a) => a.mime === 'text/vtt')
    .map((a) => ({ url: attachmentUrl(asset.id, a.id), label: a.name.replace(/\.vtt$/i, '') }))

/** The size a viewer makes room for: that of the asset, or of its largest picture. */
export function sizeOf(asset: Asset): { width: number; height: number } {
  if (asset.width && asset.height) return { width: asset.width, height: asset.height }
  const largest = pictures(asset).at(-1)
  return { width: largest?.width ?? 0, height: largest?.height ?? 0 }
}
