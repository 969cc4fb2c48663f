// Runs every suite, one after the other, and prints one line for each and a closing count.
//   node scripts/test.mjs            all
//   node scripts/test.mjs go e2e     only these
// A failure, a skip without a reason, or an engine or a browser suite that no test ran on ends in a non-zero status.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const engines = new Set(['sqlite', 'postgres', 'disk', 's3'])
const required = ['store/sqlite', 'store/postgres', 'blob/disk', 'blob/s3']
/** Packages that do nothing but compute: quick enough for the race detector on every run. */
const raced = ['./internal/dam', './internal/secret']

const suites = new Map()
const complaints = []

function count(suite, outcome, seconds = 0) {
  const row = suites.get(suite) ?? { passed: 0, failed: 0, skipped: 0, seconds: 0 }
  row[outcome] += 1
  row.seconds += seconds
  suites.set(suite, row)
}

function complain(text) {
  complaints.push(text)
  console.log(text)
}

/** Runs a command, hands its lines to `each`, and answers with its status. */
async function lines(command, args, options, each) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options })
  const closed = new Promise((done) => child.on('close', (code, signal) => done(signal ?? code)))
  child.on('error', (err) => each(String(err)))
  const read = async (stream) => {
    for await (const line of createInterface({ input: stream })) each(line)
  }
  await Promise.all([read(child.stdout), read(child.stderr)])
  return closed
}

/** A step that either holds or does not: it counts as one test. */
async function step(name, command, args, { mustBeSilent = false, cwd = root } = {}) {
  const began = Date.now()
  const said = []
  const status = await lines(command, args, { cwd }, (line) => said.push(line))
  const good = status === 0 && !(mustBeSilent && said.length > 0)
  if (!good) complain([`--- FAIL ${name}`, ...said].join('\n'))
  count(name, good ? 'passed' : 'failed', (Date.now() - began) / 1000)
  report(name)
}

function report(name) {
  const { passed, failed, skipped, seconds } = suites.get(name)
  const tail = skipped ? `, ${skipped} skipped` : ''
  console.log(`${failed ? 'FAIL' : 'ok  '}  ${name.padEnd(26)} ${passed} passed, ${failed} failed${tail}  ${seconds.toFixed(1)} s`)
}

/** internal/store + TestLinks/postgres/keeps_order > store/postgres */
function suiteOf(pkg, test) {
  const room = pkg.replace(/^vitrine\/(internal\/)?/, '')
  const engine = test.split('/').slice(1).map((part) => part.toLowerCase()).find((part) => engines.has(part))
  return engine ? `${room}/${engine}` : room
}

async function goTests(args, mark = '') {
  const tests = new Map()
  const parents = new Set()
  const output = new Map()
  const packages = new Map()
  const key = (e) => `${e.Package ?? e.ImportPath} ${e.Test ?? ''}`
  await lines('go', ['test', '-json', '-timeout', '15m', ...args], {}, (line) => {
    let e
    try {
      e = JSON.parse(line)
    } catch {
      console.log(line)
      return
    }
    if (e.Action === 'output' || e.Action === 'build-output') {
      output.set(key(e), (output.get(key(e)) ?? '') + e.Output)
      return
    }
    if (!e.Test) {
      if (['pass', 'fail', 'skip'].includes(e.Action)) packages.set(e.Package, e)
      return
    }
    const path = e.Test.split('/')
    for (let i = 1; i < path.length; i++) parents.add(`${e.Package} ${path.slice(0, i).join('/')}`)
    if (['pass', 'fail', 'skip'].includes(e.Action)) tests.set(key(e), e)
  })

  const ran = new Set()
  const failedIn = new Set()
  for (const [id, e] of tests) {
    const failedAlone = e.Action === 'fail' && ![...tests].some(([other, o]) => o.Action === 'fail' && other.startsWith(`${id}/`))
    if (e.Action === 'fail') failedIn.add(e.Package)
    if (parents.has(id) && !failedAlone) continue
    const suite = suiteOf(e.Package, e.Test) + mark
    ran.add(suite)
    if (e.Action === 'pass') count(suite, 'passed', e.Elapsed)
    if (e.Action === 'fail') {
      count(suite, 'failed', e.Elapsed)
      complain(`--- FAIL ${e.Package} ${e.Test}\n${output.get(id) ?? ''}`)
    }
    if (e.Action === 'skip') {
      const why = (output.get(id) ?? '').split('\n').find((l) => /^\s+\S+\.go:\d+: \S/.test(l))?.trim()
      if (why) {
        count(suite, 'skipped')
        console.log(`skip  ${e.Test}: ${why}`)
      } else {
        count(suite, 'failed')
        complain(`--- FAIL ${e.Package} ${e.Test}: skipped without a reason`)
      }
    }
  }
  for (const [pkg, e] of packages) {
    if (e.Action !== 'fail' || failedIn.has(pkg)) continue
    const suite = suiteOf(pkg, '') + mark
    ran.add(suite)
    count(suite, 'failed')
    const built = e.FailedBuild ? output.get(`${e.FailedBuild} `) : ''
    complain(`--- FAIL ${pkg}\n${built ?? ''}${output.get(`${pkg} `) ?? ''}`)
  }
  for (const suite of [...ran].sort()) report(suite)
}

