import type { Asset, Rendition } from '../api/types'

export interface ProxyRow {
  name: string
  /** How many of the assets have it (R97). */
  count: number
  /** The rendition itself, where there is one asset. */
  only: Rendition | null
}

export interface ProxyGroup {
  kind: 'image' | 'video'
  rows: ProxyRow[]
}

/** Every proxy existing among the assets, without duplicates, grouped by type (R52, R96). */
export function proxyGroups(assets: readonly Asset[]): ProxyGroup[] {
  const groups: ProxyGroup[] = [
    { kind: 'image', rows: [] },
    { kind: 'video', rows: [] },
  ]
  for (const asset of assets) {
    if (!asset.can.download_proxy) continue
    for (const rendition of asset.renditions) {
      const group = groups[rendition.mime.startsWith('video/') ? 1 : 0]!
      const row = group.rows.find((r) => r.name === rendition.name)
      if (row) row.count++
      else group.rows.push({ name: rendition.name, count: 1, only: assets.length === 1 ? rendition : null })
    }
  }
  for (const { rows } of groups) rows.sort((a, b) => rank(a, assets) - rank(b, assets))
  return groups.filter((g) => g.rows.length > 0)
}

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
    proxy: assets.filter((a) => a.renditions.length > 0 && a.can.download_proxy).length,
    attachments: assets.filter((a) => a.attachments.length > 0 && a.can.download_attachment).length,
    files: assets.reduce((n, a) => n + a.attachments.length, 0),
  }
}
