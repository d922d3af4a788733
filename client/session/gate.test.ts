import { expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { Gate } from './gate.ts'

test('[V4] while somebody composes nothing changes beneath them; then all of it comes, once', () => {
  const doc = new Y.Doc()
  const gate = new Gate(doc, 'socket', vi.fn())
  const other = new Y.Doc()
  other.on('update', (update: Uint8Array) => gate.apply(update))
  const events = vi.fn()
  doc.on('update', events)

  gate.composing(true)
  other.getText('t').insert(0, 'a')
  other.getText('t').insert(1, 'b')
  expect(doc.getText('t').toString()).toBe('')
  gate.composing(false)

  expect(doc.getText('t').toString()).toBe('ab')
  expect(events).toHaveBeenCalledTimes(1)
})

test('[V5] a change that cannot be shown closes the door for good', () => {
  const doc = new Y.Doc()
  const broken = vi.fn()
  const gate = new Gate(doc, 'socket', broken)
  doc.getText('t').observe(() => {
    throw new Error('an unknown node')
  })
  const other = new Y.Doc()
  other.on('update', (update: Uint8Array) => gate.apply(update))

  other.getText('t').insert(0, 'a')
  other.getText('t').insert(1, 'b')

  expect(broken).toHaveBeenCalledTimes(1)
  expect(gate.broken).toBe(true)
  expect(doc.getText('t').toString()).toBe('a')
})
