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
  const log = read(snapshot ? [snapshot, ...updates] : updates, Y.encodeStateAsUpdate)
  const copy = read([log.made], () => undefined)
  for (const [name, fact] of Object.entries(log.facts)) {
    if (copy.facts[name] !== fact) throw new Error(`a snapshot with another ${name} than the log`)
  }
  return log.made
}

/** Of a document only this is left: the log's and the snapshot's are never there together. */
interface Read<T> {
  made: T
  /** What must be the same in the log and in the snapshot read back. */
  facts: Record<string, unknown>
}

function read<T>(parts: readonly Uint8Array[], make: (doc: Y.Doc) => T): Read<T> {
  const doc = new Y.Doc()
  // In one transaction: each of its own would cost more than most updates do.
  Y.transact(doc, () => {
    for (const part of parts) Y.applyUpdate(doc, part)
  })
  if (doc.store.pendingStructs || doc.store.pendingDs) {
    throw new Error('the log holds updates without what they depend on')
  }
  const facts = {
    'state vector': hex(Y.encodeStateVector(doc)),
    'delete set': hex(Y.encodeSnapshot(Y.createSnapshot(Y.snapshot(doc).ds, new Map()))),
    text: documentHash(doc) + body(doc).length,
  }
  const made = make(doc)
  doc.destroy()
  return { made, facts }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