async function go() {
  await step('gofmt', 'bash', ['-c', "git ls-files -z '*.go' | xargs -0 -r gofmt -l"], { mustBeSilent: true })
  await step('go vet', 'go', ['vet', './...'])
  await goTests(['-count=1', './...'])
  for (const suite of required) {
    if (!suites.get(suite)?.passed) {
      count(suite, 'failed')
      complain(`--- FAIL ${suite}: no test ran on it`)
    }
  }
  await goTests(['-count=1', '-race', ...raced], ' (race)')
}

async function web() {
  const cwd = join(root, 'web')
  await step('web types', 'npm', ['run', '--silent', 'check'], { cwd })
  const dir = mkdtempSync(join(tmpdir(), 'vitrine-test-'))
  try {
    const file = join(dir, 'vitest.json')
    const said = []
    const status = await lines('npx', ['vitest', 'run', '--reporter=json', `--outputFile=${file}`], { cwd }, (l) => said.push(l))
    let result = { testResults: [] }
    try {
      result = JSON.parse(readFileSync(file, 'utf8'))
    } catch {
      count('web unit', 'failed')
      complain(['--- FAIL web unit', ...said].join('\n'))
    }
    for (const suite of result.testResults) {
      if (suite.status === 'failed' && suite.assertionResults.length === 0) {
        count('web unit', 'failed')
        complain(`--- FAIL web ${relative(cwd, suite.name)}\n${suite.message}`)
      }
      for (const t of suite.assertionResults) {
        const good = t.status === 'passed'
        count('web unit', good ? 'passed' : 'failed', (t.duration ?? 0) / 1000)
        if (!good) complain(`--- FAIL web ${t.fullName} (${t.status})\n${t.failureMessages.join('\n')}`)
      }
    }
    if (status !== 0 && !suites.get('web unit')?.failed) {
      count('web unit', 'failed')
      complain(['--- FAIL web unit', ...said].join('\n'))
    }
    report('web unit')
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function e2e() {
  const reporter = new URL('./e2e-report.mjs', import.meta.url).href
  const ran = new Set()
  const status = await lines(
    'bash',
    ['-c', `exec node --test --test-concurrency=1 --test-reporter=${reporter} e2e/*.test.mjs`],
    { env: { ...process.env, VITRINE_BIN: join(root, 'bin/vitrine') } },
    (line) => {
      let t
      try {
        t = JSON.parse(line)
      } catch {
        console.log(line)
        return
      }
      const suite = `e2e/${t.file}`
      ran.add(suite)
      count(suite, t.outcome, t.seconds)
      const mark = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' }[t.outcome]
      console.log(`  ${mark} ${t.file}: ${t.name} (${t.seconds.toFixed(1)} s)`)
      if (t.outcome === 'failed') complain(`--- FAIL e2e ${t.file}: ${t.name}\n${t.error}`)
      if (t.outcome === 'skipped' && !t.reason) {
        count(suite, 'failed')
        complain(`--- FAIL e2e ${t.file}: ${t.name}: skipped without a reason`)
      }
    },
  )
  if (ran.size === 0 || (status !== 0 && ![...ran].some((s) => suites.get(s).failed))) {
    count('e2e', 'failed')
    complain(`--- FAIL e2e ended with ${status}`)
  }
  for (const name of readdirSync(join(root, 'e2e')).filter((n) => n.endsWith('.test.mjs'))) {
    const suite = `e2e/${name.replace('.test.mjs', '')}`
    if (suites.get(suite)?.passed || suites.get(suite)?.failed) continue
    ran.add(suite)
    count(suite, 'failed')
    complain(`--- FAIL ${suite}: no test of it ran`)
  }
  for (const suite of [...ran].sort()) report(suite)
}

const all = { go, web, e2e }
const asked = process.argv.slice(2)
for (const name of asked) if (!(name in all)) throw new Error(`no suite named ${name}: ${Object.keys(all).join(', ')}`)

const began = Date.now()
if (!process.env.VITRINE_TEST_MEDIA) console.log('VITRINE_TEST_MEDIA is not set: media suites use the files they generate themselves')
for (const [name, run] of Object.entries(all)) if (asked.length === 0 || asked.includes(name)) await run()

const total = { passed: 0, failed: 0, skipped: 0 }
for (const row of suites.values()) for (const k of Object.keys(total)) total[k] += row[k]
if (complaints.length) console.log(`\n${complaints.map((c) => c.split('\n')[0]).join('\n')}`)
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''} in ${Math.round((Date.now() - began) / 1000)} s`)
process.exit(total.failed ? 1 : 0)
