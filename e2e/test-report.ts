/**
 * What a runner's JSON report says: how many passed, and which did not and why. Vitest and
 * Playwright write it in shapes of their own; neither is asked for more than is read here.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

export interface Failure {
  /** The file and the name of the test, as one searches for them. */
  test: string
  /** The beginning of what it said, without colours. */
  why: string
}

export interface TestReport {
  passed: number
  failures: readonly Failure[]
}

const VitestReport = z.object({
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(
        z.object({
          title: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
})

const Spec = z.object({
  title: z.string(),
  file: z.string(),
  ok: z.boolean(),
  tests: z.array(
    z.object({
      results: z.array(z.object({ errors: z.array(z.object({ message: z.string().optional() })) })),
    }),
  ),
})
const Suite = z.object({
  specs: z.array(Spec).default([]),
  get suites() {
    return z.array(Suite).default([])
  },
})
const PlaywrightReport = z.object({
  suites: z.array(Suite),
  errors: z.array(z.object({ message: z.string().optional() })),
  stats: z.object({ expected: z.number(), flaky: z.number() }),
})

/** Throws where there is no report, or not one of Vitest. */
export function readVitest(path: string): TestReport {
  const { numPassedTests, testResults } = VitestReport.parse(read(path))
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed')
    // A file that does not even load has no tests that could fail: it counts as one that did.
    if (failed.length === 0) return status === 'failed' ? [failure(name, 'the file', message)] : []
    return failed.map((test) => failure(name, test.title, test.failureMessages?.[0] ?? ''))
  })
  return { passed: numPassedTests, failures }
}

/** Throws where there is no report, or not one of Playwright. */
export function readPlaywright(path: string): TestReport {
  const { suites, errors, stats } = PlaywrightReport.parse(read(path))
  const failures = suites
    .flatMap(specsOf)
    .filter(({ ok }) => !ok)
    .map(({ file, title, tests }) => {
      const all = tests.flatMap(({ results }) => results.flatMap((result) => result.errors))
      return failure(file, title, all[0]?.message ?? '')
    })
  const outside = errors.map(({ message }) => failure('e2e', 'outside the tests', message ?? ''))
  return { passed: stats.expected + stats.flaky, failures: [...failures, ...outside] }
}

function specsOf({ specs, suites }: z.infer<typeof Suite>): z.infer<typeof Spec>[] {
  return [...specs, ...suites.flatMap(specsOf)]
}

const LINES = 6
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colours begin with one.
const COLOURS = /\u001b\[[0-9;]*m/g

function failure(file: string, title: string, message: string): Failure {
  const lines = message.replaceAll(COLOURS, '').split('\n')
  const why = lines.filter((line) => line.trim() !== '').slice(0, LINES)
  return { test: `${file.replace(`${process.cwd()}/`, '')} › ${title}`, why: why.join('\n') }
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
