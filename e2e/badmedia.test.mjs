// Files that mean harm, brought into a server whose system calls are watched: each comes to an end within a minute,
// the planted file is never opened, nobody is called, the server stays small and answers meanwhile.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createReadStream, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { film } from './files.mjs'
import { Server, pathOf, photo, root, run, tempDir } from './lib.mjs'

const dir = tempDir('vitrine-bad')
const canary = join(dir, 'canary.ts')
const calls = join(dir, 'calls')
const watched = 'open,openat,openat2,creat,connect,sendto,sendmsg,execve,execveat'
const files = JSON.parse(`[${execFileSync('go', ['run', './internal/testkit/write', 'bad', dirOf('made'), canary, await listen()], { cwd: root, maxBuffer: 1 << 20 })
  .toString().trim().split('\n').join(',')}]`)
let server, editor, link, busy, calledBy = 0

function dirOf(name) {
  mkdirSync(join(dir, name))
  return join(dir, name)
}

/** An address where nobody may call. */
async function listen() {
  const trap = createServer((socket) => {
    calledBy++
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await new Promise((done) => trap.once('listening', done))
  trap.unref()
  return `127.0.0.1:${trap.address().port}`
}

/** Whether this machine lets strace watch a process. */
function traceable() {
  try {
    execFileSync('strace', ['-qq', '-e', 'trace=none', 'true'], { stdio: 'pipe' })
    return true
  } catch (err) {
    console.log(`strace can't watch here (${String(err.stderr ?? err).trim()}): only the planted file's access time and the trap's address are watched`)
    return false
  }
}

const watching = traceable()

before(async () => {
  // A film a player would be glad of, so that a list that leads to it would work.
  const bait = await film('bait.ts', { seconds: 1, width: 320, height: 240, more: ['-c:v', 'mpeg2video', '-c:a', 'mp2', '-f', 'mpegts'] })
  await run('cp', [bait, canary])
  await run('touch', ['-a', '-d', '2001-01-01', canary])
  // -D leaves the server its own process; the filter in the kernel lets every other call run at full speed.
  server = await Server.start({ under: watching ? ['strace', '-D', '-f', '-qq', '--seccomp-bpf', '-s', '4096', '-e', `trace=${watched}`, '-o', calls] : [] })
  editor = await server.addUser('editor@example.org', 'editor')
  const [shown] = await editor.bring(await photo('bad-beside.jpg'))
  link = await editor.link({ kind: 'public', asset_ids: [shown.id] })
  busy = visit(`${pathOf(link.url)}/a/${shown.id}/preview`)
})
after(async () => {
  await busy?.stop()
  await server?.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** A guest who looks at a page and its picture again and again, and notes the longest wait. */
function visit(picture) {
  const guest = server.guest()
  const seen = { times: 0, longest: 0, faults: [] }
  let going = true
  const round = (async () => {
    while (going) {
      for (const path of [pathOf(link.url), picture, '/healthz']) {
        const began = performance.now()
        const status = await guest.status(path).catch((err) => err.message)
        seen.longest = Math.max(seen.longest, performance.now() - began)
        if (status !== 200) seen.faults.push(`${path}: ${status}`)
        seen.times++
      }
      await new Promise((next) => setTimeout(next, 100))
    }
  })()
  return { seen, stop: () => ((going = false), round) }
}

/** Brings a file in and waits for what becomes of it. */
async function settle(path) {
  const form = new FormData()
  form.append('file', new Blob([readFileSync(path)]), basename(path))
  const answer = await editor.fetch('/api/v1/assets', { method: 'POST', body: form })
  if (answer.status === 422) return { ended: `refused at the door: ${(await answer.json()).detail}` }
  assert.equal(answer.status, 201)
  const asset = await editor.settled((await answer.json()).id, 60)
  const why = asset.failure ?? asset.note
  return { asset, ended: `${asset.status}, ${asset.kind}${why ? `: ${why}` : ''}` }
}

describe('files that mean harm', () => {
  for (const { name, class: group, about, path } of files) {
    test(`${name}, ${about}, comes to an end within 60 s`, async () => {
      const began = Date.now()
      const { asset, ended } = await settle(path)
      console.log(`${group} ${name} (${about}): ${ended}, ${((Date.now() - began) / 1000).toFixed(1)} s`)
      if (asset?.status === 'failed') assert.ok(asset.failure, 'a failure says why')
    })
  }

  const folder = process.env.VITRINE_TEST_MEDIA && join(process.env.VITRINE_TEST_MEDIA, 'bad')

  test('so do those that hurt others', async (t) => {
    if (!folder) return t.skip('VITRINE_TEST_MEDIA is not set')
    const paths = readdirSync(folder).map((n) => join(folder, n)).filter((p) => statSync(p).isFile())
    const counts = {}
    const queue = [...paths]
    const worker = async () => {
      for (let path = queue.pop(); path; path = queue.pop()) {
        const { asset, ended } = await settle(path).catch((err) => assert.fail(`${basename(path)}: ${err.message}`))
        if (asset?.status === 'failed') assert.ok(asset.failure, `${basename(path)} says why`)
        const how = ended.split(/[:,]/)[0]
        counts[how] = (counts[how] ?? 0) + 1
      }
    }
    await Promise.all([worker(), worker(), worker(), worker()])
    console.log(`${paths.length} files of other people: ${JSON.stringify(counts)}`)
  })

  test('guests were served all the while', async () => {
    await busy.stop()
    const { times, longest, faults } = busy.seen
    console.log(`${times} answers meanwhile, the longest wait ${Math.round(longest)} ms`)
    assert.deepEqual(faults, [])
    assert.ok(longest < 5000, `${longest} ms`)
  })

  test('the server process stayed under 250 MB and makes the next picture', async () => {
    await editor.bring(await photo('bad-after.jpg'))
    const peak = server.peakRss / 1e6
    console.log(`the server process peaked at ${peak.toFixed(0)} MB`)
    assert.ok(peak < 250, `${peak} MB`)
  })

  test('nobody opened the planted file and nobody was called', async () => {
    await server.stop()
    assert.equal(calledBy, 0, 'somebody connected to the trap')
    assert.equal(statSync(canary).atime.getFullYear(), 2001, 'the planted file was read')
    if (!watching) return
    const trespass = []
    const counts = {}
    for await (const line of createInterface({ input: createReadStream(calls) })) {
      const call = /^\d+ +(\w+)\(/.exec(line)?.[1]
      if (call) counts[call] = (counts[call] ?? 0) + 1
      if (line.includes(canary) && !/execve/.test(call ?? '')) trespass.push(line)
      if (/^(connect|sendto|sendmsg)$/.test(call ?? '') && /AF_INET6?/.test(line)) trespass.push(line)
    }
    console.log(`watched: ${JSON.stringify(counts)}`)
    assert.ok(counts.execve > 20 && counts.openat > 1000, 'the children were watched too')
    assert.deepEqual(trespass.slice(0, 10), [])
  })
})
