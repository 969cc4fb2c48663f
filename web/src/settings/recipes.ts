import type { NewRecipe, Recipe, RecipeKind } from '../api/settings'

/** Proxy profiles, as the server's recipes are called on screen. */

export const kinds: RecipeKind[] = ['image', 'video', 'audio']

/** The recipes of each kind that has any, the largest first. */
export function grouped(recipes: Recipe[]): { kind: RecipeKind; recipes: Recipe[] }[] {
  return kinds
    .map((kind) => ({
      kind,
      recipes: recipes.filter((r) => r.kind === kind).toSorted((a, b) => b.box - a.box || a.name.localeCompare(b.name)),
    }))
    .filter((group) => group.recipes.length > 0)
}

const formatNames: Record<string, string> = {
  'image/jpeg': 'JPEG',
  'image/webp': 'WebP',
  'image/avif': 'AVIF',
  'image/png': 'PNG',
  'video/mp4': 'MP4',
  'video/webm': 'WebM',
  'audio/mp4': 'M4A',
}

export const formatName = (mime: string) => formatNames[mime] ?? mime

/** The kinds an administrator can add, and the formats they are made in. */
export const formats = {
  image: ['image/jpeg', 'image/webp', 'image/avif', 'image/png'],
  video: ['video/mp4', 'video/webm'],
} as const

export type OwnKind = keyof typeof formats

export const bounds: Record<OwnKind, { min: number; max: number }> = {
  image: { min: 16, max: 8192 },
  video: { min: 144, max: 3840 },
}

/** PNG keeps every pixel: there is nothing to choose. */
export const hasQuality = (mime: string) => mime !== 'image/png'

export interface RecipeDraft {
  name: string
  kind: OwnKind
  box: string
  mime: string
  quality: number
}

export const emptyRecipe = (): RecipeDraft => ({ name: '', kind: 'image', box: '', mime: 'image/jpeg', quality: 82 })

export const draftOfRecipe = (r: Recipe): RecipeDraft => ({
  name: r.name,
  kind: r.kind === 'video' ? 'video' : 'image',
  box: String(r.box),
  mime: r.mime,
  quality: r.quality,
})

/** The same draft for another kind: its format follows. */
export function asKind(draft: RecipeDraft, kind: OwnKind): RecipeDraft {
  const known: readonly string[] = formats[kind]
  return { ...draft, kind, mime: known.includes(draft.mime) ? draft.mime : known[0]! }
}

export type RecipeFault = 'name' | 'taken' | 'box'

/** What must be mended before the server is asked. */
export function recipeFaults(draft: RecipeDraft, others: string[]): Partial<Record<'name' | 'box', RecipeFault>> {
  const out: Partial<Record<'name' | 'box', RecipeFault>> = {}
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(draft.name)) out.name = 'name'
  else if (others.includes(draft.name)) out.name = 'taken'
  const box = Number(draft.box)
  const { min, max } = bounds[draft.kind]
  if (!/^\d+$/.test(draft.box.trim()) || box < min || box > max) out.box = 'box'
  return out
}

export const requestOf = (draft: RecipeDraft): NewRecipe => ({
  name: draft.name,
  kind: draft.kind,
  box: Number(draft.box),
  mime: draft.mime,
  quality: draft.quality,
})

/** What people type becomes a name: small letters, digits, hyphens. */
export const asName = (text: string) => text.toLowerCase().replace(/[\s_]+/g, '-')
