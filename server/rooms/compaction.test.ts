import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { silent } from '#server/log.ts'
import { eventually } from '#server/testing/eventually.ts'
import { textOf } from '#server/testing/person.ts'
import { World } from '#server/testing/world.ts'
import { body } from '#shared/document/shape.ts'
import { compact } from './compaction.ts'
import { Compactor } from './compactor.ts'

function written(change: (doc: Y.Doc) => void): { doc: Y.Doc; updates: Uint8Array[] } {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  change(doc)
  return { doc, updates }
}

test('[R50] a snapshot says what its log says, deletions included', () => {
  const { doc, updates } = written((doc) => {
    const paragraph = new Y.XmlElement('paragraph')
    body(doc).insert(0, [paragraph])
    const text = new Y.XmlText()
    paragraph.insert(0, [text])
    for (const word of ['one ', 'two ', 'three']) text.insert(text.length, word)
    text.format(0, 3, { p: { __format: 1 } })
    text.delete(4, 4)
  })

  const data = compact({ snapshot: undefined, updates })

  const copy = new Y.Doc()
  Y.applyUpdate(copy, data)
  expect(textOf(copy)).toBe('one three')
  expect(Y.encodeStateAsUpdate(copy)).toEqual(Y.encodeStateAsUpdate(doc))
})

test('[R51] a log with a hole is never compacted', () => {
  const { updates } = written((doc) => {
    body(doc).insert(0, [new Y.XmlElement('paragraph')])
    body(doc).insert(1, [new Y.XmlElement('quote')])
  })

  expect(() => compact({ snapshot: undefined, updates: updates.slice(1) })).toThrow(/depend on/)
})

test('[R52] a long log is compacted behind the room’s back, and read the same', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  for (let n = 0; n < 600; n++) ada.type(String(n % 10), 0) // no run: a row each
  await ada.synced()

  await eventually(async () =>
    expect((await world.store.load(world.document))?.snapshot).toBeDefined(),
  )
  const loaded = await world.store.load(world.document)
  expect(loaded!.updates.length).toBeLessThan(200)
  await world.restart()
  expect((await world.person('ben')).text).toBe(ada.text)
})

test('[R53] a compaction that fails leaves the log as it was', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  ada.type('Hello')
  await ada.synced()
  const compactor = new Compactor({
    log: silent,
    store: {
      load: async (id) => {
        const loaded = (await world.store.load(id))!
        return { ...loaded, updates: loaded.updates.slice(1) }
      },
      putSnapshot: () => expect.fail('nothing to put'),
      trimLog: () => expect.fail('nothing to trim'),
    },
  })

  compactor.compact(world.document)
  await compactor.settled()

  expect((await world.store.load(world.document))?.snapshot).toBeUndefined()
  await compactor.close()
})
