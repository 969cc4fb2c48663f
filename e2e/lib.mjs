// The harness: starts the built server on a free port with an empty data folder, makes people, signs in,
// makes and uploads pictures, opens browsers. Suites say what must hold; how to get there is here.
import assert from 'node:assert/strict'
import { spawn, execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, openAsBlob, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const exec = promisify(execFile)
export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
export const bin = process.env.VITRINE_BIN ?? join(root, 'bin/vitrine')
export const password = 'correct horse battery'

/** Runs a program to its end; its output is the answer, its failure an error with what it said. */
export async function run(program, args, options = {}) {
  const child = exec(program, args, { maxBuffer: 64 << 20, ...options })
  if (options.input !== undefined) child.child.stdin.end(options.input)
  try {
    return (await child).stdout
  } catch (err) {
    throw new Error(`${program} ${args.join(' ')}: ${err.message}\n${err.stderr ?? ''}${err.stdout ?? ''}`)
  }
}

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

export function tempDir(name = 'vitrine-e2e') {
  return mkdtempSync(join(tmpdir(), `${name}-`))
}

export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => probe.once('listening', done))
  const { port } = probe.address()
  await new Promise((done) => probe.close(done))
  return port
}

/**
 * Asks again until the answer is truthy. For what the outside can only see by asking, such as an
 * instant of expiry that passes; everything that is announced is waited for by its announcement.
 */
