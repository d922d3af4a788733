/**
 * OwnUndo takes back what this person did and leaves standing what others did with it (law 3 of
 * shared text; case 04). Yjs alone deletes a block that a step made with everything in it, whoever
 * wrote it: in 100 of 100 random histories others' characters went.
 */
import * as Y from 'yjs'
import { body, decisionMap } from '#shared/document/shape.ts'

export interface OwnUndoOptions {
  /** Origins of the transactions that are this person's. */
  origins: readonly unknown[]
  /** Edits closer together than this many milliseconds are one step; Yjs's own half second else. */
  captureTimeout?: number
}

export class OwnUndo extends Y.UndoManager {
  readonly #cut: (transaction: Y.Transaction) => void

  /** Covers the document's text and its decisions. */
  constructor(doc: Y.Doc, { origins, captureTimeout = 500 }: OwnUndoOptions) {
    const trackedOrigins = new Set(origins)
    super([body(doc), decisionMap(doc)], { trackedOrigins, captureTimeout, deleteFilter })
    this.#cut = (transaction) => {
      if (transaction.origin !== this) return
      const step = (this.undoing ? this.undoStack : this.redoStack).at(-1)
      if (step) cutRestored(transaction, step.insertions)
    }
    this.doc.on('beforeTransaction', this.#cut)
  }

  override destroy(): void {
    this.doc.off('beforeTransaction', this.#cut)
    super.destroy()
  }
}

/**
 * Whether undo may delete this item. Yjs deletes the newest items of a step first, a block after
 * what it holds: whatever still lives in it when its turn comes is not of this step.
 */
function deleteFilter(item: Y.Item): boolean {
  const type = item.content instanceof Y.ContentType ? item.content.type : undefined
  if (!(type instanceof Y.XmlElement || type instanceof Y.XmlText)) return true
  return !holdsAnything(type)
}

function holdsAnything(type: Y.XmlElement | Y.XmlText): boolean {
  for (let item = type._start; item; item = item.right) {
    if (item.deleted || !item.countable) continue
    const child = item.content instanceof Y.ContentType ? item.content.type : undefined
    if (!(child instanceof Y.XmlText) || holdsAnything(child)) return true
  }
  return false
}

/**
 * Cuts items so that each that Yjs will take for a part of this step is that part and no more.
 * Yjs follows what was brought back from the first character of an item and takes the whole item it
 * finds: where the block came back too, that item has grown over others' characters (seeds 56 and
 * 92 of the prototype), and where others wrote into it, its later pieces are missed.
 */
function cutRestored(
  transaction: Y.Transaction,
  insertions: Y.UndoManager['undoStack'][number]['insertions'],
): void {
  const { store } = transaction.doc
  Y.iterateDeletedStructs(transaction, insertions, (struct) => {
    if (!(struct instanceof Y.Item) || !struct.redone) return
    let item: Y.Item = struct
    let offset = 0
    let { length } = struct
    while (item.redone) {
      const { client, clock } = item.redone
      const next: Y.Item | Y.GC = Y.getItem(store, Y.createID(client, clock + offset))
      if (!(next instanceof Y.Item)) return
      offset += clock - next.id.clock
      length = Math.min(length, next.length - offset)
      item = next
    }
    // The rest of this one is the next that the iteration comes to.
    if (length < struct.length) {
      Y.getItemCleanStart(transaction, Y.createID(struct.id.client, struct.id.clock + length))
    }
    if (offset + length < item.length) {
      const last = Y.createID(item.id.client, item.id.clock + offset + length - 1)
      Y.getItemCleanEnd(transaction, store, last)
    }
  })
}
