// The settings as an administrator meets them: the watermark, proxy profiles, external sources and long work, each
// looked at by axe in both themes and in a hand.
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { axe, close, launch, open, screenshots, toast } from './browser.mjs'
import { Server, once, photo, run, tempDir, until } from './lib.mjs'

const phone = { width: 390, height: 844 }
const root = tempDir('vitrine-source')
let server, browser, admin, viewer, assets

const logo = () => once('logo.png', (file) =>
  run('convert', ['-size', '300x100', 'xc:none', '-fill', 'white', '-stroke', 'black', '-draw', 'circle 50,50 50,10',
    '-draw', 'rectangle 110,35 290,65', file]))

before(async () => {
  mkdirSync(join(root, 'photos'))
  for (const seed of [21, 22]) {
    const file = await photo(`settings-source-${seed}.jpg`, { seed })
    copyFileSync(file, join(root, 'photos', basename(file)))
  }
  server = await Server.start({ args: ['--source-root', root] })
  admin = await server.addUser('admin@example.org', 'admin', 'Anna')
  viewer = await server.addUser('viewer@example.org', 'viewer')
  assets = await admin.bring(await photo('settings-a.jpg', { seed: 11 }), await photo('settings-b.jpg', { seed: 12 }))
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

async function inspect(page, name) {
  await axe(page, name)
  await screenshots(page, name)
  const size = page.viewportSize()
  await page.setViewportSize(phone)
  await axe(page, `${name} at 390 px`)
  const wide = await page.evaluate(() => {
    const boxes = [document.documentElement, document.querySelector('main')]
    return Math.max(...boxes.map((box) => box.scrollWidth - box.clientWidth))
  })
  assert.ok(wide <= 0, `${name} scrolls sideways by ${wide} px at 390 px`)
  await page.setViewportSize(size)
}

/** A section of the settings, with its head in sight. */
async function section(page, id, title) {
  await page.goto(`${server.url}/settings/${id}`)
  await page.getByRole('heading', { name: title, level: 1 }).waitFor()
}

const button = (page, name) => page.getByRole('button', { name, exact: true })

test('the account menu leads to the settings, and on a phone to their list', async () => {
  const page = await open(browser, server, { client: admin })
  await page.goto(server.url)
  await button(page, 'Account: Anna').click()
  await page.getByRole('menuitem', { name: 'Settings' }).click()
  await page.getByRole('heading', { name: 'General', level: 1 }).waitFor()
  await inspect(page, 'settings')
  await page.setViewportSize(phone)
  await page.getByRole('link', { name: /^External sources/ }).click()
  await page.getByRole('heading', { name: 'External sources', level: 1 }).waitFor()
  await page.getByRole('link', { name: 'Settings', exact: true }).click()
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
  await close(page)
})

test('a wrong number prefix is told at its field, and unsaved changes are not lost by a click', async () => {
  const page = await open(browser, server, { client: admin })
  await section(page, 'general', 'General')
  const prefix = page.getByLabel('Number prefix')
  await prefix.fill('7x')
  await button(page, 'Save').click()
  await until('the fault', () => prefix.evaluate((i) => i.getAttribute('aria-invalid') === 'true'))
  await page.getByRole('link', { name: 'Watermark' }).click()
  const asking = page.getByRole('alertdialog', { name: 'Leave without saving?' })
  await asking.waitFor()
  await button(asking, 'Keep editing').click()
  assert.equal(await prefix.inputValue(), '7X')
  await prefix.fill('PIC')
  await button(page, 'Save').click()
  await toast(page, 'Settings saved')
  assert.equal((await admin.get('/api/v1/settings/general')).number_prefix, 'PIC')

  await page.getByRole('link', { name: 'Watermark' }).click()
  await page.getByRole('heading', { name: 'Watermark', level: 1 }).waitFor()
  await page.getByRole('link', { name: 'General' }).click()
  await prefix.fill('LOST')
  await page.evaluate(() => history.back())
  await asking.waitFor()
  assert.equal(new URL(page.url()).pathname, '/settings/general')
  await button(asking, 'Discard').click()
  await page.getByRole('heading', { name: 'Watermark', level: 1 }).waitFor()
  await close(page)
})

test('a watermark is chosen, laid by keyboard, seen as the server makes it, saved and removed', async () => {
  const page = await open(browser, server, { client: admin })
  await section(page, 'watermark', 'Watermark')
  await inspect(page, 'settings, no watermark')
  const chooser = page.locator('main input[type=file]')

  const large = join(root, 'large.png')
  writeFileSync(large, Buffer.alloc((2 << 20) + 1))
  await chooser.setInputFiles(large)
  await page.getByText('The picture is over 2 MB. Choose a smaller one.').waitFor()

  await chooser.setInputFiles(await logo())
  await page.getByText('New picture, not saved yet').waitFor()
  await page.getByRole('radio', { name: 'Bottom right' }).focus()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowLeft')
  assert.ok(await page.getByRole('radio', { name: 'Centre' }).isChecked())
  await page.getByRole('slider', { name: 'Opacity' }).focus()
  await page.keyboard.press('End')
  await page.getByRole('spinbutton', { name: 'Size' }).fill('40')
  await page.getByText('Unsaved changes').waitFor()
  await inspect(page, 'settings, watermark sketched')

  await page.getByRole('radio', { name: 'Real result' }).check()
  await page.getByText('Made by the server, exactly as guests will see it.').waitFor()
  const drawn = await page.locator('figure img').evaluateAll((list) => list.map((i) => [i.naturalWidth, i.src.slice(0, 5)]))
  assert.deepEqual(drawn.map(([, from]) => from), ['blob:', 'blob:', 'blob:'])
  assert.ok(drawn.every(([width]) => width > 300), JSON.stringify(drawn))
  await inspect(page, 'settings, watermark made')

  await button(page, 'Save').click()
  await toast(page, 'Watermark saved.')
  const stored = await admin.get('/api/v1/settings/watermark')
  assert.deepEqual([stored.position, stored.size, stored.opacity, stored.tiled], ['center', 40, 100, false])

  await button(page, 'Remove').click()
  const warning = page.getByRole('alertdialog', { name: 'Remove the watermark?' })
  await warning.getByText(/Links that demand a watermark/).waitFor()
  await inspect(page, 'settings, watermark removal')
  await button(warning, 'Remove').click()
  await toast(page, 'Watermark removed')
  assert.equal((await admin.get('/api/v1/settings/watermark')).configured, false)
  await close(page)
})

test('a proxy profile is added, made for what is there, not taken from links unasked, and deleted', async () => {
  const page = await open(browser, server, { client: admin })
  await section(page, 'proxies', 'Proxy profiles')
  assert.ok(await page.getByRole('switch', { name: 'Make “Preview”' }).isDisabled())
  await page.getByText('Pages need it: always on').first().waitFor()

  await button(page, 'Add profile').click()
  const form = page.getByRole('dialog', { name: 'Add a proxy profile' })
  await form.getByLabel('Name').fill('Social Media')
  await form.getByLabel('Longest side, in pixels').fill('9')
  await button(form, 'Add profile').click()
  await form.getByText('Enter a whole number from 16 to 8,192.').waitFor()
  await inspect(page, 'settings, new profile')
  await form.getByLabel('Longest side, in pixels').fill('800')
  await form.getByLabel('Format').selectOption('image/webp')
  await button(form, 'Add profile').click()
  await toast(page, 'Profile “social-media” added')
  await inspect(page, 'settings, profiles')

  await button(page, 'Rebuild 2 assets: social-media').click()
  await toast(page, '“social-media” was made for 2 assets')
  const versions = (await admin.get(`/api/v1/assets/${assets[0].id}`)).renditions.map((r) => r.name)
  assert.ok(versions.includes('social-media'), versions.join())

  await admin.link({ kind: 'public', asset_ids: [assets[0].id], name: 'Press kit', allow: { original: false, proxies: ['social-media'], attachments: false } })
  await page.reload()
  await page.getByRole('switch', { name: 'Make “social-media”' }).click()
  const asking = page.getByRole('alertdialog', { name: 'Switch off “social-media”?' })
  await asking.getByText('Press kit').waitFor()
  await inspect(page, 'settings, profile in use')
  await button(asking, 'Cancel').click()
  assert.ok(await page.getByRole('switch', { name: 'Make “social-media”' }).isChecked())

  await button(page, 'Actions for social-media').click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  const last = page.getByRole('alertdialog', { name: 'Delete “social-media”?' })
  await last.getByText('Press kit').waitFor()
  await button(last, 'Delete').click()
  await toast(page, 'Profile “social-media” deleted')
  assert.ok(!(await admin.get('/api/v1/recipes')).items.some((r) => r.name === 'social-media'))
  await close(page)
})

test('a folder is connected, scanned, copied and removed again, and the bell tells of it', async () => {
  const page = await open(browser, server, { client: admin })
  await section(page, 'sources', 'External sources')
  await page.getByText('Assets from external sources cannot be shared by link.').waitFor()
  await inspect(page, 'settings, no sources')
  await button(page, 'Add source').click()
  const form = page.getByRole('dialog', { name: 'Add an external source' })
  await form.getByLabel('Path on the server').fill('/etc')
  await button(form, 'Add source').click()
  await form.getByRole('alert').first().waitFor()
  await inspect(page, 'settings, new source')
  await form.getByLabel('Path on the server').fill(join(root, 'photos'))
  await button(form, 'Add source').click()
  await toast(page, 'Source “photos” added')
  await page.getByText('Connected').waitFor()
  await page.getByText(/Folder · 2 assets/).waitFor()
  await inspect(page, 'settings, sources')

  await button(page, 'Import copies from photos').click()
  const asking = page.getByRole('alertdialog', { name: 'Import copies from “photos”?' })
  await button(asking, 'Import copies').click()
  await until('the copies', async () => (await admin.get('/api/v1/assets?source=upload')).total === 4)
  await page.getByRole('button', { name: /^Activity/ }).click()
  const panel = page.getByRole('dialog', { name: 'Activity' })
  await panel.getByText('Importing copies from “photos”').waitFor()
  await panel.getByText('Done').first().waitFor()
  await inspect(page, 'activity')
  await page.keyboard.press('Escape')

  await button(page, 'Actions for photos').click()
  await page.getByRole('menuitem', { name: 'Remove' }).click()
  await button(page.getByRole('alertdialog', { name: 'Remove “photos”?' }), 'Remove').click()
  await toast(page, 'Source “photos” removed')
  await page.getByText('No external sources yet').waitFor()
  await close(page)
})

test('who is no administrator sees the settings and changes none', async () => {
  const page = await open(browser, server, { client: viewer })
  for (const [id, title] of [['general', 'General'], ['watermark', 'Watermark'], ['proxies', 'Proxy profiles'], ['sources', 'External sources']]) {
    await section(page, id, title)
    await page.getByText('Only an administrator can change this.').waitFor()
    assert.equal(await page.getByRole('button', { name: /^(Save|Add|Rebuild|Rescan|Choose)/ }).count(), 0, id)
  }
  await axe(page, 'settings of a viewer')
  await close(page)
})
