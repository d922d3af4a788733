/** MovedRange tells that characters were written again, and in which order it keeps them. */
import type { Span, Stretch } from './parts.ts'
import { type IdRange, RangeMap } from './range-map.ts'

/** The characters were written again from (toClient, toClock) on. */
export interface MovedRange extends IdRange {
  toClient: number
  toClock: number
  /**
   * Two people had copied the same text, and the room has taken this copy for the other one: whoever
   * wrote the other one does not know of that.
   */
  isDouble?: true
}

export const movedRanges = (): RangeMap<MovedRange> =>
  new RangeMap({
    cut: (range, offset, length) => ({
      ...range,
      clock: range.clock + offset,
      length,
      toClock: range.toClock + offset,
    }),
    continues: (last, next) =>
      last.toClient === next.toClient &&
      last.toClock + last.length === next.toClock &&
      last.isDouble === next.isDouble,
  })

/** From the copy to what it is a copy of. */
export const reversed = ({ client, clock, length, toClient, toClock }: MovedRange): MovedRange => ({
  client: toClient,
  clock: toClock,
  length,
  toClient: client,
  toClock: clock,
})

/** Spans of text as ranges of ids. */
export function rangesOf(spans: readonly Span[]): MovedRange[] {
  const ranges: MovedRange[] = []
  for (const { source, at, copy, to, length } of spans) {
    for (let done = 0; done < length; ) {
      const from = placeIn(source, at + done)
      const into = placeIn(copy, to + done)
      const part = Math.min(length - done, from.left, into.left)
      const { client, clock } = from
      ranges.push({ client, clock, length: part, toClient: into.client, toClock: into.clock })
      done += part
    }
  }
  return ranges
}

/** The id of a stretch's character at `offset`, and how many follow in the same piece. */
export function placeIn({ pieces }: Stretch, offset: number) {
  let rest = offset
  for (const { client, clock, length } of pieces) {
    if (rest < length) return { client, clock: clock + rest, left: length - rest }
    rest -= length
  }
  throw new Error('a place behind the end of a stretch')
}
