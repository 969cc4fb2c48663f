import Code from '@lucide/svelte/icons/code-xml'
import Download from '@lucide/svelte/icons/download'
import Globe from '@lucide/svelte/icons/globe'
import LinkIcon from '@lucide/svelte/icons/link'
import Pencil from '@lucide/svelte/icons/pencil'
import QrCode from '@lucide/svelte/icons/qr-code'
import Trash from '@lucide/svelte/icons/trash-2'
import { mine } from '../api/session.svelte'
import type { Asset, Link } from '../api/types'
import type { Action } from '../ui/action'
import { t } from '../ui/i18n.svelte'
import { copy, show } from './windows.svelte'
import { createWay, shareWay } from './ways'

/** The internal link is only an address: no row, no settings (R9). */
export const internalUrl = (asset: Asset) => `${mine().base_url.replace(/\/$/, '')}/a/${asset.number}`

export const copyInternal = (asset: Asset) => copy(internalUrl(asset), t('staff.share.copied'))

/** Where the focus goes when a window that an action opened is closed; the opener if it is nothing. */
export type Return = () => HTMLElement | null | undefined

export const createPublic = (assets: Asset[], selected = assets.length, back?: Return) =>
  show({ kind: 'public', assets, selected }, back?.())

/** «Share» of one asset, in the order of R15; null where a «Copy link» button stands instead. */
export function shareActions(asset: Asset, back?: Return): Action[] | null {
  const way = shareWay(asset, mine().rights)
  if (way.as === 'copy') return null
  const download: Action = {
    label: t('staff.share.download'),
    icon: Download,
    disabled: way.download === 'noted',
    note: way.download === 'noted' ? t('staff.share.note') : undefined,
    run: () => show({ kind: 'download', asset }, back?.()),
  }
  return [
    ...(way.download === 'hidden' ? [] : [download]),
    { label: t('staff.share.public'), icon: Globe, run: () => createPublic([asset], 1, back) },
    { label: t('staff.share.copy'), icon: LinkIcon, instant: true, run: () => void copyInternal(asset) },
  ]
}

/** «Create link» of the sidebar as a menu, in the order of R23; null where it has none. */
export function createActions(asset: Asset): Action[] | null {
  if (createWay(asset, mine().rights).as !== 'menu') return null
  return [
    { label: t('staff.links.public'), icon: Globe, run: () => createPublic([asset]) },
    { label: t('staff.links.download'), icon: Download, run: () => show({ kind: 'download', asset }) },
  ]
}

/** What can be done with a link in a list, in the order of R118 to R121. */
export function linkActions(link: Link): Action[] {
  const { name } = link
  return [
    {
      label: t('staff.links.embedOf', { name }),
      icon: Code,
      run: () => void copy(link.embed_html, t('staff.links.embedCopied')),
    },
    { label: t('staff.links.qrOf', { name }), icon: QrCode, run: () => show({ kind: 'qr', link }) },
    { label: t('staff.links.editOf', { name }), icon: Pencil, run: () => show({ kind: 'edit', link }) },
    { label: t('staff.links.deleteOf', { name }), icon: Trash, danger: true, run: () => show({ kind: 'delete', link }) },
  ]
}
