export interface AssetEvent {
  id: string
  status: 'processing' | 'ready' | 'failed'
  progress: number
}

type Heard = (event: AssetEvent) => void

const listeners = new Set<Heard>()
let source: EventSource | undefined

/** Hears what happens to assets, as long as anybody listens. The browser reconnects by itself. */
export function listen(heard: Heard): () => void {
  listeners.add(heard)
  source ??= open()
  return () => {
    listeners.delete(heard)
    if (listeners.size > 0) return
    source?.close()
    source = undefined
  }
}

function open(): EventSource {
  const opened = new EventSource('/api/v1/events')
  opened.addEventListener('asset', (e) => {
    const event = JSON.parse(e.data) as AssetEvent
    for (const heard of listeners) heard(event)
  })
  return opened
}
