import AudioLines from '@lucide/svelte/icons/audio-lines'
import File from '@lucide/svelte/icons/file'
import FileText from '@lucide/svelte/icons/file-text'
import Film from '@lucide/svelte/icons/film'
import Image from '@lucide/svelte/icons/image'
import type { Glyph } from './action'

/** The sign of each kind of asset. */
export const glyphOf: Record<'image' | 'video' | 'audio' | 'document' | 'other', Glyph> = {
  image: Image,
  video: Film,
  audio: AudioLines,
  document: FileText,
  other: File,
}

const wellKnown = /^image\/(jpeg|png|gif|webp|avif|heic|heif|tiff|bmp|jxl|svg\+xml)$/

/** «JPEG», «TIFF», «CR2»: the format in the word people use for it, which for most kinds is the file's ending. */
export function formatOf({ name, mime }: { name: string; mime: string }): string {
  const ending = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]
  const own = wellKnown.exec(mime)?.[1]?.replace('+xml', '')
  return (own ?? ending ?? mime.split('/')[1] ?? '').toUpperCase()
}
