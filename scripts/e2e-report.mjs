// A reporter for `node --test`: one JSON line for each test that has no tests inside.
// scripts/test.mjs reads it.
import { basename } from 'node:path'

export default async function* report(source) {
  for await (const { type, data } of source) {
    if (type === 'test:stdout' || type === 'test:stderr') yield data.message
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const isFile = data.nesting === 0 && data.name.endsWith('.test.mjs')
    const { cause, failureType } = data.details?.error ?? {}
    // A suite counts only when its own before or after failed; its tests are then cancelled.
    if (data.details?.type === 'suite' && failureType !== 'hookFailed') continue
    if ((isFile && type === 'test:pass') || failureType === 'subtestsFailed') continue
    const skipped = data.skip !== undefined || data.todo !== undefined
    yield JSON.stringify({
      file: basename(data.file ?? '', '.test.mjs'),
      name: data.name,
      outcome: skipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed',
      reason: typeof data.skip === 'string' ? data.skip : '',
      seconds: (data.details?.duration_ms ?? 0) / 1000,
      error: type === 'test:fail' ? String(cause?.stack ?? cause ?? data.details?.error) : undefined,
    }) + '\n'
  }
}
