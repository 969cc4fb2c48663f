import type { Upload } from 'tus-js-client'
import { client } from '../api/client'
import { listen } from '../api/live'
import type { Asset } from '../api/types'
import { t } from '../ui/i18n.svelte'

export type State = 'waiting' | 'uploading' | 'paused' | 'processing' | 'done' | 'failed'

/** One file on its way into the library. */
export class Import {
  readonly id: number
  readonly file: File
  state = $state<State>('waiting')
  /** 0 to 1, of the bytes. */
  sent = $state(0)
  /** 0 to 1, of what is made of the file once it is here. */
  made = $state(0)
  reason = $state('')
  asset = $state.raw<Asset | null>(null)
  upload: Upload | null = null

  constructor(id: number, file: File) {
    this.id = id
    this.file = file
  }

  get arrived() {
    return this.state === 'processing' || this.state === 'done'
  }
}

const atOnce = 3
const pauses = [0, 1000, 3000, 5000, 10000]

/** The files being imported. They go on while people look at other things. */
class Imports {
  /** The newest batch first. */
  list = $state.raw<Import[]>([])
  #last = 0

  done = $derived(this.list.filter((i) => i.arrived).length)
  failed = $derived(this.list.filter((i) => i.state === 'failed'))
  /** True while leaving the page would break something off. */
  running = $derived(this.list.some((i) => i.state === 'uploading' || i.state === 'waiting'))
  share = $derived.by(() => {
    const bytes = this.list.reduce((sum, i) => sum + i.file.size, 0)
    const sent = this.list.reduce((sum, i) => sum + (i.arrived ? i.file.size : i.sent * i.file.size), 0)
    return bytes > 0 ? sent / bytes : 0
  })

  add(files: Iterable<File>) {
    const items = [...files].map((file) => new Import(++this.#last, file))
    if (items.length === 0) return
    for (const item of items) if (item.file.size === 0) this.#fail(item, t('staff.import.emptyFile'))
    this.list = [...items, ...this.list]
    this.#go()
  }

  pause(item: Import) {
    void item.upload?.abort()
    item.state = 'paused'
    this.#go()
  }

  resume(item: Import) {
    item.state = 'waiting'
    this.#go()
  }

  retry(items: Import[]) {
    for (const item of items) {
      item.state = 'waiting'
      item.reason = ''
    }
    this.#go()
  }

  cancel(item: Import) {
    // Ends the upload on the server too; what is left there expires in any case.
    item.upload?.abort(true).catch(() => {})
    this.list = this.list.filter((i) => i !== item)
    this.#go()
  }

  clear() {
    this.list = []
  }

  #go() {
    const busy = this.list.filter((i) => i.state === 'uploading').length
    const waiting = this.list.filter((i) => i.state === 'waiting').sort((a, b) => a.id - b.id)
    const next = waiting.slice(0, Math.max(0, atOnce - busy))
    for (const item of next) {
      item.state = 'uploading'
      void this.#send(item)
    }
  }

  async #send(item: Import) {
    const tus = await import('tus-js-client').catch(() => null)
    if (item.state !== 'uploading') return
    if (!tus) return this.#fail(item, t('staff.import.lost'))
    item.upload ??= new tus.Upload(item.file, {
      endpoint: '/uploads',
      retryDelays: pauses,
      chunkSize: 16 * 1024 * 1024,
      metadata: { filename: item.file.name, filetype: item.file.type },
      removeFingerprintOnSuccess: true,
      storeFingerprintForResuming: false,
      onProgress: (sent, total) => (item.sent = total > 0 ? sent / total : 0),
      onError: (error) => this.#fail(item, reasonOf(error)),
      onSuccess: ({ lastResponse }) => void this.#arrived(item, lastResponse.getHeader('Vitrine-Asset')),
    })
    item.upload.start()
  }

  async #arrived(item: Import, assetId: string | undefined) {
    item.state = 'processing'
    item.sent = 1
    this.#go()
    if (!assetId) return void (item.state = 'done')
    const end = listen(({ id, status, progress }) => {
      if (id !== assetId) return
      item.made = progress
      if (status !== 'processing') void look()
    })
    const look = async () => {
      item.asset = await client.asset(assetId).catch(() => item.asset)
      if (item.asset && item.asset.status !== 'processing') {
        item.state = 'done'
        end()
      }
    }
    await look()
  }

  #fail(item: Import, reason: string) {
    item.state = 'failed'
    item.reason = reason
    item.upload = null
    this.#go()
  }
}

function reasonOf(error: Error): string {
  const answer = (error as { originalResponse?: { getBody(): string } | null }).originalResponse
  if (!answer) return t('staff.import.lost')
  try {
    return JSON.parse(answer.getBody()).detail || t('staff.error.server')
  } catch {
    return t('staff.error.server')
  }
}

export const imports = new Imports()
