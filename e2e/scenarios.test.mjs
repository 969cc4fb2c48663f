// What a person does, in a real browser, against the real server. The names are those of the scenarios.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, beforeEach, afterEach, describe, test } from 'node:test'
import { axe, choose, clipboard, close, dialog, feed, launch, open, preview, shareMenu, tile, toast } from './browser.mjs'
import { Server, geotags, password, pathOf, photo, sha256, until } from './lib.mjs'

let server, browser, editor, page
const zone = 'Europe/Berlin'

/** `Link from 23 Nov 2026, 10:36`, as it is called there now or was a minute ago. */
function defaultNames(timeZone, now) {
  return [now, now - 60_000].map((at) => {
    const said = new Intl.DateTimeFormat('en-US', {
      timeZone, day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    }).formatToParts(at)
    const part = (type) => said.find((p) => p.type === type).value
    return `Link from ${part('day')} ${part('month')} ${part('year')}, ${part('hour')}:${part('minute')}`
  })
}

async function linksOf(asset) {
  return (await editor.get(`/api/v1/assets/${asset.id}/links`)).links
}

before(async () => {
  server = await Server.start()
  editor = await server.addUser('editor@example.org', 'editor')
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await server?.stop()
})
beforeEach(async () => {
  page = await open(browser, server, { client: editor, timezoneId: zone })
})
afterEach(() => close(page))

test('E1 Direct download link: three items, one name, the very bytes', async () => {
  const file = await photo('e1-harbour.jpg', { width: 2400, height: 1600 })
  const [asset] = await editor.bring(file)
  await preview(page, server, asset)
  await axe(page, 'preview')
  assert.deepEqual(await shareMenu(page), ['Create download link', 'Create public link', 'Copy link'])
  await axe(page, 'Share menu')
  await choose(page, 'Create download link')

  const form = dialog(page, 'Create download link')
  await form.waitFor()
  await axe(page, 'download link window')
  assert.equal(await form.getByRole('switch').count(), 1)
  assert.equal(await form.getByRole('switch', { name: 'Set expiration date' }).isChecked(), false)
  const shown = await form.getByRole('textbox', { name: 'Link name' }).getAttribute('placeholder')
  const began = Date.now()
  await form.getByRole('button', { name: 'Create link', exact: true }).click()

  const ready = dialog(page, 'Download link created')
  await ready.waitFor()
  await axe(page, 'ready window of a download link')
  const buttons = new Set(await Promise.all((await ready.getByRole('button').all()).map(async (b) => (await b.getAttribute('aria-label')) ?? (await b.innerText()))))
  assert.deepEqual(buttons, new Set(['Close', 'Copy']))
  await ready.getByRole('button', { name: 'Copy', exact: true }).click()
  await toast(page, 'Link copied')
  await ready.getByRole('button', { name: 'Close', exact: true }).last().click()
  await ready.waitFor({ state: 'hidden' })

  const [link] = await linksOf(asset)
  const url = await clipboard(page)
  assert.equal(url, link.url)
  assert.ok(defaultNames(zone, began).includes(shown), `${shown} was shown`)
  assert.ok(defaultNames(zone, Date.now()).includes(link.name), `${link.name} was kept`)

  const guest = server.guest()
  const got = await guest.bytes(pathOf(url))
  assert.equal(sha256(got.body), sha256(readFileSync(file)))
  const rest = await guest.bytes(pathOf(url), { headers: { Range: 'bytes=1000-', 'If-Range': got.headers.get('etag') } })
  assert.equal(rest.status, 206)
  assert.deepEqual(rest.body, got.body.subarray(1000))

  const [other] = await editor.bring(await photo('e1-second.jpg'))
  await editor.link({ kind: 'download', asset_ids: [asset.id, other.id] }, 422)
  const collection = await editor.post('/api/v1/collections', { name: 'Two', asset_ids: [asset.id, other.id] })
  await editor.link({ kind: 'download', collection_id: collection.id }, 422)
})

