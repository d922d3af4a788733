/**
 * LateWords applies what somebody sent and re-attaches what came too late: words for text that was
 * moved or deleted before they came, and words that nobody had seen who moves or deletes now. It
 * knows the document and what was moved in it; commits are the room's business.
 *
 * 1. A character that nobody deleted stands in the document once, as far as this can be told.
 * 2. Who has seen everything gets exactly what they wrote: then nothing is re-attached.
 */
import * as Y from 'yjs'
import { isAlive, itemAt } from '#shared/document/characters.ts'
import { movedRanges, reversed } from '#shared/document/moves/moved-range.ts'
import { type MovedRange, Moves } from '#shared/document/moves.ts'
import { body } from '#shared/document/shape.ts'
import { type Arrival, arrivalsOf } from './arrivals.ts'
import { type Copies, piecesOf } from './copies.ts'
import { isMarked } from './edit-mark.ts'
import { type Comparison, compare, type Double } from './finding/compare.ts'
import { misplacedIn } from './finding/misplaced.ts'
import { strandedIn } from './finding/stranded.ts'
import { type Stray, straysOf } from './finding/strays.ts'
import { cutAtEnds, findUnseen, nothingUnseen, type Sender, type Unseen } from './finding/unseen.ts'
import { Leads } from './leads.ts'
import { Outrun } from './outrun.ts'
import type { Piece } from './piece.ts'
import { Places, placesGone } from './places.ts'
import { goneIn, isPlain } from './plain.ts'
import { RememberedText } from './remembered-text.ts'
import { RunWords, type RunWordsDeps } from './run-words.ts'
import { idKey, readSent, type Sent, type SentBy } from './sent.ts'
import { blockOf, isEmptied, spotAt, type TextSpot } from './spots.ts'
import { isBetterCopy } from './writing/better-copy.ts'
import { findHome } from './writing/find-home.ts'
import { findSpot } from './writing/find-spot.ts'
import { hasWritten, LateWriter, type LateWriterDeps } from './writing/late-writer.ts'
import { type Chain, characterBefore, orderBlocks, orderLinks } from './writing/order-blocks.ts'
import { removeEmptied } from './writing/remove-emptied.ts'
import { skipEarlier } from './writing/skip-earlier.ts'

export interface LateWordsDeps {
  doc: Y.Doc
  ownerOf(client: number): string | undefined
  /** A Yjs client that nobody has. By chance, but low, unless said otherwise. */
  newClient?: (() => number) | undefined
  /** The origin of what is re-attached. */
  origin: unknown
  /** These were written again there: whoever owns the first ones owns the others. */
  onMoved(ranges: MovedRange[]): void
  /** Proposes words whose place is gone: each piece as a block of its own, from this index on. */
  rescue(pieces: readonly Piece[], index: number): void
  /** What proposes the words of this user or run at a spot; nothing unless said otherwise. */
  proposalAt?: LateWriterDeps['proposalAt'] | undefined
  /** Of which run a character is, and where that goes on: of none, unless said otherwise. */
  runs?: Pick<RunWordsDeps, 'stateOf' | 'spotOf'> | undefined
}

/** Who sent an edit of the log: no edit deletes what its writer knew to be gone. */
const ANYBODY: Sender = { fresh: true, knows: () => false }

/** Everything that is found out while an update is applied. */
interface Found {
  sent: Sent
  sender: Sender
  arrivals: Arrival[]
  comparison: Comparison
  strays: Stray[]
}

