/**
 * Compares this tab's document with the server's. Yjs can diverge by itself around undone merges
 * (yjs#794, very rare): equal state vectors with different content is the sign.
 */
import { toBase64UrlEncoded } from 'lib0/buffer'
import * as Y from 'yjs'
import { documentHash } from '#shared/document/hash.ts'
import { api } from './api.ts'
import type { ConnectionState } from './connection.ts'
import type { Gate } from './gate.ts'
import type { Store } from './store.ts'

const EVERY_MS = 30_000

/** This tab's document is not the server's, though both have the same edits. */
export class DiffersFromServer extends Error {}

interface Watched {
  id: string
  doc: Y.Doc
  gate: Gate
  connection: Store<ConnectionState>
}

/** Two mismatches in a row close the gate: the page offers to load the document again. */
export function watch({ id, doc, gate, connection }: Watched): () => void {
  let mismatches = 0
  const look = async () => {
    if (connection.get().kind !== 'saved' || document.visibilityState === 'hidden') return
    const { hash, stateVector } = await api.hash(id)
    const mine = toBase64UrlEncoded(Y.encodeStateVector(doc))
    if (connection.get().kind !== 'saved' || mine !== stateVector) return
    mismatches = documentHash(doc) === hash ? 0 : mismatches + 1
    if (mismatches >= 2) gate.break(new DiffersFromServer())
  }
  const timer = setInterval(() => {
    look().catch(() => undefined) // offline: there is nothing to compare with
  }, EVERY_MS)
  return () => clearInterval(timer)
}
