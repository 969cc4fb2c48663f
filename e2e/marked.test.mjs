// A link that demands a watermark: no address of it ever gives a picture without the mark.
import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { captions, distance, film, keep, markPicture, note, pdf } from './files.mjs'
import { Server, pathOf, photo, run, sha256, tempDir } from './lib.mjs'

const dir = tempDir('vitrine-marked')
let server, admin, guest, files, assets, link, base
/** What must never leave: SHA-256 of every clean rendition, and which it is. */
const clean = new Map()
/** Files of clean renditions for comparing pixels: `ASSET/NAME`. */
const cleanFile = new Map()

const still = (r) => r.mime.startsWith('image/') && r.name !== 'storyboard'
const terms = { original: true, proxies: ['thumbnail', 'preview', 'fullscreen', 'poster', 'card'], attachments: true }

/** Every name anybody could think of for a version of this asset. */
function names(asset, mark) {
  const made = [...asset.renditions.map((r) => r.name), ...['thumbnail', 'preview', 'fullscreen', 'poster', 'card', 'video720', 'storyboard', 'audio128']]
  const pages = [1, 2, 3, 4, 100].map((n) => `page-${n}`)
  const marked = ['preview', 'thumbnail', 'original', 'page-1', 'poster'].flatMap((n) =>
    ['@no_gps', '@none', '@r1', '@r2', '@', '@clean', `@w${mark}`, `%40w${mark}`, '@w0'].map((tail) => n + tail))
  const odd = ['Preview', 'preview.jpg', 'preview/', 'preview%00', '..', '%2e%2e', 'preview%2f..%2foriginal', 'clean', 'size=9999', asset.sha256, asset.id]
  return [...new Set([...made, ...pages, ...marked, ...odd])]
}

