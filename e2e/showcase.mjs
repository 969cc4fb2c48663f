// Takes the pictures of the README from a server with the demo library: node e2e/showcase.mjs
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { choose, dialog, feed, launch, open, preview, shareMenu, tile } from './browser.mjs'
import { Server, pathOf, root, until } from './lib.mjs'

const out = join(root, 'docs/img')
mkdirSync(out, { recursive: true })

const server = await Server.start({ args: ['--demo', '--demo-media', join(root, 'demo-media')] })
const browser = await launch()
try {
  const notes = await until('the demo', () => {
    try {
      return JSON.parse(readFileSync(join(server.data, 'demo.json'), 'utf8'))
    } catch {
      return null
    }
  })
  const editor = await server.signIn('editor@example.org', notes.password)
  const { items } = await editor.get('/api/v1/assets')
  for (const a of items) await editor.ready(a.id, 300)
  const film = items.find((a) => a.kind === 'video')
  const paper = items.find((a) => a.kind === 'document')

  const still = (page) => until('the pictures', () => page.evaluate(() => [...document.images].every((i) =>
    (i.complete && i.naturalWidth > 0) || i.getBoundingClientRect().top > innerHeight)))
  const take = async (page, name) => {
    await still(page)
    await page.screenshot({ path: join(out, `${name}.jpg`), type: 'jpeg', quality: 86 })
  }

  const page = await open(browser, server, { client: editor, viewport: { width: 1280, height: 860 } })
  await feed(page, server)
  await tile(page, items[0]).waitFor()
  await take(page, 'feed-light')
  await page.emulateMedia({ colorScheme: 'dark' })
  await take(page, 'feed-dark')
  await page.emulateMedia({ colorScheme: 'light' })

  await tile(page, items[0]).dblclick()
  await page.getByRole('dialog', { name: /^Preview of/ }).waitFor()
  await shareMenu(page)
  await take(page, 'preview-light')
  await choose(page, 'Create public link')
  await dialog(page, 'Create public link').waitFor()
  await dialog(page, 'Create public link').getByRole('checkbox', { name: 'Proxy', exact: true }).click()
  await take(page, 'link-light')

  await page.keyboard.press('Escape')
  await preview(page, server, film)
  await page.locator('video').first().evaluate((v) => new Promise((done) => {
    v.addEventListener('seeked', done, { once: true })
    v.currentTime = 6
  }))
  await take(page, 'film-light')
  const admin = await server.signIn('admin@example.org', notes.password)
  const settings = await open(browser, server, { client: admin, viewport: { width: 1280, height: 860 } })
  await settings.goto(`${server.url}/settings/watermark`)
  await settings.getByText('Light picture').waitFor()
  await take(settings, 'watermark-light')

  const phone = await open(browser, server, { client: editor, viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true })
  await feed(phone, server)
  await tile(phone, items[0]).waitFor()
  await take(phone, 'feed-390')

  const links = (await editor.get('/api/v1/links')).items
  const [gallery] = links.filter((l) => l.target.kind === 'collection' && !l.has_password).sort((a, b) => b.target.count - a.target.count)
  const visitor = await open(browser, server, { viewport: { width: 1280, height: 860 } })
  await visitor.goto(server.url + pathOf(gallery.url))
  await take(visitor, 'guest-light')
  await visitor.locator('main a[href*="item="]').first().click()
  await visitor.locator('main img').first().waitFor()
  await take(visitor, 'guest-item-light')
  await visitor.goto(`${server.url}${pathOf(gallery.url)}?item=${paper.id}`)
  await visitor.locator('main img').first().waitFor()
  await take(visitor, 'guest-document-light')
  const marked = links.find((l) => l.watermark)
  await visitor.goto(server.url + pathOf(marked.url))
  await visitor.locator('main a[href*="item="]').first().click()
  await visitor.locator('main img').first().waitFor()
  await take(visitor, 'guest-marked-light')
  console.log(`pictures in ${out}`)
} finally {
  await browser.close()
  await server.stop()
}
