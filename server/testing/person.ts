/** A person of a test: an editor's document and the frames it sends and hears, without a socket. */
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness'
import * as Y from 'yjs'
import { Ledger } from '#client/session/ledger.ts'
import { editsSingly } from '#client/session/offline/edits-singly.ts'
import type { Peer } from '#server/rooms/peer.ts'
import type { Room } from '#server/rooms/room.ts'
import { applyNaming } from '#shared/document/moves/named-deletions.ts'
import {
  body,
  type DecisionEntry,
  decisionKey,
  decisionMap,
  SUGGESTIONS,
} from '#shared/document/shape.ts'
import { decodeClientFrame, decodeFrame, encodeFrame, type Frame } from '#shared/protocol/frame.ts'
import { eventually } from './eventually.ts'

const FROM_ROOM = 'room'
const NOTHING = Uint8Array.of(0, 0)

export class Person {
  readonly doc = new Y.Doc()
  readonly user: Peer['user']
  readonly awareness = new Awareness(this.doc)
  /** What was heard on this connection. */
  heard: Frame[] = []
  acked = 0
  sent = 0
  nacks: { count: number; code: number; reason: string }[] = []
  closed: { code: number; reason: string } | undefined
  peer: Peer | undefined
  /** An update came before what it builds on. */
  heardTooSoon = false
  readonly #name: string
  readonly #canWrite: boolean
  #room: Room | undefined
  #held: { up: (() => void)[] | undefined; down: (() => void)[] | undefined } = {
    up: undefined,
    down: undefined,
  }
  #hasAll = false
  readonly #ledger = new Ledger()

  constructor(user: Peer['user'], canWrite: boolean, name: string) {
    this.user = user
    this.#canWrite = canWrite
    this.#name = name
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === FROM_ROOM) return
      this.#ledger.edited(0, update)
      if (!this.online) return
      this.#ledger.sentUpdate()
      this.send({ kind: 'update', update })
    })
  }

  /** This is the next page of that person: it has what the device kept, and nothing in its hands. */
  takeOver(page: Person): void {
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(page.doc), FROM_ROOM)
    for (const { update } of page.#ledger.edits) this.#ledger.edited(0, update)
  }

  /** How many edits are not acknowledged. */
  get unsaved(): number {
    return this.#ledger.unsaved
  }

  get online(): boolean {
    return this.peer !== undefined
  }

  /** A new connection; what was written meanwhile goes with its sync step 2. */
  connect(room: Room): void {
    this.disconnect()
    this.#room = room
    this.heard = []
    this.nacks = []
    this.acked = 0
    this.sent = 0
    this.closed = undefined
    this.#hasAll = false
    this.#ledger.connected()
    const peer: Peer = {
      id: `${this.#name}-${Math.random()}`,
      user: this.user,
      canWrite: this.#canWrite,
      send: (frame) => this.#down(peer, () => this.#hear(decodeFrame(frame))),
      close: (code, reason) =>
        this.#down(peer, () => {
          this.closed = { code, reason }
          this.disconnect()
        }),
    }
    this.peer = peer
    room.join(peer)
    this.send({ kind: 'sync-step-1', stateVector: Y.encodeStateVector(this.doc) })
  }

  disconnect(): void {
    const { peer } = this
    this.peer = undefined
    this.#held = { up: undefined, down: undefined }
    if (peer) this.#room?.leave(peer)
    removeAwarenessStates(this.awareness, [...this.awareness.getStates().keys()], FROM_ROOM)
  }

  /** What this person sends from now on is under way until `carry`. */
  holdUp(): void {
    this.#held.up ??= []
  }

  /** What the room sends from now on is under way until `carry`. */
  holdDown(): void {
    this.#held.down ??= []
  }

  carry(): void {
    const { up = [], down = [] } = this.#held
    this.#held = { up: undefined, down: undefined }
    for (const act of [...up, ...down]) act()
  }

  /** How many frames are under way in that direction. */
  underWay(way: 'up' | 'down'): number {
    return this.#held[way]?.length ?? 0
  }

  /** Delivers the next frame of those that are under way. */
  carryOne(way: 'up' | 'down'): void {
    this.#held[way]?.shift()?.()
  }

  send(frame: Frame): void {
    const { peer } = this
    if (frame.kind === 'update' || frame.kind === 'sync-step-2') this.sent++
    const bytes = encodeFrame(frame)
    const act = () => {
      if (this.peer === peer && peer) {
        this.#room?.receive(peer, decodeClientFrame(bytes))
      }
    }
    if (this.#held.up) this.#held.up.push(act)
    else act()
  }

  /** Everything that was written is committed. */
  get saved(): boolean {
    return this.online && this.#hasAll && this.acked === this.sent
  }

  async synced(): Promise<void> {
    await eventually(() => {
      if (!this.saved) throw new Error(`${this.#name}: ${this.acked} of ${this.sent} are acked`)
    })
  }

  get text(): string {
    return textOf(this.doc)
  }

  /** What the suggestions in the document say of themselves. */
  get suggestions(): Record<string, unknown> {
    return this.doc.getMap(SUGGESTIONS).toJSON()
  }

  /** Types into the first paragraph, at its end where no place is given. */
  type(text: string, at?: number): void {
    this.doc.transact(() => {
      const line = this.#line()
      line.insert(Math.min(at ?? line.length, line.length), text)
    })
  }

  erase(at: number, length: number): void {
    const line = this.#line()
    if (at + length <= line.length) line.delete(at, length)
  }

  bold(at: number, length: number): void {
    const line = this.#line()
    if (at + length <= line.length) line.format(at, length, { p: { __format: 1 } })
  }

  paragraph(text: string): void {
    this.doc.transact(() => {
      const paragraph = new Y.XmlElement('paragraph')
      body(this.doc).push([paragraph])
      if (text !== '') paragraph.push([new Y.XmlText(text)])
    })
  }

  /** The caret behind `at` characters of the first paragraph, as an editor sends it. */
  caret(at: number): string {
    const position = Y.createRelativePositionFromTypeIndex(this.#line(), at)
    return Buffer.from(Y.encodeRelativePosition(position)).toString('base64url')
  }

  decide(chunk: string, decision: DecisionEntry['decision']): void {
    decisionMap(this.doc).set(decisionKey(chunk, this.user.id), { decision, at: Date.now() })
  }

  undecide(chunk: string): void {
    decisionMap(this.doc).delete(decisionKey(chunk, this.user.id))
  }

  /** Tells where the caret is, as an editor's awareness does. */
  point(fields: Record<string, unknown>, clients = [this.doc.clientID]): void {
    this.awareness.setLocalState(fields)
    this.send({ kind: 'awareness', update: encodeAwarenessUpdate(this.awareness, clients) })
  }

  #line(): Y.XmlText {
    const paragraph = body(this.doc).get(0)
    if (!(paragraph instanceof Y.XmlElement)) throw new Error('not in sync yet')
    const first = paragraph.toArray().find((child) => child instanceof Y.XmlText)
    if (first instanceof Y.XmlText) return first
    const text = new Y.XmlText()
    paragraph.insert(0, [text])
    return text
  }

  #down(peer: Peer, act: () => void): void {
    const still = () => {
      if (this.peer === peer) act()
    }
    if (this.#held.down) this.#held.down.push(still)
    else still()
  }

  /** Sends what the room lacks as a page does: edit by edit, where that is all. */
  #answer(stateVector: Uint8Array): void {
    const edits = editsSingly(this.doc, stateVector, this.#ledger.waiting ?? [])
    if (edits) {
      this.#ledger.sentNothing()
      this.send({ kind: 'sync-step-2', update: NOTHING })
      for (const update of edits) {
        this.#ledger.sentUpdate()
        this.send({ kind: 'update', update })
      }
    }
    this.#ledger.sentAll(0)
    const known = edits ? Y.encodeStateVector(this.doc) : stateVector
    this.send({ kind: 'sync-step-2', update: Y.encodeStateAsUpdate(this.doc, known) })
  }

  #hear(frame: Frame): void {
    this.heard.push(frame)
    switch (frame.kind) {
      case 'sync-step-1': {
        this.#answer(frame.stateVector)
        break
      }
      case 'sync-step-2':
        applyNaming(this.doc, frame.update, FROM_ROOM)
        this.#hasAll = true
        break
      case 'update':
        applyNaming(this.doc, frame.update, FROM_ROOM)
        this.heardTooSoon ||= this.#hasAll && this.doc.store.pendingStructs !== null
        break
      case 'awareness':
        applyAwarenessUpdate(this.awareness, frame.update, FROM_ROOM)
        break
      case 'ack':
        this.acked = frame.count
        this.#ledger.acknowledged(frame.count)
        break
      case 'nack':
        this.nacks.push(frame)
        this.#ledger.refused(frame.count, 0)
        break
      case 'query-awareness':
        break
    }
  }
}

/** The text of a document, a block a line. */
export function textOf(doc: Y.Doc): string {
  return body(doc).toArray().map(inlineText).join('\n')
}

function inlineText(type: unknown): string {
  if (type instanceof Y.XmlText) {
    return type
      .toDelta()
      .map(({ insert }: { insert: unknown }) =>
        typeof insert === 'string' ? insert : inlineText(insert),
      )
      .join('')
  }
  return type instanceof Y.XmlElement ? type.toArray().map(inlineText).join('') : ''
}
