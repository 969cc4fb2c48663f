import type * as api from './types'

/** A refusal of the server (RFC 9457), or code `offline` when it could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: Record<string, string> = {},
    /** The links that stand in the way (code `in_use`). */
    readonly links: { id: string; name: string }[] = [],
  ) {
    super(detail || code)
  }
}

type Query = Record<string, string | number | boolean | undefined>

export function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, v]) => v !== undefined && v !== '')
  const tail = new URLSearchParams(given.map(([k, v]) => [k, String(v)])).toString()
  return '/api/v1' + path + (tail && '?' + tail)
}

interface Problem {
  code?: string
  title?: string
  detail?: string
  errors?: { field: string; message: string }[]
  links?: { id: string; name: string }[]
}

function refusal(status: number, told: Problem): ApiError {
  const fields = Object.fromEntries((told.errors ?? []).map((e) => [e.field, e.message]))
  return new ApiError(status, told.code ?? 'internal', told.detail ?? told.title ?? '', fields, told.links)
}

let turnedAway = () => {}

/** Told whenever the server no longer knows who asks. */
export function onTurnedAway(told: () => void) {
  turnedAway = told
}

/** Asks the server; a body is sent as JSON, a form as it is. Throws ApiError. */
async function ask(method: string, path: string, query?: Query, body?: unknown): Promise<Response> {
  const json = body !== undefined && !(body instanceof FormData)
  let answer: Response
  try {
    answer = await fetch(address(path, query), {
      method,
      headers: json ? { 'Content-Type': 'application/json' } : {},
      body: json ? JSON.stringify(body) : (body as FormData | undefined),
    })
  } catch {
    throw new ApiError(0, 'offline', '')
  }
  if (answer.status === 401 && path !== '/session') turnedAway()
  if (!answer.ok) throw refusal(answer.status, await answer.json().catch(() => ({})))
  return answer
}

export async function call<T>(method: string, path: string, query?: Query, body?: unknown): Promise<T> {
  const answer = await ask(method, path, query, body)
  return (answer.status === 204 ? undefined : await answer.json()) as T
}

/** Asks for bytes, such as a picture made to order. */
export async function fetchBlob(method: string, path: string, body?: unknown): Promise<Blob> {
  return (await ask(method, path, {}, body)).blob()
}

export interface Sending {
  /** Told how much has left, 0 to 1. */
  onprogress?: (share: number) => void
  signal?: AbortSignal
}

/** Sends a form with files, telling how far it is: what fetch can't. Throws an ApiError; code `aborted` if told to stop. */
export function send<T>(method: string, path: string, form: FormData, { onprogress, signal }: Sending = {}): Promise<T> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest()
    request.open(method, address(path))
    request.responseType = 'json'
    request.upload.onprogress = (e) => e.lengthComputable && onprogress?.(e.loaded / e.total)
    request.onerror = () => failed(new ApiError(0, 'offline', ''))
    request.onabort = () => failed(new ApiError(0, 'aborted', ''))
    request.onload = () => {
      if (request.status === 401) turnedAway()
      if (request.status < 300) done(request.response as T)
      else failed(refusal(request.status, request.response ?? {}))
    }
    signal?.addEventListener('abort', () => request.abort())
    request.send(form)
  })
}

function formOf(file: File): FormData {
  const form = new FormData()
  form.append('file', file)
  return form
}

export const seg = encodeURIComponent

export interface AssetQuery extends Query {
  q?: string
  cursor?: string
  limit?: number
  sort?: api.Sort
  collection?: string
}

/** Every question the staff UI puts to the server. */
export const client = {
  setupNeeded: () => call<{ needed: boolean }>('GET', '/setup'),
  setUp: (body: { code: string; name: string; email: string; password: string }) =>
    call<api.Session>('POST', '/setup', {}, body),
  whoAmI: () => call<api.Session>('GET', '/session'),
  signIn: (email: string, password: string) => call<api.Session>('POST', '/session', {}, { email, password }),
  signOut: () => call<void>('DELETE', '/session'),

  assets: (query: AssetQuery) => call<api.Page<api.Asset>>('GET', '/assets', query),
  asset: (id: string) => call<api.Asset>('GET', `/assets/${seg(id)}`),
  editAsset: (id: string, patch: Partial<Pick<api.Asset, 'name' | 'title' | 'description' | 'tags' | 'rights'>>) =>
    call<api.Asset>('PATCH', `/assets/${seg(id)}`, {}, patch),
  trashAsset: (id: string) => call<void>('DELETE', `/assets/${seg(id)}`),
  restoreAsset: (id: string) => call<api.Asset>('POST', `/assets/${seg(id)}/restore`),
  retryAsset: (id: string) => call<api.Asset>('POST', `/assets/${seg(id)}/retry`),
  archiveAsset: (id: string) => call<api.Asset>('POST', `/assets/${seg(id)}/archive`),
  unarchiveAsset: (id: string) => call<api.Asset>('POST', `/assets/${seg(id)}/unarchive`),
  metadataOf: (id: string) => call<{ groups: api.FactGroup[] }>('GET', `/assets/${seg(id)}/metadata`),
  importCopies: (ids: string[]) => call<{ id: string }>('POST', '/assets/import', {}, { asset_ids: ids }),

  attach: (id: string, file: File, sending?: Sending) =>
    send<api.Attachment>('POST', `/assets/${seg(id)}/attachments`, formOf(file), sending),
  detach: (id: string, attachment: string) =>
    call<void>('DELETE', `/assets/${seg(id)}/attachments/${seg(attachment)}`),

  originals: (id: string) => call<{ items: api.Original[] }>('GET', `/assets/${seg(id)}/originals`),
  replaceOriginal: (id: string, file: File, sending?: Sending) =>
    send<api.Asset>('PUT', `/assets/${seg(id)}/original`, formOf(file), sending),
  restoreOriginal: (id: string, revision: number) =>
    call<api.Asset>('POST', `/assets/${seg(id)}/originals/${revision}/restore`),

  linksOf: (id: string) => call<api.AssetLinks>('GET', `/assets/${seg(id)}/links`),

  collections: (cursor?: string) => call<api.Page<api.Collection>>('GET', '/collections', { cursor, limit: 200 }),
  collection: (id: string) => call<api.Collection>('GET', `/collections/${seg(id)}`),

  createLink: (body: api.LinkRequest) => call<api.Link>('POST', '/links', {}, body),
  editLink: (id: string, patch: api.LinkPatch) => call<api.Link>('PATCH', `/links/${seg(id)}`, {}, patch),
  deleteLink: (id: string) => call<void>('DELETE', `/links/${seg(id)}`),
}

/** Where one version of an asset is read by somebody signed in. */
export function versionUrl(id: string, version: string, download = false): string {
  return `/api/v1/assets/${seg(id)}/versions/${seg(version)}${download ? '?download' : ''}`
}

export const attachmentUrl = (id: string, attachment: string) => address(`/assets/${seg(id)}/attachments/${seg(attachment)}`)

export function qrUrl(id: string, format: 'png' | 'svg', size: number): string {
  return address(`/links/${seg(id)}/qr`, { format, size: format === 'png' ? size : undefined })
}
