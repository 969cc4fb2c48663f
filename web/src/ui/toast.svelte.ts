import { SvelteSet } from 'svelte/reactivity'

export interface Toast {
  id: number
  text: string
  error: boolean
  undo?: { label: string; run: () => void }
}

let last = 0
let toasts = $state<Toast[]>([])
const held = new SvelteSet<number>()
const shownFor = 6000

/** What the page says now, the newest last. */
export const shown = () => toasts

/**
 * Says one sentence politely for six seconds; longer while somebody points at it. It takes the
 * place of what was said before, unless that can still be undone.
 */
export function say(text: string, more: { error?: boolean; undo?: Toast['undo'] } = {}) {
  const id = ++last
  const standing = toasts.filter((t) => t.undo && t.text !== text).slice(-2)
  toasts = [...standing, { id, text, error: more.error ?? false, undo: more.undo }]
  later(id)
}

export function dismiss(id: number) {
  held.delete(id)
  toasts = toasts.filter((t) => t.id !== id)
}

export function hold(id: number) {
  held.add(id)
}

export function release(id: number) {
  held.delete(id)
  later(id)
}

function later(id: number) {
  setTimeout(() => {
    if (!held.has(id)) dismiss(id)
  }, shownFor)
}
