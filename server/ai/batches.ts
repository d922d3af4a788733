/**
 * Gathers a generator's steps into batches: the first at once, then one each `everyMs` at most, and
 * fewer where a write takes long. A writer slower than the model slows the model's reader, not the
 * memory.
 */
import type { Progress } from '#server/store/run-progress.ts'
import type { Piece } from '#shared/document/piece.ts'
import type { Outcome, Step } from './generate.ts'

const MAX_WAITING_PIECES = 400
/** A write with its thousand readers takes half of the time at most: the rest is for others. */
const OF_WRITING = 2
/** One slow write must not keep the next ones waiting for long. */
const LONGEST_MS = 100

export async function writeInBatches(
  steps: AsyncGenerator<Step, Outcome>,
  write: (pieces: readonly Piece[], tokens: number, progress?: Progress) => Promise<void>,
  everyMs: number,
): Promise<Outcome> {
  let waiting: Piece[] = []
  let tokens = 0
  let progress: Progress | undefined
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined
  let nextAt = 0
  // In an object, so that the compiler does not take it for unchanged across the awaits.
  const failed: { by?: { error: unknown } } = {}

  const writeBatch = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const pieces = waiting
    waiting = []
    const begin = performance.now()
    await write(pieces, tokens, progress).catch((error: unknown) => {
      failed.by = { error }
    })
    const took = performance.now() - begin
    nextAt = begin + Math.max(everyMs, Math.min(took * OF_WRITING, LONGEST_MS))
    writing = undefined
    plan()
  }
  const begin = (): void => {
    writing ??= writeBatch()
  }
  const plan = (): void => {
    if (writing || timer || waiting.length === 0 || failed.by) return
    const ms = nextAt - performance.now()
    if (ms <= 0) begin()
    else timer = setTimeout(begin, ms)
  }
  const writeAll = async (): Promise<void> => {
    while ((writing || waiting.length > 0) && !failed.by) {
      begin()
      await writing
    }
  }

  try {
    for (;;) {
      const step = await steps.next()
      throwIf(failed.by)
      if (step.done) {
        await writeAll()
        throwIf(failed.by)
        return step.value
      }
      waiting.push(...step.value.pieces)
      tokens = step.value.tokens
      progress = step.value.progress
      if (waiting.length > MAX_WAITING_PIECES) await writeAll()
      else plan()
    }
  } catch (error) {
    // What the model had said before it broke off is kept.
    await writeAll()
    throw error
  } finally {
    clearTimeout(timer)
    await steps.return({ finish: 'stop', usage: { input: 0, output: 0, estimated: true } })
  }
}

function throwIf(failure: { error: unknown } | undefined): void {
  if (failure) throw failure.error
}