test('E2 Download link with a date: the last day ends in the maker’s zone', async () => {
  const [asset] = await editor.bring(await photo('e2-dated.jpg'))
  const tokyo = await open(browser, server, { client: editor, timezoneId: 'Asia/Tokyo' })
  await preview(tokyo, server, asset)
  await shareMenu(tokyo)
  await choose(tokyo, 'Create download link')
  const form = dialog(tokyo, 'Create download link')
  await form.getByRole('switch', { name: 'Set expiration date' }).click()
  await form.getByRole('button', { name: 'Create link', exact: true }).click()
  await form.getByText('Pick a date, or switch the expiration off.').waitFor()
  assert.equal((await linksOf(asset)).length, 0, 'no link without a date')
  await axe(tokyo, 'download link window with its calendar')

  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo', dateStyle: 'short' }).format(Date.now())
  await form.locator(`[data-value="${today}"]`).last().click()
  const promised = await form.getByText(/^Works until /).innerText()
  await form.getByRole('button', { name: 'Create link', exact: true }).click()
  const ready = dialog(tokyo, 'Download link created')
  await ready.waitFor()

  const [link] = await linksOf(asset)
  assert.equal(link.time_zone, 'Asia/Tokyo')
  const last = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo', dateStyle: 'short', timeStyle: 'medium' })
    .format(Date.parse(link.expires_at) - 1)
  assert.equal(last, `${today} 23:59:59`)
  const text = await ready.innerText()
  const until_ = promised.replace(/^Works until /, '').replace(/\.$/, '')
  assert.ok(text.includes(until_), `the ready window says ${until_}: ${text}`)
  await close(tokyo)

  const guest = server.guest()
  assert.equal(await guest.status(pathOf(link.url)), 200)
  const soon = new Date(Date.now() + 1500).toISOString()
  await editor.patch(`/api/v1/links/${link.id}`, { expires_at: soon })
  await until('the expiry', async () => (await guest.status(pathOf(link.url))) === 410)
  assert.ok(Date.now() >= Date.parse(soon))
})

test('E5 View only: a public link with nothing selected gives no download at all', async () => {
  const [asset] = await editor.bring(await photo('e5-view-only.jpg', { tags: geotags }))
  await preview(page, server, asset)
  await shareMenu(page)
  await choose(page, 'Create public link')
  const form = dialog(page, 'Create public link')
  await form.waitFor()
  for (const box of await form.getByRole('checkbox').all()) assert.equal(await box.isChecked(), false)
  for (const toggle of await form.getByRole('switch').all()) assert.equal(await toggle.isChecked(), false)
  await form.getByText('Nothing selected: view only').waitFor()
  await axe(page, 'public link window')
  await form.getByRole('button', { name: 'Create link', exact: true }).click()
  const ready = dialog(page, 'Link created')
  await ready.waitFor()
  await axe(page, 'ready window of a public link')
  await ready.getByRole('button', { name: 'Copy link', exact: true }).click()
  await toast(page, 'Link copied')
  const url = await clipboard(page)
  const [link] = await linksOf(asset)
  assert.equal(url, link.url)
  assert.deepEqual(link.allow, { original: false, proxies: [], attachments: false })

  const visitor = await open(browser, server)
  const answer = await visitor.goto(server.url + pathOf(url))
  assert.match(answer.headers()['x-robots-tag'] ?? (await visitor.locator('meta[name=robots]').getAttribute('content')), /noindex/)
  await visitor.getByText('View only').first().waitFor()
  const picture = visitor.locator('main img').first()
  await until('the picture', () => picture.evaluate((img) => img.complete && img.naturalWidth > 0))
  assert.equal(await visitor.getByRole('link', { name: /download/i }).count(), 0)
  assert.equal(await visitor.getByRole('button', { name: /download/i }).count(), 0)
  await axe(visitor, 'view-only page')
  const html = await visitor.content()
  assert.ok(!/43\.26|2\.93|gps|Bilbao/i.test(html), 'no place on the page')
  await close(visitor)

  const guest = server.guest()
  for (const version of ['original', 'thumbnail', 'preview', 'fullscreen']) {
    assert.equal(await guest.status(`${pathOf(url)}/a/${asset.id}/${version}?download`), 403, version)
  }
  assert.ok(!/gps|43\.26|Bilbao/i.test(JSON.stringify(await guest.get(`${pathOf(url)}/index.json`))))
})

