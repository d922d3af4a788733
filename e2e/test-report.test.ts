import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPlaywright, readVitest } from './test-report.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gloss-test-report-'))
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const TESTS = `
test('one that holds', () => expect(1).toBe(1))
test('one that does not', () => expect('what is there').toBe('what was promised'))
`

test('[C140] what Vitest reports is counted, and what failed is named with its cause', () => {
  writeFileSync(join(folder, 'a.test.ts'), `import { expect, test } from 'vitest'${TESTS}`)
  writeFileSync(join(folder, 'b.test.ts'), `throw new Error('does not even load')`)
  const report = join(folder, 'vitest.json')
  run('vitest/vitest.mjs', 'run', '--root', folder, '--reporter=json', `--outputFile=${report}`)

  const { passed, failures } = readVitest(report)
  expect(passed).toBe(1)
  expect(failures).toHaveLength(2)
  const said = failures.map(({ test, why }) => `${test}: ${why}`).sort()
  expect(said[0]).toMatch(/a\.test\.ts › one that does not: .*what was promised/s)
  expect(said[1]).toMatch(/b\.test\.ts › the file: .*does not even load/s)
})

test('[C141] what Playwright reports is counted, and what failed is named with its cause', () => {
  writeFileSync(
    join(folder, 'a.spec.ts'),
    `import { expect, test } from '@playwright/test'${TESTS}`,
  )
  writeFileSync(
    join(folder, 'playwright.config.ts'),
    `export default { reporter: 'json', testMatch: 'a.spec.ts' }`,
  )
  const report = join(folder, 'playwright.json')
  run('@playwright/test/cli.js', 'test', '-c', folder, { PLAYWRIGHT_JSON_OUTPUT_NAME: report })

  const { passed, failures } = readPlaywright(report)
  expect(passed).toBe(1)
  expect(failures.map(({ test }) => test)).toEqual(['a.spec.ts › one that does not'])
  expect(failures[0]?.why).toMatch(/what was promised/)
})

test('[C142] what is no report is refused, not counted as nothing failed', () => {
  const report = join(folder, 'other.json')
  writeFileSync(report, '{}')
  expect(() => readVitest(report)).toThrow(/numPassedTests/)
  expect(() => readPlaywright(report)).toThrow(/suites/)
  expect(() => readVitest(join(folder, 'missing.json'))).toThrow(/missing\.json/)
})

/** As from a shell: what this runner has set for its own tests is nothing to another. */
function run(script: string, ...args: (string | Record<string, string>)[]): void {
  const words = args.filter((arg) => typeof arg === 'string')
  const env = Object.assign(
    { PATH: process.env.PATH },
    ...args.filter((arg) => typeof arg === 'object'),
  )
  const { status } = spawnSync(process.execPath, [`node_modules/${script}`, ...words], { env })
  expect(status).toBe(1)
}
