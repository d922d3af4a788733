/**
 * Histories in Chromium: hands, runs and connections at random, on two and three pages. A few of
 * them with all tests; the environment's FUZZ_COUNT and FUZZ_SEED choose others.
 */
import { expect } from '@playwright/test'
import { test } from '#e2e/story.ts'
import { stepText } from '#server/testing/history/script.ts'
import { generateForBrowser } from './generate.ts'
import { BrowserHistory } from './play.ts'

const COUNT = Number(process.env.FUZZ_COUNT ?? 3)
const FIRST = Number(process.env.FUZZ_SEED ?? 1)
const STEPS = Number(process.env.FUZZ_STEPS ?? 14)
/** One of the few is played on two instances too, and of those that somebody asks for all. */
const tagsOf = (seed: number) =>
  seed === FIRST || process.env.FUZZ_COUNT !== undefined ? ['@cluster'] : []

for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
  test(`[T6] history ${seed}: pages and server are one, and each letter is there once`, {
    tag: tagsOf(seed),
  }, async ({ studio }) => {
    const script = generateForBrowser(seed, STEPS)
    const history = new BrowserHistory(studio, script)

    await history.play()

    const told = script.steps.map((step, n) => `${n} ${stepText(step)}`).join('\n')
    const found = history.faults.map(({ kind, what }) => `${kind}: ${what}`)
    expect(found, `${script.markdown}\n${told}`).toEqual([])
  })
}
