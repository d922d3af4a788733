/** A log is read as it was written. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { deletedBy, deletedIn, formattedLogs } from '#server/testing/formatted-logs.ts'
import { docOf } from './digest.ts'

test('[R142] a digest is of what the log says, and not of what Yjs would tidy in it', () => {
  let tidied = 0
  fc.assert(
    fc.property(formattedLogs, (rows) => {
      const deleted = deletedBy(rows)
      const byYjs = new Y.Doc()
      for (const row of rows) Y.applyUpdate(byYjs, row)
      if (deletedIn(byYjs) !== deleted) tidied++

      const row = { id: 'one' } as Parameters<typeof docOf>[0]['row']
      const updates = rows.map((data, n) => ({ seq: n + 1, actor: 'ada', at: 0, data }))
      expect(deletedIn(docOf({ row, snapshot: undefined, updates }))).toBe(deleted)
    }),
    { seed: 142, numRuns: 100 },
  )
  expect(tidied).toBeGreaterThan(10)
})