test('E10 Generated password: on the clipboard, shown once, never told again', async () => {
  const [asset] = await editor.bring(await photo('e10-locked.jpg'))
  await preview(page, server, asset)
  await shareMenu(page)
  await choose(page, 'Create public link')
  const form = dialog(page, 'Create public link')
  await form.getByRole('switch', { name: 'Set password' }).click()
  await form.getByRole('button', { name: 'Create link', exact: true }).click()
  await form.getByText('Enter a password, or switch it off.').waitFor()
  await axe(page, 'public link window with a fault')
  assert.equal((await linksOf(asset)).length, 0)

  await form.getByRole('button', { name: 'Generate', exact: true }).click()
  await toast(page, 'Password copied')
  const field = form.getByLabel('Password', { exact: true })
  const made = await field.inputValue()
  assert.equal(await clipboard(page), made)
  assert.match(made, /^[^0O1lI]{16}$/)
  await form.getByRole('button', { name: 'Create link', exact: true }).click()

  const ready = dialog(page, 'Link created')
  await ready.getByText('Shown only once').waitFor()
  await ready.getByRole('button', { name: 'Copy password', exact: true }).click()
  await until('the password on the clipboard', async () => (await clipboard(page)) === made)
  await ready.getByRole('button', { name: 'Copy link', exact: true }).click()
  const [link] = await linksOf(asset)
  await until('the address on the clipboard', async () => (await clipboard(page)) === link.url)
  await ready.getByRole('button', { name: 'Close', exact: true }).last().click()

  await page.reload()
  await page.getByRole('grid').or(page.getByRole('dialog')).first().waitFor()
  assert.ok(!(await page.content()).includes(made))
  for (const path of [`/api/v1/links/${link.id}`, '/api/v1/links', `/api/v1/assets/${asset.id}/links`]) {
    assert.ok(!JSON.stringify(await editor.get(path)).includes(made), path)
  }
  const opened = await server.guest().fetch(`${pathOf(link.url)}/unlock`, { method: 'POST', body: new URLSearchParams({ password: made }) })
  assert.equal(opened.status, 303)
})

test('E12 Visitor password: nothing before it, a wait after ten wrong ones, no way round by address', async () => {
  const [asset] = await editor.bring(await photo('e12-behind.jpg'))
  const link = await editor.link({ kind: 'public', asset_ids: [asset.id], name: 'Behind the door', password: 'let me in please' })
  const address = server.url + pathOf(link.url)
  const visitor = await open(browser, server)
  const answer = await visitor.goto(address)
  assert.equal(answer.status(), 200)
  assert.equal((await visitor.context().cookies()).length, 0, 'no cookie before the password')
  for (const word of [asset.name, asset.number, asset.id, 'Behind the door', 'og:image']) {
    assert.ok(!(await visitor.content()).includes(word), `the door tells «${word}»`)
  }
  await visitor.getByRole('heading', { name: 'This link is protected' }).waitFor()
  await axe(visitor, 'password page')

  const attempt = async (word) => {
    await visitor.getByLabel('Password', { exact: true }).fill(word)
    await visitor.getByRole('button', { name: 'Open', exact: true }).click()
  }
  await attempt('not this one')
  await visitor.getByText('That password is not right.').waitFor()
  await axe(visitor, 'password page after a wrong guess')
  await attempt('let me in please')
  await visitor.locator('main img').first().waitFor()
  assert.ok(!visitor.url().includes('please'), 'no secret in the address')
  const [pass] = await visitor.context().cookies()
  assert.equal(pass.httpOnly, true)

  const second = await open(browser, server)
  await second.goto(visitor.url())
  await second.getByRole('heading', { name: 'This link is protected' }).waitFor()
  assert.equal(await server.guest().status(`${pathOf(link.url)}/a/${asset.id}/preview`), 401)

  const guest = server.guest()
  const guess = (word) => guest.status(`${pathOf(link.url)}/unlock`, { method: 'POST', body: new URLSearchParams({ password: word }) })
  for (let i = 2; i <= 10; i++) assert.equal(await guess(`guess number ${i}`), 401, `guess ${i}`)
  assert.equal(await guess('let me in please'), 429)
  await second.getByLabel('Password', { exact: true }).fill('let me in please')
  await second.getByRole('button', { name: 'Open', exact: true }).click()
  await second.getByText(/Try again in \d+ minutes?/).waitFor()
  await axe(second, 'password page while it waits')
  await visitor.reload()
  await visitor.locator('main img').first().waitFor()
  await close(second)
  await close(visitor)
})

