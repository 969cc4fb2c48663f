// The browser side of the harness: contexts that are signed in, the few ways through the staff UI that every
// scenario takes, and the checks that hold on every screen.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { chromium } from 'playwright-core'
import { root } from './lib.mjs'

const program = process.env.VITRINE_CHROMIUM ?? '/usr/bin/chromium'

export function launch() {
  return chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  })
}

/**
 * A page in a context of its own. With a client it is signed in as that user. Anything the page logs as an
 * error, any request that leaves the server, and any violation of the content policy fails the scenario at its end.
 */
export async function open(browser, server, { client, timezoneId = 'Europe/Berlin', locale = 'en-US', viewport = { width: 1280, height: 800 }, ...more } = {}) {
  const context = await browser.newContext({ locale, timezoneId, viewport, reducedMotion: 'reduce', ...more })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url })
  if (client) {
    await context.addCookies([...client.cookies].map(([name, value]) => ({ name, value, url: server.url, httpOnly: true, sameSite: 'Lax' })))
  }
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  page.troubles = []
  page.on('pageerror', (err) => page.troubles.push(`error: ${err.message}`))
  page.on('console', (msg) => {
    // A refusal that a scenario provokes is logged by the browser itself.
    if (msg.type() === 'error' && !/Failed to load resource/.test(msg.text())) page.troubles.push(`console: ${msg.text()}`)
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (['http:', 'https:', 'ws:'].includes(url.protocol) && url.origin !== server.url) page.troubles.push(`left the server: ${url}`)
  })
  return page
}

export async function close(page) {
  const { troubles } = page
  await page.context().close()
  assert.deepEqual(troubles, [], 'the browser complained')
}

const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** Dresses the page in a theme and waits until nothing on it is on its way any more. */
async function dress(page, colorScheme) {
  await page.emulateMedia({ colorScheme })
  await page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    await frame()
    await frame()
    const ending = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity)
    await Promise.allSettled(ending.map((a) => a.finished))
  })
}

/** No violation of WCAG 2.2 AA, in the light and in the dark theme. */
export async function axe(page, what) {
  for (const colorScheme of ['light', 'dark']) {
    await dress(page, colorScheme)
    const { violations } = await new AxeBuilder({ page }).withTags(wcag).analyze()
    const told = violations.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.map((n) => `${n.html.slice(0, 200)}\n    ${n.failureSummary.replaceAll('\n', ' ')}`).join('\n  ')}`)
    assert.equal(violations.length, 0, `${what}, ${colorScheme}:\n${told.join('\n')}`)
  }
  await dress(page, 'light')
}

const shots = join(root, 'e2e/screenshots')

/** Pictures of a screen for people to look at: light, dark, and at 390 px. */
export async function screenshots(page, name) {
  mkdirSync(shots, { recursive: true })
  const size = page.viewportSize()
  for (const colorScheme of ['light', 'dark']) {
    await dress(page, colorScheme)
    await page.screenshot({ path: join(shots, `${name}-${colorScheme}.png`) })
  }
  await dress(page, 'light')
  await page.setViewportSize({ width: 390, height: 844 })
  await page.screenshot({ path: join(shots, `${name}-390.png`) })
  await page.setViewportSize(size)
}

export const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText())

export async function toast(page, text) {
  await page.getByRole('status').filter({ hasText: text }).first().waitFor()
}

const literal = (text) => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))

export const tile = (page, asset) => page.getByRole('gridcell', { name: literal(asset.title || asset.name) })

/** The feed, narrowed to what a search finds. */
export async function feed(page, server, q = '') {
  await page.goto(`${server.url}/${q && `?q=${encodeURIComponent(q)}`}`)
  await page.getByRole('grid').waitFor()
}

export async function preview(page, server, asset) {
  await feed(page, server, asset.number)
  await tile(page, asset).dblclick()
  await page.getByRole('dialog', { name: /^Preview of/ }).waitFor()
}

/** Opens the Share menu and answers with its items' names. */
export async function shareMenu(page) {
  await page.getByRole('button', { name: 'Share', exact: true }).last().click()
  await page.getByRole('menu').waitFor()
  return Promise.all((await page.getByRole('menuitem').all()).map((i) => i.getAttribute('aria-label')))
}

export const choose = (page, item) => page.getByRole('menuitem', { name: item, exact: true }).click()
export const dialog = (page, name) => page.getByRole('dialog', { name, exact: true })
