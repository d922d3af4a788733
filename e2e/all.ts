/**
 * `npm test`: everything that must hold. Types, lint and format, the build, the tests beside the
 * code, and the product in a real browser. Ends with one line, `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNeeds, versionOf } from './needs.ts'

const { chromium, postgres, redis, nginx } = findNeeds()
const versions = [chromium, postgres, redis].map((program) => versionOf(program))
process.stdout.write(
  `${[`Node ${process.version}`, ...versions, versionOf(nginx, '-v')].join('\n')}\n`,
)
const reports = mkdtempSync(join(tmpdir(), 'gloss-test-'))
let passed = 0
let failed = 0
let broken = false

step('types', ['typescript/bin/tsc', '-p', '.'])
step('lint and format', ['@biomejs/biome/bin/biome', 'check', '--error-on-warnings'])
step('build', ['vite/bin/vite.js', 'build', '--logLevel', 'warn'])

const unit = join(reports, 'vitest.json')
step('tests beside the code', [
  'vitest/vitest.mjs',
  'run',
  '--reporter=dot',
  '--reporter=json',
  `--outputFile.json=${unit}`,
])
count(unit, ({ numPassedTests, numFailedTests, numFailedTestSuites }) => {
  // A file that does not even load has no tests that could fail: it counts as one that did.
  const notLoaded = numFailedTests === 0 ? numFailedTestSuites : 0
  return { passed: numPassedTests ?? 0, failed: (numFailedTests ?? 0) + (notLoaded ?? 0) }
})

product('the product in Chromium', 'single')
product('the product in Chromium, on two instances', 'cluster')

rmSync(reports, { recursive: true, force: true })
if (broken && failed === 0) failed = 1
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)

/** Every story in a real browser, against one Gloss or against the cluster. */
function product(name: string, topology: 'single' | 'cluster'): void {
  const report = join(reports, `${topology}.json`)
  step(name, ['@playwright/test/cli.js', 'test', '-c', 'e2e'], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    GLOSS_TEST_CHROMIUM: chromium,
    GLOSS_TEST_TOPOLOGY: topology,
  })
  count(report, ({ stats }) => ({
    passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0),
    failed: stats?.unexpected ?? 0,
  }))
}

function step(name: string, [script, ...args]: string[], env: Record<string, string> = {}): void {
  const begin = performance.now()
  process.stdout.write(`\n— ${name}\n`)
  const { status } = spawnSync(process.execPath, [`node_modules/${script}`, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  process.stdout.write(`— ${name}: ${status === 0 ? 'good' : 'FAILED'} in ${seconds} s\n`)
  if (status !== 0) broken = true
}

interface Report {
  numPassedTests?: number
  numFailedTests?: number
  numFailedTestSuites?: number
  stats?: { expected: number; flaky: number; unexpected: number }
}

function count(path: string, read: (report: Report) => { passed: number; failed: number }): void {
  try {
    const sum = read(JSON.parse(readFileSync(path, 'utf8')) as Report)
    passed += sum.passed
    failed += sum.failed
  } catch (error) {
    process.stderr.write(`no report at ${path}: ${String(error)}\n`)
    broken = true
  }
}
