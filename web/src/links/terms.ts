import type { Allow, Asset, Link, LinkKind, LinkMetadata, LinkPatch, LinkRequest } from '../api/types'
import type { Key } from '../ui/catalogue'
import { dayIn } from './expiry'
import { shortest } from './password'
import { unmarkable } from './proxies'

/** What a link is being made for, or edited: decides which terms a window shows. */
export interface Situation {
  kind: LinkKind
  /** The assets that can be shared, in feed order. */
  assets: Asset[]
  /** An existing collection instead of single assets. */
  collection: { id: string; name: string } | null
  /** The link being edited. */
  editing: Link | null
  watermark: boolean
  faces: boolean
  zone: string
}

/** What the form holds while the user works on it. The zero draft allows nothing but viewing. */
export interface Draft {
  collectionName: string
  name: string
  original: boolean
  proxy: boolean
  proxies: string[]
  attachments: boolean
  expires: boolean
  day: string | null
  locked: boolean
  /** A password was set before and stays unless this is true (R115). */
  newPassword: boolean
  password: string
  watermark: boolean
  trace: boolean
  recipient: string
  personSearch: boolean
  metadata: LinkMetadata
  pinned: boolean
}

export type TermId =
  | 'collectionName'
  | 'name'
  | 'allow'
  | 'proxies'
  | 'expiry'
  | 'password'
  | 'watermark'
  | 'trace'
  | 'personSearch'
  | 'metadata'
  | 'pinned'

interface Term {
  id: TermId
  label: Key
  shown: (s: Situation, d: Draft) => boolean
  /** The reason this term blocks saving, if it does. */
  wrong?: (d: Draft, s: Situation) => Key | undefined
  /** Its part of the request that creates the link. */
  create: (d: Draft, s: Situation) => Partial<LinkRequest>
  /** Its part of the request that edits the link; absent means untouched. */
  change?: (d: Draft, before: Draft, s: Situation) => Partial<LinkPatch>
}

const isPublic = (s: Situation) => s.kind === 'public'
export const isMany = (s: Situation) => s.assets.length > 1 || s.collection !== null

/** Every term of a link, in the order of the windows (R28, R44, R91). All forms draw from it. */
export const terms: Term[] = [
  {
    id: 'collectionName',
    label: 'staff.link.collectionName',
    shown: (s) => isPublic(s) && isMany(s) && !s.collection && !s.editing,
    create: (d) => given('collection_name', d.collectionName),
  },
  {
    id: 'name',
    label: 'staff.link.name',
    shown: () => true,
    create: (d) => given('name', d.name),
    change: (d, before) => (d.name.trim() !== before.name ? given('name', d.name) : {}),
  },
  {
    id: 'allow',
    label: 'staff.link.allow',
    shown: isPublic,
    create: (d) => ({ allow: allowOf(d) }),
    change: (d, before) => {
      const allow = allowOf(d)
      return JSON.stringify(allow) === JSON.stringify(allowOf(before)) ? {} : { allow }
    },
  },
  {
    id: 'proxies',
    label: 'staff.link.proxies',
    shown: (s, d) => isPublic(s) && d.proxy,
    wrong: (d) => (d.proxies.length === 0 ? 'staff.link.error.proxies' : undefined),
    create: () => ({}),
  },
  {
    id: 'expiry',
    label: 'staff.link.expiry',
    shown: () => true,
    wrong: (d) => (d.expires && !d.day ? 'staff.link.error.day' : undefined),
    create: (d, s) => (d.expires && d.day ? { expires_on: d.day, time_zone: s.zone } : {}),
    change: (d, before, s) => {
      if (!d.expires) return before.expires ? { expires_at: null } : {}
      return d.day && d.day !== before.day ? { expires_on: d.day, time_zone: s.zone } : {}
    },
  },
  {
    id: 'password',
    label: 'staff.link.password',
    shown: isPublic,
    wrong: (d) => {
      if (!d.locked || !d.newPassword) return undefined
      if (d.password === '') return 'staff.link.error.password'
      return [...d.password].length < shortest ? 'staff.link.error.short' : undefined
    },
    create: (d) => (d.locked ? { password: d.password } : {}),
    change: (d, before) => {
      if (!d.locked) return before.locked ? { password: null } : {}
      return d.newPassword ? { password: d.password } : {}
    },
  },
  {
    id: 'watermark',
    label: 'staff.link.watermark',
    shown: marks,
    wrong: (d, s) => (d.watermark && unmarked(d, s).length > 0 ? 'staff.link.error.moving' : undefined),
    create: (d) => (d.watermark ? { watermark: true } : {}),
    change: (d, before) => ({
      ...(d.watermark !== before.watermark ? { watermark: d.watermark } : {}),
      // There is no text without the mark that carries it.
      ...(!d.watermark && before.trace ? { trace: false } : {}),
    }),
  },
  {
    id: 'trace',
    label: 'staff.link.trace',
    shown: (s, d) => marks(s) && d.watermark,
    create: (d) => (d.trace ? { trace: true, ...given('recipient', d.recipient) } : {}),
    change: (d, before) => ({
      ...(d.trace !== before.trace ? { trace: d.trace } : {}),
      ...(d.recipient.trim() !== before.recipient ? { recipient: d.recipient.trim() } : {}),
    }),
  },
  {
    id: 'personSearch',
    label: 'staff.link.personSearch',
    shown: (s) => isPublic(s) && s.faces && isMany(s),
    create: (d) => (d.personSearch ? { person_search: true } : {}),
    change: (d, before) => (d.personSearch !== before.personSearch ? { person_search: d.personSearch } : {}),
  },
  {
    id: 'metadata',
    label: 'staff.link.more',
    shown: isPublic,
    create: (d) => (sameMetadata(d.metadata, emptyDraft().metadata) ? {} : { metadata: d.metadata }),
    change: (d, before) => (sameMetadata(d.metadata, before.metadata) ? {} : { metadata: d.metadata }),
  },
  {
    id: 'pinned',
    label: 'staff.link.pinned',
    shown: isPublic,
    create: (d) => (d.pinned ? { pinned: true } : {}),
    change: (d, before) => (d.pinned !== before.pinned ? { pinned: d.pinned } : {}),
  },
]

