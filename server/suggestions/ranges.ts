/** Ranges does arithmetic on ranges of item ids. */

import type { ItemRange } from './types.ts'

/** What of a range lies outside of others. */
export function outside(others: readonly ItemRange[], range: ItemRange): ItemRange[] {
  let left = [range]
  for (const { client, from, to } of others) {
    if (client !== range.client) continue
    left = left.flatMap((one) =>
      to <= one.from || from >= one.to
        ? [one]
        : [
            { client, from: one.from, to: from },
            { client, from: to, to: one.to },
          ].filter((part) => part.from < part.to),
    )
  }
  return left
}
