export type Theme = 'system' | 'light' | 'dark'

const stored = localStorage.getItem('vitrine.theme')
let theme = $state<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system')

export const currentTheme = () => theme

export function wear(next: Theme) {
  theme = next
  if (next === 'system') {
    localStorage.removeItem('vitrine.theme')
    delete document.documentElement.dataset.theme
    return
  }
  localStorage.setItem('vitrine.theme', next)
  document.documentElement.dataset.theme = next
}
