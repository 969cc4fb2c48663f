/**
 * What is selected in a feed: the ids, in no order, and the anchor a range starts from.
 * Pure: each gesture gives the next selection. Circle and tile body obey the same gestures.
 */
export interface Selection {
  readonly ids: ReadonlySet<string>
  readonly anchor: string | null
}

export const nothing: Selection = { ids: new Set(), anchor: null }

export interface Keys {
  /** Ctrl or Cmd, or a click on the circle. */
  toggle?: boolean
  /** Shift. */
  range?: boolean
}

/** A click on a tile of a feed whose ids stand in `order`. */
export function pick(now: Selection, order: readonly string[], id: string, keys: Keys = {}): Selection {
  if (keys.range && now.anchor !== null && order.includes(now.anchor)) {
    return { ids: union(keys.toggle ? now.ids : [], between(order, now.anchor, id)), anchor: now.anchor }
  }
  if (keys.toggle) return toggle(now, id)
  return { ids: new Set([id]), anchor: id }
}

export function toggle(now: Selection, id: string): Selection {
  const ids = new Set(now.ids)
  if (!ids.delete(id)) ids.add(id)
  return { ids, anchor: id }
}

/** Everything in the feed; the anchor stays where it was. */
export function all(now: Selection, order: readonly string[]): Selection {
  return { ids: new Set(order), anchor: now.anchor ?? order[0] ?? null }
}

/** Without some ids, for what was deleted. */
export function without(now: Selection, gone: Iterable<string>): Selection {
  const ids = new Set(now.ids)
  for (const id of gone) ids.delete(id)
  return { ids, anchor: now.anchor && ids.has(now.anchor) ? now.anchor : null }
}

function between(order: readonly string[], a: string, b: string): string[] {
  const from = order.indexOf(a)
  const to = order.indexOf(b)
  return order.slice(Math.min(from, to), Math.max(from, to) + 1)
}

function union(a: Iterable<string>, b: Iterable<string>): Set<string> {
  return new Set([...a, ...b])
}
