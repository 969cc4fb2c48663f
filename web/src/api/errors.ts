import { said, t } from '../ui/i18n.svelte'
import { ApiError } from './client'

/** What went wrong in a sentence for the user: the server's own where it wrote one for people. */
export function sentence(error: unknown): string {
  if (!(error instanceof ApiError)) return t('staff.error.server')
  switch (error.code) {
    case 'offline':
      return t('staff.error.offline')
    case 'unauthenticated':
      return t('staff.signIn.ended')
    case 'forbidden':
      return t('staff.error.forbidden')
    case 'not_found':
      return t('staff.error.gone')
    case 'too_many_requests':
      return t('staff.error.wait')
    case 'storage_full':
      return t('staff.error.full')
    case 'original_not_here':
    case 'original_unavailable':
      return t('staff.share.note')
  }
  const [first] = Object.values(error.fields)
  if (error.status >= 500 || error.status === 0) return t('staff.error.server')
  return said(first ?? error.detail) || t('staff.error.server')
}
