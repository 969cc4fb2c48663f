// Adds to a folder of demo pictures what is not a picture: a film and captions for it, a sound, a catalogue of
// several pages, notes on licences as supporting files, and a watermark. All of it is made here, of the pictures
// and of arithmetic, and named in manifest.json.   node scripts/demo/more.mjs FOLDER
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const dir = process.argv[2]
const manifest = JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8'))
const pictures = manifest.files
const work = mkdtempSync(join(tmpdir(), 'vitrine-demo-'))
const ffmpeg = (...args) => execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
const authors = (list) => [...new Set(list.map((p) => p.author))].join(', ')

/** What may be changed and shown together under one licence that asks for a name only. */
const free = pictures.filter((p) => /^CC(0-1|-BY-4)/.test(p.licence))

function film() {
  const scenes = [0, 7, 11, 14].map((i) => pictures[i % pictures.length])
  const ways = ['320*n/125:90', '320-320*n/125:90', '160:180*n/125', '320*n/125:180-180*n/125']
  const moves = ways.map((way, i) => `[${i}]scale=1600:900:force_original_aspect_ratio=increase,crop=1600:900,` +
    `loop=124:1:0,setpts=N/25/TB,crop=1280:720:${way},fps=25,settb=AVTB[s${i}]`)
  const tone = (level, hertz, swell, phase) => `${level}*sin(2*PI*${hertz}*t)*(0.55+0.45*sin(2*PI*${swell}*t+${phase}))`
  const chord = [tone(0.1, 110, 0.2, 0), tone(0.08, 164.8, 0.13, 1), tone(0.06, 220, 0.31, 2)].join('+')
  ffmpeg(...scenes.flatMap((s) => ['-framerate', '25', '-i', join(dir, s.file)]),
    '-f', 'lavfi', '-i', `aevalsrc='${chord}':d=17:s=48000`,
    '-filter_complex', `${moves.join(';')};[s0][s1]xfade=duration=1:offset=4[a];[a][s2]xfade=duration=1:offset=8[b];` +
      '[b][s3]xfade=duration=1:offset=12,fade=out:st=16:d=1,format=yuv420p[v];[4]afade=in:d=1,afade=out:st=15.5:d=1.5[s]',
    '-map', '[v]', '-map', '[s]', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '21', '-c:a', 'aac', '-b:a', '128k',
    '-movflags', '+faststart', join(dir, 'a-walk-uphill.mp4'))
  const stamp = (s) => `00:00:${String(s).padStart(2, '0')}.000`
  const cues = scenes.map((s, i) => `${stamp(4 * i)} --> ${stamp(4 * i + 4)}\n${s.title.en}\n`)
  writeFileSync(join(dir, 'English.vtt'), `WEBVTT\n\n${cues.join('\n')}`)
  return {
    file: 'a-walk-uphill.mp4',
    title: { en: 'A walk uphill', ru: 'Прогулка в гору' },
    description: { en: 'Four photographs in motion, with captions.', ru: 'Четыре фотографии в движении, с субтитрами.' },
    author: authors(scenes), licence: scenes[0].licence, attachments: ['English.vtt'],
  }
}

function sound() {
  const notes = [440, 554.4, 659.3, 880, 659.3, 554.4, 493.9, 440]
  const bell = (hertz, i) => {
    const t = `(t-${i * 1.4})`
    const ring = [[0.2, 1, 1.6], [0.1, 2.76, 2.6], [0.05, 5.4, 5]]
      .map(([level, partial, fall]) => `${level}*sin(2*PI*${(hertz * partial).toFixed(1)}*${t})*exp(-${fall}*${t})`)
    return `gte(t,${i * 1.4})*(${ring.join('+')})`
  }
  ffmpeg('-f', 'lavfi', '-i', `aevalsrc='${notes.map(bell).join('+')}':d=14:s=44100`, '-af', 'afade=out:st=12.5:d=1.5',
    '-c:a', 'libmp3lame', '-b:a', '160k', join(dir, 'evening-bells.mp3'))
  return {
    file: 'evening-bells.mp3',
    title: { en: 'Evening bells', ru: 'Вечерние колокола' },
    description: { en: 'Eight strokes, computed.', ru: 'Восемь ударов, вычислены.' },
    author: 'Vitrine', licence: 'CC0-1.0',
  }
}