export class LateWords {
  readonly moves = new Moves({ awaitsCopies: true })
  readonly places = new Places()
  readonly writer: LateWriter
  readonly #deps: LateWordsDeps
  readonly #leads: Leads
  readonly #remembered = new RememberedText()
  readonly #outrun: Outrun
  readonly #runWords: RunWords
  readonly #notice = (transaction: Y.Transaction) => {
    this.#remembered.notice(transaction)
    if (transaction.local) this.#keepPlaces(transaction, () => true)
  }

  constructor(deps: LateWordsDeps) {
    const { doc, ownerOf } = deps
    this.#deps = deps
    body(doc) // before this, Yjs does not know the root as an element
    this.#leads = new Leads(doc)
    const { runs = { stateOf: () => undefined, spotOf: () => undefined } } = deps
    this.#runWords = new RunWords({
      ...runs,
      write: (spot, segments) => void this.writer.write(spot, segments),
    })
    this.writer = new LateWriter({
      doc,
      ownerOf,
      newClient: deps.newClient,
      spotOf: (piece) => this.#spotOf(piece),
      onMoved: (ranges) => this.#tellMoved(ranges),
      proposalAt: deps.proposalAt ?? (() => undefined),
    })
    const { moves, writer } = this
    this.#outrun = new Outrun({ doc, moves, writesAs: (client) => writer.writesAs(client) })
    doc.on('beforeObserverCalls', this.#notice)
  }

  close(): void {
    this.#deps.doc.off('beforeObserverCalls', this.#notice)
  }

  /**
   * Applies an update under this origin, and writes what is to be re-attached; true where there was
   * something.
   */
  apply(update: Uint8Array, { had, fresh, repeats = false }: SentBy, origin: unknown): boolean {
    const { doc } = this.#deps
    const sent = readSent(doc, update)
    for (const [client, end] of sent.reaches) had.set(client, Math.max(end, had.get(client) ?? 0))
    if (isPlain(doc, sent)) {
      Y.applyUpdate(doc, update, origin)
      return this.#bringBack()
    }
    const sender: Sender = { fresh, knows: ({ client, clock }) => clock < (had.get(client) ?? 0) }
    const unseen = repeats ? nothingUnseen() : findUnseen(doc, this.moves, sent, sender)
    let found: Found | undefined
    const listen = (transaction: Y.Transaction) => {
      if (transaction.origin !== origin || found) return
      const { arrivals, ...comparison } = this.#compare(transaction, sent, unseen)
      const isKnown = (id: Y.ID) => isAlive(doc, id) || this.moves.next(id) !== undefined
      const isNamed = (id: Y.ID) =>
        Y.isDeleted(sent.named, id) || unseen.standIns.get(id.client, id.clock) !== undefined
      const strays = this.#runWords.withoutForeign(straysOf(transaction, isNamed, isKnown))
      this.#keepPlaces(transaction, isNamed)
      found = { sent, sender, arrivals, comparison, strays }
    }
    this.#applyCut(update, { sent, unseen, origin }, listen)
    const all = found
    if (!all) return false
    return doc.transact((transaction) => {
      this.#mend(all)
      return hasWritten(transaction)
    }, this.#deps.origin)
  }

  /**
   * Applies what is mended elsewhere, or was: it only remembers what it moved. What is marked as one
   * edit is compared as where it was answered. True where it brought back words of a run.
   */
  follow(update: Uint8Array, origin: unknown): boolean {
    const { doc } = this.#deps
    const sent = readSent(doc, update)
    const isEdit = isMarked(update, sent.named)
    const isCompared = isEdit && !isPlain(doc, sent)
    const unseen = isCompared ? findUnseen(doc, this.moves, sent, ANYBODY) : nothingUnseen()
    const listen = (transaction: Y.Transaction) => {
      if (transaction.origin !== origin) return
      if (isCompared) {
        const { moved, doubles } = this.#compare(transaction, sent, unseen)
        this.#keepMoves(this.#killedOf(doubles))
        this.moves.awaitRest(transaction, sent.named, moved)
      } else {
        this.#noteLeads(this.moves.notice(transaction, sent.named, !isEdit))
      }
      this.#outrun.notice(transaction)
      this.#keepRunWords(transaction, sent)
      this.#keepPlaces(transaction, (id) => Y.isDeleted(sent.named, id))
    }
    this.#applyCut(update, { sent, unseen, origin }, listen)
    return this.#bringBack()
  }

  /** What of a run was taken along elsewhere that this instance brings back. */
  #keepRunWords(transaction: Y.Transaction, { named }: Sent): void {
    const { doc } = this.#deps
    const strays = straysOf(
      transaction,
      (id) => Y.isDeleted(named, id),
      (id) => isAlive(doc, id) || this.moves.next(id) !== undefined,
    )
    this.#runWords.keepOwn(strays)
  }

  /** The log has reached what was re-attached here, or another write of the room's own. */
  noteCommitted(update: Uint8Array): void {
    this.#outrun.noteCommitted(update)
  }

  /** An answer of the room is to be written once more: see Outrun. */
  get isOutrun(): boolean {
    return !this.#outrun.isEmpty
  }

  /** Writes it again; true where there was something. */
  mendOutrun(): boolean {
    return this.#deps.doc.transact((transaction) => {
      const homeless = this.#outrun.take().filter((piece) => !this.#carry(piece))
      this.#rescue(this.#runWords.keep(homeless))
      return hasWritten(transaction)
    }, this.#deps.origin)
  }

  #applyCut(
    update: Uint8Array,
    { sent, unseen, origin }: { sent: Sent; unseen: Unseen; origin: unknown },
    listen: (transaction: Y.Transaction) => void,
  ): void {
    const { doc } = this.#deps
    const apply = (transaction: Y.Transaction) => {
      cutAtEnds(transaction, sent, unseen)
      Y.applyUpdate(doc, update, origin)
    }
    doc.on('beforeObserverCalls', listen)
    try {
      Y.transact(doc, apply, origin, false)
    } finally {
      doc.off('beforeObserverCalls', listen)
    }
  }

  #compare(
    transaction: Y.Transaction,
    sent: Sent,
    unseen: Unseen,
  ): Comparison & { arrivals: Arrival[] } {
    const arrivals = arrivalsOf(this.#deps.doc, sent)
    // Whoever deletes these later brings a copy that can only be told by what they were.
    for (const { parts } of arrivals) this.#remembered.remember(parts)
    const memory = { moves: this.moves, places: this.places, remembered: this.#remembered }
    const comparison = compare(transaction, sent, unseen, arrivals, memory)
    this.#keepMoves([...comparison.moved, ...comparison.unwanted])
    return { ...comparison, arrivals }
  }

  /** Whether the update names or builds on something gone of which it is not known where it went. */
  lacksPast(update: Uint8Array): boolean {
    const { doc } = this.#deps
    return goneIn(doc, readSent(doc, update)).some((id) => this.moves.next(id) === undefined)
  }

  /** Whether the update takes along what its sender may not have seen, with an element or as it was copied. */
  takesAlong(update: Uint8Array): boolean {
    const { doc } = this.#deps
    return !isPlain(doc, readSent(doc, update))
  }

  /** Takes over what was found out in the document's past. */
  addOlder(older: LateWords): void {
    this.moves.addOlder(older.moves)
    this.places.addOlder(older.places)
    this.#leads.addOlder(older.#leads)
    this.#remembered.addOlder(older.#remembered)
  }

  #mend(found: Found): void {
    const { doc } = this.#deps
    const { comparison, arrivals, strays, sent } = found
    const killed = this.#settleDoubles(comparison.doubles)
    for (const range of comparison.lateDeletes) this.writer.erase(range)
    for (const range of comparison.unwanted) this.writer.erase(reversed(range))
    const emptied = this.#eraseKilled(killed, sent)
    this.#carryStranded(found, killed)
    const copies = this.#copiesOf(comparison)
    const misplaced = misplacedIn(doc, sent, found.sender, this.moves, copies)
    const late = arrivals.flatMap((arrival) => piecesOf(arrival, copies))
    const homeless = [...misplaced, ...late, ...strays].filter((piece) => !this.#carry(piece))
    this.#rescue(this.#runWords.keep(homeless))
    this.#bringBack()
    for (const element of emptied) if (isEmptied(element)) removeEmptied(doc, element)
    if (killed.length > 0) this.#orderBlocks(comparison, sent)
  }

  /** What was there before, and was only taken along, needs no decision: it gets a line again. */
  #carry(piece: Piece): boolean {
    if (this.writer.carry(piece)) return true
    if (!piece.segments.some(({ isCopy }) => isCopy)) return false
    const { doc } = this.#deps
    const paragraph = new Y.XmlElement('paragraph')
    const text = new Y.XmlText()
    paragraph.insert(0, [text])
    body(doc).insert(findHome(doc, this.places, piece.anchors), [paragraph])
    this.writer.write({ text, index: 0 }, piece.segments)
    return true
  }

  #rescue(pieces: readonly Piece[]): void {
    if (pieces.length === 0) return
    const { doc, rescue } = this.#deps
    const homes = Map.groupBy(pieces, ({ anchors }) => findHome(doc, this.places, anchors))
    for (const [index, group] of [...homes].sort(([a], [b]) => b - a)) rescue(group, index)
  }

  /** True where words of a run stand again. */
  #bringBack(): boolean {
    if (this.#runWords.isEmpty) return false
    return this.#deps.doc.transact((transaction) => {
      this.#runWords.bringBack()
      return hasWritten(transaction)
    }, this.#deps.origin)
  }

  #settleDoubles(doubles: readonly Double[]): MovedRange[] {
    const killed = this.#killedOf(doubles)
    this.#tellMoved(killed)
    return killed
  }

  #killedOf(doubles: readonly Double[]): MovedRange[] {
    const { doc } = this.#deps
    const killed: MovedRange[] = []
    for (const { length, first, second } of doubles) {
      const later = isAlive(doc, second) && isBetterCopy(doc, this.#leads, second, first)
      const [{ client, clock }, stays] = later ? [first, second] : [second, first]
      const to = { toClient: stays.client, toClock: stays.clock }
      killed.push({ client, clock, length, ...to, isDouble: true })
    }
    return killed
  }

  /** Returns the blocks that came with the update and held a copy that goes. */
  #eraseKilled(killed: readonly MovedRange[], { types }: Sent): Set<Y.XmlElement> {
    const blocks = new Set<Y.XmlElement>()
    for (const range of killed) {
      const spot = spotAt(this.#deps.doc, Y.createID(range.client, range.clock), 'before')
      const block = spot && blockOf(spot.text)
      if (block?._item && types.has(idKey(block._item.id))) blocks.add(block)
      this.writer.erase(range)
    }
    return blocks
  }

  #carryStranded({ comparison, sender }: Found, killed: readonly MovedRange[]): void {
    const { doc } = this.#deps
    const moved = movedRanges()
    const doubles = movedRanges()
    for (const range of comparison.moved) moved.set(range)
    for (const range of killed) {
      moved.set(range)
      doubles.set(range)
    }
    const texts = new Set<Y.XmlText>()
    for (const { client, clock } of moved.ranges()) {
      const text = itemAt(doc, Y.createID(client, clock))?.parent
      if (text instanceof Y.XmlText && !text._item?.deleted) texts.add(text)
    }
    const mayFollow = ({ id, origin }: Y.Item) =>
      (origin && doubles.get(origin.client, origin.clock) !== undefined) || !sender.knows(id)
    for (const text of texts) {
      for (const piece of strandedIn(text, { doc, moved, mayFollow })) this.writer.carry(piece)
    }
  }

  #orderBlocks({ moved, doubles }: Comparison, { types }: Sent): void {
    const { doc } = this.#deps
    const now = (id: Y.ID | undefined) => id && (isAlive(doc, id) ? id : this.moves.follow(doc, id))
    const chains: Chain[] = [...moved, ...doubles].map(({ client, clock, length }) => {
      const ids = Array.from({ length }, (_, n) => Y.createID(client, clock + n))
      const first = ids[0] && characterBefore(doc, ids[0])
      return [now(first), ...ids.map(now)]
    })
    const isNew = (block: Y.XmlElement) => block._item !== null && types.has(idKey(block._item.id))
    orderBlocks(doc, chains, isNew, this.writer)
    orderLinks(doc, chains, this.writer)
  }

  /** What of the update's words are copies, and which of them have been dealt with. */
  #copiesOf({ moved, doubles, unwanted }: Comparison): Copies {
    const copies = movedRanges()
    for (const range of moved) copies.set(reversed(range))
    const settled = movedRanges()
    const settle = (client: number, clock: number, length: number) =>
      settled.set({ client, clock, length, toClient: client, toClock: clock })
    for (const { second, length } of doubles) settle(second.client, second.clock, length)
    for (const { toClient, toClock, length } of unwanted) settle(toClient, toClock, length)
    return { copies, settled }
  }

  #spotOf(piece: Piece): TextSpot | undefined {
    const { doc } = this.#deps
    const spot = findSpot(doc, this.moves, this.places, piece.anchors)
    return spot && skipEarlier(doc, this.moves, spot, piece)
  }

  #tellMoved(moved: MovedRange[]): void {
    this.#keepMoves(moved)
    this.#deps.onMoved(moved)
  }

  #keepMoves(ranges: readonly MovedRange[]): void {
    this.moves.add(ranges)
    this.#noteLeads(ranges)
  }

  #noteLeads(ranges: readonly MovedRange[]): void {
    this.#leads.note(ranges.map(reversed))
  }

  #keepPlaces(transaction: Y.Transaction, isNamed: (id: Y.ID) => boolean): void {
    this.places.add(placesGone(transaction, this.moves, isNamed))
  }
}
