/** A small choice that this browser remembers: an open sidebar, the last tab. */
export function kept<T extends string>(key: string, fallback: T): { value: T } {
  let value = $state((localStorage.getItem(key) as T | null) ?? fallback)
  return {
    get value() {
      return value
    },
    set value(next) {
      value = next
      localStorage.setItem(key, next)
    },
  }
}
