// Real files of the kinds people bring, made by the tools of the trade or by hand, each once a run.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { geotags, once, photo, root, run } from './lib.mjs'

/** A picture without metadata, as any of the formats the tools below write. */
const plain = (width = 1600, height = 1067, seed = 11) => photo(`plain-${width}x${height}-${seed}.jpg`, { width, height, seed })

const convert = async (file, ...args) => run('convert', [await plain(), ...args, file])
const vips = async (file, options) => run('vips', ['copy', await plain(), `${file}${options}`])
const ffmpeg = (...args) => run('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args])

/** Files of internal/testkit, written by its own command. */
const fromTestkit = (name) => (file) => run('go', ['run', './internal/testkit/write', 'sample', name, file], { cwd: root })

/** A clip of a moving test picture with a tone; `more` are further arguments for the encoder. */
export const film = (name, { seconds = 4, width = 1280, height = 720, audio = true, input = [], more = [] } = {}) => once(name, (file) => ffmpeg(
  '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=25:duration=${seconds}`,
  ...(audio ? ['-f', 'lavfi', '-i', `sine=frequency=330:duration=${seconds}`] : []), ...input,
  '-pix_fmt', 'yuv420p', ...(more.length ? more : ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac']), file))

const tone = (name, ...args) => once(name, (file) => ffmpeg('-f', 'lavfi', '-i', 'aevalsrc=0.4*sin(2*PI*330*t)*abs(sin(t*1.5)):d=6:s=44100',
  '-metadata', 'title=A tone', '-metadata', 'artist=Vitrine', ...args, file))

/** A film whose picture is held on its side and has to be turned by the player. */
const turned = (name) => once(name, async (file) => ffmpeg('-i', await film('upright.mp4', { width: 1280, height: 720 }),
  '-c', 'copy', '-metadata:s:v:0', 'rotate=90', file))

const drawing = `<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400" viewBox="0 0 600 400">
<rect width="600" height="400" fill="#e8eef0"/><circle cx="420" cy="130" r="70" fill="#d9a441"/>
<path d="M0 330 L170 150 L300 280 L420 200 L600 350 V400 H0 Z" fill="#1f6f6b"/>
<text x="40" y="80" font-family="DejaVu Sans, sans-serif" font-size="44" fill="#1c1c1e">Vitrine</text>
</svg>
`

/** The entries of one directory of a TIFF, little end first; what does not fit in four bytes goes behind it. */
function directory(at, entries) {
  const kinds = { byte: [1, 1], ascii: [2, 1], short: [3, 2], long: [4, 4] }
  const head = Buffer.alloc(2 + 12 * entries.length + 4)
  head.writeUInt16LE(entries.length, 0)
  let behind = Buffer.alloc(0)
  entries.sort((a, b) => a[0] - b[0]).forEach(([tag, kind, value], i) => {
    const [code, width] = kinds[kind]
    const list = kind === 'ascii' ? [...Buffer.from(`${value}\0`)] : [value].flat()
    const bytes = Buffer.alloc(Math.max(4, list.length * width))
    list.forEach((v, k) => bytes.writeUIntLE(v, k * width, width))
    const entry = 2 + 12 * i
    head.writeUInt16LE(tag, entry)
    head.writeUInt16LE(code, entry + 2)
    head.writeUInt32LE(list.length, entry + 4)
    if (list.length * width <= 4) bytes.copy(head, entry + 8)
    else {
      head.writeUInt32LE(at + head.length + behind.length, entry + 8)
      behind = Buffer.concat([behind, bytes])
    }
  })
  return Buffer.concat([head, behind])
}

/** A camera's raw file: a stamp first, then 64 x 64 cells of a sensor, and the full picture as a JPEG inside. */
function dng(preview, { width, height, orientation = 1 }) {
  const parts = [Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0])]
  let at = 8
  const add = (bytes) => {
    parts.push(bytes)
    at += bytes.length
    return at - bytes.length
  }
  const first = (stamp, sensor, jpeg) => directory(8, [
    [254, 'long', 1], [256, 'short', 16], [257, 'short', 12], [258, 'short', [8, 8, 8]], [259, 'short', 1], [262, 'short', 2],
    [271, 'ascii', 'Vitrine'], [272, 'ascii', 'Raw camera'], [273, 'long', stamp], [274, 'short', orientation], [277, 'short', 3],
    [278, 'short', 12], [279, 'long', 16 * 12 * 3], [330, 'long', [sensor, jpeg]], [306, 'ascii', '2026:05:04 10:20:30'],
    [50706, 'byte', [1, 4, 0, 0]], [50707, 'byte', [1, 1, 0, 0]], [50708, 'ascii', 'Vitrine Raw camera'],
  ])
  const space = first(0, 0, 0).length
  at += space
  parts.push(null)
  const stamp = add(Buffer.alloc(16 * 12 * 3, 0x60))
  const cells = add(Buffer.alloc(64 * 64 * 2, 0x11))
  const picture = add(preview)
  const sensor = add(directory(at, [
    [254, 'long', 0], [256, 'short', 64], [257, 'short', 64], [258, 'short', 16], [259, 'short', 1], [262, 'short', 32803],
    [273, 'long', cells], [277, 'short', 1], [278, 'short', 64], [279, 'long', 64 * 64 * 2],
    [33421, 'short', [2, 2]], [33422, 'byte', [0, 1, 1, 2]],
  ]))
  const jpeg = add(directory(at, [
    [254, 'long', 1], [256, 'short', width], [257, 'short', height], [258, 'short', [8, 8, 8]], [259, 'short', 7], [262, 'short', 6],
    [273, 'long', picture], [277, 'short', 3], [278, 'short', height], [279, 'long', preview.length],
  ]))
  parts[1] = first(stamp, sensor, jpeg)
  return Buffer.concat(parts)
}

/** One file of each kind; the name is what people call it, `from` how it was made. */
export const kinds = [
  { kind: 'JPEG', from: 'ImageMagick', make: () => photo('kind.jpg', { seed: 11, tags: geotags }) },
  { kind: 'Progressive JPEG', from: 'ImageMagick', make: () => once('progressive.jpg', (f) => convert(f, '-interlace', 'JPEG')) },
  { kind: 'CMYK JPEG', from: 'libvips', make: () => once('cmyk.jpg', async (f) => run('vips', ['icc_transform', await plain(), `${f}[Q=90]`, 'cmyk', '--input-profile', 'srgb'])) },
  { kind: 'TIFF, 16 bits', from: 'ImageMagick', make: () => once('deep.tif', (f) => convert(f, '-depth', '16', '-compress', 'lzw')) },
  { kind: 'PNG with alpha', from: 'ImageMagick', make: () => once('alpha.png', (f) => run('convert', ['-size', '900x600', 'gradient:#1f6f6bff-#1f6f6b00', f])) },
  { kind: 'Animated GIF', from: 'ffmpeg', make: () => once('animated.gif', (f) => ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=480x320:rate=5:duration=3', f)) },
  { kind: 'WebP', from: 'libvips', make: () => once('picture.webp', (f) => vips(f, '[Q=80]')) },
  { kind: 'AVIF', from: 'libvips', make: () => once('picture.avif', (f) => vips(f, '[compression=av1,Q=60,effort=1]')) },
  { kind: 'HEIC', from: 'libvips', make: () => once('picture.heic', (f) => vips(f, '[compression=hevc,Q=60]')) },
  { kind: 'SVG', from: 'by hand', make: () => once('drawing.svg', async (f) => writeFileSync(f, drawing)) },
  { kind: 'PSD', from: 'ImageMagick', make: () => once('layers.psd', (f) => convert(f)) },
  {
    kind: 'DNG', from: 'by hand, a JPEG inside', make: () => once('raw.dng', async (f) =>
      writeFileSync(f, dng(readFileSync(await plain(2400, 1600, 12)), { width: 2400, height: 1600, orientation: 6 }))),
  },
  { kind: 'PDF, 12 pages', from: 'testkit', make: () => once('twelve-pages.pdf', fromTestkit('pdf')) },
  { kind: 'DOCX', from: 'testkit', make: () => once('letter.docx', fromTestkit('docx')), office: true },
  { kind: 'XLSX', from: 'testkit', make: () => once('sums.xlsx', fromTestkit('xlsx')), office: true },
  { kind: 'MP4, H.264 and AAC', from: 'ffmpeg', make: () => film('film.mp4') },
  { kind: 'MOV, turned by 90°', from: 'ffmpeg', make: () => turned('turned.mov') },
  { kind: 'WebM, VP9 and Opus', from: 'ffmpeg', make: () => film('film.webm', { width: 640, height: 360, more: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus'] }) },
  { kind: 'MKV without sound', from: 'ffmpeg', make: () => film('silent.mkv', { audio: false, more: ['-c:v', 'mpeg4', '-q:v', '4'] }) },
  { kind: 'MP3', from: 'ffmpeg', make: () => tone('tone.mp3', '-c:a', 'libmp3lame', '-b:a', '128k') },
  { kind: 'FLAC', from: 'ffmpeg', make: () => tone('tone.flac') },
  { kind: 'WAV', from: 'ffmpeg', make: () => tone('tone.wav') },
  { kind: 'M4A', from: 'ffmpeg', make: () => tone('tone.m4a', '-c:a', 'aac') },
  { kind: 'Any other file', from: 'by hand', make: () => once('model.blend', async (f) => writeFileSync(f, Buffer.concat([Buffer.from('BLENDER-v405'), deflateSync(Buffer.alloc(4096, 7))]))) },
]

export const madeKind = (name) => kinds.find((k) => k.kind === name).make()

/** A PDF of our own with so many pages, as a file. */
export const pdf = () => madeKind('PDF, 12 pages')

/** A picture to mark others with: a word, white with a dark edge, on nothing. */
export const markPicture = (name, word, colour = 'white') => once(name, (file) => run('convert', ['-size', '600x160', 'xc:none', '-gravity', 'center',
  '-font', 'DejaVu-Sans', '-pointsize', '110', '-fill', colour, '-stroke', 'black', '-strokewidth', '4', '-annotate', '0', word, file]))

export const captions = (name) => once(name, async (file) => writeFileSync(file, 'WEBVTT\n\n00:00:00.000 --> 00:00:03.000\nA moving test picture\n'))

export const note = (name, text = 'Name the author wherever you show it.\n') => once(name, async (file) => writeFileSync(file, text))

/** The mean distance of two pictures' pixels, 0 to 255; pictures of different size are as far apart as can be. */
export async function distance(a, b) {
  const out = `${a}.difference.v`
  try {
    await run('vips', ['subtract', a, b, out])
  } catch {
    return 255
  }
  await run('vips', ['abs', out, `${out}.v`])
  return Number(await run('vips', ['avg', `${out}.v`]))
}

export const keep = (dir, name, bytes) => {
  const file = join(dir, name)
  writeFileSync(file, bytes)
  return file
}
