// What a person does with archived originals, proxies, supporting files and watermarks, in a real browser. The names
// are those of the scenarios.
import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { axe, choose, close, dialog, feed, launch, open, preview, shareMenu, tile, toast } from './browser.mjs'
import { distance, film, keep, madeKind, markPicture, note, pdf } from './files.mjs'
import { Server, pathOf, photo, sha256, tempDir, until } from './lib.mjs'

const archiveNote = 'You cannot create a direct download link if the asset original is archived or unavailable.'
const dir = tempDir('vitrine-scenarios')
let server, browser, admin, editor, page

before(async () => {
  const archive = tempDir('vitrine-archive')
  server = await Server.start({ args: ['--archive-storage', `file:${archive}`] })
  admin = await server.addUser('admin@example.org', 'admin')
  editor = await server.addUser('editor@example.org', 'editor')
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await server?.stop()
})
beforeEach(async () => {
  page = await open(browser, server, { client: editor })
})
afterEach(() => close(page))

const linksOf = async (asset) => (await editor.get(`/api/v1/assets/${asset.id}/links`)).links
/** A box by its label; what stands behind the label is part of its name. */
const box = (form, label) => form.getByRole('checkbox', { name: new RegExp(`^${label}(?![-\\w])`) })
const names = (form) => form.getByRole('checkbox').evaluateAll((all) => all.map((b) => b.labels[0].querySelector('.label').textContent))
const described = (control) => control.evaluate((el) => (el.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' '))

/** The window for one asset's public link, from its preview. */
async function publicWindow(asset) {
  await preview(page, server, asset)
  await shareMenu(page)
  await choose(page, 'Create public link')
  const form = dialog(page, 'Create public link')
  await form.waitFor()
  return form
}

/** Sends the form, closes the window that comes, and answers with the new link. */
async function create(form, asset) {
  const known = new Set((await linksOf(asset)).map((l) => l.id))
  await form.getByRole('button', { name: 'Create link', exact: true }).click()
  await dialog(page, 'Link created').waitFor()
  await dialog(page, 'Link created').getByRole('button', { name: 'Close', exact: true }).last().click()
  return (await linksOf(asset)).find((l) => !known.has(l.id))
}

/** The feed's sidebar, open at what is shared of one asset. */
async function sidebar(asset) {
  await feed(page, server, asset.number)
  await tile(page, asset).click()
  if (!(await page.getByRole('tab', { name: 'Share' }).isVisible())) await page.getByRole('button', { name: 'Details', exact: true }).click()
  await page.getByRole('tab', { name: 'Share' }).click()
}

/** The one file on disk that holds these bytes. */
function blobOf(asset) {
  const found = readdirSync(server.data, { recursive: true, withFileTypes: true }).filter((e) => e.isFile() && e.name.includes(asset.sha256))
  assert.equal(found.length, 1, `${found.length} files hold ${asset.sha256}`)
  return join(found[0].parentPath, found[0].name)
}