export async function until(what, ask, seconds = 30) {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`)
    await new Promise((again) => setTimeout(again, 50))
  }
}

/** One `vitrine serve` with its own data. `engine` may name another database and storage. */
export class Server {
  constructor(engine = {}) {
    this.dir = tempDir()
    this.data = join(this.dir, 'data')
    this.log = []
    this.env = {
      ...process.env,
      TZ: 'UTC',
      VITRINE_DATA: this.data,
      ...(engine.database && { VITRINE_DATABASE: engine.database }),
      ...(engine.storage && { VITRINE_STORAGE: engine.storage }),
      ...engine.env,
    }
    this.args = engine.args ?? []
    this.under = engine.under ?? []
  }

  static async start(engine) {
    const server = new Server(engine)
    await server.serve()
    return server
  }

  /** Starts the process and waits for its line `listening on URL`. */
  async serve() {
    const listen = this.url ? new URL(this.url).host : '127.0.0.1:0'
    // What it runs under must leave the process its own: strace -D does.
    const [program, ...args] = [...this.under, bin, 'serve', '--data', this.data, '--listen', listen, ...this.args]
    this.process = spawn(program, args, {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.ended = new Promise((done) => this.process.once('exit', (code, signal) => done(signal ?? code)))
    this.ended.then((how) => this.log.push(`the server ended with ${how}`))
    this.url = await new Promise((found, fail) => {
      const watch = (stream) =>
        createInterface({ input: stream }).on('line', (line) => {
          this.log.push(line)
          const said = /listening on (https?:\/\/[^\s"]+)/.exec(line)
          if (said) found(said[1].replace(/\/$/, ''))
        })
      watch(this.process.stdout)
      watch(this.process.stderr)
      this.process.once('error', fail)
      this.ended.then((how) => fail(new Error(`the server ended with ${how}:\n${this.log.slice(-30).join('\n')}`)))
    })
    this.url = this.url.replace('0.0.0.0', '127.0.0.1')
  }

  /** The server process's resident memory in bytes, without its children. */
  get rss() {
    const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) * 1024
  }

  /** The highest resident memory so far. */
  get peakRss() {
    const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8')
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)[1]) * 1024
  }

  async kill() {
    this.process.kill('SIGKILL')
    await this.ended
  }

  async stop() {
    if (this.process?.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGTERM')
      const late = setTimeout(() => this.process.kill('SIGKILL'), 15_000)
      await this.ended
      clearTimeout(late)
    }
    rmSync(this.dir, { recursive: true, force: true })
  }

  /** Runs another vitrine command on the same data. */
  command(args, input) {
    return run(bin, args, { env: this.env, input })
  }

  async addUser(email, role, name = email.split('@')[0]) {
    await this.command(['user', 'add', email, '--name', name, '--role', role, '--password-stdin'], `${password}\n`)
    return this.signIn(email)
  }

  async signIn(email, pass = password) {
    const client = new Client(this.url, this.log)
    await client.post('/api/v1/session', { email, password: pass }, 200)
    client.email = email
    return client
  }

  guest() {
    return new Client(this.url, this.log)
  }
}

/** A client with its own cookies. Paths are relative to the server; a full URL works as well. */
export class Client {
  constructor(url, log = []) {
    this.url = url
    this.log = log
    this.cookies = new Map()
  }

  async fetch(path, options = {}) {
    const headers = new Headers(options.headers)
    if (this.cookies.size) headers.set('Cookie', [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; '))
    const answer = await fetch(new URL(path, this.url), { redirect: 'manual', ...options, headers }).catch((err) => {
      throw new Error(`${options.method ?? 'GET'} ${path}: ${err.cause ?? err}\n${this.log.slice(-20).join('\n')}`)
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
      if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(line) || value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return answer
  }

  /** Asks and expects a status; the answer is the body, parsed when it is JSON. */
  async ask(method, path, body, status) {
    const options = { method }
    if (body instanceof FormData || body instanceof URLSearchParams) options.body = body
    else if (body !== undefined) {
      options.body = JSON.stringify(body)
      options.headers = { 'Content-Type': 'application/json' }
    }
    const answer = await this.fetch(path, options)
    const text = await answer.text()
    const log = answer.status >= 500 ? `\n${this.log.slice(-5).join('\n')}` : ''
    assert.equal(answer.status, status, `${method} ${path}: ${text.slice(0, 600)}${log}`)
    return /json/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : text
  }

  get(path, status = 200) {
    return this.ask('GET', path, undefined, status)
  }
  post(path, body, status = 201) {
    return this.ask('POST', path, body, status)
  }
  patch(path, body, status = 200) {
    return this.ask('PATCH', path, body, status)
  }
  put(path, body, status = 200) {
    return this.ask('PUT', path, body, status)
  }
  delete(path, status = 204, body = undefined) {
    return this.ask('DELETE', path, body, status)
  }

  async status(path, options) {
    const answer = await this.fetch(path, options)
    await answer.arrayBuffer()
    return answer.status
  }

  async bytes(path, options) {
    const answer = await this.fetch(path, options)
    return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) }
  }

  /** Brings a file in; the answer is the asset as it was created. */
  async upload(file, { name = basename(file), ...fields } = {}) {
    const form = new FormData()
    for (const [key, value] of Object.entries(fields)) form.append(key, value)
    form.append('file', await openAsBlob(file), name)
    return this.post('/api/v1/assets', form)
  }

  /** Brings files in and waits until each is ready. */
  async bring(...files) {
    const assets = []
    for (const file of files) assets.push(await this.upload(file))
    return Promise.all(assets.map((a) => this.ready(a.id)))
  }

  /** Waits for the server's own event that an asset is done. */
  async settled(id, seconds = 60) {
    const stop = AbortSignal.timeout(seconds * 1000)
    try {
      const stream = await this.fetch('/api/v1/events', { signal: stop })
      assert.equal(stream.status, 200, 'event stream')
      let asset = await this.get(`/api/v1/assets/${id}`)
      const decoder = new TextDecoder()
      let held = ''
      const reader = stream.body.getReader()
      while (asset.status === 'processing') {
        const { value, done } = await reader.read()
        assert.ok(!done, 'the event stream ended')
        held += decoder.decode(value, { stream: true })
        if (!held.includes('\n\n')) continue
        const about = held.includes(id)
        held = held.slice(held.lastIndexOf('\n\n') + 2)
        if (about) asset = await this.get(`/api/v1/assets/${id}`)
      }
      reader.cancel().catch(() => {})
      return asset
    } catch (err) {
      if (stop.aborted) throw new Error(`asset ${id} was still processing after ${seconds} s`)
      throw err
    }
  }

  async ready(id, seconds) {
    const asset = await this.settled(id, seconds)
    assert.equal(asset.status, 'ready', `${asset.name}: ${asset.failure}`)
    return asset
  }

  link(body, status = 201) {
    return this.post('/api/v1/links', body, status)
  }

  /** Sends a file as one part of a form, with further fields. */
  async send(method, path, part, file, fields = {}, status = 200) {
    const form = new FormData()
    for (const [key, value] of Object.entries(fields)) form.append(key, String(value))
    if (file) form.append(part, await openAsBlob(file), basename(file))
    return this.ask(method, path, form, status)
  }

  /** Adds a supporting file to an asset. */
  attach(id, file) {
    return this.send('POST', `/api/v1/assets/${id}/attachments`, 'file', file, {}, 201)
  }

  /** Changes the watermark; without a file its picture stays. */
  watermark(file, fields = {}) {
    return this.send('PUT', '/api/v1/settings/watermark', 'image', file, fields)
  }

  /** Bytes that may still be in the making: asks again as the server says, and tells how often it had to. */
  async made(path, seconds = 60) {
    for (let waits = 0, end = Date.now() + seconds * 1000; ; waits++) {
      const answer = await this.bytes(path)
      if (answer.status !== 202) return { ...answer, waits }
      assert.ok(answer.headers.get('retry-after'), `${path}: 202 says when to ask again`)
      assert.ok(Date.now() < end, `${path} was not made in ${seconds} s`)
      await new Promise((again) => setTimeout(again, 250))
    }
  }
}

/** The path of a link's URL, so that it can be asked on the address the test listens on. */
export const pathOf = (url) => new URL(url).pathname

// Pictures, kept in one folder until the run ends.
const gallery = tempDir('vitrine-pictures')
process.once('exit', () => rmSync(gallery, { recursive: true, force: true }))
const kept = new Map()

export function once(name, make) {
  if (!kept.has(name)) kept.set(name, make(join(gallery, name)).then(() => join(gallery, name)))
  return kept.get(name)
}

/**
 * A JPEG that looks like a photograph to a decoder; no two have the same bytes. `tags` are exiftool arguments,
 * `p3` gives it a wide-gamut profile, another `seed` shows another picture. The same name is made once.
 */
export function photo(name, { width = 1600, height = 1067, seed = 1, tags = [], p3 = false } = {}) {
  return once(name, async (file) => {
    const whole = readFileSync(await drawing(width, height, seed, p3))
    // A comment behind the first marker makes the bytes this picture's own.
    const text = Buffer.from(name)
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, text.length + 2]), text])
    writeFileSync(file, Buffer.concat([whole.subarray(0, 2), comment, whole.subarray(2)]))
    if (tags.length) await run('exiftool', ['-q', '-overwrite_original', ...tags, file])
  })
}

function drawing(width, height, seed, p3) {
  return once(`drawing-${width}x${height}-${seed}${p3 ? '-p3' : ''}.jpg`, async (file) => {
    const small = ['-seed', String(seed), '-size', '300x200', 'plasma:fractal', '-blur', '0x2']
    const plain = p3 ? `${file}.srgb.jpg` : file
    await run('convert', [...small, '-resize', `${width}x${height}!`, '-quality', '88', plain])
    if (p3) await run('vips', ['icc_transform', plain, `${file}[Q=88]`, 'p3', '--input-profile', 'srgb'])
  })
}

/** Tags of a camera that knows where it stood. */
export const geotags = [
  '-Make=Vitrine', '-Model=Test camera', '-LensModel=35mm F2', '-DateTimeOriginal=2026:05:04 10:20:30',
  '-ImageDescription=A geotagged picture', '-GPSLatitude=43.2630', '-GPSLatitudeRef=N',
  '-GPSLongitude=2.9350', '-GPSLongitudeRef=W', '-XMP-dc:Creator=A photographer', '-IPTC:City=Bilbao',
]

export async function dimensions(file) {
  const field = async (name) => Number(await run('vipsheader', ['-f', name, file]))
  return { width: await field('width'), height: await field('height') }
}

/** The groups of metadata a file carries, beside what every JPEG has. */
export async function metadataGroups(file) {
  const [tags] = JSON.parse(await run('exiftool', ['-json', '-G1', '-a', '-x', 'System:all', file]))
  const groups = new Set(Object.keys(tags).filter((k) => k.includes(':')).map((k) => k.split(':')[0]))
  for (const structural of ['ExifTool', 'File', 'JFIF', 'Composite']) groups.delete(structural)
  return [...groups].sort()
}
