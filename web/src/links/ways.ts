import type { Asset, Right } from '../api/types'

/** What «Share» is for one asset in the preview and the bulk panel (R15, R19 to R21). */
export type Share =
  | { as: 'menu'; download: 'on' | 'noted' | 'hidden' }
  | { as: 'copy'; why: 'external' | 'rights' }

/** What «Create link» is in the sidebar (R23 to R25). */
export type Create = { as: 'menu' } | { as: 'window' } | { as: 'absent'; why: 'external' | 'rights' }

type Subject = Pick<Asset, 'original' | 'can'>

export function shareWay(asset: Subject, rights: readonly Right[]): Share {
  const refused = refusal(asset, rights)
  if (refused) return { as: 'copy', why: refused }
  if (!rights.includes('link.download')) return { as: 'menu', download: 'hidden' }
  return { as: 'menu', download: asset.original === 'available' ? 'on' : 'noted' }
}

export function createWay(asset: Subject, rights: readonly Right[]): Create {
  const refused = refusal(asset, rights)
  if (refused) return { as: 'absent', why: refused }
  const both = rights.includes('link.download') && asset.original === 'available'
  return { as: both ? 'menu' : 'window' }
}

function refusal(asset: Subject, rights: readonly Right[]): 'external' | 'rights' | null {
  if (!rights.includes('link.public')) return 'rights'
  return asset.can.share ? null : (asset.can.share_blocked ?? 'rights')
}

/** How many of the selected assets can be shared, and why the others can't (R83 to R85). */
export interface Count {
  shareable: Asset[]
  total: number
  external: Asset[]
  rights: Asset[]
}

export function count(selected: readonly Asset[]): Count {
  const shareable = selected.filter((a) => a.can.share)
  const blocked = selected.filter((a) => !a.can.share)
  return {
    shareable,
    total: selected.length,
    external: blocked.filter((a) => a.can.share_blocked === 'external'),
    rights: blocked.filter((a) => a.can.share_blocked !== 'external'),
  }
}
