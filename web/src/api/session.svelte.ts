import { client } from './client'
import type { Right, Session } from './types'

let session = $state.raw<Session | null>(null)

export const me = () => session

/** The signed-in session, for screens that only exist with one. */
export function mine(): Session {
  if (!session) throw new Error('nobody is signed in')
  return session
}

export const may = (right: Right) => session?.rights.includes(right) ?? false

export function enter(next: Session) {
  session = next
}

export async function leave() {
  await client.signOut()
  session = null
}

/** The server no longer knows us: the sign-in page takes over. */
export function expire() {
  session = null
}
