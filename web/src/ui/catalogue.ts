import type settings from '../../catalogue/settings.en.json'
import type staff from '../../catalogue/staff.en.json'

export type Key = keyof typeof staff | keyof typeof settings
export type Values = Record<string, string | number>

/**
 * Fills one text of a catalogue: `{name}` is replaced, and
 * `{n, plural, one {# asset} other {# assets}}` picks the words for the number.
 */
export function fill(text: string, values: Values, locale: string): string {
  let out = ''
  for (let at = 0; at < text.length; ) {
    const open = text.indexOf('{', at)
    if (open < 0) return out + text.slice(at)
    const close = closing(text, open)
    out += text.slice(at, open) + argument(text.slice(open + 1, close), values, locale)
    at = close + 1
  }
  return out
}

function argument(inside: string, values: Values, locale: string): string {
  const plural = /^(\w+),\s*plural,\s*/.exec(inside)
  if (!plural) return String(values[inside.trim()] ?? '')
  const n = Number(values[plural[1]!])
  const forms = branches(inside.slice(plural[0].length))
  const chosen = forms[`=${n}`] ?? forms[new Intl.PluralRules(locale).select(n)] ?? forms.other ?? ''
  return fill(chosen.replaceAll('#', new Intl.NumberFormat(locale).format(n)), values, locale)
}

function branches(text: string): Record<string, string> {
  const out: Record<string, string> = {}
  for (let open = text.indexOf('{'), from = 0; open >= 0; open = text.indexOf('{', from)) {
    const close = closing(text, open)
    out[text.slice(from, open).trim()] = text.slice(open + 1, close)
    from = close + 1
  }
  return out
}

function closing(text: string, open: number): number {
  let depth = 0
  for (let i = open; i < text.length; i++) {
    if (text[i] === '{') depth++
    if (text[i] === '}' && --depth === 0) return i
  }
  throw new Error(`unbalanced braces: ${text}`)
}

/**
 * Turns a sentence into that of another language. The keys are written as in the server's code, with
 * `%d`, `%s` and `%q` where a value stands; an unknown sentence stays as it is.
 */
export function translate(sentence: string, sayings: Record<string, string>): string {
  if (sayings[sentence]) return sayings[sentence]
  for (const [key, saying] of Object.entries(sayings)) {
    if (!key.includes('%')) continue
    const form = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/%[dsq]/g, '(.+)')
    const found = new RegExp(`^${form}$`).exec(sentence)
    if (found?.[1]) return saying.replace(/%[dsq]/, found[1])
  }
  return sentence
}
