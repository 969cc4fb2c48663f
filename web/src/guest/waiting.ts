/** What stands in the frame of a picture that is refused, where a browser would draw it as broken. */
const empty = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=='

function show(img: HTMLImageElement, address: string) {
  img.removeAttribute('srcset')
  img.src = address
}

/**
 * Fills the frames whose picture was not made yet: the server answers those with a single pixel,
 * of which a frame with a choice of sizes may count none. A frame keeps its shape meanwhile.
 */
export function fillFrames() {
  const look = (img: HTMLImageElement) => {
    const [width, height] = [img.getAttribute('width'), img.getAttribute('height')]
    const filled = img.naturalWidth > 1 || width === '1'
    img.style.aspectRatio = filled ? '' : `${width} / ${height}`
    const tries = Number(img.dataset.tries ?? 0)
    if (filled || tries >= 20 || img.currentSrc === empty) return
    setTimeout(() => {
      const address = new URL(img.currentSrc)
      address.searchParams.set('try', String(tries + 1))
      img.dataset.tries = String(tries + 1)
      show(img, address.href)
    }, Math.min(2000 * 1.3 ** tries, 15_000))
  }
  document.addEventListener('load', (e) => e.target instanceof HTMLImageElement && look(e.target), true)
  document.addEventListener('error', (e) => e.target instanceof HTMLImageElement && show(e.target, empty), true)
  // Those that came before this file did; not those that wait to be scrolled to.
  for (const img of document.images) {
    if (img.complete && performance.getEntriesByName(img.currentSrc).length > 0) look(img)
  }
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