/** R64, R99: there is a watermark, and an image to lay it upon. One that is on can always be taken off. */
function marks(s: Situation): boolean {
  return isPublic(s) && (Boolean(s.editing?.watermark) || (s.watermark && s.assets.some((a) => a.kind === 'image')))
}

/** The chosen proxies that can bear no watermark. */
export function unmarked(d: Draft, s: Situation): string[] {
  const never = unmarkable(s.assets)
  return d.proxy ? d.proxies.filter((name) => never.has(name)) : []
}

const sameMetadata = (a: LinkMetadata, b: LinkMetadata) => a.show === b.show && a.files === b.files

function given<K extends string>(key: K, text: string): { [P in K]?: string } {
  return text.trim() ? ({ [key]: text.trim() } as { [P in K]?: string }) : {}
}

/** R54: a proxy choice counts only while «Proxy» is on. */
function allowOf(d: Draft): Allow {
  return { original: d.original, proxies: d.proxy ? [...d.proxies].sort() : [], attachments: d.attachments }
}

export function emptyDraft(): Draft {
  return {
    collectionName: '',
    name: '',
    original: false,
    proxy: false,
    proxies: [],
    attachments: false,
    expires: false,
    day: null,
    locked: false,
    newPassword: true,
    password: '',
    watermark: false,
    trace: false,
    recipient: '',
    personSearch: false,
    metadata: { show: 'basic', files: 'keep' },
    pinned: false,
  }
}

export function draftOf(link: Link, zone: string): Draft {
  return {
    ...emptyDraft(),
    name: link.name,
    original: link.allow.original,
    proxy: link.allow.proxies.length > 0,
    proxies: [...link.allow.proxies],
    attachments: link.allow.attachments,
    expires: link.expires_at !== null,
    day: link.expires_at && dayIn(link.time_zone ?? zone, new Date(link.expires_at)),
    locked: link.has_password,
    newPassword: !link.has_password,
    watermark: link.watermark,
    trace: link.trace,
    recipient: link.recipient,
    personSearch: link.person_search,
    metadata: { show: link.metadata.show, files: link.metadata.files },
    pinned: link.pinned,
  }
}

export const shownTerms = (s: Situation, d: Draft) => terms.filter((term) => term.shown(s, d))

/** What is wrong, by term; empty when the form may be sent. */
export function faults(d: Draft, s: Situation): Partial<Record<TermId, Key>> {
  const out: Partial<Record<TermId, Key>> = {}
  for (const term of shownTerms(s, d)) {
    const why = term.wrong?.(d, s)
    if (why) out[term.id] = why
  }
  return out
}

export function createRequest(d: Draft, s: Situation, locale: string): LinkRequest {
  const target = s.collection ? { collection_id: s.collection.id } : { asset_ids: s.assets.map((a) => a.id) }
  const parts = shownTerms(s, d).map((term) => term.create(d, s))
  return Object.assign({ kind: s.kind, ...target, time_zone: s.zone, locale }, ...parts)
}

/** The difference to how the link stands; empty when nothing was changed. */
export function changeRequest(d: Draft, before: Draft, s: Situation): LinkPatch {
  return Object.assign({}, ...shownTerms(s, d).map((term) => term.change?.(d, before, s) ?? {}))
}

export const changed = (patch: LinkPatch) => Object.keys(patch).length > 0

/** Which term a refused field of the server belongs to. */
export function termOf(field: string): TermId | undefined {
  const head = field.split(/[.[]/)[0]!
  const map: Record<string, TermId> = {
    collection_name: 'collectionName',
    name: 'name',
    allow: field.startsWith('allow.proxies') ? 'proxies' : 'allow',
    expires_on: 'expiry',
    expires_at: 'expiry',
    time_zone: 'expiry',
    password: 'password',
    watermark: 'watermark',
    trace: 'trace',
    recipient: 'trace',
    metadata: 'metadata',
    pinned: 'pinned',
    person_search: 'personSearch',
  }
  return map[head]
}
