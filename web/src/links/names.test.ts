import { expect, test } from 'vitest'
import en from '../../catalogue/staff.en.json'
import ru from '../../catalogue/staff.ru.json'
import { fill } from '../ui/catalogue'
import { defaultNames } from './names'

const english = (at: string, zone: string) =>
  defaultNames((key, values) => fill(en[key as keyof typeof en], values ?? {}, 'en'), new Date(at), zone)

test('the default names tell the moment in the zone of the user', () => {
  expect(english('2026-11-23T09:36:00Z', 'Europe/Berlin')).toEqual({
    link: 'Link from 23 Nov 2026, 10:36',
    collection: 'New collection from 23 Nov 2026',
  })
})

test('the day can differ from that of UTC', () => {
  expect(english('2026-11-23T10:00:00Z', 'Pacific/Kiritimati').link).toBe('Link from 24 Nov 2026, 00:00')
})

test('in Russian too', () => {
  const names = defaultNames((key, values) => fill(ru[key as keyof typeof ru], values ?? {}, 'ru'), new Date('2026-11-23T09:36:00Z'), 'Europe/Moscow')
  expect(names.link).toBe('Ссылка от 23 нояб. 2026, 12:36')
})
