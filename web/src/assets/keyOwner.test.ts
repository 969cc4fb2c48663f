import { expect, test } from 'vitest'
import { keyOwner } from './keyOwner'

/** A place in the page, named by the elements it stands in. */
const within =
  (...elements: string[]) =>
  (selector: string) =>
    selector.split(', ').some((s) => elements.includes(s))

test.each([
  ['an arrow steps to the next asset', within(), 'ArrowRight', 'preview'],
  ['an arrow in a focused film moves the film', within('video'), 'ArrowRight', 'player'],
  ['Space in a focused sound is the sound’s', within('audio'), ' ', 'player'],
  ['letters work while a film has the focus', within('video'), 's', 'preview'],
  ['Esc closes the preview from a film too', within('video'), 'Escape', 'preview'],
  ['Space presses the focused button', within('button'), ' ', 'control'],
  ['letters work while a button has the focus', within('button'), 'i', 'preview'],
  ['what is typed stays in its field', within('aside', 'input'), 'c', 'field'],
  ['arrows move between tabs', within('aside', '[role=tab]'), 'ArrowRight', 'field'],
  ['the panel is scrolled by its own keys', within('aside'), 'PageDown', 'panel'],
  ['an arrow steps from the panel too', within('aside'), 'ArrowLeft', 'preview'],
] as const)('%s', (_, inside, key, owner) => {
  expect(keyOwner(inside, key)).toBe(owner)
})