test('E15 Internal link: a colleague sees what a search for the number shows', async () => {
  const [asset] = await editor.bring(await photo('e15-internal.jpg'))
  await preview(page, server, asset)
  await shareMenu(page)
  await choose(page, 'Copy link')
  await toast(page, 'Link copied')
  const url = await clipboard(page)
  assert.equal(url, (await editor.get(`/api/v1/assets/${asset.id}/links`)).internal_url)
  const address = server.url + pathOf(url)

  const colleague = await server.addUser('colleague@example.org', 'viewer')
  const theirs = await open(browser, server, { client: colleague })
  await theirs.goto(address)
  await tile(theirs, asset).waitFor()
  assert.equal(await theirs.getByRole('gridcell').count(), 1)
  assert.equal(await theirs.getByRole('searchbox').inputValue(), asset.number)
  const followed = theirs.url()
  await axe(theirs, 'feed with one asset')
  await theirs.goto(server.url)
  await theirs.getByRole('searchbox').fill(asset.number)
  await theirs.getByRole('searchbox').press('Enter')
  await until('the same address', () => theirs.url() === followed)
  await close(theirs)

  const stranger = await open(browser, server)
  await stranger.goto(address)
  await stranger.getByLabel('E-mail').fill('colleague@example.org')
  await stranger.getByLabel('Password', { exact: true }).fill(password)
  await axe(stranger, 'sign-in')
  await stranger.getByRole('button', { name: 'Sign in', exact: true }).click()
  await tile(stranger, asset).waitFor()
  assert.equal(stranger.url(), followed)
  await close(stranger)

  await editor.patch(`/api/v1/assets/${asset.id}`, { name: 'renamed-since.jpg' })
  const me = await editor.get('/api/v1/session')
  await editor.patch(`/api/v1/assets/${asset.id}`, { restricted_to: [me.user.id] })
  const barred = await open(browser, server, { client: colleague })
  await barred.goto(address)
  await barred.getByText(/Nothing found/).waitFor()
  assert.ok(!(await barred.content()).includes('renamed-since'))
  await axe(barred, 'feed that found nothing')
  await close(barred)
  await page.goto(address)
  await tile(page, { name: 'renamed-since.jpg' }).waitFor()
})

test('E19 Link for several: a private collection in feed order, named or by default', async () => {
  const files = await Promise.all([1, 2, 3].map((i) => photo(`e19-several-${i}.jpg`)))
  const assets = []
  for (const file of files) assets.push(await editor.ready((await editor.upload(file)).id))
  const order = (await editor.get('/api/v1/assets?q=e19')).items.map((a) => a.id)
  const select = async () => {
    await feed(page, server, 'e19')
    await page.getByRole('gridcell').nth(2).waitFor()
    const tiles = await page.getByRole('gridcell').all()
    await tiles[0].click()
    for (const t of tiles.slice(1)) await t.click({ modifiers: ['Control'] })
    await page.getByText('3 selected').waitFor()
    await page.getByRole('toolbar').getByRole('button', { name: 'Share', exact: true }).click()
    const form = dialog(page, 'Create link for 3 assets')
    await form.waitFor()
    return form
  }

  let form = await select()
  await axe(page, 'window for three assets')
  await form.getByText('A new personal collection will be created for these assets.').waitFor()
  await form.getByRole('button', { name: 'Create link', exact: true }).click()
  await dialog(page, 'Link created').waitFor()
  const mine = async () => (await editor.get('/api/v1/links')).items[0]
  const first = await mine()
  const collection = await editor.get(`/api/v1/collections/${first.collection_id}`)
  assert.equal(collection.kind, 'personal')
  assert.equal(collection.owner.id, (await editor.get('/api/v1/session')).user.id)
  assert.match(collection.name, /^New collection from /)
  assert.match(first.name, /^Link from /)
  assert.equal(collection.count, 3)
  const index = await server.guest().get(`${pathOf(first.url)}/index.json`)
  assert.deepEqual(index.items.map((i) => i.id), order)
  const visitor = await open(browser, server)
  await visitor.goto(server.url + pathOf(first.url))
  await visitor.locator('main img').nth(2).waitFor()
  await axe(visitor, 'gallery')
  await close(visitor)

  form = await select()
  await form.getByRole('textbox', { name: 'Collection name' }).fill('Harbour in spring')
  await form.getByRole('textbox', { name: 'Link name' }).fill('For the press')
  await form.getByRole('button', { name: 'Create link', exact: true }).click()
  await dialog(page, 'Link created').waitFor()
  const second = await mine()
  assert.equal(second.name, 'For the press')
  assert.equal((await editor.get(`/api/v1/collections/${second.collection_id}`)).name, 'Harbour in spring')
  for (const a of assets) assert.equal((await editor.get(`/api/v1/assets/${a.id}`)).id, a.id)
})
