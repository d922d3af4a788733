/** The contract: rows that a disk or a person has changed are found out, and never served. */
import { expect, test } from 'vitest'
import {
  bytes,
  commitOne,
  type OpenStore,
  type StoreHarness,
  text,
  withPlan,
  wordsOf,
  writing,
} from './harness.ts'

export function damageContract(open: OpenStore): void {
  test('[D30] a damaged snapshot falls back to an older one, then to the log alone', async () => {
    await using harness = await open()
    await withFourUpdates(harness)
    const damage = (seq: number) =>
      harness.execute(`update document_snapshots set data = (select data from document_updates
        where seq = 1) where seq = ${seq}`)

    await damage(3)
    const older = await harness.store.load('plan')
    await damage(2)
    const none = await harness.store.load('plan')

    expect(text(older?.snapshot?.data)).toBe('S2')
    expect(older?.updates.map(({ seq }) => seq)).toEqual([3, 4])
    expect(none?.snapshot).toBeUndefined()
    expect(none?.updates.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
  })

  test('[D31] without a snapshot to fall back to, a load fails and does not return less', async () => {
    await using harness = await open()
    await withFourUpdates(harness)
    await harness.store.trimLog('plan', 0)

    await harness.execute(`update document_snapshots set sha256 = 'x'`)

    await expect(harness.store.load('plan')).rejects.toMatchObject({ code: 'unavailable' })
  })

  test.each([
    [
      'changed',
      `update document_updates set data = (select data from document_updates as other
      where other.seq = 1) where seq = 4`,
    ],
    ['with another sum', `update document_updates set crc32 = crc32 + 1 where seq = 4`],
    ['missing at the end', `delete from document_updates where seq = 4`],
    ['under another number', `update document_updates set seq = 5 where seq = 4`],
  ])('[D32] an update that is %s stops the load and the reading on', async (_, statement) => {
    await using harness = await open()
    await withFourUpdates(harness)

    await harness.execute(statement)

    await expect(harness.store.load('plan')).rejects.toMatchObject({ code: 'unavailable' })
    expect(await harness.store.updatesAfter('plan', 1, 2)).toBeUndefined()
  })

  test('[D33] a gap before a snapshot does not matter, a gap after it does', async () => {
    await using harness = await open()
    await withFourUpdates(harness)

    await harness.execute(`delete from document_updates where seq = 2`)
    expect(await wordsOf(harness.store, 'plan')).toEqual(['four'])

    await harness.execute(`delete from document_snapshots`)
    await expect(harness.store.load('plan')).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('[D34] a document whose log is lost is a failure, never an empty document', async () => {
    await using harness = await open()
    await withPlan(harness.store)

    await harness.execute(`delete from document_updates`)
    await expect(harness.store.load('plan')).rejects.toMatchObject({ code: 'unavailable' })

    await harness.execute(`update documents set head = 0`)
    await expect(harness.store.load('plan')).rejects.toMatchObject({ code: 'unavailable' })
  })
}

/** Updates 1 to 4, snapshots at 2 and 3. */
async function withFourUpdates({ store }: StoreHarness): Promise<void> {
  await withPlan(store)
  await commitOne(store, writing(['two', 'three', 'four']))
  await store.putSnapshot('plan', 1, 2, bytes('S2'))
  await store.putSnapshot('plan', 1, 3, bytes('S3'))
}
