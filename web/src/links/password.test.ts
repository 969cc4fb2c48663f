import { expect, test } from 'vitest'
import { alphabet, generate, length } from './password'

test('a generated password has sixteen signs of the alphabet', () => {
  for (let i = 0; i < 200; i++) {
    const password = generate()
    expect(password).toHaveLength(length)
    expect([...password].every((sign) => alphabet.includes(sign))).toBe(true)
  }
})

test('the alphabet has no look-alikes and no sign twice', () => {
  for (const sign of '0Oo1lIi5Ss2Zz8B') expect(alphabet).not.toContain(sign)
  expect(new Set(alphabet).size).toBe(alphabet.length)
})

test('bytes that would favour some signs are thrown away', () => {
  let call = 0
  const random = (bytes: Uint8Array<ArrayBuffer>) => bytes.fill(call++ === 0 ? 255 : 0)
  expect(generate(random)).toBe(alphabet[0]!.repeat(length))
  expect(call).toBe(2)
})

test('two passwords differ', () => {
  expect(generate()).not.toBe(generate())
})
