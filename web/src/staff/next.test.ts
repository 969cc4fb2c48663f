import { describe, expect, test } from 'vitest'
import { safeNext } from './next'

describe('where a sign-in may lead', () => {
  test.each([
    ['an own path', '/a/VTR-5', '/a/VTR-5'],
    ['an own path with a question', '/?q=VTR-5', '/?q=VTR-5'],
    ['nothing', undefined, '/'],
    ['a whole address', 'https://evil.example/', '/'],
    ['an address without a scheme', '//evil.example', '/'],
    ['backslashes, which browsers read as slashes', '/\\evil.example', '/'],
    ['a tab, which the URL parser drops', '/\t/evil.example', '/'],
    ['a line end, which it drops too', '/\n/evil.example', '/'],
    ['a script', 'javascript:alert(1)', '/'],
  ])('%s', (_, next, want) => {
    expect(safeNext(next)).toBe(want)
  })
})
