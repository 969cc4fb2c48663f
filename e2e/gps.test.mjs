// «No GPS» means none: not in a file, not in an answer, not in a header or a name, wherever the file kept it.
import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { film, keep } from './files.mjs'
import { Server, geotags, once, pathOf, photo, run, sha256, tempDir } from './lib.mjs'

const dir = tempDir('vitrine-places')
let server, editor, guest, located

/** A JPEG that says where it was taken in EXIF, in XMP, in IPTC, and in the EXIF of the thumbnail inside it. */
const everywhere = () => once('everywhere.jpg', async (file) => {
  const plain = await photo('nowhere.jpg', { width: 1800, height: 1200, seed: 41 })
  copyFileSync(plain, file)
  const thumb = `${file}.thumb.jpg`
  await run('convert', [plain, '-resize', '160x120', thumb])
  await run('exiftool', ['-q', '-overwrite_original', ...geotags, thumb])
  await run('exiftool', ['-q', '-overwrite_original', ...geotags,
    '-XMP-exif:GPSLatitude=43.2630', '-XMP-exif:GPSLongitude=-2.9350', '-XMP-iptcExt:LocationShownGPSLatitude=43.2630',
    '-XMP-iptcExt:LocationShownGPSLongitude=-2.9350', '-XMP-iptcExt:LocationShownCity=Bilbao', '-XMP-photoshop:City=Bilbao',
    '-XMP-iptcCore:Location=Bilbao', '-GPSAltitude=19', '-GPSAreaInformation=Bilbao', '-GPSDateStamp=2026:05:04', `-ThumbnailImage<=${thumb}`, file])
})

const filmed = () => once('walk.mp4', async (file) => {
  copyFileSync(await film('walk-source.mp4', { seconds: 2, width: 640, height: 360 }), file)
  await run('exiftool', ['-q', '-overwrite_original', '-Keys:GPSCoordinates=43.2630, -2.9350, 19', '-ItemList:GPSCoordinates=43.2630, -2.9350, 19',
    '-UserData:GPSCoordinates=43.2630, -2.9350, 19', '-XMP-exif:GPSLatitude=43.2630', '-XMP-exif:GPSLongitude=-2.9350', '-Keys:Title=Harbour', file])
})

/** What exiftool finds of coordinates in files, embedded pictures and tracks included. */
async function coordinates(...files) {
  const said = await run('exiftool', ['-ee', '-a', '-G1', '-n', ...files])
  return said.split('\n').filter((line) => /gps|latitude|longitude|43\.26|2\.935/i.test(line) && !/^\[(ExifTool|System)\]/.test(line))
}

/** What would tell a reader where it was, be it by the name of the town. */
const telling = /43\.26|2\.935|gps|latitude|longitude|bilbao/i

