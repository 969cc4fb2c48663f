// PostgreSQL and an S3 server for the suites: started on free loopback ports in temporary folders, stopped
// with the run. Nothing of the machine's own services is touched.
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePort, root, run, tempDir, until } from './lib.mjs'

const secret = 'a-secret-for-this-run'

function accepts(port) {
  return new Promise((answer) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => answer(true)).once('error', () => answer(false)).once('connect', () => socket.destroy())
  })
}

function child(program, args, options) {
  const said = []
  const process = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  for (const stream of [process.stdout, process.stderr]) stream.on('data', (d) => said.push(d))
  const ended = new Promise((done) => process.once('exit', done))
  return { process, ended, said: () => Buffer.concat(said).toString() }
}

/** PostgreSQL refuses to run as root: its programs run as the package's user then. */
async function asPostgres() {
  if (process.getuid() !== 0) return { prefix: [], own: () => {} }
  const uid = Number(await run('id', ['-u', 'postgres']))
  const gid = Number(await run('id', ['-g', 'postgres']))
  return {
    prefix: ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'],
    own: (path) => chownSync(path, uid, gid),
  }
}

export async function postgres() {
  const base = '/usr/lib/postgresql'
  const version = readdirSync(base).sort((a, b) => a - b).at(-1)
  const programs = join(base, version, 'bin')
  const { prefix, own } = await asPostgres()
  const dir = tempDir('vitrine-postgres')
  chmodSync(dir, 0o700)
  own(dir)
  const passfile = join(dir, 'pass')
  writeFileSync(passfile, secret)
  own(passfile)
  const data = join(dir, 'data')
  const as = (program, ...args) => [...prefix, join(programs, program), ...args]
  const init = as('initdb', '-D', data, '-U', 'vitrine', '--pwfile', passfile, '--auth=scram-sha-256', '-E', 'UTF8', '--locale=C.UTF-8')
  await run(init[0], init.slice(1), { cwd: '/' })
  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', 'fsync=off', 'full_page_writes=off', 'max_connections=60', 'shared_buffers=64MB']
  const start = as('postgres', '-D', data, '-p', String(port), '-k', dir, ...settings.flatMap((s) => ['-c', s]))
  const server = child(start[0], start.slice(1), { cwd: '/' })
  server.ended.then((code) => code && console.error(server.said()))
  await until('PostgreSQL', async () => (await accepts(port)) && /ready to accept connections/.test(server.said()))
  return {
    url: `postgres://vitrine:${secret}@127.0.0.1:${port}/postgres?sslmode=disable`,
    async stop() {
      server.process.kill('SIGINT')
      await server.ended
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export async function s3() {
  const program = (await run('go', ['tool', '-modfile=tools/go.mod', '-n', 'versitygw'], { cwd: root })).trim()
  if (!existsSync(program)) await run('go', ['tool', '-modfile=tools/go.mod', 'versitygw', '--version'], { cwd: root })
  const dir = tempDir('vitrine-s3')
  for (const sub of ['store/vitrine', 'meta']) mkdirSync(join(dir, sub), { recursive: true })
  const port = await freePort()
  const server = child(program, ['--access', 'vitrine', '--secret', secret, '--port', `127.0.0.1:${port}`, '--quiet',
    'posix', '--sidecar', join(dir, 'meta'), join(dir, 'store')])
  await until('the S3 server', () => accepts(port))
  return {
    url: `s3://vitrine?endpoint=http://127.0.0.1:${port}&region=us-east-1`,
    env: { AWS_ACCESS_KEY_ID: 'vitrine', AWS_SECRET_ACCESS_KEY: secret },
    async stop() {
      server.process.kill('SIGTERM')
      await server.ended
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** The two shapes an installation has: everything in one folder, and rows and bytes elsewhere. */
export const shapes = {
  'SQLite and disk': async () => ({ engine: {}, stop: async () => {} }),
  'PostgreSQL and S3': async () => {
    const [rows, bytes] = await Promise.all([postgres(), s3()])
    return {
      engine: { database: rows.url, storage: bytes.url, env: bytes.env },
      stop: () => Promise.all([rows.stop(), bytes.stop()]),
    }
  },
}
