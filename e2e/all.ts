/**
 * `npm test`: everything that must hold. Types, lint and format, the build, the tests beside the
 * code, and the product in a real browser. Ends with what failed and why, and one line,
 * `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNeeds, versionOf } from './needs.ts'
import { type Failure, readPlaywright, readVitest, type TestReport } from './test-report.ts'

const { chromium, postgres, redis, nginx } = findNeeds()
const versions = [chromium, postgres, redis].map((program) => versionOf(program))
process.stdout.write(
  `${[`Node ${process.version}`, ...versions, versionOf(nginx, '-v')].join('\n')}\n`,
)
const reports = mkdtempSync(join(tmpdir(), 'gloss-test-'))
let passed = 0
const failures: Failure[] = []

step('types', ['typescript/bin/tsc', '-p', '.'])
step('lint and format', ['@biomejs/biome/bin/biome', 'check', '--error-on-warnings'])
step('build', ['vite/bin/vite.js', 'build', '--logLevel', 'warn'])

process.env.NODE_COMPILE_CACHE = join(reports, 'compiled')
step('what the tests start a hundred times is compiled once', ['../e2e/compile.ts'])

const unit = join(reports, 'vitest.json')
const held = run('tests beside the code', [
  'vitest/vitest.mjs',
  'run',
  '--config=e2e/vitest.config.ts',
  '--reporter=dot',
  '--reporter=json',
  `--outputFile.json=${unit}`,
])
count(readVitest, unit, held)

product('the product in Chromium', 'single')
product('the product in Chromium, on two instances', 'cluster')

rmSync(reports, { recursive: true, force: true })
// Last of all, because whoever reads a long log reads its end.
for (const { test, why } of failures) process.stdout.write(`\n✘ ${test}\n${why}\n`)
process.stdout.write(`\n${passed} passed, ${failures.length} failed\n`)
process.exit(failures.length === 0 ? 0 : 1)

/** Every story in a real browser, against one Gloss or against the cluster. */
function product(name: string, topology: 'single' | 'cluster'): void {
  const report = join(reports, `${topology}.json`)
  const held = run(name, ['@playwright/test/cli.js', 'test', '-c', 'e2e'], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    GLOSS_TEST_CHROMIUM: chromium,
    GLOSS_TEST_TOPOLOGY: topology,
  })
  count(readPlaywright, report, held)
}

/** A step that counts for one where it fails. */
function step(name: string, args: string[]): void {
  if (!run(name, args)) failures.push({ test: name, why: 'see above' })
}

function run(name: string, [script, ...args]: string[], env: Record<string, string> = {}): boolean {
  const begin = performance.now()
  process.stdout.write(`\n— ${name}\n`)
  const { status } = spawnSync(process.execPath, [`node_modules/${script}`, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  process.stdout.write(`— ${name}: ${status === 0 ? 'good' : 'FAILED'} in ${seconds} s\n`)
  return status === 0
}

/** A runner that failed without naming a test counts for one that did. */
function count(read: (path: string) => TestReport, path: string, held: boolean): void {
  const report = reported(read, path)
  passed += report.passed
  failures.push(...report.failures)
  if (!held && report.failures.length === 0) failures.push({ test: path, why: 'see above' })
}

function reported(read: (path: string) => TestReport, path: string): TestReport {
  try {
    return read(path)
  } catch (error) {
    return { passed: 0, failures: [{ test: `no report at ${path}`, why: String(error) }] }
  }
}
