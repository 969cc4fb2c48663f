import { describe, expect, test } from 'vitest'
import staffEn from '../../catalogue/staff.en.json'
import staffRu from '../../catalogue/staff.ru.json'
import settingsEn from '../../catalogue/settings.en.json'
import settingsRu from '../../catalogue/settings.ru.json'
import said from '../../catalogue/said.ru.json'
import { fill, translate } from './catalogue'

describe('filling a text', () => {
  const assets = '{n, plural, one {# asset} other {# assets}}'
  const files = '{n, plural, one {# файл} few {# файла} many {# файлов} other {# файла}}'

  test.each([
    [assets, 1, 'en', '1 asset'],
    [assets, 2, 'en', '2 assets'],
    [assets, 12408, 'en', '12,408 assets'],
    [files, 1, 'ru', '1 файл'],
    [files, 3, 'ru', '3 файла'],
    [files, 5, 'ru', '5 файлов'],
    [files, 21, 'ru', '21 файл'],
  ])('%s with %d in %s', (text, n, locale, expected) => {
    expect(fill(text, { n }, locale)).toBe(expected)
  })

  test('an exact number wins over its plural form', () => {
    expect(fill('{n, plural, =0 {none} other {#}}', { n: 0 }, 'en')).toBe('none')
  })

  test('names are replaced, also inside a plural', () => {
    expect(fill('{who}: {n, plural, one {# by {who}} other {# by {who}}}!', { who: 'Ann', n: 2 }, 'en')).toBe(
      'Ann: 2 by Ann!',
    )
  })

  test('values are never read as a pattern', () => {
    expect(fill('«{name}»', { name: '{n, plural, other {x}}' }, 'en')).toBe('«{n, plural, other {x}}»')
  })
})

type Texts = Record<string, string>

describe.each([
  ['staff', staffEn as Texts, staffRu as Texts],
  ['settings', settingsEn as Texts, settingsRu as Texts],
])('the catalogue %s', (room, en, ru) => {
  const names = (text: string) => [...new Set(text.match(/\{(\w+)/g) ?? [])].filter((n) => !/^\{\d/.test(n))

  test('English and Russian have the same keys in the same order', () => {
    expect(Object.keys(ru)).toEqual(Object.keys(en))
  })

  test('holds the keys of its room only', () => {
    expect(Object.keys(en).filter((key) => !key.startsWith(`${room}.`))).toEqual([])
  })

  test.each(Object.keys(en))('%s speaks of the same things in both', (key) => {
    const words = new Set(['one', 'few', 'many', 'other'])
    const values = (text: string) =>
      names(text.replace(/(one|few|many|other|=\d+) \{/g, '')).map((n) => n.slice(1)).filter((n) => !words.has(n)).sort()
    expect(values(ru[key]!)).toEqual(values(en[key]!))
  })

  test.each(Object.entries(ru).filter(([, text]) => text.includes('plural')))('%s has all Russian forms', (_, text) => {
    for (const form of ['one {', 'few {', 'many {']) expect(text).toContain(form)
  })
})

describe('sentences of the server', () => {
  test('are said in the chosen language', () => {
    expect(translate('The file is empty.', said)).toBe('Файл пустой.')
  })
  test('keep the value that stands in them', () => {
    expect(translate('Use at least 8 characters.', said)).toBe('Нужно не меньше 8 символов.')
  })
  test('stay as they are when nobody translated them', () => {
    expect(translate('Something new.', said)).toBe('Something new.')
  })
})
