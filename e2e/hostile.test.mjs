// Files made to hurt a decoder: each comes to an end within a minute, and the server neither dies nor swells.
import assert from 'node:assert/strict'
import { createWriteStream, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { after, before, describe, test } from 'node:test'
import { createDeflate, createGzip, crc32 } from 'node:zlib'
import { Server, photo, tempDir } from './lib.mjs'

const dir = tempDir('vitrine-hostile')

/** 329 bytes that say they are frame after frame of 65,535 x 65,535 pixels. */
function bombGif() {
  const size = Buffer.from([0xff, 0xff, 0xff, 0xff])
  const head = Buffer.concat([Buffer.from('GIF89a'), size, Buffer.from([0x80, 0, 0, 0, 0, 0, 255, 255, 255])])
  const frame = Buffer.concat([Buffer.from([0x2c, 0, 0, 0, 0]), size, Buffer.from([0, 2, 2, 0x4c, 0x01, 0])])
  const frames = Math.floor((329 - head.length - 1) / frame.length)
  const body = Buffer.concat([head, ...Array(frames).fill(frame)])
  const rest = 329 - body.length - 1
  const comment = rest >= 5 ? Buffer.concat([Buffer.from([0x21, 0xfe, rest - 4]), Buffer.alloc(rest - 4, 0x20), Buffer.from([0])]) : Buffer.alloc(rest)
  const file = join(dir, 'bomb.gif')
  writeFileSync(file, Buffer.concat([body, comment, Buffer.from([0x3b])]))
  assert.equal(statSync(file).size, 329)
  return file
}

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

/** A whole and valid PNG of 60,000 x 60,000 black pixels: 450 MB of rows in under a megabyte. */
async function hugePng() {
  const side = 60_000
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.writeUInt8(1, 8)
  const row = Buffer.alloc((1 + side / 8) * 100)
  const deflate = Readable.from((function* () { for (let y = 0; y < side; y += 100) yield row })()).pipe(createDeflate())
  const rows = []
  for await (const part of deflate) rows.push(part)
  const file = join(dir, 'huge.png')
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  writeFileSync(file, Buffer.concat([magic, chunk('IHDR', header), chunk('IDAT', Buffer.concat(rows)), chunk('IEND', Buffer.alloc(0))]))
  return file
}

/** A gzipped SVG that unpacks to 400 MB of shapes. */
async function svgzBomb() {
  const file = join(dir, 'bomb.svgz')
  const shape = Buffer.from('<rect width="9" height="9"/>'.repeat(4096))
  await pipeline(Readable.from((function* () {
    yield Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000">')
    for (let left = 400 << 20; left > 0; left -= shape.length) yield shape
    yield Buffer.from('</svg>')
  })()), createGzip(), createWriteStream(file))
  return file
}

async function truncatedJpeg() {
  const whole = readFileSync(await photo('hostile-whole.jpg', { width: 3000, height: 2000 }))
  const file = join(dir, 'truncated.jpg')
  writeFileSync(file, whole.subarray(0, Math.floor(whole.length / 2)))
  return file
}

const files = {
  'a GIF bomb of 329 bytes': bombGif,
  'a PNG of 60,000 x 60,000 pixels': hugePng,
  'an svgz bomb': svgzBomb,
  'a JPEG cut in half': truncatedJpeg,
}

describe('hostile files', () => {
  let server, editor

  before(async () => {
    server = await Server.start()
    editor = await server.addUser('editor@example.org', 'editor')
  })
  after(async () => {
    await server?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  for (const [what, make] of Object.entries(files)) {
    test(`${what} ends as failed or of unknown kind within 60 s`, async () => {
      const created = await editor.upload(await make())
      const asset = await editor.settled(created.id, 60)
      const ended = asset.status === 'failed' ? `failed: ${asset.failure}` : `${asset.status}, kind ${asset.kind}`
      console.log(`${what}: ${ended}`)
      assert.ok(asset.status === 'failed' || (asset.status === 'ready' && asset.kind === 'other'), ended)
      if (asset.status === 'failed') assert.ok(asset.failure, 'a failure says why')
      assert.equal(await editor.status(`/api/v1/assets/${asset.id}/versions/preview`), 404)
    })
  }

  test('the server is alive, makes the next picture, and stayed under 200 MB', async () => {
    await editor.bring(await photo('hostile-after.jpg'))
    assert.equal(await server.guest().status('/healthz'), 200)
    const peak = server.peakRss / 1e6
    console.log(`the server process peaked at ${peak.toFixed(0)} MB`)
    assert.ok(peak < 200, `${peak} MB`)
  })
})
