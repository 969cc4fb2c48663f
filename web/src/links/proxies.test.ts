import { expect, test } from 'vitest'
import type { Asset, Rendition } from '../api/types'
import { offered, proxyGroups, proxyNames } from './proxies'

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
  const clip = asset([rendition('video720', 1280, 'video/mp4')])
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
