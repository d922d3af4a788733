/**
 * EditMark marks an update that is what one edit did, so that whoever reads it in the log can
 * compare it as the room did that it was sent to: another instance, or this one after a restart.
 * Without that, a move of fewer than eight characters may be chance there (see PairOptions).
 *
 * The mark is an empty entry at the end of the update's delete set: every Yjs reads it, none writes
 * it, and it goes wherever the row goes. Only what deletes can move, so nothing else is marked.
 */
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import type { DeleteSet } from '#shared/document/moves/stretches.ts'

/** The update with the mark, where it deletes anything; as it is where it is not written as Yjs writes. */
export function markEdit(update: Uint8Array): Uint8Array {
  if (update.at(-1) === 0) return update // it deletes nothing, as nearly all of typing
  const { ds } = Y.decodeUpdate(update)
  const plain = encodeDeletes(ds, 0)
  if (ds.clients.size === 0 || !endsWith(update, plain)) return update
  const marked = encodeDeletes(ds, 1)
  const structs = update.length - plain.length
  const whole = new Uint8Array(structs + marked.length)
  whole.set(update.subarray(0, structs))
  whole.set(marked, structs)
  return whole
}

/** The update without a mark: who sends several edits as one does not say that they are one. */
export function unmark(update: Uint8Array): Uint8Array {
  return endsWith(update, NOTHING) && isMarked(update, Y.decodeUpdate(update).ds)
    ? Y.mergeUpdates([update, EMPTY]) // which writes the delete set anew
    : update
}

/** Whether the update, which deletes these, is what one edit did. */
export const isMarked = (update: Uint8Array, deletes: DeleteSet): boolean =>
  deletes.clients.size > 0 && endsWith(update, encodeDeletes(deletes, 1))

/** The entry that is the mark: client 0, no ranges. */
const NOTHING = Uint8Array.of(0, 0)
const EMPTY = Y.encodeStateAsUpdate(new Y.Doc())

/** A delete set as Yjs writes it, and behind it so many entries that name nothing. */
const encodeDeletes = ({ clients }: DeleteSet, marks: number): Uint8Array =>
  encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, clients.size + marks)
    for (const [client, ranges] of clients) {
      encoding.writeVarUint(encoder, client)
      encoding.writeVarUint(encoder, ranges.length)
      for (const { clock, len } of ranges) {
        encoding.writeVarUint(encoder, clock)
        encoding.writeVarUint(encoder, len)
      }
    }
    for (let n = 0; n < marks; n++) encoding.writeUint8Array(encoder, NOTHING)
  })

const endsWith = (update: Uint8Array, end: Uint8Array): boolean =>
  update.length >= end.length && Buffer.compare(update.subarray(-end.length), end) === 0
