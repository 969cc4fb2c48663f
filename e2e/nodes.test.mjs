// Two servers over one PostgreSQL and one S3 store: what one of them does, the other knows.
import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Server, pathOf, photo, sha256, tempDir, until } from './lib.mjs'
import { shapes } from './services.mjs'

describe('two nodes over PostgreSQL and S3', () => {
  let services, one, two, editor, elsewhere, dir

  before(async () => {
    dir = tempDir()
    services = await shapes['PostgreSQL and S3']()
    const engine = { ...services.engine, env: { ...services.engine.env, VITRINE_KEY_FILE: join(dir, 'vitrine.key') } }
    ;[one, two] = await Promise.all([Server.start(engine), Server.start(engine)])
    editor = await one.addUser('editor@example.org', 'editor')
    elsewhere = await two.signIn('editor@example.org')
  })
  after(async () => {
    await Promise.all([one?.stop(), two?.stop()])
    await services?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  test('an upload to one is seen, followed and downloaded at the other', async () => {
    const file = await photo('nodes-upload.jpg')
    const created = await editor.upload(file)
    const asset = await elsewhere.ready(created.id)
    assert.equal(asset.renditions.length, 3)
    const original = await elsewhere.bytes(`/api/v1/assets/${asset.id}/versions/original`)
    assert.equal(sha256(original.body), sha256(readFileSync(file)))
  })

  test('a session of one is a session of the other', async () => {
    elsewhere.cookies = new Map(editor.cookies)
    assert.equal((await elsewhere.get('/api/v1/session')).user.email, 'editor@example.org')
  })

  test('a link that is locked or deleted at one is closed at the other within a second', async () => {
    const [asset] = await editor.bring(await photo('nodes-link.jpg'))
    const link = await editor.link({ kind: 'public', asset_ids: [asset.id] })
    const picture = `${pathOf(link.url)}/a/${asset.id}/preview`
    const guest = two.guest()
    const closes = async (how, status) => {
      assert.equal(await guest.status(picture), 200)
      await how()
      const began = Date.now()
      await until(`${status} at the other node`, async () => (await guest.status(picture)) === status, 5)
      const took = Date.now() - began
      assert.ok(took <= 1100, `${status} after ${took} ms`)
    }
    await closes(() => editor.patch(`/api/v1/links/${link.id}`, { password: 'shut the door' }), 401)
    await editor.patch(`/api/v1/links/${link.id}`, { password: null })
    await until('the link to open again', async () => (await guest.status(picture)) === 200, 5)
    await closes(() => editor.delete(`/api/v1/links/${link.id}`), 404)
  })

  test('guesses at both count together', async () => {
    const [asset] = await editor.bring(await photo('nodes-guess.jpg'))
    const link = await editor.link({ kind: 'public', asset_ids: [asset.id], password: 'shut the door' })
    const guess = (node, word) => node.guest().status(`${pathOf(link.url)}/unlock`, { method: 'POST', body: new URLSearchParams({ password: word }) })
    for (let i = 0; i < 10; i++) assert.equal(await guess(i % 2 ? one : two, `wrong guess ${i}`), 401)
    assert.equal(await guess(one, 'shut the door'), 429)
    assert.equal(await guess(two, 'shut the door'), 429)
  })

  test('a node that is killed takes nothing with it', async () => {
    await two.kill()
    const [asset] = await editor.bring(await photo('nodes-after.jpg'))
    assert.equal(asset.status, 'ready')
    assert.match(await one.command(['check', '--deep']), /everything is there/)
  })
})
