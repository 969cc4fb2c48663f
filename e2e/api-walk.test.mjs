// The main job by API alone, on both shapes of an installation: bring in, share, look, lock, unlock, delete.
import assert from 'node:assert/strict'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  Server, dimensions, geotags, metadataGroups, password, pathOf, photo, root, run, sha256, tempDir, until,
} from './lib.mjs'
import { shapes } from './services.mjs'

/** `2026-11-23` of this moment in a zone, days later. */
function day(zone, days = 0) {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(Date.now() + days * 86_400_000)
}

const clock = (zone, instant) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(instant)

for (const [shape, start] of Object.entries(shapes)) {
  describe(`API walk on ${shape}`, () => {
    let services, server, editor, dir

    before(async () => {
      dir = tempDir()
      services = await start()
      server = await Server.start(services.engine)
      editor = await server.addUser('editor@example.org', 'editor')
    })
    after(async () => {
      await server?.stop()
      await services?.stop()
      rmSync(dir, { recursive: true, force: true })
    })

    test('who am I tells name, role and rights, and the cookie is for the server alone', async () => {
      const me = await editor.get('/api/v1/session')
      assert.equal(me.user.email, 'editor@example.org')
      assert.ok(me.rights.includes('link.public'), me.rights.join())
      assert.ok(!me.rights.includes('admin'))
      const answer = await server.guest().fetch('/api/v1/session', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ email: 'editor@example.org', password }),
      })
      const [cookie] = answer.headers.getSetCookie()
      assert.match(cookie, /HttpOnly/i)
      assert.match(cookie, /SameSite=(Lax|Strict)/i)
    })

    test('the server describes itself as docs/openapi.json does', async () => {
      const { servers, ...api } = await server.guest().get('/api/v1/openapi.json')
      assert.deepEqual(api, JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8')), 'run make gen')
    })

    test('a 24-MP photo becomes three renditions of right size that carry nothing but a colour profile', async () => {
      const file = await photo('walk-24mp.jpg', { width: 6000, height: 4000, p3: true, tags: geotags })
      const created = await editor.upload(file)
      assert.equal(created.status, 'processing')
      assert.match(created.number, /^[A-Z]+-\d+$/)
      const asset = await editor.ready(created.id)
      assert.equal(asset.kind, 'image')
      assert.deepEqual([asset.width, asset.height], [6000, 4000])
      assert.equal(asset.sha256, sha256(readFileSync(file)))
      assert.deepEqual(asset.renditions.map((r) => r.name).sort(), ['fullscreen', 'preview', 'thumbnail'])
      for (const [name, long] of [['thumbnail', 500], ['preview', 1280], ['fullscreen', 2560]]) {
        const got = await editor.bytes(`/api/v1/assets/${asset.id}/versions/${name}`)
        assert.equal(got.status, 200, name)
        assert.equal(got.headers.get('content-type'), 'image/jpeg')
        const path = join(dir, `${name}.jpg`)
        writeFileSync(path, got.body)
        const { width, height } = await dimensions(path)
        assert.equal(Math.max(width, height), long, name)
        const listed = asset.renditions.find((r) => r.name === name)
        assert.deepEqual([listed.width, listed.height, listed.size], [width, height, got.body.length], name)
        const foreign = (await metadataGroups(path)).filter((g) => !g.startsWith('ICC'))
        assert.deepEqual(foreign, [], `${name} carries metadata`)
      }
      assert.ok(asset.metadata.gps, 'the place is kept in the library')
    })

    test('a public link for viewing shows the picture and gives nothing else, until it is locked, unlocked and deleted', async () => {
      const [asset] = await editor.bring(await photo('walk-view.jpg', { tags: geotags }))
      const link = await editor.link({ kind: 'public', asset_ids: [asset.id], allow: { original: false, proxies: [], attachments: false } })
      const page = pathOf(link.url)
      const at = (version, download = '') => `${page}/a/${asset.id}/${version}${download}`
      const guest = server.guest()

      const html = await guest.get(page)
      assert.ok(html.includes(asset.name) || html.includes(asset.title), 'the page names the asset')
      const index = await guest.get(`${page}/index.json`)
      assert.equal(index.view_only, true)
      assert.deepEqual(index.items.map((i) => i.id), [asset.id])
      assert.deepEqual(index.items[0].versions, [])
      for (const text of [html, JSON.stringify(index)]) {
        assert.ok(!/gps|43\.26|Bilbao/i.test(text), 'no place leaves')
        assert.ok(!text.includes('editor@example.org'))
      }
      assert.equal(await guest.status(at('preview')), 200)
      assert.equal(await guest.status(at('original')), 403)
      assert.equal(await guest.status(at('thumbnail', '?download')), 403)
      assert.equal(await guest.status(at('preview', '?download')), 403)
      assert.equal(await guest.status(at('fullscreen')), 403)

      const locked = await editor.patch(`/api/v1/links/${link.id}`, { password: 'open sesame 1' })
      assert.equal(locked.has_password, true)
      assert.ok(!JSON.stringify(locked).includes('sesame'))
      const barred = await guest.bytes(at('preview'))
      assert.equal(barred.status, 401)
      assert.equal(JSON.parse(barred.body).code, 'password_required')

      assert.equal(await guest.status(`${page}/unlock`, { method: 'POST', body: new URLSearchParams({ password: 'not it at all' }) }), 401)
      const opened = await guest.fetch(`${page}/unlock`, { method: 'POST', body: new URLSearchParams({ password: 'open sesame 1' }) })
      assert.equal(opened.status, 303)
      assert.match(opened.headers.getSetCookie()[0], /HttpOnly/i)
      assert.equal(await guest.status(at('preview')), 200)
      assert.equal(await server.guest().status(at('preview')), 401, 'a second guest is still asked')

      await editor.delete(`/api/v1/links/${link.id}`)
      assert.equal(await guest.status(at('preview')), 404)
      assert.equal(await guest.status(page), 404)
    })

    test('a version that the terms allow is downloaded, the others are not', async () => {
      const [asset] = await editor.bring(await photo('walk-proxy.jpg'))
      const link = await editor.link({ kind: 'public', asset_ids: [asset.id], allow: { proxies: ['thumbnail'] } })
      const at = (version) => `${pathOf(link.url)}/a/${asset.id}/${version}?download`
      const guest = server.guest()
      const { items } = await guest.get(`${pathOf(link.url)}/index.json`)
      assert.deepEqual(items[0].versions.map((v) => v.name), ['thumbnail'])
      const got = await guest.bytes(at('thumbnail'))
      assert.equal(got.status, 200)
      assert.match(got.headers.get('content-disposition'), /^attachment/)
      assert.equal(await guest.status(at('preview')), 403)
      assert.equal(await guest.status(at('original')), 403)
      await editor.link({ kind: 'public', asset_ids: [asset.id], allow: { original: false, proxies: ['no-such-recipe'] } }, 422)
    })

    test('a download link gives the very bytes under their name, by HEAD, by range and in two goes', async () => {
      const file = await photo('walk-download.jpg', { width: 3000, height: 2000 })
      const bytes = readFileSync(file)
      const name = 'Вид на море — №5 «весна».jpg'
      const asset = await editor.ready((await editor.upload(file, { name })).id)
      const link = await editor.link({ kind: 'download', asset_ids: [asset.id] })
      const path = pathOf(link.url)
      const guest = server.guest()

      const whole = await guest.bytes(path)
      assert.equal(whole.status, 200)
      assert.equal(sha256(whole.body), sha256(bytes))
      const disposition = whole.headers.get('content-disposition')
      assert.match(disposition, /^attachment;/)
      assert.ok(disposition.includes(`filename*=UTF-8''${encodeURIComponent(name)}`), disposition)
      assert.match(whole.headers.get('etag'), /^"/)
      assert.equal(whole.headers.get('x-content-type-options'), 'nosniff')

      const head = await guest.bytes(path, { method: 'HEAD' })
      assert.equal(head.status, 200)
      assert.equal(Number(head.headers.get('content-length')), bytes.length)
      assert.equal(head.body.length, 0)

      const first = await guest.bytes(path, { headers: { Range: 'bytes=0-0' } })
      assert.equal(first.status, 206)
      assert.equal(first.headers.get('content-range'), `bytes 0-0/${bytes.length}`)
      assert.deepEqual(first.body, bytes.subarray(0, 1))

      const part = join(dir, 'part.jpg')
      writeFileSync(part, bytes.subarray(0, Math.floor(bytes.length / 3)))
      await run('curl', ['-sSf', '-C', '-', '-o', part, server.url + path])
      assert.equal(statSync(part).size, bytes.length)
      assert.equal(sha256(readFileSync(part)), sha256(bytes))

      const same = await guest.bytes(path, { headers: { 'If-None-Match': whole.headers.get('etag') } })
      assert.equal(same.status, 304)
      assert.equal(await guest.status(path, { headers: { Range: 'bytes=999999999-' } }), 416)
      await editor.link({ kind: 'download', asset_ids: [asset.id], password: 'longer than eight' }, 422)
    })

    test('the QR code of a link leads to exactly its address, as PNG and as SVG', async () => {
      const [asset] = await editor.bring(await photo('walk-qr.jpg'))
      const link = await editor.link({ kind: 'public', asset_ids: [asset.id] })
      const png = join(dir, 'qr.png')
      const svg = join(dir, 'qr.svg')
      const drawn = await editor.bytes(`${link.qr_url}?format=png&size=512`)
      writeFileSync(png, drawn.body)
      assert.deepEqual(await dimensions(png), { width: 512, height: 512 })
      writeFileSync(svg, (await editor.bytes(`${link.qr_url}?format=svg`)).body)
      await run('rsvg-convert', ['-w', '600', '-o', `${svg}.png`, svg])
      for (const picture of [png, `${svg}.png`]) {
        assert.equal((await run('zbarimg', ['-q', '--raw', picture])).trim(), link.url)
      }
    })

    test('an archived original cannot get a download link, and one made before waits until it is back', async () => {
      const [asset] = await editor.bring(await photo('walk-archive.jpg'))
      const link = await editor.link({ kind: 'download', asset_ids: [asset.id] })
      const archived = await editor.post(`/api/v1/assets/${asset.id}/archive`, undefined, 200)
      assert.equal(archived.original, 'archived')
      const refused = await editor.link({ kind: 'download', asset_ids: [asset.id] }, 409)
      assert.equal(refused.code, 'original_unavailable')
      assert.equal(refused.detail, 'You cannot create a direct download link if the asset original is archived or unavailable.')
      const guest = server.guest()
      assert.equal(await guest.status(pathOf(link.url)), 503)
      const waiting = await editor.get(`/api/v1/links/${link.id}`)
      assert.equal(waiting.status, 'original_unavailable')
      await editor.post(`/api/v1/assets/${asset.id}/unarchive`, undefined, 200)
      assert.equal(await guest.status(pathOf(link.url)), 200)
    })

    test('of five assets two are not the maker’s to share: the link says 3 of 5, the collection holds three', async () => {
      const maker = await server.addUser('maker@example.org', 'editor')
      const stranger = await server.addUser('stranger@example.org', 'editor')
      const mine = await maker.bring(...(await Promise.all([1, 2, 3].map((i) => photo(`walk-several-${i}.jpg`)))))
      const hidden = await stranger.bring(...(await Promise.all([4, 5].map((i) => photo(`walk-several-${i}.jpg`)))))
      const me = await stranger.get('/api/v1/session')
      for (const a of hidden) await stranger.patch(`/api/v1/assets/${a.id}`, { restricted_to: [me.user.id] })
      const before = (await maker.get('/api/v1/collections')).total

      const ids = [mine[0].id, hidden[0].id, mine[1].id, hidden[1].id, mine[2].id]
      const link = await maker.link({ kind: 'public', asset_ids: ids, allow: { proxies: ['preview'] } })
      assert.deepEqual([link.shared, link.total], [3, 5])
      const collection = await maker.get(`/api/v1/collections/${link.collection_id}`)
      assert.equal(collection.kind, 'personal')
      assert.equal(collection.count, 3)
      const index = await server.guest().get(`${pathOf(link.url)}/index.json`)
      assert.deepEqual(index.items.map((i) => i.id), mine.map((a) => a.id))

      await maker.link({ kind: 'public', asset_ids: ids, password: 'short' }, 422)
      await maker.link({ kind: 'public', asset_ids: hidden.map((a) => a.id) }, 404)
      assert.equal((await maker.get('/api/v1/collections')).total, before + 1, 'a failed creation leaves no collection')
      await maker.link({ kind: 'download', asset_ids: ids }, 422)
    })

    for (const zone of ['Pacific/Auckland', 'America/Los_Angeles']) {
      test(`a link that expires today in ${zone} works until that zone's midnight`, async () => {
        const [asset] = await editor.bring(await photo('walk-expiry.jpg'))
        const today = day(zone)
        const link = await editor.link({ kind: 'public', asset_ids: [asset.id], expires_on: today, time_zone: zone })
        const end = new Date(link.expires_at)
        const last = clock(zone, end.getTime() - 1)
        assert.equal(last, `${today} 23:59:59`, `${link.expires_at} in ${zone}`)
        assert.equal(link.time_zone, zone)
        assert.equal(await server.guest().status(pathOf(link.url)), 200)
        const yesterday = await editor.link({ kind: 'public', asset_ids: [asset.id], expires_on: day(zone, -1), time_zone: zone }, 422)
        assert.ok(yesterday.errors?.some((e) => e.field === 'expires_on'), JSON.stringify(yesterday))
      })
    }

    test('an expired link answers 410 from its very instant, with no content', async () => {
      const [asset] = await editor.bring(await photo('walk-expired.jpg'))
      const link = await editor.link({ kind: 'public', asset_ids: [asset.id] })
      const guest = server.guest()
      assert.equal(await guest.status(pathOf(link.url)), 200)
      const soon = new Date(Date.now() + 1500).toISOString()
      await editor.patch(`/api/v1/links/${link.id}`, { expires_at: soon })
      await until('the expiry', async () => (await guest.status(pathOf(link.url))) === 410)
      assert.ok(Date.now() >= Date.parse(soon), 'not before its time')
      const page = await guest.get(pathOf(link.url), 410)
      assert.ok(!page.includes(asset.name) && !page.includes('editor@example.org'))
      assert.equal(await guest.status(`${pathOf(link.url)}/a/${asset.id}/preview`), 410)
    })

    test('a locked link tells nothing before the password', async () => {
      const asset = await editor.ready((await editor.upload(await photo('walk-secret.jpg'), {
        name: 'quarterly-secret.jpg', title: 'Unannounced product', description: 'Embargo until spring',
      })).id)
      const link = await editor.link({
        kind: 'public', asset_ids: [asset.id], name: 'Press kit for insiders', password: 'open sesame 2', allow: { original: true },
      })
      const guest = server.guest()
      const page = pathOf(link.url)
      const telling = [asset.id, asset.number, 'quarterly-secret', 'Unannounced', 'Embargo', 'Press kit', 'og:image', 'editor@example.org']
      const answers = ['', '/index.json', `/a/${asset.id}/preview`, `/a/${asset.id}/original`, '/card.jpg', '/zip']
      for (const tail of answers) {
        const got = await guest.bytes(page + tail)
        assert.ok([200, 401, 404].includes(got.status), `${tail}: ${got.status}`)
        if (tail === '') assert.equal(got.status, 200)
        else assert.notEqual(got.status, 200, tail)
        const text = got.body.toString('latin1') + JSON.stringify([...got.headers])
        for (const word of telling) assert.ok(!text.includes(word), `${tail || 'the page'} tells «${word}»`)
        assert.ok(!/<img/i.test(text), `${tail || 'the page'} shows a picture`)
      }
      assert.equal((await guest.fetch(page)).headers.getSetCookie().length, 0, 'no cookie before the password')
    })

    test('after ten wrong guesses the eleventh waits, while open links and those inside go on', async () => {
      const [asset] = await editor.bring(await photo('walk-guess.jpg'))
      const locked = await editor.link({ kind: 'public', asset_ids: [asset.id], password: 'open sesame 3' })
      const open = await editor.link({ kind: 'public', asset_ids: [asset.id] })
      const inside = server.guest()
      const unlock = (guest, word) =>
        guest.fetch(`${pathOf(locked.url)}/unlock`, { method: 'POST', body: new URLSearchParams({ password: word }) })
      assert.equal((await unlock(inside, 'open sesame 3')).status, 303)
      const guest = server.guest()
      for (let i = 1; i <= 10; i++) assert.equal((await unlock(guest, `wrong guess ${i}`)).status, 401, `guess ${i}`)
      const eleventh = await unlock(guest, 'open sesame 3')
      assert.equal(eleventh.status, 429)
      assert.ok(Number(eleventh.headers.get('retry-after')) > 0)
      assert.equal(await server.guest().status(pathOf(open.url)), 200)
      assert.equal(await inside.status(`${pathOf(locked.url)}/a/${asset.id}/preview`), 200)
    })

    test('search finds the first letters of a Cyrillic word, a number and an id', async () => {
      const asset = await editor.ready((await editor.upload(await photo('walk-search.jpg'), { title: 'Заснеженная вершина' })).id)
      for (const q of ['верши', 'ЗАСНЕЖ', asset.number, asset.id]) {
        const found = await editor.get(`/api/v1/assets?q=${encodeURIComponent(q)}`)
        assert.ok(found.items.some((a) => a.id === asset.id), `«${q}» found ${found.items.map((a) => a.number)}`)
      }
      await editor.get('/api/v1/assets?no_such_parameter=1', 422)
    })

    test('pages of the feed neither repeat nor miss an asset', async () => {
      const all = []
      for (let cursor = ''; cursor !== null; ) {
        const page = await editor.get(`/api/v1/assets?limit=3${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
        all.push(...page.items.map((a) => a.id))
        cursor = page.next_cursor
        if (cursor === null) assert.equal(all.length, page.total)
      }
      assert.equal(new Set(all).size, all.length)
    })

    test('a tus upload that breaks off goes on where it stopped', async () => {
      const bytes = readFileSync(await photo('walk-tus.jpg', { width: 2400, height: 1600 }))
      const tus = { 'Tus-Resumable': '1.0.0' }
      const metadata = `filename ${Buffer.from('Резюме.jpg').toString('base64')}`
      const created = await editor.fetch('/uploads', {
        method: 'POST', headers: { ...tus, 'Upload-Length': String(bytes.length), 'Upload-Metadata': metadata },
      })
      assert.equal(created.status, 201)
      const place = created.headers.get('location')
      const half = Math.floor(bytes.length / 2)
      const send = (from, to) =>
        editor.fetch(place, {
          method: 'PATCH',
          headers: { ...tus, 'Upload-Offset': String(from), 'Content-Type': 'application/offset+octet-stream' },
          body: bytes.subarray(from, to),
        })
      assert.equal((await send(0, half)).status, 204)
      assert.equal((await send(0, half)).status, 409, 'the same part twice')
      const told = await editor.fetch(place, { method: 'HEAD', headers: tus })
      assert.equal(told.headers.get('upload-offset'), String(half))
      const done = await send(half, bytes.length)
      assert.equal(done.status, 204)
      const asset = await editor.ready(done.headers.get('vitrine-asset'))
      assert.equal(asset.sha256, sha256(bytes))
      assert.equal(asset.name, 'Резюме.jpg')
    })

    test('what was brought in before is said to be a duplicate, and an empty file is refused', async () => {
      const file = await photo('walk-twice.jpg')
      const first = await editor.upload(file)
      const second = await editor.upload(file)
      assert.equal(second.duplicate_of?.id, first.id)
      const nothing = new FormData()
      nothing.append('file', new Blob([]), 'empty.jpg')
      const refused = await editor.post('/api/v1/assets', nothing, 422)
      assert.deepEqual(refused.errors.map((e) => e.field), ['file'])
    })

    test('the server is checked clean while it runs', async () => {
      assert.match(await server.command(['check', '--deep']), /everything is there/)
    })
  })
}
