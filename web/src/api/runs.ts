import { call, seg } from './client'

/** Long work over many assets. The subject is the name of a recipe or the id of a source. */
export interface Run {
  id: string
  kind: 'rebuild' | 'rescan' | 'import'
  subject: string
  state: 'running' | 'paused' | 'done' | 'cancelled' | 'failed'
  total: number
  done: number
  failed: number
  created_at: string
  ended_at: string | null
  message: string | null
}

export type RunOrder = 'pause' | 'resume' | 'cancel'

export const runsApi = {
  list: () => call<{ items: Run[] }>('GET', '/runs'),
  one: (id: string) => call<Run>('GET', `/runs/${seg(id)}`),
  order: (id: string, order: RunOrder) => call<Run>('POST', `/runs/${seg(id)}/${order}`),
}
