import { frameAt, picks, placeOf, seekBy, within, type Sheet } from '../lightbox/storyboard'
import { durationText } from '../ui/duration'

/** How high the strip of a film's stills is, as guest.css has it. */
const stripHeight = 48

function part(className: string): HTMLElement {
  const span = document.createElement('span')
  span.className = className
  return span
}

/** Draws one still of a sheet into a box of its shape. */
function draw(box: HTMLElement, sheet: Sheet, frame: number) {
  const { x, y } = placeOf(frame, sheet)
  box.style.backgroundImage = `url("${sheet.url}")`
  box.style.backgroundSize = `${sheet.columns * 100}% ${sheet.rows * 100}%`
  box.style.backgroundPosition = `${x}% ${y}%`
}

/** Fills the strip with as many stills as it has room for, and again when its width changes. */
function fill(strip: HTMLElement, sheet: Sheet, aspect: number) {
  const frames = part('frames')
  strip.prepend(frames)
  new ResizeObserver(() => {
    const count = Math.max(1, Math.round(strip.clientWidth / (stripHeight * aspect)))
    if (frames.childElementCount === count) return
    frames.replaceChildren(
      ...picks(count, sheet).map((frame) => {
        const box = part('frame')
        draw(box, sheet, frame)
        return box
      }),
    )
  }).observe(strip)
}

/**
 * Makes a time line of an element: stills of a film, or the wave of a sound. Pointing shows the
 * moment, a click or a drag goes there, and so do the keys of a slider.
 */
export function timeLine(line: HTMLElement, media: HTMLMediaElement) {
  const { sheet: url, columns, rows, duration: stated, label } = line.dataset
  const sheet = url ? { url, columns: Number(columns), rows: Number(rows) } : null
  const aspect = Number(media.getAttribute('width')) / Number(media.getAttribute('height')) || 16 / 9
  const duration = () => (Number.isFinite(media.duration) ? media.duration : Number(stated) || 0)

  const played = part('played')
  const peek = part('peek')
  const still = part('frame')
  const time = part('time')
  if (sheet) {
    fill(line, sheet, aspect)
    still.style.aspectRatio = String(aspect)
    peek.append(still)
  }
  peek.hidden = true
  peek.append(time)
  line.append(played, peek)
  line.hidden = false
  line.tabIndex = 0
  line.setAttribute('role', 'slider')
  line.setAttribute('aria-label', label ?? '')
  line.setAttribute('aria-valuemin', '0')

  const show = () => {
    const share = duration() > 0 ? media.currentTime / duration() : 0
    played.style.width = `${share * 100}%`
    line.setAttribute('aria-valuemax', String(Math.round(duration())))
    line.setAttribute('aria-valuenow', String(Math.round(media.currentTime)))
    line.setAttribute('aria-valuetext', `${durationText(media.currentTime)} / ${durationText(duration())}`)
  }
  const point = (moment: number) => {
    const share = duration() > 0 ? moment / duration() : 0
    if (sheet) draw(still, sheet, frameAt(share, sheet))
    time.textContent = durationText(moment)
    peek.style.left = `${share * 100}%`
    peek.style.translate = `${-share * 100}% 0`
    peek.hidden = false
  }
  const go = (moment: number) => {
    media.currentTime = moment
    point(moment)
    show()
  }
  const momentOf = (e: PointerEvent) => {
    const box = line.getBoundingClientRect()
    return within(((e.clientX - box.left) / box.width) * duration(), duration())
  }

  line.addEventListener('pointerdown', (e) => {
    if (e.button !== 0) return
    line.setPointerCapture(e.pointerId)
    go(momentOf(e))
  })
  line.addEventListener('pointermove', (e) => (line.hasPointerCapture(e.pointerId) ? go : point)(momentOf(e)))
  for (const end of ['pointerleave', 'blur']) line.addEventListener(end, () => (peek.hidden = true))
  line.addEventListener('focus', () => line.matches(':focus-visible') && point(media.currentTime))
  line.addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return
    const to = seekBy(e.key, media.currentTime, duration())
    if (to === null) return
    e.preventDefault()
    go(to)
  })
  for (const change of ['timeupdate', 'seeking', 'durationchange']) media.addEventListener(change, show)
  show()
}
