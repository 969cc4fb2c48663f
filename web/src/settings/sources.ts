import type { Source } from '../api/settings'

export interface SourceDraft {
  name: string
  kind: Source['kind']
  address: string
}

/** What must be mended before the server is asked. */
export function sourceFaults({ name, kind, address }: SourceDraft): Partial<Record<'name' | 'address', 'name' | Source['kind']>> {
  const out: Partial<Record<'name' | 'address', 'name' | Source['kind']>> = {}
  if (!name.trim()) out.name = 'name'
  const form = kind === 'folder' ? /^\/./ : /^s3:\/\/[^/?\s]+/
  if (!form.test(address.trim())) out.address = kind
  return out
}

/** The name people would give it: the last folder, or the bucket. */
export function suggestedName(kind: Source['kind'], address: string): string {
  const path = address.trim().split('?')[0]!.replace(/^s3:\/\//, '')
  const parts = path.split('/').filter(Boolean)
  return (kind === 'folder' ? parts.at(-1) : parts[0]) ?? ''
}
