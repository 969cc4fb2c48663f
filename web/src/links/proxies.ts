import type { Asset, Rendition } from '../api/types'

export interface ProxyRow {
  name: string
  /** How many of the assets have it (R97). */
  count: number
  /** The rendition itself, where there is one asset. */
  only: Rendition | null
}

export type ProxyKind = Rendition['kind']

export interface ProxyGroup {
  kind: ProxyKind
  rows: ProxyRow[]
}

const kinds: ProxyKind[] = ['image', 'video', 'audio']

/** The group a rendition belongs to: stills of a film are part of the film. */
export function kindOf(asset: Pick<Asset, 'kind'>, r: Pick<Rendition, 'mime' | 'kind'>): ProxyKind {
  if (asset.kind === 'video') return 'video'
  return r.kind ?? kinds.find((kind) => r.mime.startsWith(`${kind}/`)) ?? 'image'
}

/** What can be given away: a film's thumbnail only serves the feed. */
const proxiesOf = (asset: Asset) =>
  asset.can.download_proxy ? asset.renditions.filter((r) => asset.kind !== 'video' || r.name !== 'thumbnail') : []

/** Every proxy existing among the assets, without duplicates, grouped by type (R52, R96). */
export function proxyGroups(assets: readonly Asset[]): ProxyGroup[] {
  const groups = kinds.map((kind): ProxyGroup => ({ kind, rows: [] }))
  for (const asset of assets) {
    for (const rendition of proxiesOf(asset)) {
      const group = groups[kinds.indexOf(kindOf(asset, rendition))]!
      const row = groups.flatMap((g) => g.rows).find((r) => r.name === rendition.name)
      if (row) row.count++
      else group.rows.push({ name: rendition.name, count: 1, only: assets.length === 1 ? rendition : null })
    }
  }
  for (const { rows } of groups) rows.sort((a, b) => rank(a, assets) - rank(b, assets))
  return groups.filter((g) => g.rows.length > 0)
}

/** The proxies that no watermark can be laid upon: what moves, what sounds, and sheets of frames. */
export function unmarkable(assets: readonly Asset[]): Set<string> {
  const out = assets.flatMap((a) => a.renditions.filter((r) => !r.mime.startsWith('image/') || r.name === 'storyboard'))
  return new Set(out.map((r) => r.name))
}

/** How many of the assets have an original that this can be taken out of with certainty. */
export const cleanable = (assets: readonly Pick<Asset, 'can'>[], what: 'no_gps' | 'none') =>
  assets.filter((a) => a.can.clean.includes(what)).length

function rank(row: ProxyRow, assets: readonly Asset[]): number {
  const sizes = assets.flatMap((a) => a.renditions.filter((r) => r.name === row.name).map((r) => r.width * r.height))
  return Math.max(0, ...sizes)
}

export const proxyNames = (groups: ProxyGroup[]) => groups.flatMap((g) => g.rows.map((r) => r.name))

/** How many assets have a version at all, and whether somebody here may give it away. */
export function offered(assets: readonly Asset[]) {
  return {
    original: assets.filter((a) => a.original === 'available' && a.can.download_original).length,
    archived: assets.filter((a) => a.original !== 'available').length,
    proxy: assets.filter((a) => proxiesOf(a).length > 0).length,
    attachments: assets.filter((a) => a.attachments.length > 0 && a.can.download_attachment).length,
    files: assets.reduce((n, a) => n + a.attachments.length, 0),
  }
}
