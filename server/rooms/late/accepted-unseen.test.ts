/** Ben deletes a line without having seen what was accepted in it: those words are people's. */
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '#server/testing/eventually.ts'
import { World } from '#server/testing/world.ts'
import { body } from '#shared/document/shape.ts'

test.each([
  'one',
  'two',
])('[S119] accepted words whose line is deleted unseen are proposed, and not taken for a run’s (ben on %s)', async (instance) => {
  await using world = await World.open()
  const ada = await world.person('ada', { instance: 'one' })
  const ben = await world.person('ben', { instance })
  ada.type('Hello')
  await ada.synced()
  await eventually(() => expect(ben.text).toBe('Hello'))
  ben.holdDown()
  const room = await world.room('one')
  const run = await world.run()
  const { place } = room.reading.locate({ at: ada.caret(5) })!
  const writer = await room.openRun(run, place, 'insert')
  await writer.write([{ kind: 'text', text: ' one.', format: 0 }, { kind: 'chunk' }], 4)
  const usage = { input: 1, output: 2, estimated: true }
  await writer.end({ kind: 'finished', reason: 'stop', usage })
  await eventually(() => expect(ada.text).toBe('Hello one.'))
  // His room reads whose words are whose, and which of them are pending, as it is now.
  const line = (body(ben.doc).get(0) as Y.XmlElement).get(0) as Y.XmlText
  ben.doc.transact(() => {
    line.delete(0, 1)
    line.insert(0, 'J')
  })
  await eventually(() => expect(ada.text).toBe('Jello one.'))
  ada.decide(`${run.id}.1`, 'accepted')
  await eventually(() => expect(room.reading.suggestions()).toEqual([]))

  ben.doc.transact(() => {
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText('XYZ')])
    body(ben.doc).insert(1, [paragraph])
    body(ben.doc).delete(0, 1)
  })
  await eventually(() => expect(ada.text).toContain('XYZ'))
  await eventually(() => expect(ada.text).toContain(' one.'))
  await eventually(() => expect(room.reading.suggestions()).toMatchObject([{ run: null }]))
})