test('E3 Archived original: no new download links, old ones wait for it, everything else stays', async () => {
  const file = await madeKind('TIFF, 16 bits') // large enough not to be kept in memory
  const [asset] = await editor.bring(file)
  const link = await editor.link({ kind: 'download', asset_ids: [asset.id] })
  const shared = await editor.link({ kind: 'public', asset_ids: [asset.id], allow: { original: false, proxies: ['preview'], attachments: false } })
  const guest = server.guest()
  const refusals = async () => {
    await preview(page, server, asset)
    assert.deepEqual(await shareMenu(page), ['Create download link', 'Create public link', 'Copy link'])
    const first = page.getByRole('menuitem').first()
    assert.equal(await first.getAttribute('aria-disabled'), 'true')
    assert.ok((await described(first)).includes(archiveNote), await first.innerText())
    await page.keyboard.press('Escape')
    await sidebar(asset)
    await page.getByRole('button', { name: 'Create link', exact: true }).click()
    await dialog(page, 'Create public link').waitFor()
    assert.equal(await page.getByRole('menuitem').count(), 0)
    await page.keyboard.press('Escape')
    const refused = await editor.link({ kind: 'download', asset_ids: [asset.id] }, 409)
    assert.equal(refused.code, 'original_unavailable')
    assert.equal(refused.detail, archiveNote)
    assert.equal(await guest.status(pathOf(link.url)), 503)
    assert.equal(await guest.status(`${pathOf(shared.url)}/a/${asset.id}/preview?download`), 200, 'proxies stay')
  }

  const closed = await editor.post(`/api/v1/assets/${asset.id}/archive`, undefined, 200)
  assert.equal(closed.original, 'archived')
  await refusals()
  await editor.post(`/api/v1/assets/${asset.id}/unarchive`, undefined, 200)
  await until('the original to be back', async () => (await editor.get(`/api/v1/assets/${asset.id}`)).original === 'available')
  assert.equal(sha256((await guest.bytes(pathOf(link.url))).body), sha256(readFileSync(file)))

  const blob = blobOf(asset)
  renameSync(blob, `${blob}.away`)
  assert.equal(await guest.status(pathOf(link.url)), 503)
  await until('the loss to be noticed', async () => (await editor.get(`/api/v1/assets/${asset.id}`)).original === 'missing')
  await refusals()
  renameSync(`${blob}.away`, blob)
  assert.match(await server.command(['check']), /everything is there/)
  await until('the original to be found', async () => (await guest.status(pathOf(link.url))) === 200)
})

test('E7 Proxies: only what is ticked is offered, and a deleted profile leaves the link', async () => {
  await admin.post('/api/v1/recipes', { name: 'social', kind: 'image', box: 640, mime: 'image/webp', quality: 80 })
  const [asset] = await editor.bring(await photo('e7-proxies.jpg', { width: 3000, height: 2000 }))
  const form = await publicWindow(asset)
  assert.equal(await form.getByText('Proxies for downloading').count(), 0)
  await box(form, 'Proxy').click()
  await form.getByText('Proxies for downloading').waitFor()
  const rows = ['Fullscreen', 'Preview', 'social', 'Thumbnail']
  for (const name of rows) {
    assert.ok(await box(form, name).isChecked(), `${name} is ticked at first`)
    assert.match(await described(box(form, name)), /[\d,]+ × [\d,]+ .*(JPEG|WebP).*\d+(\.\d+)? (KB|MB)/i, `${name} tells its size and format`)
  }
  await axe(page, 'window with proxies')
  for (const name of rows) await box(form, name).click()
  await form.getByRole('button', { name: 'Create link', exact: true }).click()
  await form.getByText('Select at least one proxy, or switch “Proxy” off.').waitFor()
  assert.equal((await linksOf(asset)).length, 0)
  await box(form, 'Proxy').click()
  assert.equal(await form.getByText('Proxies for downloading').count(), 0)
  await box(form, 'Proxy').click()
  for (const name of ['Fullscreen', 'Preview', 'social']) if (await box(form, name).isChecked()) await box(form, name).click()
  if (!(await box(form, 'Thumbnail').isChecked())) await box(form, 'Thumbnail').click()
  const link = await create(form, asset)
  assert.deepEqual(link.allow.proxies, ['thumbnail'])

  const guest = server.guest()
  const base = pathOf(link.url)
  const [item] = (await guest.get(`${base}/index.json`)).items
  assert.deepEqual(item.versions.map((v) => v.name), ['thumbnail'])
  assert.equal(await guest.status(`${base}/a/${asset.id}/thumbnail?download`), 200)
  for (const name of ['preview', 'fullscreen', 'social', 'original']) assert.equal(await guest.status(`${base}/a/${asset.id}/${name}?download`), 403, name)

  const both = await editor.link({ kind: 'public', asset_ids: [asset.id], allow: { original: false, proxies: ['social', 'thumbnail'], attachments: false } })
  const social = `${pathOf(both.url)}/a/${asset.id}/social?download`
  assert.equal(await guest.status(social), 200)
  const used = await admin.delete('/api/v1/recipes/social', 409)
  assert.equal(used.code, 'in_use')
  assert.ok(used.links.some((l) => l.id === both.id), 'the refusal names the link')
  await admin.delete('/api/v1/recipes/social?confirm=true')
  assert.ok([403, 404].includes(await guest.status(social)))
  assert.deepEqual((await guest.get(`${pathOf(both.url)}/index.json`)).items[0].versions.map((v) => v.name), ['thumbnail'])
})

