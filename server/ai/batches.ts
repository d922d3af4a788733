/**
 * Gathers a generator's steps into batches: the first at once, then one each `everyMs`, each after
 * the last is written. A writer slower than the model slows the model's reader, not the memory.
 */
import type { Piece } from '#shared/document/piece.ts'
import type { Outcome, Step } from './generate.ts'

const MAX_WAITING_PIECES = 400

export async function writeInBatches(
  steps: AsyncGenerator<Step, Outcome>,
  write: (pieces: readonly Piece[], tokens: number) => Promise<void>,
  everyMs: number,
): Promise<Outcome> {
  let waiting: Piece[] = []
  let tokens = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined
  // In an object, so that the compiler does not take it for unchanged across the awaits.
  const failed: { by?: { error: unknown } } = {}

  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    writing ??= drain().finally(() => {
      writing = undefined
    })
    return writing
  }
  const drain = async (): Promise<void> => {
    while (waiting.length > 0 && !failed.by) {
      const pieces = waiting
      waiting = []
      await write(pieces, tokens).catch((error: unknown) => {
        failed.by = { error }
      })
    }
  }

  try {
    for (;;) {
      const step = await steps.next()
      throwIf(failed.by)
      if (step.done) {
        await flush()
        throwIf(failed.by)
        return step.value
      }
      waiting.push(...step.value.pieces)
      tokens = step.value.tokens
      if (waiting.length > MAX_WAITING_PIECES) await flush()
      else if (!writing) timer ??= setTimeout(flushSoon, everyMs)
    }
  } catch (error) {
    // What the model had said before it broke off is kept.
    await flush()
    throw error
  } finally {
    clearTimeout(timer)
    await steps.return({ finish: 'stop', usage: { input: 0, output: 0, estimated: true } })
  }

  function flushSoon(): void {
    timer = undefined
    flush().catch((error: unknown) => {
      failed.by = { error }
    })
  }
}

function throwIf(failure: { error: unknown } | undefined): void {
  if (failure) throw failure.error
}
