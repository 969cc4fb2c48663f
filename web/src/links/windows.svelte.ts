import type { Asset, Collection, Link } from '../api/types'
import { toClipboard } from '../ui/copy'
import { say } from '../ui/toast.svelte'

/** A window about links. They stack: the QR code opens over the ready window. */
export type LinkWindow =
  | { kind: 'download'; asset: Asset }
  | { kind: 'public'; assets: Asset[]; selected: number }
  | { kind: 'collection'; collection: Collection }
  | { kind: 'edit'; link: Link }
  | { kind: 'delete'; link: Link }
  | { kind: 'qr'; link: Link }
  | { kind: 'manual'; text: string }

interface Opened {
  id: number
  window: LinkWindow
  opener: HTMLElement | null
}

let last = 0
let opened = $state.raw<Opened[]>([])
let version = $state(0)
const followers = new Set<(assetIds: string[]) => void>()

export const openWindows = () => opened
export const anyWindow = () => opened.length > 0

/** Grows whenever a link was made, changed or deleted: lists read it and load again. */
export const linksVersion = () => version

/** Opens a window; its focus goes back to what had it, or to `opener`. */
export function show(window: LinkWindow, opener?: HTMLElement | null) {
  const back = opener ?? (document.activeElement as HTMLElement | null)
  opened = [...opened, { id: ++last, window, opener: back }]
}

export function hide(id: number) {
  opened = opened.filter((o) => o.id !== id)
}

/** Links of these assets changed. */
export function linksChanged(assetIds: string[]) {
  version++
  for (const follow of followers) follow(assetIds)
}

export function onLinksChanged(follow: (assetIds: string[]) => void): () => void {
  followers.add(follow)
  return () => followers.delete(follow)
}

/** Copies and says so; where the browser refuses, shows the text selected instead. */
export async function copy(text: string, done: string): Promise<boolean> {
  const copied = await toClipboard(text)
  if (copied) say(done)
  else show({ kind: 'manual', text })
  return copied
}
