import { describe, expect, test } from 'vitest'
import type { Asset, AssetKind, Rendition } from '../api/types'
import { pictured, pictures, playable, seenAt, sheetOf, tracksOf, wayOf } from './showing'

const rendition = (name: string, mime: string, width = 100) => ({ name, mime, width, height: width }) as Rendition
const thumbnail = rendition('thumbnail', 'image/webp', 500)
const poster = rendition('poster', 'image/webp', 1280)
const storyboard = rendition('storyboard', 'image/jpeg', 1600)
const film = rendition('video720', 'video/mp4', 1280)

function asset(kind: AssetKind, renditions: Rendition[], more: Partial<Asset> = {}): Asset {
  return { id: 'a1', kind, renditions, attachments: [], pages: 0, storyboard: null, status: 'ready', ...more } as Asset
}

describe('the way an asset is looked at', () => {
  test.each([
    ['an image', asset('image', [thumbnail]), 'picture'],
    ['an image without pictures', asset('image', []), 'card'],
    ['a film with its proxy', asset('video', [poster, thumbnail, storyboard, film]), 'video'],
    ['a film that is still being converted', asset('video', [poster, thumbnail], { status: 'processing' }), 'picture'],
    ['a film that only has a sheet of frames', asset('video', [storyboard]), 'card'],
    ['a sound', asset('audio', [thumbnail, rendition('audio128', 'audio/mp4')]), 'audio'],
    ['a sound that is being converted', asset('audio', [thumbnail], { status: 'processing' }), 'picture'],
    ['a document', asset('document', [thumbnail], { pages: 12 }), 'pages'],
    ['a document that is being drawn', asset('document', [thumbnail], { pages: 12, status: 'processing' }), 'picture'],
    ['an office file without a picture', asset('document', []), 'card'],
    ['anything else', asset('other', []), 'card'],
  ] as const)('%s', (_, given, way) => {
    expect(wayOf(given)).toBe(way)
  })
})

test('the ready-made proxy is played before one that was added', () => {
  const added = rendition('small', 'video/webm')
  expect(playable(asset('video', [added, film]))?.name).toBe('video720')
  expect(playable(asset('video', [added]))?.name).toBe('small')
})

test('pictures come from small to large, without the sheet of frames', () => {
  expect(pictures(asset('video', [storyboard, poster, film, thumbnail])).map((r) => r.name)).toEqual(['thumbnail', 'poster'])
})

test('a sheet of frames is used only once it is there', () => {
  const grid = { columns: 5, rows: 5 }
  expect(sheetOf(asset('video', [film], { storyboard: grid }))).toBeNull()
  expect(sheetOf(asset('video', [storyboard], { storyboard: grid }))).toMatchObject(grid)
})

test('captions are named by their file', () => {
  const attachments = [
    { id: 'f1', name: 'Deutsch.vtt', mime: 'text/vtt' },
    { id: 'f2', name: 'licence.pdf', mime: 'application/pdf' },
  ] as Asset['attachments']
  expect(tracksOf(asset('video', [], { attachments }))).toEqual([
    { url: '/api/v1/assets/a1/attachments/f1', label: 'Deutsch' },
  ])
})

test('a hundred pages are pictured at most', () => {
  expect([pictured(asset('document', [], { pages: 12 })), pictured(asset('document', [], { pages: 340 }))]).toEqual([12, 100])
})

test('the pictures of a new original have an address of their own', () => {
  expect(seenAt({ id: 'a1', revision: 1 }, 'preview')).toBe('/api/v1/assets/a1/versions/preview')
  expect(seenAt({ id: 'a1', revision: 3 }, 'preview')).toBe('/api/v1/assets/a1/versions/preview?r=3')
})
