/**
 * EditsSingly sends what was edited offline as it was edited, one by one: the room can tell what each
 * edit took along, which it cannot of all of them together.
 */
import * as Y from 'yjs'

/** At the pace that a socket takes them, these are under way for half a minute. */
const MOST_MESSAGES = 2_000
const MOST_BYTES = 4 * 1024 * 1024

/**
 * The edits in their order, typing in a row as one; undefined where they are too many, or not all
 * that the server lacks by its state vector.
 */
export function editsSingly(
  doc: Y.Doc,
  stateVector: Uint8Array,
  edits: readonly Uint8Array[],
): Uint8Array[] | undefined {
  if (edits.length === 0 || !reachNow(doc, stateVector, edits)) return undefined
  const had = Y.decodeStateVector(stateVector)
  const messages: Uint8Array[] = []
  let run: Uint8Array[] = []
  const endRun = () => {
    if (run.length > 0) messages.push(run.length === 1 ? run[0]! : Y.mergeUpdates(run))
    run = []
  }
  for (const edit of lackedBy(had, edits)) {
    if (Y.decodeUpdate(edit).ds.clients.size === 0) {
      run.push(edit)
    } else {
      endRun()
      messages.push(edit)
    }
  }
  endRun()
  const bytes = messages.reduce((sum, { length }) => sum + length, 0)
  return messages.length <= MOST_MESSAGES && bytes <= MOST_BYTES ? messages : undefined
}

/**
 * The edits without the first ones, up to the last of those that the server has: it commits them in
 * their order, and a deletion that it has heard might now take away what undo brought back.
 */
function lackedBy(
  had: ReadonlyMap<number, number>,
  edits: readonly Uint8Array[],
): readonly Uint8Array[] {
  let lacked = 0
  for (const [n, edit] of edits.entries()) {
    const ends = [...Y.parseUpdateMeta(edit).to]
    if (!ends.every(([client, end]) => end <= (had.get(client) ?? 0))) break
    if (ends.length > 0) lacked = n + 1
  }
  return edits.slice(lacked)
}

/** Whether a server with this state vector has everything once it has the edits. */
function reachNow(doc: Y.Doc, stateVector: Uint8Array, edits: readonly Uint8Array[]): boolean {
  const reached = Y.decodeStateVector(stateVector)
  for (const edit of edits) {
    const { from, to } = Y.parseUpdateMeta(edit)
    for (const [client, clock] of from) {
      const end = reached.get(client) ?? 0
      if (clock > end) return false
      reached.set(client, Math.max(end, to.get(client) ?? 0))
    }
  }
  const present = Y.decodeStateVector(Y.encodeStateVector(doc))
  return [...present].every(([client, clock]) => (reached.get(client) ?? 0) >= clock)
}
