import { describe, expect, test } from 'vitest'
import type { Asset, Right } from '../api/types'
import { count, createWay, shareWay } from './ways'

const both: Right[] = ['asset.view', 'link.public', 'link.download']
const publicOnly: Right[] = ['asset.view', 'link.public']
const downloadOnly: Right[] = ['asset.view', 'link.download']

function subject(original: Asset['original'], blocked: Asset['can']['share_blocked'] = null) {
  return { original, can: { share: blocked === null, share_blocked: blocked } as Asset['can'] }
}

describe('the decision table of the requirements', () => {
  test.each([
    ['P and D, original available', subject('available'), both, { as: 'menu', download: 'on' }, { as: 'menu' }],
    ['P and D, original archived', subject('archived'), both, { as: 'menu', download: 'noted' }, { as: 'window' }],
    ['P and D, original missing', subject('missing'), both, { as: 'menu', download: 'noted' }, { as: 'window' }],
    ['P only', subject('available'), publicOnly, { as: 'menu', download: 'hidden' }, { as: 'window' }],
    ['no P', subject('available', 'rights'), [], { as: 'copy', why: 'rights' }, { as: 'absent', why: 'rights' }],
    ['D without P', subject('available'), downloadOnly, { as: 'copy', why: 'rights' }, { as: 'absent', why: 'rights' }],
    [
      'an external source',
      subject('available', 'external'),
      both,
      { as: 'copy', why: 'external' },
      { as: 'absent', why: 'external' },
    ],
  ] as const)('%s', (_, asset, rights, share, create) => {
    expect(shareWay(asset, [...rights])).toEqual(share)
    expect(createWay(asset, [...rights])).toEqual(create)
  })
})

test('the counter sorts what cannot be shared by its reason', () => {
  const assets = [subject('available'), subject('available', 'external'), subject('missing', 'rights')] as Asset[]
  const { shareable, total, external, rights } = count(assets)
  expect([shareable.length, total, external.length, rights.length]).toEqual([1, 3, 1, 1])
})
