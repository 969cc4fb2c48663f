import type { Rights } from '../api/types'

/** How the usage rights stand on a day (YYYY-MM-DD): the last day still counts. */
export function rightsState({ usage_from, usage_until }: Rights, today: string): 'open' | 'later' | 'ended' {
  if (usage_until && usage_until < today) return 'ended'
  return usage_from && usage_from > today ? 'later' : 'open'
}

export const sameRights = (a: Rights, b: Rights) =>
  (['licence', 'credit', 'usage_from', 'usage_until'] as const).every((key) => (a[key] ?? '') === (b[key] ?? ''))

/** Where a picture was taken, as people write it: 48.13713° N, 11.57540° E. */
export function placeText(lat: number, lon: number, names: { n: string; s: string; e: string; w: string }): string {
  const one = (value: number, plus: string, minus: string) => `${Math.abs(value).toFixed(5)}° ${value < 0 ? minus : plus}`
  return `${one(lat, names.n, names.s)}, ${one(lon, names.e, names.w)}`
}
