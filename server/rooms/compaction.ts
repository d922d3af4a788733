/**
 * Compaction of one log: a snapshot built from what the log holds, never from a live room, and
 * compared with it before it may stand for it. Pure; runs in compaction-worker.ts.
 */
import * as Y from 'yjs'
import { documentHash } from '#shared/document/hash.ts'
import { body } from '#shared/document/shape.ts'

export interface LogBytes {
  snapshot: Uint8Array | undefined
  updates: readonly Uint8Array[]
}

/** The snapshot's bytes. Throws where they would not say exactly what the log says. */
export function compact({ snapshot, updates }: LogBytes): Uint8Array {
  const doc = new Y.Doc()
  if (snapshot) Y.applyUpdate(doc, snapshot)
  for (const update of updates) Y.applyUpdate(doc, update)
  if (doc.store.pendingStructs || doc.store.pendingDs) {
    throw new Error('the log holds updates without what they depend on')
  }
  const data = Y.encodeStateAsUpdate(doc)
  const copy = new Y.Doc()
  Y.applyUpdate(copy, data)
  const differs = DIFFERENCES.find(([, of]) => of(doc) !== of(copy))
  if (differs) throw new Error(`a snapshot with another ${differs[0]} than the log`)
  doc.destroy()
  copy.destroy()
  return data
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** What must be the same in the log and in the snapshot read back. */
const DIFFERENCES: readonly (readonly [string, (doc: Y.Doc) => unknown])[] = [
  ['state vector', (doc) => hex(Y.encodeStateVector(doc))],
  ['delete set', (doc) => hex(Y.encodeSnapshot(Y.createSnapshot(Y.snapshot(doc).ds, new Map())))],
  ['text', (doc) => documentHash(doc) + body(doc).length],
  ['pending', (doc) => doc.store.pendingStructs === null && doc.store.pendingDs === null],
]
