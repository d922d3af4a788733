/** NewItems tells what a transaction has written, living or not. */
import * as Y from 'yjs'

/** Of each client in its order: a block comes before what is in it. */
export function* newItems({ doc, beforeState, afterState }: Y.Transaction): Generator<Y.Item> {
  for (const [client, end] of afterState) {
    const begin = beforeState.get(client) ?? 0
    const structs = doc.store.clients.get(client)
    if (end <= begin || !structs) continue
    for (let n = Y.findIndexSS(structs, begin); n < structs.length; n++) {
      const struct = structs[n]
      if (struct instanceof Y.Item) yield struct
    }
  }
}

/** Whether the transaction wrote it: no document had it before. */
export const isNew = ({ beforeState }: Y.Transaction, { client, clock }: Y.ID): boolean =>
  clock >= (beforeState.get(client) ?? 0)
