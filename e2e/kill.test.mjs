// The server is killed without warning while twenty uploads are under way: nothing acknowledged may be lost.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { Server, photo, sha256 } from './lib.mjs'

describe('kill -9 during twenty uploads', () => {
  let server, editor
  const acknowledged = []

  before(async () => {
    server = await Server.start()
    editor = await server.addUser('editor@example.org', 'editor')
  })
  after(() => server?.stop())

  test('some uploads are acknowledged and the others break off', async () => {
    const files = await Promise.all(Array.from({ length: 20 }, (_, i) => photo(`kill-${i}.jpg`, { width: 2400, height: 1600, seed: i + 1 })))
    let dead
    const results = await Promise.allSettled(files.map(async (file) => {
      const asset = await editor.upload(file)
      acknowledged.push({ file, id: asset.id })
      if (acknowledged.length === 8) dead = server.kill()
    }))
    await dead
    assert.ok(acknowledged.length >= 8, `${acknowledged.length} acknowledged`)
    const broken = results.filter((r) => r.status === 'rejected').length
    console.log(`${acknowledged.length} uploads acknowledged, ${broken} broken off by the kill`)
  })

  test('after a restart every acknowledged upload is there and its work goes on', async () => {
    await server.serve()
    for (const { file, id } of acknowledged) {
      const asset = await editor.ready(id, 120)
      const original = await editor.bytes(`/api/v1/assets/${id}/versions/original?download`)
      assert.equal(original.status, 200)
      assert.equal(sha256(original.body), sha256(readFileSync(file)))
      assert.equal(asset.sha256, sha256(original.body))
      assert.equal(asset.renditions.length, 3)
    }
  })

  test('what the kill left half-written is nobody’s asset, and a deep check is clean', async () => {
    const { items } = await editor.get('/api/v1/assets?limit=100')
    for (const a of items) {
      await editor.ready(a.id, 120)
      const original = await editor.bytes(`/api/v1/assets/${a.id}/versions/original`)
      assert.equal(sha256(original.body), a.sha256)
    }
    assert.match(await server.command(['check', '--deep']), /everything is there/)
  })
})
