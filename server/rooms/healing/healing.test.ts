import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { silent } from '#server/log.ts'
import { Suggestions } from '#server/suggestions/suggestions.ts'
import { eventually } from '#server/testing/eventually.ts'
import type { Person } from '#server/testing/person.ts'
import { World } from '#server/testing/world.ts'
import { body, FLAG, formatFlag } from '#shared/document/shape.ts'
import type { OwnWrite } from '../own-writes.ts'
import { Healing } from './healing.ts'

const QUIET_MS = 10_000

/** `Read <now> please.`, and a list of two items. */
function write(doc: Y.Doc): void {
  doc.transact(() => {
    const line = new Y.XmlElement('paragraph')
    const link = new Y.XmlElement('link')
    link.insert(0, [new Y.XmlText('now')])
    line.insert(0, [new Y.XmlText('Read '), link, new Y.XmlText(' please.')])
    const list = new Y.XmlElement('list')
    list.insert(0, ['one', 'two'].map(itemOf))
    body(doc).insert(0, [line, list])
  })
}

function itemOf(words: string): Y.XmlElement {
  const item = new Y.XmlElement('listitem')
  item.insert(0, [new Y.XmlText(words)])
  return item
}

const at = (doc: Y.Doc, ...path: number[]) =>
  path.reduce<unknown>((type, n) => (type as Y.XmlElement).get(n), body(doc))
const linkOf = (doc: Y.Doc) => at(doc, 0, 1, 0) as Y.XmlText
const listOf = (doc: Y.Doc) => at(doc, 1) as Y.XmlElement

/** The elements in their order: an emptied one is nothing that anybody sees. */
const shapeOf = (doc: Y.Doc): string => body(doc).toArray().map(String).join('')
const isHealed = (doc: Y.Doc): boolean => !/<(link|list)\b/.test(shapeOf(doc))

function empty(doc: Y.Doc): void {
  doc.transact(() => {
    linkOf(doc).delete(0, 3)
    listOf(doc).delete(0, 2)
  })
}

function room() {
  const doc = new Y.Doc()
  write(doc)
  body(doc).push([new Y.XmlElement('paragraph')])
  const { book } = new Suggestions(doc)
  const written: OwnWrite[] = []
  const state: { before(): void } = { before: () => undefined }
  const healing = new Healing({
    document: 'document',
    book,
    quietMs: QUIET_MS,
    log: silent,
    alone: async (act) => {
      state.before()
      return act()
    },
    writes: {
      write: async (act) => {
        const write = act()
        if (write) written.push(write)
        return undefined
      },
    },
  })
  return { doc, healing, written, state }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('[M27] an emptied link and list go once nobody has edited for a while, and nothing else does', async () => {
  const { doc, healing, written } = room()
  healing.changed()
  empty(doc)
  healing.changed()
  await vi.advanceTimersByTimeAsync(QUIET_MS - 1)
  healing.changed()
  await vi.advanceTimersByTimeAsync(QUIET_MS - 1)
  expect([isHealed(doc), written.length]).toEqual([false, 0])

  await vi.advanceTimersByTimeAsync(1)
  expect(shapeOf(doc)).toBe('<paragraph>Read  please.</paragraph><paragraph></paragraph>')
  expect(written).toHaveLength(1)
  healing.changed()
  await vi.advanceTimersByTimeAsync(10 * QUIET_MS)
  expect(written).toHaveLength(1)
  healing.close()
})

test('[M27] what is written again, proposed, or comes while the turn is waited for stays', async () => {
  const { doc, healing, written, state } = room()
  healing.changed()
  empty(doc)
  healing.changed()
  state.before = () => {
    state.before = () => undefined
    linkOf(doc).insert(0, 'here')
    listOf(doc).insert(0, [itemOf('three')])
    healing.changed()
  }
  await vi.advanceTimersByTimeAsync(3 * QUIET_MS)
  expect([linkOf(doc).toString(), listOf(doc).length, written.length]).toEqual(['here', 1, 0])

  doc.transact(() => {
    const link = at(doc, 0, 1) as Y.XmlElement
    link.setAttribute(FLAG, formatFlag({ op: 'ins', chunk: 'run.1' }))
    linkOf(doc).delete(0, 4)
  })
  healing.changed()
  await vi.advanceTimersByTimeAsync(3 * QUIET_MS)
  expect([isHealed(doc), written.length]).toEqual([false, 0])
  healing.close()
})

test('[M27] who only reads has nothing written, and the first edit has all looked through', async () => {
  const { doc, healing, written } = room()
  empty(doc)
  await vi.advanceTimersByTimeAsync(10 * QUIET_MS)
  expect([isHealed(doc), written.length]).toEqual([false, 0])
  healing.changed()
  await vi.advanceTimersByTimeAsync(QUIET_MS)
  expect([isHealed(doc), written.length]).toEqual([true, 1])
  healing.close()
})

for (const instance of ['one', 'two']) {
  const where = instance === 'one' ? 'one instance' : 'two instances'

  test(`[M28] case 30.1: what two people empty together the room removes once, and late words for it are proposed, on ${where}`, async () => {
    vi.useRealTimers()
    await using world = await World.open({ limits: { healQuietMs: 150 } })
    const ada = await world.person('ada')
    const ben = await world.person('ben', { instance })
    const cy = await world.person('cy', { instance })
    write(ada.doc)
    const hear = (person: Person) => eventually(() => expect(linkOf(person.doc)).toBeTruthy())
    await ada.synced()
    await Promise.all([hear(ben), hear(cy)])
    cy.disconnect()
    linkOf(cy.doc).insert(2, '§')
    ben.holdUp()
    ben.doc.transact(() => {
      linkOf(ben.doc).delete(0, 2)
      listOf(ben.doc).delete(0, 1)
    })
    ada.doc.transact(() => {
      linkOf(ada.doc).delete(2, 1)
      listOf(ada.doc).delete(1, 1)
    })
    ben.carry()
    await ben.synced()

    for (const { doc } of [ada, ben]) await eventually(() => expect(isHealed(doc)).toBe(true))
    const byRoom = world.gate.done
      .flatMap(({ updates }) => updates)
      .filter(({ actor }) => actor === 'room')
    expect(byRoom).toHaveLength(1)

    cy.connect(await world.room(instance))
    await cy.synced()
    for (const { doc } of [ada, ben, cy]) {
      await eventually(() => expect(shapeOf(doc).match(/§/g)).toHaveLength(1))
      expect(shapeOf(doc)).toContain('please.')
    }
    const { reading } = await world.room(instance)
    expect(reading.suggestions()).toMatchObject([
      { author: { id: 'cy' }, chunks: [{ inserted: '§' }] },
    ])
  })
}
