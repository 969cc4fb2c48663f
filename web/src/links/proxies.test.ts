import { expect, test } from 'vitest'
import type { Asset, Rendition } from '../api/types'
import { cleanable, offered, proxyGroups, proxyNames, unmarkable } from './proxies'

const rendition = (name: string, width: number, mime = 'image/jpeg') =>
  ({ name, width, height: width / 2, mime, size: width }) as Rendition

function asset(renditions: Rendition[], more: Partial<Asset> = {}): Asset {
  const can = { download_proxy: true, download_original: true, download_attachment: true } as Asset['can']
  return { renditions, attachments: [], original: 'available', can, ...more } as Asset
}

const photo = asset([rendition('fullscreen', 2560), rendition('preview', 1280), rendition('thumbnail', 500)])

test('proxies are listed once, the smallest first, with how many assets have them', () => {
  const [images] = proxyGroups([photo, asset([rendition('thumbnail', 500)])])
  expect(images!.rows.map((r) => [r.name, r.count])).toEqual([
    ['thumbnail', 2],
    ['preview', 1],
    ['fullscreen', 1],
  ])
})

test('a type without assets has no group', () => {
  expect(proxyGroups([photo]).map((g) => g.kind)).toEqual(['image'])
  const clip = asset([rendition('video720', 1280, 'video/mp4')], { kind: 'video' })
  expect(proxyGroups([photo, clip]).map((g) => g.kind)).toEqual(['image', 'video'])
})

test('one asset shows each rendition itself', () => {
  expect(proxyGroups([photo])[0]!.rows[0]!.only?.width).toBe(500)
  expect(proxyGroups([photo, photo])[0]!.rows[0]!.only).toBeNull()
})

test('proxies the user may not give away are not listed', () => {
  expect(proxyNames(proxyGroups([asset(photo.renditions, { can: { download_proxy: false } as Asset['can'] })]))).toEqual([])
})

test('an archived original is not offered', () => {
  expect(offered([photo, asset([], { original: 'archived' })])).toMatchObject({ original: 1, archived: 1, proxy: 1 })
})

const film = asset(
  [
    rendition('thumbnail', 500),
    rendition('poster', 1280),
    rendition('storyboard', 1600),
    rendition('video720', 1280, 'video/mp4'),
  ],
  { kind: 'video' },
)
const sound = asset([rendition('preview', 1280), rendition('audio128', 0, 'audio/mp4')], { kind: 'audio' })
const names = (groups: ReturnType<typeof proxyGroups>) => groups.map((g) => [g.kind, g.rows.map((r) => r.name).sort()])

test('the stills of a film stand with the film, and its thumbnail is not offered', () => {
  expect(names(proxyGroups([film]))).toEqual([['video', ['poster', 'storyboard', 'video720']]])
})

test('an image, a film and a sound have a group each, and every proxy stands once', () => {
  const groups = proxyGroups([photo, film, sound])
  expect(names(groups)).toEqual([
    ['image', ['fullscreen', 'preview', 'thumbnail']],
    ['video', ['poster', 'storyboard', 'video720']],
    ['audio', ['audio128']],
  ])
  expect(groups[0]!.rows.map((r) => [r.name, r.count])).toEqual([
    ['thumbnail', 1],
    ['preview', 2],
    ['fullscreen', 1],
  ])
})

test('a film that only has its thumbnail yet has no proxy to give', () => {
  expect(offered([asset([rendition('thumbnail', 500)], { kind: 'video' })]).proxy).toBe(0)
})

test('what moves, what sounds and sheets of frames can bear no watermark', () => {
  expect([...unmarkable([photo, film, sound])].sort()).toEqual(['audio128', 'storyboard', 'video720'])
})

test('it is counted how many originals can be cleaned of what', () => {
  const all = asset([], { can: { clean: ['no_gps', 'none'] } as Asset['can'] })
  const place = asset([], { can: { clean: ['no_gps'] } as Asset['can'] })
  const never = asset([], { can: { clean: [] as string[] } as Asset['can'] })
  expect(cleanable([all, place, never], 'no_gps')).toBe(2)
  expect(cleanable([all, place, never], 'none')).toBe(1)
})
