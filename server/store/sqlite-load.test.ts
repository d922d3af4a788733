import { expect, test } from 'vitest'
import { openSqliteHarness } from './testing/sqlite-harness.ts'

const LARGE = 100_000
const bytes = (value: number) => new Uint8Array(LARGE).fill(value)

test('[H198] a large document is read whole each time that a room opens, in one read or the long way', async () => {
  await using harness = await openSqliteHarness()
  const { store } = harness
  await store.createDocument({ id: 'plan', owner: 'ada', title: '', first: bytes(1), client: 7 })
  const updates = [2, 3].map((value) => ({ actor: 'ada', data: bytes(value) }))
  await store.commit([{ document: 'plan', epoch: 1, updates }])
  await store.putSnapshot('plan', 1, 2, bytes(12))

  for (let n = 0; n < 2; n++) {
    const loaded = await store.load('plan')
    expect(loaded?.row.head).toBe(3)
    expect(loaded?.snapshot?.seq).toBe(2)
    expect(Buffer.compare(loaded!.snapshot!.data, bytes(12))).toBe(0)
    expect(loaded?.updates.map(({ seq, data }) => [seq, data[0], data.length])).toEqual([
      [3, 3, LARGE],
    ])
    expect([...loaded!.clients]).toEqual([[7, 'ada']])
  }

  await harness.execute(`update document_snapshots set sha256 = 'x'`)
  const older = await store.load('plan')
  expect(older?.snapshot).toBeUndefined()
  expect(older?.updates.map(({ data }) => data[0])).toEqual([1, 2, 3])
})

test('[R153] the rows of a long log come from the database’s thread in one piece of memory, each with its own bytes', async () => {
  await using harness = await openSqliteHarness()
  const { store } = harness
  const first = new Uint8Array([1])
  await store.createDocument({ id: 'plan', owner: 'ada', title: '', first, client: 7 })
  const rows = Array.from({ length: 300 }, (_, n) => new Uint8Array(100 + n).fill(n))
  const updates = rows.map((data) => ({ actor: 'ada', data }))
  await store.commit([{ document: 'plan', epoch: 1, updates }])

  const loaded = await store.load('plan')
  expect(loaded!.updates.map(({ data }) => [...data])).toEqual([
    [1],
    ...rows.map((row) => [...row]),
  ])
  expect(new Set(loaded!.updates.map(({ data }) => data.buffer)).size).toBe(1)
})
