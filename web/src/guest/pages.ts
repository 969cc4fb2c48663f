/** Says which page of a document is in sight, and leads to the ones beside it. */
export function pager(nav: HTMLElement, leaves: HTMLElement[]) {
  const [previous, next] = nav.querySelectorAll('a')
  const place = nav.querySelector('p')
  if (!previous || !next || !place || leaves.length < 2) return
  const at = (link: HTMLAnchorElement, leaf?: HTMLElement) => {
    if (leaf) link.href = `#${leaf.id}`
    else link.removeAttribute('href')
  }
  const show = () => {
    const middle = innerHeight / 2
    const now = leaves.findLastIndex((leaf) => leaf.getBoundingClientRect().top <= middle)
    const here = Math.max(now, 0)
    place.textContent = leaves[here]!.querySelector('a')!.textContent
    at(previous, leaves[here - 1])
    at(next, leaves[here + 1])
  }
  let asked = false
  addEventListener(
    'scroll',
    () => {
      if (asked) return
      asked = true
      requestAnimationFrame(() => {
        asked = false
        show()
      })
    },
    { passive: true },
  )
  nav.hidden = false
  show()
}