/** A PDF by hand: photographs go in as the JPEG they are, words as text. */
function catalogue() {
  const shown = free.slice(0, 6)
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '', '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>']
  const add = (object) => objects.push(object)
  const words = (size, x, y, text) => `BT /F1 ${size} Tf ${x} ${y} Td (${text.replace(/[\\()]/g, '\\$&')}) Tj ET`
  const kids = []
  for (const [i, p] of shown.entries()) {
    const small = join(work, `${i}.jpg`)
    ffmpeg('-i', join(dir, p.file), '-vf', 'scale=1100:1100:force_original_aspect_ratio=decrease', '-q:v', '4', small)
    const [width, height] = execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'stream=width,height', '-of', 'csv=p=0', small]).toString().split(',').map(Number)
    const bytes = readFileSync(small).toString('latin1')
    const picture = add(`<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 ` +
      `/Filter /DCTDecode /Length ${bytes.length} >>\nstream\n${bytes}\nendstream`)
    const scale = Math.min(475 / width, 520 / height)
    const text = [
      `q ${(width * scale).toFixed(1)} 0 0 ${(height * scale).toFixed(1)} 60 ${(740 - height * scale).toFixed(1)} cm /P Do Q`,
      ...(i === 0 ? [words(30, 60, 772, 'Autumn exhibition')] : []),
      words(18, 60, 160, p.title.en), words(11, 60, 136, p.description.en), words(9, 60, 112, `${p.author}, ${p.licence}`),
      words(9, 505, 50, `${i + 1} / ${shown.length}`),
    ].join('\n')
    const content = add(`<< /Length ${text.length} >>\nstream\n${text}\nendstream`)
    kids.push(add(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${content} 0 R ` +
      `/Resources << /Font << /F1 3 0 R >> /XObject << /P ${picture} 0 R >> >> >>`))
  }
  objects[1] = `<< /Type /Pages /Count ${kids.length} /Kids [${kids.map((k) => `${k} 0 R`).join(' ')}] >>`
  let pdf = '%PDF-1.4\n%\xe2\xe3\xcf\xd3\n'
  const at = objects.map((object, i) => {
    const offset = pdf.length
    pdf += `${i + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const table = pdf.length
  pdf += `xref\n0 ${at.length + 1}\n0000000000 65535 f \n${at.map((o) => `${String(o).padStart(10, '0')} 00000 n \n`).join('')}`
  pdf += `trailer\n<< /Size ${at.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`
  writeFileSync(join(dir, 'exhibition-catalogue.pdf'), Buffer.from(pdf, 'latin1'))
  return {
    file: 'exhibition-catalogue.pdf',
    title: { en: 'Exhibition catalogue', ru: 'Каталог выставки' },
    description: { en: 'Six pages, each with its photograph.', ru: 'Шесть страниц, на каждой своя фотография.' },
    author: authors(shown), licence: 'CC-BY-4.0',
  }
}

/** The first pictures say under what terms they may be used, each in a file of its own. */
function licences() {
  for (const p of pictures.slice(0, 2)) {
    const name = `${p.file.replace(/\.\w+$/, '')}-licence.txt`
    writeFileSync(join(dir, name), `${p.title.en}\n${p.author}\n${p.licence}\n\nName the author wherever you show it.\n`)
    p.attachments = [name]
  }
}

try {
  const [moving, ringing, printed] = [film(), sound(), catalogue()]
  licences()
  copyFileSync(fileURLToPath(new URL('./watermark.svg', import.meta.url)), join(dir, 'watermark.svg'))
  manifest.watermark = 'watermark.svg'
  manifest.files.splice(6, 0, moving)
  manifest.files.splice(10, 0, printed)
  manifest.files.splice(13, 0, ringing)
  writeFileSync(join(dir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
