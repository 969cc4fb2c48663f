import { ApiError } from '../api/client'
import { sentence } from '../api/errors'
import { said } from '../ui/i18n.svelte'

/** What is wrong at which field, and what is wrong with the whole. */
export interface Faults {
  fields: Record<string, string>
  problem: string
}

export const none: Faults = { fields: {}, problem: '' }

/** Puts a refusal where it belongs: at its field where the screen has one, else above the buttons. */
export function faultsOf(error: unknown, shown: string[]): Faults {
  const given = error instanceof ApiError ? error.fields : {}
  const fields = Object.fromEntries(
    Object.entries(given)
      .filter(([field]) => shown.includes(field))
      .map(([field, message]) => [field, said(message)]),
  )
  return { fields, problem: Object.keys(fields).length > 0 ? '' : sentence(error) }
}