before(async () => {
  server = await Server.start()
  editor = await server.addUser('editor@example.org', 'editor')
  guest = server.guest()
  located = await editor.bring(await everywhere(), await filmed())
  for (const file of [await everywhere(), await filmed()]) assert.ok((await coordinates(file)).length >= 3, `${file} tells where it was made`)
})
after(async () => {
  await server?.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** Every address the link's page and index name, and every version. */
async function everything(base, asset) {
  const page = await guest.get(base)
  const index = await guest.get(`${base}/index.json`)
  const told = [...`${page} ${JSON.stringify(index)}`.matchAll(/\/s\/[^\s"'<>\\]+/g)].map((m) => m[0].replaceAll('&amp;', '&'))
  const names = [...asset.renditions.map((r) => r.name), 'original', 'original@none', 'original@no_gps', 'original@r1', 'original@']
  const guessed = names.flatMap((n) => [`${base}/a/${asset.id}/${n}`, `${base}/a/${asset.id}/${n}?download`])
  return [...new Set([base, `${base}/index.json`, ...told, ...guessed])]
}

for (const files of ['no_gps', 'none']) {
  describe(`metadata of delivered files: ${files}`, () => {
    for (const [i, what] of ['photograph', 'film'].entries()) {
      test(`the place of a ${what} is in no answer, file, header or name`, async () => {
        const asset = located[i]
        const proxies = asset.renditions.map((r) => r.name).filter((n) => n !== 'thumbnail' || asset.kind === 'image')
        const link = await editor.link({
          kind: 'public', asset_ids: [asset.id], allow: { original: true, proxies, attachments: false },
          metadata: { show: 'all', files },
        })
        const answers = []
        const delivered = []
        for (const url of await everything(pathOf(link.url), asset)) {
          const { status, headers, body } = await guest.made(url)
          const head = [...headers].map(([k, v]) => `${k}: ${v}`).join('\n')
          assert.ok(!telling.test(head), `${url}: ${head}`)
          assert.notEqual(sha256(body), asset.sha256, `${url} gave the untouched original`)
          answers.push(`${status} ${url.split('/').slice(-1)}`)
          const type = headers.get('content-type') ?? ''
          if (/json|html|text/.test(type)) {
            const text = body.toString().replaceAll('no_gps', '')
            assert.ok(!telling.test(text), `${url}: ${telling.exec(text)?.[0]} in ${text.slice(0, 400)}`)
          } else if (status === 200) {
            delivered.push(keep(dir, `${files.length}-${what}-${answers.length}${what === 'film' ? '.mp4' : '.jpg'}`, body))
          }
        }
        assert.ok(delivered.length >= 4, `${delivered.length} files`)
        assert.deepEqual(await coordinates(...delivered), [])
        const original = await guest.made(`${pathOf(link.url)}/a/${asset.id}/original?download`)
        assert.equal(original.status, 200, 'the original is given, without its place')
        const said = await run('exiftool', ['-s', '-G1', '-a', keep(dir, `original-${files}-${what}`, original.body)])
        if (what === 'photograph') assert.equal(/Test camera/.test(said), files === 'no_gps', 'the camera stays with no_gps and goes with none')
        assert.match(original.headers.get('content-disposition'), new RegExp(asset.name.replace('.', '\\.')))
        console.log(`${what}, ${files}: ${answers.length} answers, ${delivered.length} files, without a place`)
      })
    }
  })
}

test('with «keep» the original is the very file, and its page still tells no place', async () => {
  const [asset] = located
  const link = await editor.link({ kind: 'public', asset_ids: [asset.id], allow: { original: true, proxies: [], attachments: false }, metadata: { show: 'basic', files: 'keep' } })
  const got = await guest.bytes(`${pathOf(link.url)}/a/${asset.id}/original?download`)
  assert.equal(sha256(got.body), sha256(readFileSync(await everywhere())))
  for (const text of [await guest.get(pathOf(link.url)), JSON.stringify(await guest.get(`${pathOf(link.url)}/index.json`))]) {
    assert.ok(!telling.test(text), text.slice(Math.max(0, text.search(telling) - 150), text.search(telling) + 150))
  }
})

test('what visitors are told: nothing, the basics, everything', async () => {
  const [asset] = located
  await editor.patch(`/api/v1/assets/${asset.id}`, { title: 'The harbour', description: 'Seen from the hill' })
  const tell = async (show, files, original = false) => {
    const allow = { original, proxies: [], attachments: false }
    const link = await editor.link({ kind: 'public', asset_ids: [asset.id], allow, metadata: { show, files } })
    return JSON.stringify(await guest.get(`${pathOf(link.url)}/index.json`)) + (await guest.get(pathOf(link.url)))
  }
  const [none, basic, all] = [await tell('none', 'keep'), await tell('basic', 'keep'), await tell('all', 'no_gps')]
  assert.ok(!/Seen from the hill|Test camera/.test(none))
  assert.ok(/Seen from the hill/.test(basic) && !/Test camera/.test(basic))
  assert.ok(/Seen from the hill/.test(all) && /Test camera/.test(all))
  for (const text of [none, basic, all]) assert.ok(!telling.test(text), text.slice(Math.max(0, text.search(telling) - 150), text.search(telling) + 150))
  assert.doesNotMatch(await tell('all', 'keep'), telling, 'a link that gives no original tells no place')
  assert.match(await tell('all', 'keep', true), telling, 'the place is told by a link that gives the file with it')
})

test('a single asset whose file can’t be cleaned with certainty is refused', async () => {
  const other = keep(dir, 'tracks.gpx', '<gpx/>')
  const [asset] = await editor.bring(other)
  const fault = await editor.link({ kind: 'public', asset_ids: [asset.id], allow: { original: true, proxies: [], attachments: false }, metadata: { show: 'basic', files: 'no_gps' } }, 422)
  assert.deepEqual(fault.errors.map((e) => e.field), ['metadata.files'])
})
