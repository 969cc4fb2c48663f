/** Where we are: the address bar is the only state of navigation. */
interface Place {
  path: string
  query: Record<string, string>
}

const read = (): Place => ({
  path: location.pathname,
  query: Object.fromEntries(new URLSearchParams(location.search)),
})

let place = $state.raw<Place>(read())

export const here = () => place

export type QueryChange = Record<string, string | undefined>

/** The address of a path with some query values. */
export function url(path: string, query: QueryChange = {}): string {
  const given = Object.entries(query).filter((e): e is [string, string] => Boolean(e[1]))
  const tail = new URLSearchParams(given).toString()
  return path + (tail && '?' + tail)
}

type Leave = () => void
let held: ((leave: Leave) => void) | null = null

/** Keeps this page until `ask` lets it be left: for what was typed and not saved. Returns the end of it. */
export function hold(ask: (leave: Leave) => void): () => void {
  held = ask
  return () => {
    if (held === ask) held = null
  }
}

function keptBack(path: string, leave: Leave): boolean {
  if (!held || path === place.path) return false
  held(() => {
    held = null
    leave()
  })
  return true
}

/** Goes somewhere. Entries pushed by us are marked, so that «close» knows whether there is a way back. */
export function go(to: string, { replace = false } = {}) {
  if (keptBack(to.split('?')[0]!, () => go(to, { replace }))) return
  if (replace) history.replaceState(history.state, '', to)
  else history.pushState({ ours: true }, '', to)
  place = read()
}

/** Changes some query values of this place and keeps the others; undefined removes one. */
export function adjust(change: QueryChange, options?: { replace?: boolean }) {
  go(url(place.path, { ...place.query, ...change }), options)
}

/** Follows back, forward and clicks on our own links. Returns the end of it. */
export function follow(): () => void {
  const moved = () => {
    const to = location.pathname + location.search
    if (!keptBack(location.pathname, () => go(to))) return void (place = read())
    history.pushState({ ours: true }, '', url(place.path, place.query))
  }
  const clicked = (e: MouseEvent) => {
    const a = (e.target as Element | null)?.closest?.('a')
    if (!a || e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return
    if (a.target || a.hasAttribute('download') || a.origin !== location.origin || !isPage(a.pathname)) return
    e.preventDefault()
    go(a.pathname + a.search)
  }
  addEventListener('popstate', moved)
  addEventListener('click', clicked)
  return () => {
    removeEventListener('popstate', moved)
    removeEventListener('click', clicked)
  }
}

export const isPage = (path: string) => path === '/' || /^\/(collections|settings|signin|setup)(\/|$)/.test(path)
