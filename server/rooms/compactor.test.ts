/** When logs are compacted, and by how many threads. */
import { expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { silent } from '#server/log.ts'
import type { DocumentRow, LoadedDocument } from '#server/store/document-store.ts'
import { eventually } from '#server/testing/eventually.ts'
import { body } from '#shared/document/shape.ts'
import { CompactionThread } from './compaction-thread.ts'
import { Compactor } from './compactor.ts'

const MIB = 1024 * 1024

function logOf(text: string): { snapshot: undefined; updates: Uint8Array[] } {
  const doc = new Y.Doc()
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [new Y.XmlText(text)])
  body(doc).insert(0, [paragraph])
  return { snapshot: undefined, updates: [new Uint8Array(Y.encodeStateAsUpdate(doc))] }
}

test('[R150] one thread compacts log after log, and a log that cannot be compacted does not cost it', async () => {
  const thread = new CompactionThread()
  const log = logOf('first')
  const expected = new Uint8Array(log.updates[0]!)
  expect(await thread.compact(log)).toEqual(expected)
  await expect(
    thread.compact({ snapshot: undefined, updates: [new Uint8Array([9])] }),
  ).rejects.toThrow()
  await thread.compact(logOf('second'))
  expect(thread.starts).toBe(1)
  await thread.close()
})

test('[R150] the thread ends after a very large log, to give its memory back, and after a long idle', async () => {
  const thread = new CompactionThread({ keepMs: 1 })
  await thread.compact(logOf('x'.repeat(5 * MIB)))
  await thread.compact(logOf('small'))
  expect(thread.starts).toBe(2)
  await eventually(async () => {
    await thread.compact(logOf('small'))
    expect(thread.starts).toBeGreaterThan(2)
  })
  await thread.close()
})

test('[R151] while a document grows it is compacted when it has grown by as much again or more, so that all compaction together stays in proportion to the text', async () => {
  const made = await snapshotsWhileGrowingTo(40 * MIB)
  expect(made.length).toBeGreaterThan(1)
  expect(made.reduce((sum, size) => sum + size, 0)).toBeLessThan(2 * 40 * MIB)
})

/** How large the snapshots are of a document that grows by 64 KiB at a time. */
async function snapshotsWhileGrowingTo(size: number): Promise<number[]> {
  let text = 0
  const made: number[] = []
  const compactor = new Compactor({
    log: silent,
    store: {
      load: async () => loadedOf('x'.repeat(text)),
      putSnapshot: async (_id, _epoch, _seq, data) => Boolean(made.push(data.length)),
      trimLog: async () => 0,
    },
  })
  while (text < size) {
    text += MIB / 16
    compactor.written('d', 1, MIB / 16)
    await compactor.settled()
  }
  await compactor.close()
  return made
}

test('[R152] however fast people type, a document is compacted each ten seconds at most, unless its log grows by megabytes', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  let made = 0
  const compactor = new Compactor({
    log: silent,
    store: {
      load: async () => loadedOf('short'),
      putSnapshot: async () => Boolean(++made),
      trimLog: async () => 0,
    },
  })
  try {
    for (let second = 0; second < 40; second++) {
      compactor.written('d', 6_000, 6_000)
      await compactor.settled()
      vi.advanceTimersByTime(1_000)
    }
    expect(made).toBe(4)
  } finally {
    vi.useRealTimers()
    await compactor.close()
  }
})

function loadedOf(text: string): LoadedDocument {
  const row: DocumentRow = {
    id: 'd',
    owner: 'ada',
    title: '',
    linkRole: 'edit',
    state: 'active',
    epoch: 1,
    head: 1,
    eventHead: 0,
    bytes: 0,
    createdAt: 0,
    updatedAt: 0,
  }
  const updates = logOf(text).updates.map((data) => ({ seq: 1, actor: 'ada', data }))
  return { row, snapshot: undefined, updates, clients: new Map(), chunks: [] }
}
