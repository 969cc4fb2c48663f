import { client } from '../api/client'
import type { Asset } from '../api/types'
import { t } from '../ui/i18n.svelte'
import { say } from '../ui/toast.svelte'
import { sentence } from '../api/errors'
import { Feed } from './feed.svelte'
import { all, nothing, pick, without, type Keys, type Selection } from './selection'

/** A feed on the screen: what is shown, what is selected, where the focus is. */
export class View {
  readonly feed = new Feed()
  selection = $state.raw<Selection>(nothing)
  /** The tile that holds the feed's one tab stop. */
  focus = $state<string | null>(null)

  order = $derived(this.feed.items.map((a) => a.id))
  selected = $derived(this.feed.items.filter((a) => this.selection.ids.has(a.id)))

  pick(id: string, keys: Keys = {}) {
    this.selection = pick(this.selection, this.order, id, keys)
    this.focus = id
  }

  async all() {
    await this.feed.whole()
    this.selection = all(this.selection, this.order)
  }

  clear = () => (this.selection = nothing)

  deselect(assets: Asset[]) {
    this.selection = without(
      this.selection,
      assets.map((a) => a.id),
    )
  }

  /** Moves assets to the trash; the toast brings them back. */
  async trash(assets: Asset[]) {
    const before = this.feed.items
    const ids = new Set(assets.map((a) => a.id))
    this.feed.drop(ids)
    this.selection = without(this.selection, ids)
    const answers = await Promise.allSettled(assets.map((a) => client.trashAsset(a.id)))
    const gone = assets.filter((_, i) => answers[i]!.status === 'fulfilled')
    const kept = assets.length - gone.length
    if (kept > 0) {
      await this.feed.again()
      say(t('staff.bulk.notTrashed', { n: kept }), { error: true })
    }
    if (gone.length === 0) return
    say(t('staff.bulk.trashed', { n: gone.length }), {
      undo: { label: t('staff.undo'), run: () => void this.#restore(gone, kept === 0 ? before : null) },
    })
  }

  async #restore(assets: Asset[], before: Asset[] | null) {
    try {
      await Promise.all(assets.map((a) => client.restoreAsset(a.id)))
      if (before) this.feed.restore(before)
      else await this.feed.again()
      say(t('staff.bulk.restored', { n: assets.length }))
    } catch (error) {
      say(sentence(error), { error: true })
      await this.feed.again()
    }
  }

  /** Copies assets of external sources into our own storage, where they can be shared. */
  async bringIn(assets: Asset[]) {
    try {
      await client.importCopies(assets.map((a) => a.id))
      say(t('staff.bulk.importing', { n: assets.length }))
    } catch (error) {
      say(sentence(error), { error: true })
    }
  }

  async retry(asset: Asset) {
    try {
      this.feed.put(await client.retryAsset(asset.id))
      say(t('staff.tile.retrying'))
    } catch (error) {
      say(sentence(error), { error: true })
    }
  }
}