test('E8 Original rules: an archived original is disabled with its reason, while proxies are offered', async () => {
  const [asset] = await editor.bring(await photo('e8-original.jpg'))
  await editor.post(`/api/v1/assets/${asset.id}/archive`, undefined, 200)
  const form = await publicWindow(asset)
  assert.ok(await box(form, 'Original').isDisabled())
  assert.match(await described(box(form, 'Original')), /archived/)
  await box(form, 'Proxy').click()
  const link = await create(form, asset)
  assert.equal(link.allow.original, false)
  const refused = await editor.fetch('/api/v1/links', {
    method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ kind: 'public', asset_ids: [asset.id], allow: { original: true, proxies: [], attachments: false } }),
  })
  assert.ok([409, 422].includes(refused.status), `an archived original can't be given: ${refused.status}`)
  // No role may make links and not take originals; who may do neither is refused both.
  const contributor = await server.addUser('contributor@example.org', 'contributor')
  const [own] = await contributor.bring(await photo('e8-own.jpg'))
  await contributor.link({ kind: 'public', asset_ids: [own.id], allow: { original: true, proxies: [], attachments: false } }, 403)
})

test('E9 Supporting files: allowed, downloaded, and nothing else with them', async () => {
  const [asset, bare] = await editor.bring(await photo('e9-with-files.jpg'), await photo('e9-bare.jpg'))
  let form = await publicWindow(bare)
  assert.ok(await box(form, 'Supporting files').isDisabled())
  await page.keyboard.press('Escape')

  const licence = await note('licence.pdf', '%PDF-1.4 not really a document, and nobody looks inside')
  await preview(page, server, asset)
  await page.getByRole('tab', { name: /^Files/ }).click()
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Add files' }).click()])
  await chooser.setFiles(licence)
  await page.getByText('licence.pdf').first().waitFor()
  await axe(page, 'supporting files')
  const kept = await until('the file', async () => (await editor.get(`/api/v1/assets/${asset.id}`)).attachments[0])
  assert.equal(kept.name, 'licence.pdf')
  assert.equal((await editor.get('/api/v1/assets?q=licence')).items.length, 0, 'supporting files are not in the feed')

  form = await publicWindow(asset)
  assert.match(await described(box(form, 'Supporting files')), /1 file/)
  await box(form, 'Supporting files').click()
  const link = await create(form, asset)
  const visitor = await open(browser, server, { acceptDownloads: true })
  await visitor.goto(server.url + pathOf(link.url))
  const row = visitor.getByRole('link', { name: /licence\.pdf/ })
  if (!(await row.isVisible())) await visitor.locator('summary').first().click()
  await axe(visitor, 'guest page with a supporting file')
  const [download] = await Promise.all([visitor.waitForEvent('download'), row.click()])
  assert.equal(download.suggestedFilename(), 'licence.pdf')
  assert.deepEqual(readFileSync(await download.path()), readFileSync(licence))
  await close(visitor)
  const guest = server.guest()
  for (const name of ['original', 'preview', 'fullscreen', 'thumbnail']) {
    assert.equal(await guest.status(`${pathOf(link.url)}/a/${asset.id}/${name}?download`), 403, name)
  }
  const other = await editor.link({ kind: 'public', asset_ids: [bare.id] })
  assert.equal(await guest.status(`${pathOf(other.url)}/a/${asset.id}/${kept.id}`), 404, 'not through another link')
  await editor.delete(`/api/v1/assets/${asset.id}/attachments/${kept.id}`)
  assert.ok([403, 404].includes(await guest.status(`${pathOf(link.url)}/a/${asset.id}/${kept.id}?download`)))
})

