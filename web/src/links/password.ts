/** No look-alikes: without 0 O o, 1 l I i, 5 S s, 2 Z z, 8 B. */
export const alphabet = 'ACDEFGHJKLMNPQRTUVWXYabcdefghjkmnpqrtuvwxy34679'
export const length = 16
export const shortest = 8

type Random = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array

/** A password from a secure random source; every sign of the alphabet is equally likely. */
export function generate(random: Random = (bytes) => crypto.getRandomValues(bytes)): string {
  const fair = 256 - (256 % alphabet.length)
  let out = ''
  while (out.length < length) {
    for (const byte of random(new Uint8Array(length))) {
      if (byte < fair && out.length < length) out += alphabet[byte % alphabet.length]
    }
  }
  return out
}
