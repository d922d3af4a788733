/** The fault scenarios take for the truth what the database says. */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compact } from '#server/rooms/compaction.ts'
import { deletedBy, deletedIn, formattedLogs } from '#server/testing/formatted-logs.ts'
import { rebuild } from './truth.ts'

test('[C90] the truth deletes what its rows delete, and has no fault to find in their snapshot', () => {
  fc.assert(
    fc.property(formattedLogs, fc.nat(5), (rows, at) => {
      const updates = rows.map((data, n) => ({ seq: n + 1, data, crc32: crc32(data) }))
      const seq = Math.min(at + 1, rows.length)
      const data = compact({ snapshot: undefined, updates: rows.slice(0, seq) })
      const sha256 = createHash('sha256').update(data).digest('hex')

      const { doc, damage } = rebuild(updates, [{ seq, data, sha256 }], rows.length)

      expect(damage).toEqual([])
      expect(deletedIn(doc)).toBe(deletedBy(rows))
    }),
    { seed: 90, numRuns: 100 },
  )
})
