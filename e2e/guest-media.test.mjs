// What a guest does with films, sounds and documents, with the small script of the guest pages and without it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { axe, close, launch, open } from './browser.mjs'
import { captions, film, pdf } from './files.mjs'
import { Server, pathOf, photo, until } from './lib.mjs'

let server, browser, editor, clip, report, links

before(async () => {
  server = await Server.start()
  editor = await server.addUser('editor@example.org', 'editor')
  browser = await launch()
  ;[clip, report] = await editor.bring(await film('guest.mp4'), await pdf())
  await editor.attach(clip.id, await captions('English.vtt'))
  const both = await editor.link({ kind: 'public', asset_ids: [clip.id, report.id] })
  links = {
    film: `${pathOf(both.url)}?item=${clip.id}`,
    document: `${pathOf(both.url)}?item=${report.id}`,
  }
})
after(async () => {
  await browser?.close()
  await server?.stop()
})

describe('a film', () => {
  test('is sought along its stills, by pointer and by keys, and shows its captions', async () => {
    const page = await open(browser, server)
    await page.goto(server.url + links.film)
    const line = page.getByRole('slider', { name: 'Seek' })
    await line.waitFor()
    await axe(page, 'guest page of a film')
    const box = await line.boundingBox()
    const video = page.locator('video')
    const time = () => video.evaluate((v) => v.currentTime)
    await until('the length of the film', () => video.evaluate((v) => v.duration > 3.9))

    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await page.locator('.peek .time').filter({ hasText: '0:02' }).waitFor()
    assert.match(await page.locator('.peek .frame').evaluate((f) => f.style.backgroundImage), /storyboard/)
    assert.equal(await time(), 0, 'pointing moves nothing')
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
    assert.ok(Math.abs((await time()) - 2) < 0.2, `${await time()} s`)

    await line.press('Home')
    assert.equal(await time(), 0)
    await line.press('ArrowRight')
    assert.ok((await time()) > 3.5, 'five seconds on is the end')
    assert.equal(new URL(page.url()).search, `?item=${clip.id}`, 'the keys of the line turn no page')
    assert.equal(await line.getAttribute('aria-valuetext'), '0:04 / 0:04')

    await until('the captions', () => video.evaluate((v) => v.textTracks[0].mode === 'showing' && v.textTracks[0].cues?.length === 1))
    await close(page)
  })

  test('plays without a script', async () => {
    const page = await open(browser, server, { javaScriptEnabled: false })
    await page.goto(server.url + links.film)
    assert.equal(await page.locator('video[controls][poster] track[kind=captions]').count(), 1)
    assert.equal(await page.locator('#line').isVisible(), false)
    await close(page)
  })

  test('that is being made appears by itself, and waiting is one visit', async () => {
    const fresh = await editor.upload(await film('late.mp4', { seconds: 12 }))
    const link = await editor.link({ kind: 'public', asset_ids: [fresh.id] })
    const page = await open(browser, server)
    await page.goto(server.url + pathOf(link.url))
    assert.ok((await page.locator('video').count()) > 0 || /being (made|prepared)/.test(await page.locator('main').innerText()))
    await editor.ready(fresh.id, 120)
    await page.locator('video').waitFor({ timeout: 45_000 })
    await page.getByRole('slider', { name: 'Seek' }).waitFor()
    await close(page)
    await until('the visit to be counted', async () => (await editor.get(`/api/v1/links/${link.id}/stats`)).views > 0)
    assert.equal((await editor.get(`/api/v1/links/${link.id}/stats`)).views, 1)
  })
})

describe('a document', () => {
  test('tells which page is in sight and leads to the next', async () => {
    const page = await open(browser, server)
    await page.goto(server.url + links.document)
    const pager = page.getByRole('navigation', { name: 'Pages' })
    await pager.getByText(`Page 1 of ${report.pages}`).waitFor()
    await axe(page, 'guest page of a document')
    await pager.getByRole('link', { name: 'Next page' }).click()
    await pager.getByText(`Page 2 of ${report.pages}`).waitFor()
    assert.equal(new URL(page.url()).hash, '#page-2')
    await until('the second page', () => page.locator('#page-2 img').evaluate((img) => img.naturalWidth > 1))
    await close(page)
  })

  test('is read without a script', async () => {
    const page = await open(browser, server, { javaScriptEnabled: false })
    await page.goto(`${server.url}${links.document}#page-${report.pages}`)
    const last = page.locator(`#page-${report.pages} img`)
    await until('the last page', async () => (await last.boundingBox()).y < 800 && last.evaluate((img) => img.naturalWidth > 1))
    assert.equal(await page.getByRole('navigation', { name: 'Pages' }).count(), 0)
    await close(page)
  })
})

test('a picture that is not made yet leaves its place empty and comes when it is', async () => {
  const [asset] = await editor.bring(await photo('patient.jpg'))
  const link = await editor.link({ kind: 'public', asset_ids: [asset.id] })
  const page = await open(browser, server)
  const empty = Buffer.from('R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64')
  let asked = 0
  await page.route(/\/a\/[^/]+\/(preview|thumbnail)/, (route) =>
    ++asked <= 2 ? route.fulfill({ status: 202, contentType: 'image/gif', headers: { 'Retry-After': '2' }, body: empty }) : route.continue())
  await page.goto(server.url + pathOf(link.url))
  const picture = page.locator('main img')
  const place = async () => Object.values(await picture.boundingBox()).map(Math.round)
  const before = await place()
  await until('the picture', () => picture.evaluate((img) => img.naturalWidth > 1))
  assert.equal(asked, 3)
  assert.deepEqual(await place(), before, 'nothing jumps')
  await close(page)
})

test('a picture that is refused leaves its place empty', async () => {
  const page = await open(browser, server)
  await page.route(/\/a\/[^/]+\/page-2/, (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body: '{}' }))
  await page.goto(server.url + links.document)
  const leaf = page.locator('#page-2 img')
  await leaf.scrollIntoViewIfNeeded()
  await until('the empty frame', () => leaf.evaluate((img) => img.currentSrc.startsWith('data:')))
  const [one, two] = [await page.locator('#page-1 img').boundingBox(), await leaf.boundingBox()]
  assert.ok(Math.abs(one.height - two.height) < 2, `${two.height} px high, its neighbour ${one.height}`)
  await close(page)
})
