/** Rows of a document's log, as they continue what is known of it. */
import { GlossError } from '#shared/errors.ts'

interface LogRow {
  seq: number
  data: Uint8Array
}

/** What comes after `cursor`, up to `last` or to the end. Throws `unavailable` where one is missing. */
export function following(
  rows: readonly LogRow[],
  cursor: number,
  last: number,
): { updates: Uint8Array[]; head: number } {
  const wanted = rows.filter(({ seq }) => seq > cursor && seq <= last)
  const head = wanted.at(-1)?.seq ?? cursor
  if (head - cursor !== wanted.length || (Number.isFinite(last) && head < last)) {
    throw new GlossError('unavailable', 'the log has a hole')
  }
  return { updates: wanted.map(({ data }) => data), head }
}
