// Every screen of the main path, looked at by axe in both themes and at 390 px, and kept as a picture.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { axe, choose, close, dialog, feed, launch, open, preview, screenshots, shareMenu, tile } from './browser.mjs'
import { Server, geotags, password, pathOf, photo, until } from './lib.mjs'

const phone = { width: 390, height: 844 }
let server, browser, admin, asset, others

before(async () => {
  server = await Server.start()
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

/** Looks at a screen as it is, on a desk and in a hand. */
async function inspect(page, name) {
  await axe(page, name)
  await screenshots(page, name)
  const size = page.viewportSize()
  await page.setViewportSize(phone)
  await axe(page, `${name} at 390 px`)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  assert.ok(wide <= 0, `${name} scrolls sideways by ${wide} px at 390 px`)
  await page.setViewportSize(size)
}

describe('first start', () => {
  test('the set-up page takes the code of the log and makes the administrator', async () => {
    const page = await open(browser, server)
    await page.goto(server.url)
    await page.getByLabel('Set-up code').waitFor()
    await inspect(page, 'set-up')
    const code = server.log.join('\n').match(/\b[0-9A-Z]{4}(-[0-9A-Z]{4}){3}\b/)?.[0]
    assert.ok(code, 'the log shows a code')
    await page.getByLabel('Set-up code').fill('AAAA-AAAA-AAAA-AAAA')
    await page.getByLabel('Name').fill('Admin')
    await page.getByLabel('E-mail').fill('admin@example.org')
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Create administrator' }).click()
    await page.getByText('This is not the code in the server’s log.').waitFor()
    await page.getByLabel('Set-up code').fill(code)
    await page.getByRole('button', { name: 'Create administrator' }).click()
    await page.getByText('Your library is empty').waitFor()
    await inspect(page, 'empty library')
    await close(page)
    admin = await server.signIn('admin@example.org')
    assert.equal((await admin.get('/api/v1/session')).user.role, 'admin')
    assert.equal((await server.guest().get('/api/v1/setup')).needed, false)
  })
})

describe('the staff screens', () => {
  before(async () => {
    asset = (await admin.bring(await photo('screens-main.jpg', { width: 2400, height: 1600, tags: geotags })))[0]
    others = await admin.bring(...(await Promise.all([
      photo('screens-tall.jpg', { width: 1067, height: 1600, seed: 2 }), photo('screens-wide.jpg', { width: 2000, height: 800, seed: 3 }),
      photo('screens-square.jpg', { width: 1200, height: 1200, seed: 4 }), photo('screens-more.jpg', { seed: 5 }),
    ])))
    await admin.link({ kind: 'download', asset_ids: [asset.id] })
    await admin.link({ kind: 'public', asset_ids: [asset.id], name: 'Press kit', password: 'let me in please', allow: { original: true, proxies: ['preview'] } })
    await admin.link({ kind: 'public', asset_ids: [asset.id, others[0].id], collection_name: 'Spring' })
  })

  test('sign-in', async () => {
    const page = await open(browser, server)
    await page.goto(server.url)
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
    await inspect(page, 'sign-in')
    await page.getByLabel('E-mail').fill('admin@example.org')
    await page.getByLabel('Password', { exact: true }).fill('not the password')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('The e-mail or the password is not right.').waitFor()
    await axe(page, 'sign-in after a wrong password')
    await close(page)
  })

  test('feed, selection and the two tabs of details', async () => {
    const page = await open(browser, server, { client: admin })
    await feed(page, server)
    await tile(page, asset).waitFor()
    await until('pictures', () => page.evaluate(() => [...document.querySelectorAll('[role=gridcell] img')].every((i) => i.complete)))
    await inspect(page, 'feed')
    await tile(page, asset).click()
    await axe(page, 'one asset selected')
    await page.getByRole('button', { name: 'Details', exact: true }).click()
    await page.getByRole('tab', { name: 'Share' }).click()
    await page.getByText('Press kit').first().waitFor()
    await inspect(page, 'details, share')
    await page.getByRole('tab', { name: 'Info' }).click()
    await axe(page, 'details, info')
    await close(page)
  })

  test('preview', async () => {
    const page = await open(browser, server, { client: admin })
    await preview(page, server, asset)
    await inspect(page, 'preview')
    await page.keyboard.press('Escape')
    await tile(page, asset).waitFor()
    assert.ok(await tile(page, asset).evaluate((t) => t === document.activeElement || t.contains(document.activeElement)), 'focus is back on the tile')
    await close(page)
  })

  test('the windows of links: make, ready, QR, edit, delete', async () => {
    const page = await open(browser, server, { client: admin })
    await preview(page, server, asset)
    await shareMenu(page)
    await choose(page, 'Create public link')
    const form = dialog(page, 'Create public link')
    await form.getByRole('checkbox', { name: 'Proxy', exact: true }).click()
    await form.getByRole('switch', { name: 'Set expiration date' }).click()
    await form.getByRole('switch', { name: 'Set password' }).click()
    await form.getByRole('button', { name: 'Generate', exact: true }).click()
    await inspect(page, 'link window with everything open')
    await form.getByRole('switch', { name: 'Set expiration date' }).click()
    await form.getByRole('button', { name: 'Create link', exact: true }).click()
    const ready = dialog(page, 'Link created')
    await ready.waitFor()
    await inspect(page, 'ready window')
    await ready.getByRole('button', { name: 'QR code', exact: true }).click()
    await dialog(page, 'QR code').getByRole('img').waitFor()
    await inspect(page, 'QR window')
    await page.keyboard.press('Escape')
    await ready.getByRole('button', { name: 'Close', exact: true }).last().click()

    await page.getByRole('tab', { name: 'Share' }).click()
    await page.getByRole('button', { name: 'Edit link, Press kit', exact: true }).click()
    await dialog(page, 'Edit link').waitFor()
    await inspect(page, 'edit window')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Delete link, Press kit', exact: true }).click()
    const sure = page.getByRole('alertdialog', { name: 'Delete link?', exact: true })
    await sure.waitFor()
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), 'Cancel')
    await inspect(page, 'delete window')
    await sure.getByRole('button', { name: 'Cancel', exact: true }).click()
    await close(page)
  })

  test('keyboard shortcuts and the account menu', async () => {
    const page = await open(browser, server, { client: admin })
    await feed(page, server)
    await page.keyboard.press('?')
    await dialog(page, 'Keyboard shortcuts').waitFor()
    await inspect(page, 'keyboard shortcuts')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Account: Admin', exact: true }).click()
    await page.getByRole('menu').waitFor()
    await axe(page, 'account menu')
    await close(page)
  })

  test('collections', async () => {
    const page = await open(browser, server, { client: admin })
    await page.goto(`${server.url}/collections`)
    await page.getByText('Spring').first().waitFor()
    await inspect(page, 'collections')
    await close(page)
  })

  test('the same in Russian', async () => {
    const page = await open(browser, server, { client: admin, locale: 'ru-RU' })
    await feed(page, server)
    await page.getByRole('searchbox', { name: 'Поиск' }).waitFor()
    await inspect(page, 'feed in Russian')
    await close(page)
  })
})