test('E13 Watermark visibility: no toggle without a mark or without a picture, and off at first', async () => {
  const [image, moving] = await editor.bring(await photo('e13-picture.jpg'), await film('e13-film.mp4', { seconds: 2, width: 640, height: 360 }))
  const toggle = () => page.getByRole('switch', { name: 'Show watermark' })
  await publicWindow(image)
  assert.equal(await toggle().count(), 0, 'no mark, no toggle')

  const large = keep(dir, 'large.png', Buffer.alloc((2 << 20) + 1, 7))
  await admin.send('PUT', '/api/v1/settings/watermark', 'image', large, {}, 413)
  assert.equal((await admin.get('/api/v1/settings/watermark')).configured, false)
  await editor.send('PUT', '/api/v1/settings/watermark', 'image', await markPicture('mark.png', 'VITRINE'), {}, 403)

  // The administrator sets it in the settings, as a person does.
  const theirs = await open(browser, server, { client: admin })
  await theirs.goto(`${server.url}/settings/watermark`)
  const [chooser] = await Promise.all([theirs.waitForEvent('filechooser'), theirs.getByRole('button', { name: 'Choose a picture' }).click()])
  await chooser.setFiles(large)
  await theirs.getByText('The picture is over 2 MB. Choose a smaller one.').waitFor()
  const [again] = await Promise.all([theirs.waitForEvent('filechooser'), theirs.getByRole('button', { name: 'Choose a picture' }).click()])
  await again.setFiles(await markPicture('mark.png', 'VITRINE'))
  await theirs.getByRole('radio', { name: 'Centre', exact: true }).check({ force: true })
  await theirs.getByRole('button', { name: 'Save', exact: true }).click()
  await toast(theirs, 'Watermark saved')
  await axe(theirs, 'settings of the watermark')
  await close(theirs)
  const set = await admin.get('/api/v1/settings/watermark')
  assert.deepEqual([set.configured, set.position, set.size, set.opacity], [true, 'center', 25, 50])

  await page.reload()
  await publicWindow(moving)
  assert.equal(await toggle().count(), 0, 'a film gets no toggle')
  await editor.link({ kind: 'public', asset_ids: [moving.id], watermark: true }, 422)
  await publicWindow(image)
  assert.equal(await toggle().isChecked(), false)
})

