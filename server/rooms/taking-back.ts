/**
 * Taking back: after a restore that merged, people's pages hold what the database has lost, others'
 * text and the co-pilot's too. For some days their Yjs client ids are taken from anybody who may
 * write. What only the server may say comes back as said and gone: nobody can forge it.
 */
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import type { ItemRange } from '#server/store/document-store.ts'

/** `update` as it may be committed: what it says in others' name is deleted as it comes. */
export function withoutVoid(update: Uint8Array, voided: readonly ItemRange[]): Uint8Array {
  return voided.length === 0 ? update : Y.mergeUpdates([update, deletionOf(voided)])
}

/** An update that deletes these items and says nothing else. */
function deletionOf(ranges: readonly ItemRange[]): Uint8Array {
  const ofClient = Map.groupBy(ranges, ({ client }) => client)
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 0)
  encoding.writeVarUint(encoder, ofClient.size)
  for (const [client, items] of ofClient) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, items.length)
    for (const { from, to } of items) {
      encoding.writeVarUint(encoder, from)
      encoding.writeVarUint(encoder, to - from)
    }
  }
  return encoding.toUint8Array(encoder)
}
