import { expect, test } from 'vitest'
import en from '../../catalogue/staff.en.json'
import ru from '../../catalogue/staff.ru.json'
import { fill } from '../ui/catalogue'
import { defaultNames } from './names'

const at = new Date('2026-11-23T09:36:00Z')

test('the default names tell the moment in the zone of the user', () => {
  const names = defaultNames((key, values) => fill(en[key], values ?? {}, 'en'), at, 'Europe/Berlin', 'en')
  expect(names).toEqual({ link: 'Link from 23 Nov 2026, 10:36', collection: 'New collection from 23 Nov 2026' })
})

test('the day can differ from that of UTC', () => {
  const names = defaultNames((key, values) => fill(en[key], values ?? {}, 'en'), at, 'Pacific/Kiritimati', 'en')
  expect(names.link).toBe('Link from 23 Nov 2026, 23:36')
  const later = new Date('2026-11-23T10:00:00Z')
  expect(defaultNames((k, v) => fill(en[k], v ?? {}, 'en'), later, 'Pacific/Kiritimati', 'en').link).toContain('24 Nov')
})

test('in Russian too', () => {
  const names = defaultNames((key, values) => fill(ru[key], values ?? {}, 'ru'), at, 'Europe/Moscow', 'ru')
  expect(names.link).toMatch(/^Ссылка от 23 нояб\. 2026.*, 12:36$/)
})
