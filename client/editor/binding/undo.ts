/**
 * OwnUndo takes back what this person did and leaves standing what others did with it (law 3 of
 * shared text; case 04). Yjs alone deletes a block that a step made with everything in it, whoever
 * wrote it: in 100 of 100 random histories others' characters went.
 *
 * 1. (U1) What others wrote in what a step made stays, beside the words it was written among.
 * 2. (U2) No character is lost or doubled, and redo brings back what undo took.
 * 3. (U4) A decision that others made first is no step: nothing older is taken in its stead.
 */
import * as Y from 'yjs'
import { namedIn } from '#shared/document/moves/named-deletions.ts'
import { betweenReachable } from '#shared/document/moves/reachable.ts'
import { Moves } from '#shared/document/moves.ts'
import { body, decisionMap, mayBeLateClientOf } from '#shared/document/shape.ts'
import { carry } from './undo/carry.ts'
import {
  type ChangedLook,
  changesOf,
  giveLooks,
  keepFlags,
  type Look,
  looksAround,
  looksBefore,
} from './undo/formats.ts'
import { lostDecisions } from './undo/lost-decisions.ts'
import { type Prepared, prepare } from './undo/prepare.ts'
import { takeRefuge } from './undo/refuge.ts'
import { hasIds } from './undo/trace.ts'

export interface OwnUndoOptions {
  /** Whose page it is: late words that the room wrote for this user are one's own. */
  user?: string | undefined
  /** Origins of the transactions that are this person's. */
  origins: readonly unknown[]
  /** Edits closer together than this many milliseconds are one step; Yjs's own half second else. */
  captureTimeout?: number
  /** Undo came to a decision on these chunks that somebody else had made first. */
  onLostDecision?: ((chunks: readonly string[]) => void) | undefined
}

type Step = Y.UndoManager['undoStack'][number]

/** What is taken back just now. */
interface Taking {
  prepared: Prepared
  /** Blocks of the step that others have written in. */
  kept: Y.Item[]
  /** What the texts of the step looked like. */
  looks: Look[]
  /** What they are to look like then, if the step was taken before. */
  wanted: Look[]
}

/** Where a step keeps what taking its opposite has made of formats. */
const LOOKS = 'looks'

export class OwnUndo extends Y.UndoManager {
  /** Of its own: text that is cut and pasted, or written anew by people, was not moved for undo. */
  readonly #moves: Moves
  readonly #notice: (transaction: Y.Transaction) => void
  readonly #onLostDecision: (chunks: readonly string[]) => void
  #taking: Taking | undefined

  /** Covers the document's text and its decisions. */
  constructor(doc: Y.Doc, options: OwnUndoOptions) {
    const { user, origins, captureTimeout = 500, onLostDecision = () => undefined } = options
    super([body(doc), decisionMap(doc)], {
      trackedOrigins: new Set(origins),
      captureTimeout,
      deleteFilter: (item) => this.#mayDelete(item),
    })
    this.#onLostDecision = onLostDecision
    const isOwn = (client: number) =>
      client === doc.clientID || mayBeLateClientOf(client, user ?? '')
    this.#moves = new Moves({ awaitsCopies: 'of-room', isOwn: user === undefined ? user : isOwn })
    this.on('stack-item-added', ({ stackItem }) => {
      if (!this.#taking) return
      stackItem.meta.set(LOOKS, changesOf(doc, this.#taking.looks, this.#moves))
    })
    this.#notice = (transaction) => void this.#moves.notice(transaction, namedIn(transaction))
    doc.on('beforeObserverCalls', this.#notice)
  }

  override undo(): Step | null {
    return this.#take('undoing', this.undoStack, () => super.undo())
  }

  override redo(): Step | null {
    return this.#take('redoing', this.redoStack, () => super.redo())
  }

  override destroy(): void {
    this.doc.off('beforeObserverCalls', this.#notice)
    super.destroy()
  }

  #take(doing: 'undoing' | 'redoing', stack: Step[], take: () => Step | null): Step | null {
    try {
      return this.doc.transact((transaction) => {
        const older: Step[] = []
        let isLast = false
        // Yjs takes steps until one changes something: each is made ready when its turn comes, and
        // where it is to be the last though Yjs finds nothing to do, the older ones are put aside.
        stack.pop = () => {
          const step = Array.prototype.pop.call(stack) as Step | undefined
          if (step) isLast = this.#begin(transaction, step)
          if (isLast) older.push(...stack.splice(0))
          return step
        }
        const taken = betweenReachable(take)
        Reflect.deleteProperty(stack, 'pop')
        stack.push(...older)
        // Yjs looks once more, at the end of the transaction, whether this is undo.
        this[doing] = true
        if (taken || isLast) this.#finish(transaction)
        return taken
      }, this)
    } finally {
      Reflect.deleteProperty(stack, 'pop')
      this[doing] = false
      this.#taking = undefined
      // What is written next is a step of its own.
      this.stopCapturing()
    }
  }

  /** Makes a step ready. True where it is the last one, whatever Yjs finds to do. */
  #begin(transaction: Y.Transaction, step: Step): boolean {
    const lost = this.undoing ? lostDecisions(transaction, step) : []
    const prepared = prepare(transaction, step, this.#moves)
    const changes = (step.meta.get(LOOKS) as ChangedLook[] | undefined) ?? []
    this.#taking = {
      prepared,
      kept: [],
      looks: looksAround(transaction, prepared.going, prepared.whole.deletions),
      wanted: looksBefore(this.doc, changes, this.#moves),
    }
    if (lost.length > 0) this.#onLostDecision(lost)
    if (hasIds(prepared.going) || hasIds(step.deletions)) return false
    return lost.length > 0 || prepared.refuges.length > 0
  }

  #finish(transaction: Y.Transaction): void {
    if (!this.#taking) return
    const { prepared, kept, looks, wanted } = this.#taking
    takeRefuge(transaction, prepared.refuges, this.#moves)
    carry(transaction, prepared.whole, prepared.going, this.#moves, looks)
    // Innermost first, as Yjs came to them.
    for (const item of kept) if (!item.deleted && isEmpty(item)) item.delete(transaction)
    giveLooks(this.doc, wanted, this.#moves)
    keepFlags(this.doc, looks, this.#moves)
  }

  /**
   * Yjs deletes the newest items of a step first, a block after what it holds: whatever still lives
   * in it when its turn comes is not of this step.
   */
  #mayDelete(item: Y.Item): boolean {
    if (isEmpty(item)) return true
    this.#taking?.kept.push(item)
    return false
  }
}

/** Anything but an element or a text is empty in itself. */
function isEmpty(item: Y.Item): boolean {
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
