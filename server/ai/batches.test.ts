/** How a run's words are gathered into transactions, in fake time. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { writeInBatches } from './batches.ts'
import type { Outcome, Step } from './generate.ts'

const OUTCOME: Outcome = { finish: 'stop', usage: { input: 0, output: 0, estimated: true } }
const EVERY_MS = 30

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A model that says a word every `ms`. */
async function* words(count: number, ms: number): AsyncGenerator<Step, Outcome> {
  for (let n = 0; n < count; n++) {
    if (n > 0) await sleep(ms)
    yield { pieces: [{ kind: 'text', text: `w${n} `, format: 0 }], tokens: n + 1 }
  }
  return OUTCOME
}

interface Batch {
  at: number
  words: number
}

async function play(steps: AsyncGenerator<Step, Outcome>, writeMs: (n: number) => number) {
  const batches: Batch[] = []
  const begin = performance.now()
  const done = writeInBatches(
    steps,
    async (pieces) => {
      batches.push({ at: performance.now() - begin, words: pieces.length })
      await sleep(writeMs(batches.length))
    },
    EVERY_MS,
  )
  await vi.runAllTimersAsync()
  expect(await done).toBe(OUTCOME)
  return batches
}

test('[A68] the first words of an answer are written at once, the next with those that come soon', async () => {
  const batches = await play(words(40, 10), () => 2)
  expect(batches[0]).toEqual({ at: 0, words: 1 })
  for (const [n, { at, words }] of batches.entries()) {
    // The last may follow sooner: the answer is whole.
    if (n === 0 || n === batches.length - 1) continue
    expect(at - batches[n - 1]!.at).toBeGreaterThanOrEqual(EVERY_MS - 1)
    expect(words).toBeLessThanOrEqual(4)
  }
  expect(batches.reduce((sum, { words }) => sum + words, 0)).toBe(40)
})

test('[A68] after a pause a word is written at once, for nobody waits to join it', async () => {
  const batches = await play(words(5, 200), () => 2)
  expect(batches.map(({ at }) => Math.round(at))).toEqual([0, 200, 400, 600, 800])
})

test('[A69] the longer a write takes the fewer there are, but one slow write holds up no later one', async () => {
  const slow = await play(words(100, 10), () => 40)
  for (const [n, { at }] of slow.entries()) {
    if (n > 0 && n < slow.length - 1) expect(at - slow[n - 1]!.at).toBeGreaterThanOrEqual(79)
  }
  const stalled = await play(words(100, 10), (n) => (n === 3 ? 500 : 2))
  expect(Math.round(stalled[3]!.at - stalled[2]!.at)).toBe(500)
  expect(Math.round(stalled[4]!.at - stalled[3]!.at)).toBe(EVERY_MS)
})

test('[A69] what a write throws ends the answer, and nothing is written after it', async () => {
  const writes: number[] = []
  const done = writeInBatches(
    words(20, 10),
    async (pieces) => {
      writes.push(pieces.length)
      if (writes.length === 2) throw new Error('refused')
    },
    EVERY_MS,
  )
  const refused = expect(done).rejects.toThrow('refused')
  await vi.runAllTimersAsync()
  await refused
  expect(writes).toHaveLength(2)
})
