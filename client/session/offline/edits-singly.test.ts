import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { editsSingly } from './edits-singly.ts'

interface Act {
  at: number
  erase: boolean
}

const acts = fc.array(fc.record({ at: fc.nat(30), erase: fc.boolean() }), { maxLength: 30 })

function perform(text: Y.Text, { at, erase }: Act): void {
  if (erase && at < text.length) text.delete(at, 1)
  else text.insert(Math.min(at, text.length), 'x')
}

test('[M12] edits made offline come as they were made and leave nothing out, or all at once', () => {
  fc.assert(
    fc.property(acts, acts, acts, (saved, kept, others) => {
      const page = new Y.Doc()
      const server = new Y.Doc()
      for (const act of saved) perform(page.getText(), act)
      Y.applyUpdate(server, Y.encodeStateAsUpdate(page))
      const edits: Uint8Array[] = []
      page.on('update', (update: Uint8Array) => edits.push(update))
      for (const act of kept) perform(page.getText(), act)
      for (const act of others) perform(server.getText(), act)

      const messages = editsSingly(page, Y.encodeStateVector(server), edits)
      expect(messages === undefined).toBe(edits.length === 0)
      for (const message of messages ?? []) Y.applyUpdate(server, message)
      const missing = Y.encodeStateAsUpdate(page, Y.encodeStateVector(server))
      expect(Y.decodeUpdate(missing).structs).toEqual([])
      const deletes = (messages ?? []).filter((one) => Y.decodeUpdate(one).ds.clients.size > 0)
      expect(deletes).toHaveLength(kept.length === 0 ? 0 : countDeletes(edits))

      const lost = editsSingly(page, Y.encodeStateVector(new Y.Doc()), edits)
      expect(lost === undefined).toBe(edits.length === 0 || saved.length > 0)
    }),
  )
})

const countDeletes = (edits: readonly Uint8Array[]): number =>
  edits.filter((edit) => Y.decodeUpdate(edit).ds.clients.size > 0).length

test('[M12] so many edits that a socket would not take them come all at once', () => {
  const page = new Y.Doc()
  const edits: Uint8Array[] = []
  page.on('update', (update: Uint8Array) => edits.push(update))
  for (let n = 0; n < 2_100; n++) {
    page.getText().insert(0, 'x')
    page.getText().delete(0, 1)
  }
  expect(editsSingly(page, Y.encodeStateVector(new Y.Doc()), edits)).toBeUndefined()
  expect(editsSingly(page, Y.encodeStateVector(new Y.Doc()), edits.slice(0, 40))).toBeUndefined()
})

test('[M12] of what the server has heard before nothing is sent again, not even deletions', () => {
  fc.assert(
    fc.property(acts, fc.nat(30), (kept, heard) => {
      const page = new Y.Doc()
      const server = new Y.Doc()
      const edits: Uint8Array[] = []
      page.on('update', (update: Uint8Array) => edits.push(update))
      for (const act of kept) perform(page.getText(), act)
      for (const edit of edits.slice(0, heard)) Y.applyUpdate(server, edit)
      // What follows the last words that the server has may be new to it.
      const writes = (edit: Uint8Array) => Y.decodeUpdate(edit).structs.length > 0
      const known = edits.slice(0, heard).findLastIndex(writes) + 1
      const lacked = edits.slice(known).filter((edit) => !writes(edit))

      const messages = editsSingly(page, Y.encodeStateVector(server), edits) ?? []
      const sent = messages.filter((one) => !writes(one))
      expect(sent).toEqual(lacked)
    }),
  )
})
