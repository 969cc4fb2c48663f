import { client, type AssetQuery } from '../api/client'
import { listen, type AssetEvent } from '../api/live'
import type { Asset } from '../api/types'

const pageSize = 200
const most = 5000

/** The assets of one query, page by page, kept fresh by the server's events. */
export class Feed {
  items = $state.raw<Asset[]>([])
  total = $state(0)
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  /** True while a further page could be fetched. */
  more = $state(false)
  failure = $state.raw<unknown>(null)

  #query: AssetQuery = {}
  #cursor: string | null = null
  #turn = 0
  #fetching: Promise<void> | null = null
  #stale = new Set<string>()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Starts over with a query. What is shown stays until the answer is there. */
  async load(query: AssetQuery) {
    const turn = ++this.#turn
    this.#query = query
    this.state = 'loading'
    try {
      const page = await client.assets({ ...query, limit: pageSize })
      if (turn !== this.#turn) return
      this.items = page.items
      this.total = page.total
      this.#cursor = page.next_cursor
      this.more = page.next_cursor !== null
      this.state = 'ready'
    } catch (error) {
      if (turn !== this.#turn) return
      this.failure = error
      this.state = 'failed'
    }
  }

  again = () => this.load(this.#query)

  /** Fetches the next page, once at a time. */
  next(): Promise<void> {
    if (!this.#cursor || this.state !== 'ready') return Promise.resolve()
    this.#fetching ??= this.#page().finally(() => (this.#fetching = null))
    return this.#fetching
  }

  async #page() {
    const turn = this.#turn
    try {
      const page = await client.assets({ ...this.#query, cursor: this.#cursor!, limit: pageSize })
      if (turn !== this.#turn) return
      const known = new Set(this.items.map((a) => a.id))
      this.items = [...this.items, ...page.items.filter((a) => !known.has(a.id))]
      this.#cursor = page.next_cursor
    } catch (error) {
      this.failure = error
      this.#cursor = null
    }
    this.more = this.#cursor !== null
  }

  /** Fetches everything there is, up to what can sensibly be selected at once. */
  async whole() {
    while (this.more && this.items.length < most) await this.next()
  }

  find = (id: string) => this.items.find((a) => a.id === id || a.number === id)

  /** Takes a newer state of an asset, if it is shown here. */
  put(asset: Asset) {
    this.items = this.items.map((a) => (a.id === asset.id ? asset : a))
  }

  drop(ids: ReadonlySet<string>) {
    const left = this.items.filter((a) => !ids.has(a.id))
    this.total -= this.items.length - left.length
    this.items = left
  }

  /** Puts back what was dropped, at its old place. */
  restore(before: Asset[]) {
    this.total += before.length - this.items.length
    this.items = before
  }

  /** Reads these assets again soon; many wishes become one round. */
  refresh = (ids: Iterable<string>) => {
    for (const id of ids) this.#stale.add(id)
    this.#timer ??= setTimeout(() => void this.#reread(), 120)
  }

  async #reread() {
    const ids = [...this.#stale]
    this.#stale.clear()
    this.#timer = undefined
    if (ids.length > 24) return this.again()
    const fresh = await Promise.all(ids.map((id) => client.asset(id).catch(() => null)))
    for (const asset of fresh) if (asset) this.#take(asset)
  }

  #take(asset: Asset) {
    if (this.find(asset.id)) return this.put(asset)
    const everything = !this.#query.q && !this.#query.collection && (this.#query.sort ?? 'newest') === 'newest'
    if (!everything || this.state !== 'ready' || asset.in_trash) return
    this.items = [asset, ...this.items]
    this.total++
  }

  /** Follows the server's events until the returned function is called. */
  follow(): () => void {
    return listen((event) => this.#heard(event))
  }

  #heard({ id, status, progress }: AssetEvent) {
    const shown = this.find(id)
    // Progress that falls back is that of the next piece of work: what it is must be read.
    const same = shown?.status === status && status === 'processing' && progress >= shown.progress
    if (same) this.put({ ...shown, progress })
    else this.refresh([id])
  }
}