/** Every address of the link: what its page and its index name, and what could be guessed. */
async function addresses(mark) {
  const page = await guest.get(base)
  const index = await guest.get(`${base}/index.json`)
  const told = [...`${page} ${JSON.stringify(index)}`.matchAll(/\/s\/[^\s"'<>\\]+/g)].map((m) => m[0].replaceAll('&amp;', '&'))
  const filled = told.flatMap((u) => (u.includes('{n}') ? [1, 2, 3, 4].map((n) => u.replace('{n}', n)) : [u]))
  const guessed = assets.flatMap((a) => [...names(a, mark), ...a.attachments.map((f) => f.id)].flatMap((name) => {
    const url = `${base}/a/${a.id}/${name}`
    return [url, `${url}?download`, `${url}?clean=1`, `${url}?watermark=false`]
  }))
  const around = ['card.jpg', 'zip', 'list', 'poster.jpg'].map((n) => `${base}/${n}`)
  const direct = [base.replace('/s/', '/d/'), base.replace('/s/', '/e/')]
  return [...new Set([base, ...filled.filter((u) => u.startsWith('/s/')), ...guessed, ...around, ...direct])]
}

before(async () => {
  server = await Server.start()
  admin = await server.addUser('admin@example.org', 'admin')
  guest = server.guest()
  await admin.post('/api/v1/recipes', { name: 'card', kind: 'image', box: 900, mime: 'image/webp', quality: 80 })
  files = await Promise.all([
    photo('marked-photo.jpg', { width: 3200, height: 2133, seed: 31 }), photo('marked-second.jpg', { width: 1400, height: 1867, seed: 32 }),
    pdf(), film('marked-film.mp4', { seconds: 3, width: 640, height: 360 }),
  ])
  const mark = await markPicture('mark.png', 'VITRINE')
  assets = await admin.bring(...files)
  await admin.attach(assets[0].id, await note('licence.txt'))
  await admin.attach(assets[3].id, await captions('words.vtt'))
  assets = await Promise.all(assets.map((a) => admin.get(`/api/v1/assets/${a.id}`)))

  await admin.link({ kind: 'public', asset_ids: [assets[0].id], watermark: true }, 422)
  await admin.watermark(mark, { position: 'center', size: 60, opacity: 70, tiled: false })
  for (const a of assets) {
    const pages = Array.from({ length: Math.min(a.pages ?? 0, 100) }, (_, i) => ({ name: `page-${i + 1}`, mime: 'image/jpeg' }))
    for (const r of [...a.renditions, ...pages]) {
      const { status, body } = await admin.made(`/api/v1/assets/${a.id}/versions/${r.name}`)
      assert.equal(status, 200, `${a.name} ${r.name}`)
      clean.set(sha256(body), `${a.name} ${r.name}`)
      if (still(r)) cleanFile.set(`${a.id}/${r.name}`, keep(dir, `clean-${a.number}-${r.name}`, body))
    }
  }
  link = await admin.link({ kind: 'public', asset_ids: assets.map((a) => a.id), watermark: true, allow: terms, name: 'Marked' })
  base = pathOf(link.url)
})
after(async () => {
  await server?.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** Asks for everything; answers with what came by status, and what pictures came. */
async function sweep(version) {
  const pictures = new Map()
  const counts = {}
  for (const url of await addresses(version)) {
    const { status, headers, body } = await guest.made(url)
    counts[status] = (counts[status] ?? 0) + 1
    assert.ok(status < 500 || status === 503, `${url}: ${status}`)
    assert.ok(!clean.has(sha256(body)), `${url} gave the clean ${clean.get(sha256(body))}`)
    if (status !== 200) continue
    const [, id, name] = /\/a\/([^/]+)\/([^/?]+)/.exec(url) ?? []
    if (!id || !/^image\//.test(headers.get('content-type'))) continue
    const asset = assets.find((a) => a.id === id)
    if (name === 'original') assert.equal(sha256(body), asset.sha256, 'an original is the very file')
    else pictures.set(`${id}/${name}`, body)
  }
  return { pictures, counts }
}

describe('a marked link', () => {
  let first

  test('gives a marked picture for every still, and no clean byte at any address', async () => {
    const { version } = await admin.get('/api/v1/settings/watermark')
    first = await sweep(version)
    console.log(`${clean.size} clean renditions; answers by status: ${JSON.stringify(first.counts)}; ${first.pictures.size} marked pictures`)
    for (const asset of assets) {
      const wanted = asset.renditions.filter((r) => still(r) && (asset.kind !== 'video' || r.name !== 'thumbnail')).map((r) => r.name)
      if (asset.pages) wanted.push('page-1', 'page-4')
      for (const name of wanted) assert.ok(first.pictures.has(`${asset.id}/${name}`), `${asset.name} ${name} is shown`)
    }
  })

  test('the marked pictures differ from the clean ones by the mark, and are as large', async () => {
    let compared = 0
    for (const [key, body] of first.pictures) {
      const twin = cleanFile.get(key)
      assert.ok(twin, `${key} has a clean twin`)
      const far = await distance(keep(dir, `marked-${compared++}`, body), twin)
      assert.ok(far > 0.5 && far < 80, `${key}: mean distance ${far}`)
    }
    console.log(`${compared} marked pictures compared with their clean twins, pixel by pixel`)
  })

  test('the original, where it is allowed, and supporting files are the very files', async () => {
    for (const [i, asset] of assets.entries()) {
      const got = await guest.bytes(`${base}/a/${asset.id}/original?download`)
      assert.equal(got.status, 200)
      assert.equal(sha256(got.body), sha256(readFileSync(files[i])))
      for (const f of asset.attachments) assert.equal((await guest.bytes(`${base}/a/${asset.id}/${f.id}?download`)).status, 200)
    }
  })

  test('what moves is refused', async () => {
    const moving = assets.find((a) => a.kind === 'video')
    for (const name of ['video720', 'storyboard']) {
      for (const tail of ['', '?download']) assert.equal(await guest.status(`${base}/a/${moving.id}/${name}${tail}`), 403, name + tail)
    }
    const index = await guest.get(`${base}/index.json`)
    const item = index.items.find((i) => i.id === moving.id)
    assert.equal(item.play_url, null)
    assert.equal(item.storyboard, null)
  })

  test('links that could only be half marked are not made', async () => {
    const fault = async (body) => (await admin.link({ kind: 'public', watermark: true, ...body }, 422)).errors.map((e) => e.field)
    const [still, , , moving] = assets
    assert.deepEqual(await fault({ asset_ids: [moving.id] }), ['watermark'])
    assert.deepEqual(await fault({ asset_ids: [still.id, moving.id], allow: { original: false, proxies: ['video720'], attachments: false } }), ['watermark'])
    const open = await admin.link({ kind: 'public', asset_ids: [still.id, moving.id], allow: { original: false, proxies: ['preview', 'video720'], attachments: false } })
    await admin.patch(`/api/v1/links/${open.id}`, { watermark: true }, 422)
    const trace = await admin.link({ kind: 'public', asset_ids: [still.id], trace: true }, 422)
    assert.deepEqual(trace.errors.map((e) => e.field), ['trace'])
  })

  test('switched on for an open link it holds at the next request, and a browser’s copy counts no more', async () => {
    const open = await admin.link({ kind: 'public', asset_ids: [assets[0].id], allow: { original: false, proxies: ['preview'], attachments: false } })
    const url = `${pathOf(open.url)}/a/${assets[0].id}/preview`
    const before = await guest.bytes(url)
    assert.ok(clean.has(sha256(before.body)), 'unmarked it is the clean preview')
    await admin.patch(`/api/v1/links/${open.id}`, { watermark: true })
    const again = await guest.bytes(url, { headers: { 'If-None-Match': before.headers.get('etag') } })
    assert.ok([200, 202].includes(again.status), `${again.status}`)
    assert.ok(!clean.has(sha256((await guest.made(url)).body)))
  })

  test('traceable text tells two links apart, and both from the plain mark', async () => {
    const made = []
    for (const recipient of ['The Morning Post', 'The Evening Post']) {
      const traced = await admin.link({ kind: 'public', asset_ids: [assets[0].id], watermark: true, trace: true, recipient, name: 'For the press' })
      assert.equal(traced.recipient, recipient)
      made.push((await guest.made(`${pathOf(traced.url)}/a/${assets[0].id}/preview`)).body)
    }
    made.push(first.pictures.get(`${assets[0].id}/preview`))
    assert.equal(new Set([...made, readFileSync(cleanFile.get(`${assets[0].id}/preview`))].map(sha256)).size, 4)
    const [a, b, plain] = made.map((body, i) => keep(dir, `traced-${i}`, body))
    assert.ok((await distance(a, b)) > 0.02, 'the pixels of two recipients differ')
    assert.ok((await distance(a, plain)) > 0.1, 'the text is on the picture')
  })

  test('marked pictures carry no metadata', async () => {
    const file = keep(dir, 'bare.jpg', first.pictures.get(`${assets[0].id}/preview`))
    const tags = JSON.parse(await run('exiftool', ['-json', '-G1', '-a', file]))[0]
    const groups = new Set(Object.keys(tags).filter((k) => k.includes(':')).map((k) => k.split(':')[0]))
    for (const group of groups) assert.match(group, /^(ExifTool|System|File|JFIF|Composite|ICC.*)$/)
  })

  test('a changed mark makes new pictures, of the new mark only', async () => {
    await admin.watermark(await markPicture('other.png', 'SAMPLE', '#ffcc00'), { position: 'top-left', tiled: true, size: 40, opacity: 60 })
    const { version } = await admin.get('/api/v1/settings/watermark')
    const second = await sweep(version)
    for (const [key, body] of second.pictures) {
      assert.notEqual(sha256(body), sha256(first.pictures.get(key) ?? Buffer.alloc(0)), `${key} still bears the old mark`)
    }
    assert.equal(second.pictures.size, first.pictures.size)
  })

  test('with the mark deleted the link shows no picture at all: refused, never clean', async () => {
    await admin.delete('/api/v1/settings/watermark')
    const urls = (await addresses('0')).filter((u) => u.includes('/a/'))
    let refused = 0
    for (const url of urls) {
      const { status, headers, body } = await guest.bytes(url)
      assert.ok(!clean.has(sha256(body)), `${url} gave the clean ${clean.get(sha256(body))}`)
      const image = /^image\//.test(headers.get('content-type') ?? '') && status === 200
      assert.ok(!image || /\/original(\?|$)/.test(url), `${url}: ${status}`)
      if (status === 403) refused++
    }
    assert.equal(await guest.status(`${base}/a/${assets[0].id}/preview`), 403)
    assert.ok(refused > 0)
    assert.equal((await guest.bytes(base)).status, 200, 'the page itself stands')
    assert.equal(await guest.status(`${base}/a/${assets[0].id}/original?download`), 200, 'the original is allowed still')
  })

  test('configured anew it shows marked pictures again', async () => {
    await admin.watermark(await markPicture('mark.png', 'VITRINE'), { position: 'center', size: 60, opacity: 70, tiled: false })
    const { status, body } = await guest.made(`${base}/a/${assets[0].id}/preview`)
    assert.equal(status, 200)
    assert.ok(!clean.has(sha256(body)))
  })
})
