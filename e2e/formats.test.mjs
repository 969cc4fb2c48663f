// Every kind of file people bring: brought in, looked at by staff and by a guest in a real browser, and put into
// the table of docs/formats.md, which this suite writes.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { close, launch, open, preview } from './browser.mjs'
import { kinds } from './files.mjs'
import { Server, pathOf, root, run, until } from './lib.mjs'

const office = existsSync('/usr/bin/soffice')
const shots = join(root, 'e2e/screenshots')
const table = join(root, 'docs/formats.md')
let server, browser, editor, staff, guest
const brought = new Map()
/** What was seen of each kind, in the order of the list. */
const seen = new Map()

before(async () => {
  mkdirSync(shots, { recursive: true })
  server = await Server.start()
  editor = await server.addUser('editor@example.org', 'editor')
  browser = await launch()
  const viewport = { width: 900, height: 640 }
  staff = await open(browser, server, { client: editor, viewport })
  guest = await open(browser, server, { viewport })
  // All are brought in at once: while one is looked at, the others are being made.
  for (const { kind, make, office: converted } of kinds) {
    if (converted && !office) continue
    const [began, created] = [Date.now(), await editor.upload(await make())]
    const settled = editor.settled(created.id, 240).then((asset) => ({ asset, seconds: (Date.now() - began) / 1000 }), (error) => ({ error }))
    brought.set(kind, settled)
  }
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

/** Waits until what stands for the asset inside `where` is truly there, and answers with what it is. */
async function shown(page, where, asset) {
  if (asset.kind === 'video' || asset.kind === 'audio') {
    const media = page.locator(`${where} ${asset.kind}`).first()
    await media.waitFor()
    const at = await media.evaluate(async (m) => {
      const state = (wanted) => m.readyState >= wanted ? undefined : new Promise((done, fail) => {
        m.addEventListener('canplay', done, { once: true })
        m.addEventListener('error', () => fail(new Error(`the player says ${m.error?.message}`)), { once: true })
      })
      m.muted = true
      m.preload = 'auto'
      await m.play()
      await state(2)
      await new Promise((done) => m.addEventListener('timeupdate', function tick() {
        if (m.currentTime < 1) return
        m.removeEventListener('timeupdate', tick)
        done()
      }))
      m.pause()
      return { time: m.currentTime, state: m.readyState, width: m.videoWidth, height: m.videoHeight }
    })
    assert.ok(at.time >= 1 && at.state >= 2, JSON.stringify(at))
    return asset.kind === 'video' ? `player, ${at.width} × ${at.height}` : 'player over its waves'
  }
  if (asset.renditions.length === 0) {
    await page.locator(where).waitFor()
    return 'card with its type'
  }
  // The staff's window shows the thumbnail first; what counts is the picture after it. A guest's browser chooses one.
  await until(`the picture of ${asset.name}`, () => page.locator(`${where} img`).evaluateAll((all, chosen) =>
    all.some((img) => img.complete && img.naturalWidth > 0 && (chosen || !/\/thumbnail$/.test(new URL(img.currentSrc).pathname))), where === 'main'))
  return asset.kind === 'document' ? `${asset.pages} ${asset.pages === 1 ? 'page' : 'pages'}` : 'picture'
}

const rendition = (r) => `${r.name} ${r.width ? `${r.width} × ${r.height}` : 'sound'}${/jpeg/.test(r.mime) ? '' : ` (${r.mime})`}`

describe('one file of each kind', () => {
  for (const { kind, from, office: converted } of kinds) {
    test(`${kind} becomes ready and is seen by staff and by a guest`, async (t) => {
      if (converted && !office) return t.skip('LibreOffice is not installed: scripts/deps.sh run office')
      const { asset, seconds, error } = await brought.get(kind)
      assert.ifError(error)
      console.log(`${kind}: ${asset.mime}, ${asset.kind}, ${asset.status} ${seconds.toFixed(1)} s after it came, among the others`)
      assert.equal(asset.status, 'ready', asset.failure)
      assert.equal(asset.note, null)
      if (kind !== 'Any other file') assert.ok(asset.renditions.length > 0, 'something was made of it')
      if (kind.startsWith('PDF')) assert.equal(asset.pages, 12)

      await preview(staff, server, asset)
      const toStaff = await shown(staff, '[role=dialog].preview', asset)
      await staff.screenshot({ path: join(shots, `format-${asset.number}-staff.png`) })
      const link = await editor.link({ kind: 'public', asset_ids: [asset.id] })
      await guest.goto(server.url + pathOf(link.url))
      const toGuests = await shown(guest, 'main', asset)
      await guest.screenshot({ path: join(shots, `format-${asset.number}-guest.png`) })
      assert.equal(toStaff, toGuests)
      seen.set(kind, { asset, from, shown: toGuests })
    })
  }

  test('the contact sheet and the table of docs/formats.md are as committed', async (t) => {
    const all = [...seen.values()]
    const pictures = all.flatMap(({ asset }) => ['staff', 'guest'].map((who) => join(shots, `format-${asset.number}-${who}.png`)))
    await run('montage', [...pictures.filter(existsSync), '-tile', '6x', '-geometry', '420x299+6+6', join(shots, 'formats.png')])
    if (all.length < kinds.length) return t.skip('not every kind was brought in, so the table is not written')

    await close(staff)
    await close(guest)
    const rows = [...seen].map(([kind, { asset, from, shown: what }]) => {
      const made = asset.renditions.toSorted((a, b) => a.name.localeCompare(b.name)).map(rendition).join(', ') || 'none'
      return `| ${kind} | ${from} | \`${asset.mime}\` | ${what} | ${made} |`
    })
    const text = `# Kinds of files\n\nWritten by \`e2e/formats.test.mjs\`, which brings one real file of each kind in, waits until it is ready, and looks at it\nin Chromium as staff and as a guest: a picture counts when the browser has decoded it, a player when it has played for a\nsecond. Sizes are in pixels; renditions are JPEG unless another type is named. Files of other kinds are kept, shared and\nshown as a card with their type.\n\n| kind | made with | recognised as | shown in the browser | renditions |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
    const committed = existsSync(table) ? readFileSync(table, 'utf8') : ''
    if (text !== committed) writeFileSync(table, text)
    assert.equal(text, committed, 'docs/formats.md was not what is true now; it has been written anew: look at it and commit it')
  })
})

describe('files of other people', () => {
  const folder = process.env.VITRINE_TEST_MEDIA && join(process.env.VITRINE_TEST_MEDIA, 'real')

  test('each becomes ready and is a picture in a gallery', async (t) => {
    if (!folder) return t.skip('VITRINE_TEST_MEDIA is not set')
    const names = readdirSync(folder).filter((n) => statSync(join(folder, n)).isFile())
    const came = []
    for (const name of names) came.push(await editor.upload(join(folder, name)))
    const all = await Promise.all(came.map((a) => editor.settled(a.id, 120)))
    const assets = all.filter((a) => a.status === 'ready')
    for (const a of all) {
      if (a.status === 'ready') assert.ok(a.renditions.length >= 3, `${a.name} (${a.mime}): ${a.renditions.map((r) => r.name)}`)
      else assert.match(a.failure, /more pixels/, `${a.name} (${a.mime}): ${a.failure}`)
    }
    const link = await editor.link({ kind: 'public', asset_ids: assets.map((a) => a.id), name: 'Real files' })
    const gallery = await open(browser, server, { viewport: { width: 1280, height: 4000 } })
    await gallery.goto(server.url + pathOf(link.url))
    await until('all pictures', () => gallery.evaluate((n) => {
      const all = [...document.querySelectorAll('main img')]
      return all.length >= n && all.every((i) => i.complete && i.naturalWidth > 0)
    }, assets.length))
    await gallery.screenshot({ path: join(shots, 'formats-real.png'), fullPage: true })
    await close(gallery)
    console.log(`${assets.length} of ${all.length} files of other people are ready, the others have more pixels than the limit`)
  })
})
