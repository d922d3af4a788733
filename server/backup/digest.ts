/** Digest turns what a document's log says into one number: equal where nothing was lost and nothing added. */
import { createHash } from 'node:crypto'
import * as Y from 'yjs'
import type { LoadedDocument } from '#server/store/document-store.ts'
import { docAsWritten } from '#shared/document/as-written.ts'
import { GlossError } from '#shared/errors.ts'

type Content = Pick<LoadedDocument, 'row' | 'snapshot' | 'updates'>

/** The Y.Doc of a log. Throws `unavailable` where something that it depends on is missing. */
export function docOf({ row, snapshot, updates }: Content): Y.Doc {
  const doc = docAsWritten()
  if (snapshot) Y.applyUpdate(doc, snapshot.data)
  for (const { data } of updates) Y.applyUpdate(doc, data)
  if (doc.store.pendingStructs || doc.store.pendingDs) {
    throw new GlossError('unavailable', `The log of document ${row.id} has a hole.`)
  }
  return doc
}

/** Hex SHA-256 over state vector and delete set: every insertion and every deletion counts. */
export function digestOf(doc: Y.Doc): string {
  return createHash('sha256')
    .update(Y.encodeSnapshot(Y.snapshot(doc)))
    .digest('hex')
}
