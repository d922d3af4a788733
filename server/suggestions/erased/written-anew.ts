/**
 * WrittenAnew finds what a text that was made anew holds of a pending chunk. One step of undo brings the
 * text back, and the steps behind it what had been erased of it before: so it comes in several pieces.
 */
import { parseFlag } from '#shared/document/shape.ts'
import type { ChunkBook } from '../chunk-book.ts'
import type { Run } from '../items.ts'
import type { Op } from '../ownership.ts'
import type { StoredChunk } from '../types.ts'
import type { Lost, LostCharacter } from './lost.ts'

/** Each character with what it was; `runs` are those of one text that were written with it, in order. */
export function* writtenAnew(
  book: ChunkBook,
  lost: Lost,
  runs: readonly Omit<Run, 'item'>[],
): Generator<{ lost: LostCharacter; client: number; clock: number }> {
  for (const all of Map.groupBy(runs, ({ flag }) => flag).values()) {
    const left = all.filter((run) => shownBy(book, run))
    const shown = left[0] && shownBy(book, left[0])
    if (!shown) continue
    const { op, chunk } = shown
    const characters = left.map(({ text }) => text).join('')
    // A part of what was lost proves nothing: people may have typed it in a line of their own.
    const whole = lost.stretch(op, chunk, characters)
    const ids = left.flatMap(({ client, clock, length }) =>
      Array.from({ length }, (_, n) => ({ client, clock: clock + n })),
    )
    for (const [n, original] of whole?.entries() ?? []) yield { lost: original, ...ids[n]! }
  }
}

/** The chunk whose flag a run shows without being its; undefined where it shows none, or is. */
export function shownBy(
  book: ChunkBook,
  { client, clock, flag }: Pick<Run, 'client' | 'clock' | 'flag'>,
): { op: Op; chunk: StoredChunk } | undefined {
  const { op, chunk: id } = parseFlag(flag) ?? {}
  const chunk = id === undefined ? undefined : book.get(id)
  if (!op || !chunk || book.ownership.owner(op, client, clock)) return undefined
  return { op, chunk }
}
