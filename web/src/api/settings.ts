import { call, fetchBlob, seg } from './client'
import type { Run } from './runs'
import type { AssetKind, Link, Page } from './types'

/** The JSON of the settings, and the questions about them. Loaded with the settings only. */

export interface General {
  number_prefix: string
  clean_collections: boolean
  selection_limit: number
}

export type RecipeKind = Extract<AssetKind, 'image' | 'video' | 'audio'>

export interface Recipe {
  name: string
  kind: RecipeKind
  /** The longest side in pixels; 0 where there is none. */
  box: number
  mime: string
  quality: number
  built_in: boolean
  enabled: boolean
  required: boolean
  links: number
  /** How many assets lack it. */
  missing: number
}

export type NewRecipe = Pick<Recipe, 'name' | 'kind' | 'box' | 'mime' | 'quality'>
export type RecipePatch = Partial<Pick<Recipe, 'enabled' | 'box' | 'mime' | 'quality'>> & { confirm?: boolean }

export const positions = [
  'top-left', 'top', 'top-right',
  'left', 'center', 'right',
  'bottom-left', 'bottom', 'bottom-right',
] as const
export type Position = (typeof positions)[number]

export interface Watermark {
  configured: boolean
  image: { size: number; width: number; height: number } | null
  position: Position
  tiled: boolean
  size: number
  opacity: number
  version: string
}

export type Sample = 'light' | 'dark' | 'portrait'

export interface Source {
  id: string
  name: string
  kind: 'folder' | 'bucket'
  address: string
  state: 'ok' | 'scanning' | 'offline'
  message: string | null
  assets: number
  scanned_at: string | null
}

export const settings = {
  general: () => call<General>('GET', '/settings/general'),
  putGeneral: (body: General) => call<General>('PUT', '/settings/general', {}, body),

  watermark: () => call<Watermark>('GET', '/settings/watermark'),
  putWatermark: (form: FormData) => call<Watermark>('PUT', '/settings/watermark', {}, form),
  deleteWatermark: () => call<void>('DELETE', '/settings/watermark'),
  previewWatermark: (form: FormData) => fetchBlob('POST', '/settings/watermark/preview', form),

  recipes: () => call<Pick<Page<Recipe>, 'items'>>('GET', '/recipes'),
  addRecipe: (body: NewRecipe) => call<Recipe>('POST', '/recipes', {}, body),
  editRecipe: (name: string, patch: RecipePatch) => call<Recipe>('PATCH', `/recipes/${seg(name)}`, {}, patch),
  deleteRecipe: (name: string, confirm: boolean) =>
    call<void>('DELETE', `/recipes/${seg(name)}`, { confirm: confirm || undefined }),
  recipeLinks: (name: string) =>
    call<{ items: Pick<Link, 'id' | 'name' | 'owner'>[] }>('GET', `/recipes/${seg(name)}/links`),
  rebuild: (name: string) => call<Run>('POST', `/recipes/${seg(name)}/rebuild`),

  sources: () => call<Pick<Page<Source>, 'items'>>('GET', '/sources'),
  addSource: (body: Pick<Source, 'name' | 'kind' | 'address'>) => call<Source>('POST', '/sources', {}, body),
  renameSource: (id: string, name: string) => call<Source>('PATCH', `/sources/${seg(id)}`, {}, { name }),
  deleteSource: (id: string) => call<void>('DELETE', `/sources/${seg(id)}`),
  rescan: (id: string) => call<Run>('POST', `/sources/${seg(id)}/rescan`),
  importCopies: (id: string) => call<Run>('POST', `/sources/${seg(id)}/import`, {}, {}),
}

/** Where the stored watermark is read; a new version has a new address. */
export const watermarkUrl = (version: string) => `/api/v1/settings/watermark/image?v=${seg(version)}`
