const longEnough = 450
const still = 8

/** Attachment: a long press of a finger, where a mouse would use the circle. */
export function touch(pressed: (target: Element) => void) {
  return (element: HTMLElement) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let start = { x: 0, y: 0 }
    let fired = false
    const stop = () => clearTimeout(timer)

    const down = (e: PointerEvent) => {
      fired = false
      if (e.pointerType !== 'touch') return
      start = { x: e.clientX, y: e.clientY }
      const target = e.target as Element
      stop()
      timer = setTimeout(() => {
        fired = true
        navigator.vibrate?.(10)
        pressed(target)
      }, longEnough)
    }
    const move = (e: PointerEvent) => {
      if (Math.hypot(e.clientX - start.x, e.clientY - start.y) > still) stop()
    }
    // The click that ends a long press, and the system's own menu, are not meant.
    const swallow = (e: Event) => {
      if (!fired) return
      fired = false
      e.preventDefault()
      e.stopPropagation()
    }
    const menu = (e: Event) => {
      if ((e as PointerEvent).pointerType === 'touch') e.preventDefault()
    }

    element.addEventListener('pointerdown', down)
    element.addEventListener('pointermove', move)
    element.addEventListener('pointerup', stop)
    element.addEventListener('pointercancel', stop)
    element.addEventListener('click', swallow, { capture: true })
    element.addEventListener('contextmenu', menu)
    return () => {
      stop()
      element.removeEventListener('pointerdown', down)
      element.removeEventListener('pointermove', move)
      element.removeEventListener('pointerup', stop)
      element.removeEventListener('pointercancel', stop)
      element.removeEventListener('click', swallow, { capture: true })
      element.removeEventListener('contextmenu', menu)
    }
  }
}
