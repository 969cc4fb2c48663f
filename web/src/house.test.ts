import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** The rooms, the lowest first: a room may import from those below it, and never from above. */
const rooms = ['ui', 'api', 'lightbox', 'links', 'runs', 'assets', 'collections', 'settings', 'staff']
const src = dirname(fileURLToPath(import.meta.url))

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => /\.(ts|svelte)$/.test(f))

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g)].map((m) =>
    relative(src, join(src, dirname(file), m[1]!)),
  )
}

const roomOf = (path: string) => path.split('/')[0]!

test.each(rooms)('%s imports nothing from the rooms above it', (room) => {
  const above = rooms.slice(rooms.indexOf(room) + 1)
  for (const file of files.filter((f) => roomOf(f) === room)) {
    expect(
      importsOf(file).filter((path) => above.includes(roomOf(path))),
      file,
    ).toEqual([])
  }
})

test('guest pages use only the kit and the lightbox', () => {
  for (const file of files.filter((f) => roomOf(f) === 'guest')) {
    const rooms = importsOf(file).map(roomOf)
    expect(rooms.filter((r) => !['guest', 'lightbox', 'ui', '..'].includes(r)), file).toEqual([])
  }
})

test('texts of the settings are used only where they have been fetched', () => {
  for (const file of files.filter((f) => !['settings', 'runs'].includes(roomOf(f)))) {
    expect(readFileSync(join(src, file), 'utf8'), file).not.toMatch(/['`]settings\./)
  }
})

test('no file of the staff UI is longer than 400 lines', () => {
  for (const file of files) expect(readFileSync(join(src, file), 'utf8').split('\n').length, file).toBeLessThanOrEqual(400)
})
