import { describe, expect, test } from 'vitest'
import type { Asset, Link, Rendition } from '../api/types'
import {
  changed,
  changeRequest,
  createRequest,
  draftOf,
  emptyDraft,
  faults,
  shownTerms,
  termOf,
  type Draft,
  type Situation,
} from './terms'

const asset = (id: string, kind: Asset['kind'] = 'image', renditions: Partial<Rendition>[] = []) =>
  ({ id, kind, renditions }) as Asset
const film = asset('f', 'video', [
  { name: 'poster', mime: 'image/jpeg' },
  { name: 'video720', mime: 'video/mp4' },
])

function situation(more: Partial<Situation> = {}): Situation {
  return {
    kind: 'public',
    assets: [asset('a1')],
    collection: null,
    editing: null,
    watermark: false,
    faces: false,
    zone: 'Europe/Berlin',
    ...more,
  }
}

const everything = { show: 'all', files: 'keep' } as const
const draft = (more: Partial<Draft> = {}): Draft => ({ ...emptyDraft(), ...more })
const order = (s: Situation, d: Draft = emptyDraft()) => shownTerms(s, d).map((t) => t.id)

describe('the terms a window shows', () => {
  test('a download link has a name and an expiry, nothing else', () => {
    expect(order(situation({ kind: 'download' }))).toEqual(['name', 'expiry'])
  })

  test('one asset, in the order of the requirements', () => {
    expect(order(situation({ watermark: true }), draft({ proxy: true }))).toEqual([
      'name',
      'allow',
      'proxies',
      'expiry',
      'password',
      'watermark',
      'metadata',
      'pinned',
    ])
  })

  test('several assets add the collection name first and person search last', () => {
    const s = situation({ assets: [asset('a'), asset('b', 'video')], watermark: true, faces: true })
    expect(order(s, draft({ proxy: true }))).toEqual([
      'collectionName',
      'name',
      'allow',
      'proxies',
      'expiry',
      'password',
      'watermark',
      'personSearch',
      'metadata',
      'pinned',
    ])
  })

  test('an existing collection has no collection name', () => {
    expect(order(situation({ assets: [asset('a'), asset('b')], collection: { id: 'c', name: 'Spring' } }))).not.toContain(
      'collectionName',
    )
  })

  test('no watermark for what is not an image, or when none is configured', () => {
    expect(order(situation({ watermark: true, assets: [asset('a', 'video')] }))).not.toContain('watermark')
    expect(order(situation({ watermark: true, assets: [asset('a', 'document')] }))).not.toContain('watermark')
    expect(order(situation())).not.toContain('watermark')
  })

  test('a watermark that is on can be taken off, though none is configured any more', () => {
    expect(order(situation({ editing: { watermark: true } as Link }))).toContain('watermark')
  })

  test('the traceable text follows the watermark, and needs it', () => {
    const s = situation({ watermark: true })
    expect(order(s)).not.toContain('trace')
    expect(order(s, draft({ watermark: true })).slice(-4)).toEqual(['watermark', 'trace', 'metadata', 'pinned'])
  })
})

describe('the request that creates a link', () => {
  test('an untouched form allows viewing only and names nothing', () => {
    expect(createRequest(emptyDraft(), situation(), 'en')).toEqual({
      kind: 'public',
      asset_ids: ['a1'],
      time_zone: 'Europe/Berlin',
      locale: 'en',
      allow: { original: false, proxies: [], attachments: false },
    })
  })

  test('everything that was chosen is in it', () => {
    const d = draft({
      collectionName: ' Press ',
      name: 'Kit',
      original: true,
      proxy: true,
      proxies: ['thumbnail', 'preview'],
      expires: true,
      day: '2026-12-05',
      locked: true,
      password: 'long enough',
    })
    expect(createRequest(d, situation({ assets: [asset('a'), asset('b')] }), 'ru')).toEqual({
      kind: 'public',
      asset_ids: ['a', 'b'],
      collection_name: 'Press',
      name: 'Kit',
      allow: { original: true, proxies: ['preview', 'thumbnail'], attachments: false },
      expires_on: '2026-12-05',
      time_zone: 'Europe/Berlin',
      password: 'long enough',
      locale: 'ru',
    })
  })

  test('metadata and pinning are named where they differ from the usual', () => {
    const d = draft({ metadata: { show: 'none', files: 'no_gps' }, pinned: true })
    expect(createRequest(d, situation(), 'en')).toMatchObject({
      metadata: { show: 'none', files: 'no_gps' },
      pinned: true,
    })
  })

  test('a recipient is named with the traceable text only', () => {
    const s = situation({ watermark: true })
    const d = draft({ watermark: true, trace: true, recipient: ' Press ' })
    expect(createRequest(d, s, 'en')).toMatchObject({ watermark: true, trace: true, recipient: 'Press' })
    expect(createRequest({ ...d, trace: false }, s, 'en')).not.toHaveProperty('recipient')
    expect(createRequest({ ...d, watermark: false }, s, 'en')).not.toHaveProperty('trace')
  })

  test('a switched-off proxy, date or password leaves nothing behind', () => {
    const d = draft({ proxies: ['preview'], day: '2026-12-05', password: 'long enough' })
    const body = createRequest(d, situation(), 'en')
    expect(body.allow?.proxies).toEqual([])
    expect(body).not.toHaveProperty('expires_on')
    expect(body).not.toHaveProperty('password')
  })

  test('a download link asks for no terms', () => {
    const d = draft({ original: true, locked: true, password: 'long enough' })
    const body = createRequest(d, situation({ kind: 'download' }), 'en')
    expect(Object.keys(body).sort()).toEqual(['asset_ids', 'kind', 'locale', 'time_zone'])
  })

  test('a collection is named by its id', () => {
    const body = createRequest(emptyDraft(), situation({ collection: { id: 'c', name: 'Spring' } }), 'en')
    expect(body.collection_id).toBe('c')
    expect(body).not.toHaveProperty('asset_ids')
  })
})

