export const mostTags = 100
export const longestTag = 64

/** The tags and those in a typed or pasted text, divided by commas or lines; each once, whatever its case. */
export function withTags(tags: readonly string[], text: string): string[] {
  const out = [...tags]
  for (const part of text.split(/[,;\n]/)) {
    const tag = part.trim().replace(/\s+/g, ' ').slice(0, longestTag)
    const known = out.some((t) => t.toLocaleLowerCase() === tag.toLocaleLowerCase())
    if (tag && !known && out.length < mostTags) out.push(tag)
  }
  return out
}