describe('the guest screens', () => {
  const visit = async (name, path, status, options) => {
    const page = await open(browser, server, options)
    const answer = await page.goto(server.url + path, { waitUntil: 'networkidle' })
    assert.equal(answer.status(), status)
    await inspect(page, name)
    await close(page)
  }

  test('one picture', async () => {
    const link = await admin.link({ kind: 'public', asset_ids: [asset.id], allow: { original: true, proxies: ['preview', 'thumbnail'] } })
    await visit('guest, one picture', pathOf(link.url), 200)
    await visit('guest, one picture in Russian', pathOf(link.url), 200, { locale: 'ru-RU' })
  })

  test('a gallery', async () => {
    const link = await admin.link({ kind: 'public', asset_ids: [asset, ...others].map((a) => a.id), collection_name: 'Summer', name: 'Summer' })
    await visit('guest, gallery', pathOf(link.url), 200)
  })

  test('the ends: unknown, expired, unavailable', async () => {
    await visit('guest, unknown', '/s/AAAAAAAAAAAAAAAAAAAAAA', 404)
    const link = await admin.link({ kind: 'public', asset_ids: [asset.id], expires_at: new Date(Date.now() + 1500).toISOString() })
    await until('the expiry', async () => (await server.guest().status(pathOf(link.url))) === 410)
    await visit('guest, expired', pathOf(link.url), 410)
    const [gone] = await admin.bring(await photo('screens-archived.jpg'))
    const direct = await admin.link({ kind: 'download', asset_ids: [gone.id] })
    await admin.post(`/api/v1/assets/${gone.id}/archive`, undefined, 200)
    await visit('guest, unavailable', pathOf(direct.url), 503)
  })
})
