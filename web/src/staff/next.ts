/** Only paths of our own may be returned to: never another host's. */
export function safeNext(next: string | undefined): string {
  // The URL parser drops tabs and line ends, so that "/\t/elsewhere" would leave.
  if (!next?.startsWith('/') || next.startsWith('//') || /[\\\u0000-\u0020]/.test(next)) return '/'
  return next
}