test('E14 Watermark pixels: on the page and in proxies, never on the original', async () => {
  await admin.watermark(await markPicture('mark.png', 'VITRINE'), { position: 'center', size: 60, opacity: 70 })
  const file = await photo('e14-pixels.jpg', { width: 2800, height: 1867, seed: 51 })
  const [asset] = await editor.bring(file)
  const form = await publicWindow(asset)
  await box(form, 'Original').click()
  await box(form, 'Proxy').click()
  await form.getByRole('switch', { name: 'Show watermark' }).click()
  await form.getByText('The original is downloaded without a watermark').waitFor()
  await axe(page, 'window with a watermark')
  const link = await create(form, asset)
  assert.equal(link.watermark, true)

  const visitor = await open(browser, server)
  const seen = new Map()
  visitor.on('response', (answer) => {
    if (/\/a\/[^/]+\//.test(answer.url()) && answer.status() === 200) seen.set(new URL(answer.url()).pathname, answer.body())
  })
  await visitor.goto(server.url + pathOf(link.url))
  const picture = visitor.locator('main img').first()
  await until('the marked picture', () => picture.evaluate((img) => img.complete && img.naturalWidth > 1))
  await axe(visitor, 'guest page with a watermark')
  await visitor.screenshot({ path: join(dir, 'marked.png') })
  await close(visitor)
  assert.ok(seen.size >= 1)

  const guest = server.guest()
  for (const r of asset.renditions) {
    const clean = await editor.bytes(`/api/v1/assets/${asset.id}/versions/${r.name}`)
    for (const url of [`${pathOf(link.url)}/a/${asset.id}/${r.name}`, `${pathOf(link.url)}/a/${asset.id}/${r.name}?download`]) {
      const marked = await guest.made(url)
      assert.equal(marked.status, 200, url)
      const far = await distance(keep(dir, `${r.name}-marked.jpg`, marked.body), keep(dir, `${r.name}-clean.jpg`, clean.body))
      assert.ok(far > 0.5, `${url}: ${far}`)
      for (const [path, body] of seen) if (path.endsWith(`/${r.name}`)) assert.equal(sha256(await body), sha256(marked.body), `${path} in the browser`)
    }
  }
  const original = await guest.bytes(`${pathOf(link.url)}/a/${asset.id}/original?download`)
  assert.equal(sha256(original.body), sha256(readFileSync(file)))
  const direct = await editor.link({ kind: 'download', asset_ids: [asset.id] })
  assert.equal(sha256((await guest.bytes(pathOf(direct.url))).body), sha256(readFileSync(file)), 'download links are never marked')
})

test('E21 Versions across assets: grouped, counted, and each visitor gets only what an asset has', async () => {
  const assets = await editor.bring(await photo('e21-picture.jpg'), await film('e21-film.mp4', { seconds: 2, width: 640, height: 360 }),
    await pdf().then((f) => keptAs(f, 'e21-paper.pdf')), await photo('e21-second.jpg', { seed: 61 }))
  await editor.attach(assets[0].id, await note('e21-licence.txt'))
  const many = async (q, n) => {
    await feed(page, server, q)
    await page.getByRole('gridcell').nth(n - 1).waitFor()
    const tiles = await page.getByRole('gridcell').all()
    await tiles[0].click()
    for (const t of tiles.slice(1)) await t.click({ modifiers: ['Control'] })
    await page.getByText(`${n} selected`).waitFor()
    await page.getByRole('toolbar').getByRole('button', { name: 'Share', exact: true }).click()
    const form = dialog(page, `Create link for ${n} assets`)
    await form.waitFor()
    return form
  }
  const form = await many('e21', 4)
  assert.deepEqual((await names(form)).slice(0, 3), ['Original', 'Proxy', 'Attachments'])
  assert.ok(await box(form, 'Attachments').isEnabled())
  assert.match(await described(box(form, 'Attachments')), /1 of 4/)
  await box(form, 'Proxy').click()
  const shown = (await names(form)).slice(3)
  assert.equal(new Set(shown).size, shown.length, `no proxy twice: ${shown}`)
  assert.ok(shown.indexOf('Image') >= 0 && shown.indexOf('Video') > shown.indexOf('Image'), shown.join())
  assert.match(await described(box(form, 'Fullscreen')), /2 of 4/)
  assert.match(await described(box(form, 'Video 720p')), /1 of 4/)
  const order = await form.locator('form').innerText()
  const places = ['Collection name', 'Link name', 'Allow to download', 'Proxies for downloading', 'Set expiration date', 'Set password'].map((t) => order.indexOf(t))
  assert.deepEqual(places, places.toSorted((a, b) => a - b), 'the fields are in their order')
  assert.ok(!places.includes(-1), order)
  await box(form, 'Attachments').click()
  await axe(page, 'window for assets of several kinds')
  await form.getByRole('button', { name: 'Create link', exact: true }).click()
  await dialog(page, 'Link created').waitFor()
  const link = (await editor.get('/api/v1/links')).items[0]

  const guest = server.guest()
  const base = pathOf(link.url)
  const { items } = await guest.get(`${base}/index.json`)
  for (const asset of assets) {
    const versions = items.find((i) => i.id === asset.id).versions.map((v) => v.name)
    assert.ok(!versions.includes('original'))
    assert.equal(versions.includes('video720'), asset.kind === 'video', `${asset.name}: ${versions}`)
    assert.equal(versions.some((v) => v.length > 30), asset.id === assets[0].id, 'only the first has a supporting file')
    for (const name of versions) assert.equal(await guest.status(`${base}/a/${asset.id}/${name}?download`), 200, `${asset.name} ${name}`)
    if (asset.kind !== 'video') assert.ok([403, 404].includes(await guest.status(`${base}/a/${asset.id}/video720`)))
  }
  await page.keyboard.press('Escape')
  const pictures = await many('e21 jpg', 2)
  await box(pictures, 'Proxy').click()
  const groups = await names(pictures)
  assert.ok(groups.includes('Image') && !groups.includes('Video'), groups.join())
})

/** The same bytes under a name of the scenario's own. */
function keptAs(file, name) {
  copyFileSync(file, join(dir, name))
  return join(dir, name)
}
