export interface AssetEvent {
  id: string
  status: 'processing' | 'ready' | 'failed'
  progress: number
}

/** A step of long work: rebuilding, importing, scanning a source. */
export interface RunEvent {
  id: string
  state: 'running' | 'paused' | 'done' | 'cancelled' | 'failed'
  total: number
  done: number
  failed: number
}

interface Events {
  asset: AssetEvent
  run: RunEvent
}

const listeners: { [K in keyof Events]: Set<(event: Events[K]) => void> } = { asset: new Set(), run: new Set() }
let source: EventSource | undefined

/** Hears what happens to assets, as long as anybody listens. The browser reconnects by itself. */
export const listen = (heard: (event: AssetEvent) => void) => hear('asset', heard)

/** Hears how long work goes on. */
export const listenRuns = (heard: (event: RunEvent) => void) => hear('run', heard)

function hear<K extends keyof Events>(kind: K, heard: (event: Events[K]) => void): () => void {
  listeners[kind].add(heard)
  source ??= open()
  return () => {
    listeners[kind].delete(heard)
    if (listeners.asset.size + listeners.run.size > 0) return
    source?.close()
    source = undefined
  }
}

function open(): EventSource {
  const opened = new EventSource('/api/v1/events')
  const pass = <K extends keyof Events>(kind: K) =>
    opened.addEventListener(kind, (e) => {
      const event = JSON.parse((e as MessageEvent<string>).data) as Events[K]
      for (const heard of listeners[kind]) heard(event)
    })
  pass('asset')
  pass('run')
  return opened
}
