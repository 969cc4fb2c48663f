/** One tooltip for the whole page: it repeats a control's name, so screen readers never need it. */
let layer: HTMLElement | undefined
let timer: ReturnType<typeof setTimeout> | undefined

function show(target: HTMLElement, text: string) {
  layer ??= document.body.appendChild(Object.assign(document.createElement('div'), { className: 'tip' }))
  layer.setAttribute('aria-hidden', 'true')
  layer.textContent = text
  const at = target.getBoundingClientRect()
  const own = layer.getBoundingClientRect()
  const below = at.bottom + 6 + own.height < innerHeight
  const left = Math.min(Math.max(4, at.left + at.width / 2 - own.width / 2), innerWidth - own.width - 4)
  layer.style.transform = `translate(${Math.round(left)}px, ${Math.round(below ? at.bottom + 6 : at.top - own.height - 6)}px)`
  layer.dataset.shown = ''
}

function hide() {
  clearTimeout(timer)
  delete layer?.dataset.shown
}

/** Attachment: a tooltip on hover after a moment, and at once on keyboard focus. */
export function tip(text: string | undefined) {
  return (target: HTMLElement) => {
    if (!text) return
    const later = (e: PointerEvent) => {
      if (e.pointerType === 'touch') return
      clearTimeout(timer)
      timer = setTimeout(() => show(target, text), 450)
    }
    const focused = () => target.matches(':focus-visible') && show(target, text)
    target.addEventListener('pointerenter', later)
    target.addEventListener('focus', focused)
    for (const end of ['pointerleave', 'pointerdown', 'blur'] as const) target.addEventListener(end, hide)
    return () => {
      hide()
      target.removeEventListener('pointerenter', later)
      target.removeEventListener('focus', focused)
      for (const end of ['pointerleave', 'pointerdown', 'blur'] as const) target.removeEventListener(end, hide)
    }
  }
}
