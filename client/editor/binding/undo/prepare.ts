/**
 * Prepare makes a step of undo or redo ready for Yjs, so that what Yjs then does is what the person
 * means: it takes what the step wrote wherever that is now, and brings back only what the step took.
 */
import * as Y from 'yjs'
import { MOST_HOPS, type Moves } from '#shared/document/moves.ts'
import { findRefuge, type Refuge } from './refuge.ts'
import {
  addIds,
  copiesOf,
  hasIds,
  type Ids,
  inOrder,
  noIds,
  trace,
  visit,
  without,
} from './trace.ts'

export interface Step {
  /** What the step wrote, and is to go. */
  insertions: Ids
  /** What the step deleted, and is to come back. */
  deletions: Ids
}

export interface Prepared {
  /** The step as it was. */
  whole: Step
  /** What is alive of what the step wrote. */
  going: Ids
  /** What the step deleted and cannot come back where it was, since that is gone. */
  refuges: Refuge[]
}

export function prepare(transaction: Y.Transaction, step: Step, moves: Moves): Prepared {
  const whole = { insertions: step.insertions, deletions: step.deletions }
  followOthers(transaction, step, moves)
  cutRestored(transaction, step.insertions)
  const going = goingNow(transaction, step.insertions)
  const homeless = leaveWhatOthersHave(transaction, step, going, moves)
  const { refuges, lost } = findRefuge(transaction, homeless, going, moves)
  // What has no place to go to stays where it is.
  const staying = noIds()
  visit(transaction, lost, (_, { client, clock }, length) => {
    for (let n = 0; n < length; n++) {
      const now = trace(transaction.doc, moves, Y.createID(client, clock + n), 1)
      if (now.alive) addIds(staying, now.id, 1)
    }
  })
  if (!hasIds(staying)) return { whole, going, refuges }
  keep(transaction, step, inOrder(staying))
  return { whole, going: goingNow(transaction, step.insertions), refuges }
}

/**
 * Returns which character that the step deleted was written again as the character `id` of its own
 * insertions; undefined where `id` is no copy.
 */
export function sourceOf(
  { insertions, deletions }: Step,
  moves: Moves,
  id: Y.ID,
): Y.ID | undefined {
  // A step of several edits may have moved it more than once, and undo of a later step has put it back.
  for (let source = moves.previous(id), hop = 0; source && hop < MOST_HOPS; hop++) {
    if (Y.isDeleted(deletions, source) && !Y.isDeleted(insertions, source)) return source
    source = moves.previous(source)
  }
  return undefined
}

/** What this person typed goes also where somebody has moved it meanwhile, by Enter or a merge. */
function followOthers(transaction: Y.Transaction, step: Step, moves: Moves): void {
  const { doc } = transaction
  const elsewhere = noIds()
  visit(transaction, step.insertions, (struct, { client, clock }, length) => {
    // What others deleted may have been collected: then it is no text any more, and may be moved.
    if (struct instanceof Y.Item && (!struct.deleted || !mayBeText(struct))) return
    for (let done = 0; done < length; ) {
      const id = Y.createID(client, clock + done)
      const now = trace(doc, moves, id, length - done)
      // Where it was taken along by the step itself, others have gone on with that: it stays.
      if (now.alive && now.moved && !sourceOf(step, moves, id))
        addIds(elsewhere, now.id, now.length)
      done += now.length
    }
  })
  if (hasIds(elsewhere)) step.insertions = inOrder(step.insertions, elsewhere)
}

const isText = ({ content }: Y.Item) => content instanceof Y.ContentString
const mayBeText = (item: Y.Item) => isText(item) || item.content instanceof Y.ContentDeleted

/**
 * Cuts items so that each that Yjs will take for a part of this step is that part and no more.
 * Yjs follows what was brought back from the first character of an item and takes the whole item it
 * finds: where the block came back too, that item has grown over others' characters (seeds 56 and
 * 92 of the prototype), and where others wrote into it, its later pieces are missed.
 */
function cutRestored(transaction: Y.Transaction, insertions: Ids): void {
  const { store } = transaction.doc
  visit(transaction, insertions, (struct) => {
    if (!(struct instanceof Y.Item) || !struct.redone) return
    const found = broughtBack(store, struct)
    if (!found) return
    // The rest of this one is the next that the iteration comes to.
    if (found.length < struct.length) {
      Y.getItemCleanStart(transaction, Y.createID(struct.id.client, struct.id.clock + found.length))
    }
    const { client, clock } = found.item.id
    const first = Y.createID(client, clock + found.offset)
    const last = Y.createID(client, first.clock + found.length - 1)
    Y.getItemCleanStart(transaction, first)
    Y.getItemCleanEnd(transaction, store, last)
  })
}

