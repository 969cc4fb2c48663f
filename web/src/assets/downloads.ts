import { versionUrl } from '../api/client'
import type { Asset } from '../api/types'
import { dimensionsText, mimeText, proxyLabel } from '../links/describe'
import type { Action } from '../ui/action'
import { sizeText, t } from '../ui/i18n.svelte'
import { formatOf } from '../ui/kinds'

/** What of an asset the user may take home, the original first, the others from large to small. */
export function downloadsOf(asset: Asset): Action[] {
  const rows: Action[] = []
  if (asset.original === 'available' && asset.can.download_original) {
    rows.push({
      label: t('staff.preview.original'),
      detail: `${formatOf(asset)} · ${sizeText(asset.size)}`,
      href: versionUrl(asset.id, 'original', true),
      run: () => {},
    })
  }
  if (!asset.can.download_proxy) return rows
  for (const r of asset.renditions.toSorted((a, b) => b.width - a.width)) {
    rows.push({
      label: proxyLabel(r.name),
      detail: [dimensionsText(r) || mimeText(r.mime), sizeText(r.size)].join(' · '),
      href: versionUrl(asset.id, r.name, true),
      run: () => {},
    })
  }
  return rows
}