describe('what blocks a form', () => {
  test.each([
    ['a date switched on and not picked', { expires: true }, 'expiry'],
    ['«Proxy» on and no proxy ticked', { proxy: true }, 'proxies'],
    ['a password switched on and left empty', { locked: true }, 'password'],
    ['a password that is too short', { locked: true, password: 'seven77' }, 'password'],
  ] as const)('%s', (_, part, term) => {
    expect(Object.keys(faults(draft(part), situation()))).toEqual([term])
  })

  test('moving pictures chosen for a link with a watermark', () => {
    const s = situation({ watermark: true, assets: [asset('a'), film] })
    const d = draft({ watermark: true, proxy: true, proxies: ['poster', 'video720'] })
    expect(Object.keys(faults(d, s))).toEqual(['watermark'])
    expect(faults({ ...d, proxies: ['poster'] }, s)).toEqual({})
    expect(faults({ ...d, proxy: false }, s)).toEqual({})
    expect(faults({ ...d, watermark: false }, s)).toEqual({})
  })

  test('a password that stays as it was needs no new one', () => {
    expect(faults(draft({ locked: true, newPassword: false }), situation())).toEqual({})
  })
})

describe('editing a link', () => {
  const link = {
    name: 'Kit',
    expires_at: '2026-12-05T22:59:59.999999Z',
    time_zone: 'Europe/Berlin',
    has_password: true,
    allow: { original: false, proxies: ['preview'], attachments: false },
    watermark: false,
    trace: false,
    recipient: '',
    metadata: { show: 'basic', files: 'keep' },
    pinned: false,
    person_search: false,
  } as Link
  const s = situation({ editing: link })
  const before = draftOf(link, s.zone)
  const edit = (more: Partial<Draft>) => changeRequest({ ...before, ...more }, before, s)

  test('the form shows how the link stands', () => {
    expect(before).toMatchObject({ name: 'Kit', proxy: true, day: '2026-12-05', locked: true, newPassword: false })
  })

  test('nothing changed sends nothing', () => {
    expect(changed(edit({}))).toBe(false)
  })

  test.each([
    ['a new name', { name: 'Kit 2' }, { name: 'Kit 2' }],
    ['a new day, with the zone of the editor', { day: '2026-12-06' }, { expires_on: '2026-12-06', time_zone: 'Europe/Berlin' }],
    ['no expiry', { expires: false }, { expires_at: null }],
    ['a new password', { newPassword: true, password: 'another one' }, { password: 'another one' }],
    ['no password', { locked: false }, { password: null }],
    ['other metadata', { metadata: everything }, { metadata: everything }],
    ['pinning', { pinned: true }, { pinned: true }],
    ['proxies off', { proxy: false }, { allow: { original: false, proxies: [], attachments: false } }],
  ])('%s changes only that', (_, part, patch) => {
    expect(edit(part)).toEqual(patch)
  })

  test('the recipient can be changed and taken away', () => {
    const marked = { ...link, watermark: true, trace: true, recipient: 'Press' } as Link
    const at = situation({ watermark: true, editing: marked })
    const was = draftOf(marked, at.zone)
    expect(changeRequest({ ...was, recipient: 'Radio' }, was, at)).toEqual({ recipient: 'Radio' })
    expect(changeRequest({ ...was, recipient: '' }, was, at)).toEqual({ recipient: '' })
  })

  test('without the watermark its text goes too', () => {
    const marked = { ...link, watermark: true, trace: true } as Link
    const at = situation({ watermark: true, editing: marked })
    const was = draftOf(marked, at.zone)
    expect(changeRequest({ ...was, watermark: false }, was, at)).toEqual({ watermark: false, trace: false })
  })

  test('off and on again demands a new password', () => {
    expect(faults({ ...before, locked: true, newPassword: true }, s)).toHaveProperty('password')
  })

  test('the order of the proxies is no change', () => {
    const two = { ...link, allow: { ...link.allow, proxies: ['preview', 'thumbnail'] } }
    const was = draftOf(two, s.zone)
    expect(changed(changeRequest({ ...was, proxies: ['thumbnail', 'preview'] }, was, s))).toBe(false)
  })
})

test('refused fields of the server find their place in the form', () => {
  expect(['expires_on', 'allow.proxies', 'allow.original', 'collection_name'].map(termOf)).toEqual([
    'expiry',
    'proxies',
    'allow',
    'collectionName',
  ])
  expect(['watermark', 'trace', 'recipient', 'metadata.files', 'allow.attachments'].map(termOf)).toEqual([
    'watermark',
    'trace',
    'trace',
    'metadata',
    'allow',
  ])
  expect(termOf('asset_ids')).toBeUndefined()
})
