// What a first load costs, and that nothing of it comes from elsewhere.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { close, launch, open } from './browser.mjs'
import { Server, pathOf, photo, until } from './lib.mjs'

let server, browser, editor, asset, link

before(async () => {
  server = await Server.start()
  editor = await server.addUser('editor@example.org', 'editor')
  ;[asset] = await editor.bring(await photo('weight.jpg'))
  link = await editor.link({ kind: 'public', asset_ids: [asset.id], allow: { original: true, proxies: ['preview'] } })
  browser = await launch()
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

/** Bytes of every script and style a page loads, as they travel and as gzip would make them. */
async function weigh(page, address) {
  const scripts = { gzip: 0, files: [] }
  const read = []
  page.on('response', (answer) => {
    if (answer.request().resourceType() !== 'script') return
    read.push(answer.body().then((body) => {
      scripts.gzip += gzipSync(body, { level: 9 }).length
      scripts.files.push(new URL(answer.url()).pathname)
      const packed = answer.headers()['content-encoding']
      assert.ok(packed || body.length < 1500, `${answer.url()} travels unpacked`)
    }))
  })
  await page.goto(address, { waitUntil: 'networkidle' })
  await Promise.all(read)
  return scripts
}

test('the first load of the staff UI is at most 180 KB of script', async () => {
  const page = await open(browser, server, { client: editor })
  const { gzip, files } = await weigh(page, server.url)
  await page.getByRole('grid').waitFor()
  console.log(`staff: ${(gzip / 1024).toFixed(1)} KB of script in ${files.length} files`)
  assert.ok(gzip > 0 && gzip <= 180 * 1024, `${gzip} bytes`)
  await close(page)
})

test('a guest page of one image is at most 12 KB of script and 14 KB of page', async () => {
  const page = await open(browser, server)
  const { gzip, files } = await weigh(page, server.url + pathOf(link.url))
  const html = gzipSync(await (await fetch(server.url + pathOf(link.url))).text()).length
  console.log(`guest: ${(gzip / 1024).toFixed(1)} KB of script in ${files.length} files, ${(html / 1024).toFixed(1)} KB of page`)
  assert.ok(gzip <= 12 * 1024, `${gzip} bytes`)
  assert.ok(html <= 14 * 1024)
  await close(page)
})

test('without script a guest sees the picture, downloads it and unlocks a link', async () => {
  const page = await open(browser, server, { javaScriptEnabled: false, acceptDownloads: true })
  await page.goto(server.url + pathOf(link.url))
  const picture = page.locator('main img').first()
  await picture.waitFor()
  const drawn = await picture.boundingBox()
  assert.ok(drawn.width > 200 && drawn.height > 100, JSON.stringify(drawn))
  const original = page.locator('a[href*="/original"]').first()
  if (!(await original.isVisible())) await page.locator('summary').first().click()
  const [download] = await Promise.all([page.waitForEvent('download'), original.click()])
  assert.equal(download.suggestedFilename(), asset.name)

  const locked = await editor.link({ kind: 'public', asset_ids: [asset.id], password: 'let me in please' })
  await page.goto(server.url + pathOf(locked.url))
  await page.getByLabel('Password').first().fill('let me in please')
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  await page.locator('main img').first().waitFor()
  await close(page)
})

test('a guest page keeps nothing in the browser and allows no inline script', async () => {
  const page = await open(browser, server)
  const answer = await page.goto(server.url + pathOf(link.url), { waitUntil: 'networkidle' })
  assert.equal((await page.context().cookies()).length, 0)
  const policy = answer.headers()['content-security-policy']
  assert.ok(policy && !/script-src[^;]*unsafe-inline/.test(policy), policy)
  assert.match(answer.headers()['referrer-policy'], /no-referrer/)
  await until('a picture', () => page.locator('main img').first().evaluate((i) => i.naturalWidth > 0))
  await close(page)
})
