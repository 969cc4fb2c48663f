import type { LucideIcon } from '@lucide/svelte'

export type Glyph = LucideIcon

/** An action is data: menus, rows and key maps all draw from the same lists. */
export interface Action {
  label: string
  icon?: Glyph
  run: () => void
  /** Runs inside the click itself, as the clipboard demands; others run once the menu has closed. */
  instant?: boolean
  /** Stays in its place but can't be used; the note says why. */
  disabled?: boolean
  note?: string
  /** Second line or right-hand detail. */
  detail?: string
  danger?: boolean
  checked?: boolean
  href?: string
}
