/**
 * Fills the frames whose picture was not made yet: the server answers those with a single pixel,
 * of which a frame with a choice of sizes may count none.
 */
export function fillFrames() {
  const look = (img: HTMLImageElement) => {
    if (!img.complete || img.naturalWidth > 1 || img.getAttribute('width') === '1') return
    const tries = Number(img.dataset.tries ?? 0)
    if (tries >= 20) return
    setTimeout(() => {
      const address = new URL(img.currentSrc)
      address.searchParams.set('try', String(tries + 1))
      img.dataset.tries = String(tries + 1)
      img.removeAttribute('srcset')
      img.src = address.href
    }, Math.min(2000 * 1.3 ** tries, 15_000))
  }
  document.addEventListener('load', (e) => e.target instanceof HTMLImageElement && look(e.target), true)
  // Those that came before this file did; not those that wait to be scrolled to.
  for (const img of document.images) if (performance.getEntriesByName(img.currentSrc).length > 0) look(img)
}

/**
 * Asks for the page again and again until what is being made has come, and puts it in place. A
 * refusal is shown as the page it is; trouble on the way is waited out.
 */
export function waitFor(main: HTMLElement, arrived: () => void) {
  let wait = 3000
  let shown = main.outerHTML
  const ask = async () => {
    wait = Math.min(wait * 1.3, 20_000)
    const answer = document.hidden ? null : await fetch(main.dataset.again!).catch(() => null)
    if (answer && answer.status >= 400 && answer.status < 500) return location.reload()
    const text = answer?.ok ? await answer.text().catch(() => '') : ''
    const page = new DOMParser().parseFromString(text, 'text/html')
    const next = page.getElementById('main')
    if (next && next.outerHTML !== shown) {
      shown = next.outerHTML
      main.replaceWith(next)
      document.querySelector('.actions')?.replaceWith(...page.querySelectorAll('.actions'))
      main = next
      arrived()
    }
    if (main.dataset.again) setTimeout(ask, wait)
  }
  setTimeout(ask, wait)
}
