import { ApiError, client } from '../api/client'
import { sentence } from '../api/errors'
import type { Asset } from '../api/types'
import { t } from '../ui/i18n.svelte'

/** One supporting file on its way. It goes on when its asset is no longer looked at. */
export class Attaching {
  readonly asset: string
  readonly file: File
  /** 0 to 1, of the bytes. */
  sent = $state(0)
  problem = $state('')
  readonly #stop = new AbortController()

  constructor(asset: string, file: File) {
    this.asset = asset
    this.file = file
  }

  get signal() {
    return this.#stop.signal
  }

  stop = () => this.#stop.abort()
}

let list = $state.raw<Attaching[]>([])
let last = Promise.resolve()

export const attachingTo = (asset: string) => list.filter((a) => a.asset === asset)

const forget = (item: Attaching) => (list = list.filter((a) => a !== item))

/** Adds files to an asset, one after another; `onchange` gets the asset with each that has arrived. */
export function attach(asset: string, files: Iterable<File>, onchange: (asset: Asset) => void) {
  for (const file of files) {
    const item = new Attaching(asset, file)
    list = [...list, item]
    last = last.then(() => send(item, onchange))
  }
}

/** Breaks one off, or takes a failed one out of the list. */
export function dismiss(item: Attaching) {
  item.stop()
  forget(item)
}

async function send(item: Attaching, onchange: (asset: Asset) => void) {
  if (item.signal.aborted) return
  if (item.file.size === 0) return void (item.problem = t('staff.import.emptyFile'))
  try {
    await client.attach(item.asset, item.file, { onprogress: (share) => (item.sent = share), signal: item.signal })
    onchange(await client.asset(item.asset))
    forget(item)
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'aborted')) item.problem = sentence(error)
  }
}
