import { describe, expect, test } from 'vitest'
import type { Recipe } from '../api/settings'
import { asKind, asName, emptyRecipe, grouped, recipeFaults, requestOf, type RecipeDraft } from './recipes'

const recipe = (more: Partial<Recipe>): Recipe => ({
  name: 'preview',
  kind: 'image',
  box: 1280,
  mime: 'image/jpeg',
  quality: 82,
  built_in: true,
  enabled: true,
  required: false,
  links: 0,
  missing: 0,
  ...more,
})
const draft = (more: Partial<RecipeDraft>): RecipeDraft => ({ ...emptyRecipe(), name: 'web', box: '1600', ...more })

test('recipes stand by kind, the largest first, and a kind without one is left out', () => {
  const list = [
    recipe({ name: 'thumbnail', box: 500 }),
    recipe({ name: 'sound', kind: 'audio', box: 0 }),
    recipe({ name: 'fullscreen', box: 2560 }),
  ]
  expect(grouped(list).map((g) => [g.kind, ...g.recipes.map((r) => r.name)])).toEqual([
    ['image', 'fullscreen', 'thumbnail'],
    ['audio', 'sound'],
  ])
})

describe('what must be mended', () => {
  test.each<[string, Partial<RecipeDraft>, object]>([
    ['nothing', {}, {}],
    ['a name that begins with a hyphen', { name: '-web' }, { name: 'name' }],
    ['no name', { name: '' }, { name: 'name' }],
    ['capital letters', { name: 'Web' }, { name: 'name' }],
    ['41 letters', { name: 'a'.repeat(41) }, { name: 'name' }],
    ['the name of another', { name: 'preview' }, { name: 'taken' }],
    ['no size', { box: '' }, { box: 'box' }],
    ['a size that is no number', { box: '1e3' }, { box: 'box' }],
    ['a picture of 15 pixels', { box: '15' }, { box: 'box' }],
    ['a picture of 8193 pixels', { box: '8193' }, { box: 'box' }],
    ['a video of 143 pixels', { kind: 'video', box: '143' }, { box: 'box' }],
    ['a video of 3840 pixels is fine', { kind: 'video', box: '3840' }, {}],
  ])('%s', (_, more, faults) => {
    expect(recipeFaults(draft(more), ['preview'])).toEqual(faults)
  })
})

test('another kind takes a format of its own', () => {
  expect(asKind(draft({ mime: 'image/webp' }), 'video').mime).toBe('video/mp4')
  expect(asKind(draft({ mime: 'image/webp' }), 'image').mime).toBe('image/webp')
})

test('what is sent is numbers', () => {
  expect(requestOf(draft({}))).toEqual({ name: 'web', kind: 'image', box: 1600, mime: 'image/jpeg', quality: 82 })
})

test('what is typed becomes a name', () => {
  expect(asName('Social  Media_large')).toBe('social-media-large')
})
