import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { documentHash } from '#shared/document/hash.ts'
import { body } from '#shared/document/shape.ts'
import type { ConnectionState } from './connection.ts'
import { Gate } from './gate.ts'
import { createStore } from './store.ts'
import { DiffersFromServer, watch } from './watchdog.ts'

const EVERY_MS = 30_000

function scene() {
  const doc = new Y.Doc()
  body(doc).insert(0, [new Y.XmlElement('paragraph')])
  const broken = vi.fn()
  const gate = new Gate(doc, 'socket', broken)
  const connection = createStore<ConnectionState>({ kind: 'saved' })
  const stop = watch({ id: 'plan', doc, gate, connection })
  /** What the server says of its own document, from now on. */
  const says = (hash: string, stateVector: Uint8Array<ArrayBufferLike>) =>
    vi.stubGlobal(
      'fetch',
      vi.fn(async () =>
        Response.json({ hash, stateVector: Buffer.from(stateVector).toString('base64url') }),
      ),
    )
  return { doc, broken, connection, stop, says }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('document', { visibilityState: 'visible' })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('[V198] a tab whose document is not the server’s twice in a row stops, and not for less', async () => {
  const { doc, broken, stop, says } = scene()
  const mine = Y.encodeStateVector(doc)
  says('another', mine)
  await vi.advanceTimersByTimeAsync(EVERY_MS)
  says(documentHash(doc), mine)
  await vi.advanceTimersByTimeAsync(EVERY_MS)
  says('another', mine)
  await vi.advanceTimersByTimeAsync(EVERY_MS)
  expect(broken).not.toHaveBeenCalled()

  await vi.advanceTimersByTimeAsync(EVERY_MS)
  expect(broken).toHaveBeenCalledExactlyOnceWith(expect.any(DiffersFromServer))
  stop()
})

test('[V199] what is still on its way is not compared, and neither is anything without the server', async () => {
  const { doc, broken, connection, stop, says } = scene()
  says('another', Y.encodeStateVector(new Y.Doc()))
  await vi.advanceTimersByTimeAsync(4 * EVERY_MS)
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('offline')))
  await vi.advanceTimersByTimeAsync(4 * EVERY_MS)
  says('another', Y.encodeStateVector(doc))
  connection.set({ kind: 'saving', since: 0 })
  await vi.advanceTimersByTimeAsync(4 * EVERY_MS)
  expect(broken).not.toHaveBeenCalled()
  stop()
})
