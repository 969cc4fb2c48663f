/** The JSON of /api/v1, as the server sends it. */

export type Right =
  | 'asset.view'
  | 'asset.upload'
  | 'asset.edit'
  | 'asset.delete'
  | 'download.original'
  | 'download.proxy'
  | 'download.attachment'
  | 'link.public'
  | 'link.download'
  | 'link.manage_all'
  | 'collection.create'
  | 'admin'

export interface Person {
  id: string
  name: string
}

export interface Session {
  user: Person & { email: string; role: string }
  rights: Right[]
  number_prefix: string
  base_url: string
  watermark: boolean
  watermark_version: string | null
  faces: boolean
}

export type AssetKind = 'image' | 'video' | 'audio' | 'document' | 'other'

export interface Rendition {
  name: string
  mime: string
  width: number
  height: number
  size: number
  /** Bits a second, of what moves or sounds. */
  bitrate?: number
  kind: 'image' | 'video' | 'audio'
}

/** A supporting file. */
export interface Attachment {
  id: string
  name: string
  mime: string
  size: number
  created_at: string
}

/** What may be done with an asset, as its people wrote it down. Days are YYYY-MM-DD. */
export interface Rights {
  licence: string
  credit: string
  usage_from: string | null
  usage_until: string | null
}

/** What the file itself says, by where it says it: EXIF, IPTC, XMP. */
export interface FactGroup {
  name: string
  items: { name: string; value: string }[]
}

/** One original of an asset: the current one, or an earlier one that was replaced. */
export interface Original {
  revision: number
  name: string
  mime: string
  size: number
  sha256: string
  width: number
  height: number
  brought_in_at: string
  brought_in_by: Person
  current: boolean
}

export type Work = 'deriving' | 'transcoding' | 'restoring' | 'archiving'

export interface Metadata {
  camera?: string
  lens?: string
  exposure?: string
  creator?: string
  copyright?: string
  keywords?: string[]
  gps?: { lat: number; lon: number } | null
}

export interface Asset {
  id: string
  number: string
  name: string
  title: string
  description: string
  kind: AssetKind
  mime: string
  size: number
  width: number
  height: number
  duration: number
  sha256: string
  /** Of a document; the first hundred are there as the versions page-1, page-2, ... */
  pages: number
  codec: { video: string; audio: string; rate: number; bitrate: number } | null
  /** The grid of frames in the version `storyboard`. */
  storyboard: { columns: number; rows: number } | null
  original: 'available' | 'archived' | 'missing'
  /** Grows by one with each new original. */
  revision: number
  /** `upload`, or the id of the external source it is in. */
  source: string
  source_name: string | null
  path: string
  tags: string[]
  rights: Rights
  status: 'processing' | 'ready' | 'failed'
  failure: string | null
  /** Why a ready asset has no preview. */
  note: string | null
  work: Work | null
  progress: number
  created_at: string
  taken_at: string | null
  owner: Person
  placeholder: string | null
  renditions: Rendition[]
  attachments: Attachment[]
  metadata: Metadata
  restricted_to: Person[] | null
  links: number
  in_trash: boolean
  can: {
    share: boolean
    share_blocked: null | 'external' | 'rights'
    download_original: boolean
    download_proxy: boolean
    download_attachment: boolean
    edit: boolean
    delete: boolean
    retry: boolean
    attach: boolean
    archive: boolean
    replace: boolean
    clean: ('no_gps' | 'none')[]
  }
  duplicate_of?: { id: string; number: string }
}

export type LinkKind = 'download' | 'public'
export type LinkStatus = 'active' | 'expired' | 'inactive' | 'original_unavailable'

export interface Allow {
  original: boolean
  proxies: string[]
  attachments: boolean
}

/** What visitors are told about an asset, and what is left in the files they get. */
export interface LinkMetadata {
  show: 'none' | 'basic' | 'all'
  files: 'keep' | 'no_gps' | 'none'
}

export interface Link {
  id: string
  kind: LinkKind
  name: string
  url: string
  embed_html: string
  qr_url: string
  expires_at: string | null
  time_zone: string | null
  has_password: boolean
  allow: Allow
  watermark: boolean
  /** The watermark carries the name of the link, the day and the recipient. */
  trace: boolean
  recipient: string
  metadata: LinkMetadata
  /** Gives the originals of that moment, whatever replaces them. */
  pinned: boolean
  pinned_at: string | null
  person_search: boolean
  target: {
    kind: 'asset' | 'collection'
    id: string
    name: string
    number: string | null
    count: number
    cover: string | null
  }
  collection_id?: string
  shared: number
  total: number
  owner: Person
  status: LinkStatus
  views: number
  downloads: number
  last_used_at: string | null
  created_at: string
  updated_at: string
}

export interface AssetLinks {
  links: Link[]
  via_collections: Link[]
  internal_url: string
}

export interface Collection {
  id: string
  name: string
  kind: 'personal' | 'shared'
  owner: Person
  count: number
  covers: string[]
  links: number
  created_at: string
  can: { edit: boolean; share: boolean }
}

export interface LinkRequest {
  kind: LinkKind
  asset_ids?: string[]
  collection_id?: string
  collection_name?: string
  name?: string
  allow?: Allow
  expires_on?: string
  time_zone?: string
  password?: string
  watermark?: boolean
  trace?: boolean
  recipient?: string
  metadata?: LinkMetadata
  pinned?: boolean
  person_search?: boolean
  locale?: string
}

/** Absent keeps a value, null removes it. */
export interface LinkPatch {
  name?: string
  allow?: Allow
  expires_on?: string
  time_zone?: string
  expires_at?: null
  password?: string | null
  watermark?: boolean
  trace?: boolean
  recipient?: string
  metadata?: LinkMetadata
  pinned?: boolean
  person_search?: boolean
}

export interface Page<T> {
  items: T[]
  next_cursor: string | null
  total: number
}

export type Sort = 'newest' | 'oldest' | 'name' | 'number' | 'size'
