/** Whether the pressed element stands inside what a selector names. */
type Inside = (selector: string) => unknown

/**
 * Whom a key belongs to while the preview is open: fields and menus keep theirs, a focused player keeps what
 * it moves and plays with, a focused button keeps Space, the panel scrolls itself. The rest is the preview's.
 */
export function keyOwner(inside: Inside, key: string): 'field' | 'player' | 'control' | 'panel' | 'preview' {
  if (inside('input, textarea, select, [role=tab], [role=menu]')) return 'field'
  const moves = key.length > 1 && key !== 'Escape'
  if ((moves || key === ' ') && inside('video, audio')) return 'player'
  if (key === ' ' && inside('button, a, summary')) return 'control'
  return inside('aside') && (key === ' ' || key.startsWith('Page')) ? 'panel' : 'preview'
}
