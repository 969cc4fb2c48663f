import { describe, expect, test } from 'vitest'
import { longestTag, mostTags, withTags } from './tags'

describe('typed tags', () => {
  test.each([
    ['one word', [], 'spring', ['spring']],
    ['several, by commas', ['a'], 'b, c,d', ['a', 'b', 'c', 'd']],
    ['lines of a pasted list', [], 'b\nc\r\n', ['b', 'c']],
    ['words that stand together', [], '  New   York ', ['New York']],
    ['one that is there already, in other letters', ['Spring'], 'spring', ['Spring']],
    ['nothing', ['a'], ' , ', ['a']],
  ])('%s', (_, before, text, after) => {
    expect(withTags(before, text)).toEqual(after)
  })

  test('are cut at their longest', () => {
    expect(withTags([], 'x'.repeat(80))[0]).toHaveLength(longestTag)
  })

  test('stop at a hundred', () => {
    const text = Array.from({ length: 150 }, (_, i) => `tag ${i}`).join()
    expect(withTags([], text)).toHaveLength(mostTags)
  })
})