/** The item that holds the first character of this one now, and how many of it follow there. */
function broughtBack(store: Y.Doc['store'], from: Y.Item) {
  let item = from
  let offset = 0
  let { length } = from
  while (item.redone) {
    const { client, clock } = item.redone
    const next: Y.Item | Y.GC = Y.getItem(store, Y.createID(client, clock + offset))
    if (!(next instanceof Y.Item)) return undefined
    offset += clock - next.id.clock
    length = Math.min(length, next.length - offset)
    item = next
  }
  return { item, offset, length }
}

/** What is alive of what the step wrote; to be called when that was cut. */
function goingNow(transaction: Y.Transaction, insertions: Ids): Ids {
  const going = noIds()
  eachLiving(transaction, insertions, (_, item) => addIds(going, item.id, item.length))
  return inOrder(going)
}

function eachLiving(
  transaction: Y.Transaction,
  insertions: Ids,
  act: (written: Y.Item, now: Y.Item) => void,
): void {
  visit(transaction, insertions, (struct) => {
    const now = struct instanceof Y.Item && broughtBack(transaction.doc.store, struct)
    if (now && !now.item.deleted) act(struct as Y.Item, now.item)
  })
}

/** Takes what stays out of the step. */
function keep(transaction: Y.Transaction, step: Step, staying: Ids): void {
  visit(transaction, staying, () => undefined) // cuts at both ends
  cutRestored(transaction, step.insertions)
  const kept = noIds()
  eachLiving(transaction, step.insertions, (written, now) => {
    if (Y.isDeleted(staying, now.id)) addIds(kept, written.id, written.length)
  })
  step.insertions = without(step.insertions, inOrder(kept))
}

/**
 * A character that this step took along and somebody has carried on or deleted since is not to come
 * back: the step never deleted it. Neither is a block of which nothing else would come back.
 * Returns the characters that would come back if their text were not gone.
 */
function leaveWhatOthersHave(
  transaction: Y.Transaction,
  step: Step,
  going: Ids,
  moves: Moves,
): Ids {
  const { doc } = transaction
  const back = noIds()
  const homeless = noIds()
  const blocks: Y.Item[] = []
  // What the step itself wrote before it deleted it was not there.
  const theirs = without(step.deletions, step.insertions)
  visit(transaction, theirs, (struct, from, length) => {
    if (!(struct instanceof Y.Item) || !isText(struct)) {
      if (struct instanceof Y.Item && struct.content instanceof Y.ContentType) blocks.push(struct)
      else addIds(back, from, length)
      return
    }
    const into = hasHome(doc.store, struct, theirs) ? back : homeless
    for (let done = 0; done < length; ) {
      const id = Y.createID(from.client, from.clock + done)
      const now = trace(doc, moves, id, length - done)
      const goes = now.alive ? Y.isDeleted(going, now.id) : Y.isDeleted(step.deletions, now.id)
      if (!now.moved || (goes && !comesBackElsewhere(doc, moves, id, step)))
        addIds(into, id, now.length)
      done += now.length
    }
  })
  const coming = inOrder(back)
  const wanted = noIds()
  for (const block of blocks) {
    if (bringsBack(block, theirs, coming) !== false) addIds(wanted, block.id, block.length)
  }
  step.deletions = inOrder(coming, wanted)
  return inOrder(homeless)
}

/**
 * Whether the step took the character along, somebody carried it on, and the step took it from there
 * again: then it comes back where that person had put it, and nowhere else.
 */
function comesBackElsewhere(doc: Y.Doc, moves: Moves, from: Y.ID, step: Step): boolean {
  for (const id of copiesOf(doc, moves, from)) {
    if (Y.isDeleted(step.deletions, id) && !Y.isDeleted(step.insertions, id)) return true
  }
  return false
}

/** Whether the text or block that an item stood in is there, or comes back with the step. */
function hasHome(store: Y.Doc['store'], { parent }: Y.Item, deletions: Ids): boolean {
  let home = parent instanceof Y.AbstractType ? parent._item : null
  while (home?.deleted) {
    if (home.redone) {
      const next: Y.Item | Y.GC = Y.getItem(store, home.redone)
      if (!(next instanceof Y.Item)) return false
      home = next
    } else if (Y.isDeleted(deletions, home.id)) {
      home = home.parent instanceof Y.AbstractType ? home.parent._item : null
    } else return false
  }
  return true
}

/** Whether any text of a deleted block comes back; undefined where it had none. */
function bringsBack(block: Y.Item, deletions: Ids, coming: Ids): boolean | undefined {
  let answer: boolean | undefined
  const { type } = block.content as Y.ContentType
  for (let item = (type as Y.XmlElement)._start; item; item = item.right) {
    if (!Y.isDeleted(deletions, item.id)) continue
    if (isText(item)) {
      // A piece of it may stay away and another come.
      for (let n = 0; n < item.length; n++) {
        if (Y.isDeleted(coming, Y.createID(item.id.client, item.id.clock + n))) return true
      }
      answer = false
    } else if (item.content instanceof Y.ContentType) {
      const inner = bringsBack(item, deletions, coming)
      if (inner) return true
      answer ??= inner
    }
  }
  return answer
}
