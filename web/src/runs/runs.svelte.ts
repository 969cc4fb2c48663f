import { SvelteSet } from 'svelte/reactivity'
import { sentence } from '../api/errors'
import { listenRuns, type RunEvent } from '../api/live'
import { runsApi, type Run, type RunOrder } from '../api/runs'
import { say } from '../ui/toast.svelte'
import { after, ended, ordered, put } from './course'

const pause = 5000

/** Long work that goes on or has ended, kept fresh by the server's events. */
class Runs {
  #all = $state.raw<Run[]>([])
  #told = new Set<(run: Run) => void>()
  #unseen = new SvelteSet<string>()
  failure = $state.raw<unknown>(null)

  list = $derived(ordered(this.#all))
  going = $derived(this.#all.filter((run) => !ended(run)))

  /** Whether something ended and nobody looked. */
  get news() {
    return this.#unseen.size > 0
  }

  async load() {
    try {
      const { items } = await runsApi.list()
      const over = items.filter((run) => ended(run) && this.going.some((known) => known.id === run.id))
      for (const run of over) this.put(run)
      this.#all = items
      this.failure = null
    } catch (error) {
      this.failure = error
    }
  }

  /** Follows what goes on. Returns the end of it. */
  follow(): () => void {
    void this.load()
    const end = listenRuns((event) => void this.#heard(event))
    // Events are for administrators, and a connection that broke has missed some: ask now and then.
    const again = setInterval(() => this.going.length > 0 && void this.load(), pause)
    return () => {
      clearInterval(again)
      end()
    }
  }

  async #heard(event: RunEvent) {
    const next = after(this.#all, event)
    if (next) this.#all = next
    if (next && !ended(event)) return
    // Only the run itself tells when and how it ended, and what a new one is about.
    const run = await runsApi.one(event.id).catch(() => null)
    if (run) this.put(run)
  }

  put(run: Run) {
    const before = this.#all.find((known) => known.id === run.id)
    this.#all = put(this.#all, run)
    if (!ended(run) || before?.ended_at) return
    this.#unseen.add(run.id)
    for (const told of this.#told) told(run)
  }

  /** Told of every run that ends. Returns the end of it. */
  onEnd(told: (run: Run) => void): () => void {
    this.#told.add(told)
    return () => this.#told.delete(told)
  }

  /** What goes on about a recipe or source. */
  about(subject: string): Run | undefined {
    return this.going.find((run) => run.subject === subject)
  }

  seen() {
    this.#unseen.clear()
  }

  async order(run: Run, order: RunOrder) {
    try {
      this.put(await runsApi.order(run.id, order))
    } catch (error) {
      say(sentence(error), { error: true })
    }
  }
}

export const runs = new Runs()
