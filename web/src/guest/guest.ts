// The guest pages are whole without this file. It adds keys, a way to see the password one types,
// rows that grow in place, a time line for films and sounds, and the patience to wait for what is
// being made.
import './guest.css'
import { timeLine } from './line'
import { pager } from './pages'
import { fillFrames, waitFor } from './waiting'

const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E | null

function keys(event: KeyboardEvent) {
  const busy = event.target instanceof HTMLInputElement || event.target instanceof HTMLMediaElement
  if (busy || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
  const open = document.querySelector<HTMLDetailsElement>('.menu[open]')
  if (event.key === 'Escape' && open) {
    open.open = false
    open.querySelector('summary')?.focus()
    return
  }
  const target = { ArrowLeft: 'previous', ArrowRight: 'next', Escape: 'back' }[event.key]
  if (target && !open) find<HTMLAnchorElement>(target)?.click()
}

function reveal(button: HTMLButtonElement) {
  const input = find<HTMLInputElement>('password')
  if (!input) return
  const words = [button.textContent, button.dataset.hide ?? '']
  button.hidden = false
  button.addEventListener('click', () => {
    const shown = input.type === 'text'
    input.type = shown ? 'password' : 'text'
    button.textContent = words[shown ? 0 : 1] ?? ''
    input.focus()
  })
  input.form?.addEventListener('submit', () => (input.type = 'password'))
}

/** «Show more» brings the next tiles here instead of a new page; if that fails, the link still leads there. */
function grow(link: HTMLAnchorElement) {
  link.addEventListener('click', async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    link.setAttribute('aria-busy', 'true')
    try {
      const answer = await fetch(link.href)
      const next = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const tiles = [...next.querySelectorAll('#grid > *')]
      if (!answer.ok || tiles.length === 0) throw new Error('no tiles')
      find('grid')?.append(...tiles)
      tiles[0]?.querySelector('a')?.focus()
      const more = next.querySelector<HTMLAnchorElement>('#more')
      if (more) link.href = more.getAttribute('href') ?? ''
      else link.remove()
      link.removeAttribute('aria-busy')
    } catch {
      location.assign(link.href)
    }
  })
}

/** What the item on the page needs, each time there is another one. */
function dress() {
  const line = find('line')
  const media = find<HTMLMediaElement>('media')
  if (line && media) timeLine(line, media)
  const nav = find('pager')
  if (nav) pager(nav, [...document.querySelectorAll<HTMLElement>('.leaves > li')])
}

document.addEventListener('keydown', keys)
fillFrames()
const main = find('main')
if (main?.dataset.again) waitFor(main, dress)
if (main?.dataset.reload) setTimeout(() => location.reload(), Number(main.dataset.reload) * 1000)
dress()
const button = find<HTMLButtonElement>('reveal')
if (button) reveal(button)
const more = find<HTMLAnchorElement>('more')
if (more) grow(more)
