import { describe, expect, test } from 'vitest'
import { sourceFaults, suggestedName, type SourceDraft } from './sources'

describe('what must be mended in a source', () => {
  test.each<[string, SourceDraft, object]>([
    ['a folder by its whole path is fine', { name: 'Photos', kind: 'folder', address: '/srv/photos' }, {}],
    ['a folder by half its path', { name: 'Photos', kind: 'folder', address: 'photos' }, { address: 'folder' }],
    ['all of the disk', { name: 'Photos', kind: 'folder', address: '/' }, { address: 'folder' }],
    ['a bucket is fine', { name: 'Press', kind: 'bucket', address: 's3://press/2026?region=eu' }, {}],
    ['a bucket without its name', { name: 'Press', kind: 'bucket', address: 's3:///2026' }, { address: 'bucket' }],
    ['a bucket by a web address', { name: 'Press', kind: 'bucket', address: 'https://press' }, { address: 'bucket' }],
    ['no name', { name: ' ', kind: 'folder', address: '/srv' }, { name: 'name' }],
  ])('%s', (_, draft, faults) => {
    expect(sourceFaults(draft)).toEqual(faults)
  })
})

test.each([
  ['folder', '/srv/photos/2026/', '2026'],
  ['bucket', 's3://press/2026?region=eu', 'press'],
  ['folder', '', ''],
] as const)('a %s at %s is called %s', (kind, address, name) => {
  expect(suggestedName(kind, address)).toBe(name)
})
