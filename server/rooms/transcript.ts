/**
 * The committed document as bytes: a snapshot, and what was committed after it. It answers those
 * who join, mostly with bytes that it has, framed once for all of them. It needs no Y.Doc; where
 * a room has one, it asks that for what it would otherwise have to put together.
 */
import * as Y from 'yjs'
import type { LoadedDocument } from '#server/store/document-store.ts'
import { encodeFrame } from '#shared/protocol/frame.ts'
import { updateClocks } from './update-clocks.ts'

/** Less than this after the snapshot is always kept; more, as long as the snapshot is larger. */
const TAIL_BYTES = 16 * 1024
/** Yjs merges very many updates slowly: more rows than this are put together by a Y.Doc. */
const TAIL_ROWS = 500
/** A quarter of the snapshot may be told twice before it is worth a new one. */
const TAIL_SHARE = 4
/** Answers that are kept until the next commit: those of one room who reconnect ask alike. */
const KEPT_ANSWERS = 8

export class Transcript {
  /** What `#tail` continues. Undefined once the Y.Doc is the shorter way to it. */
  #base: Uint8Array | undefined
  #tail: Uint8Array[]
  #tailBytes = 0
  #doc: Y.Doc | undefined
  #baseFrame: Uint8Array | undefined
  #tailFrame: Uint8Array | undefined
  #question: Uint8Array | undefined
  readonly #answers = new Map<string, Uint8Array>()

  constructor({ snapshot, updates }: Pick<LoadedDocument, 'snapshot' | 'updates'>) {
    const [first, ...rest] = updates.map(({ data }) => data)
    this.#base = snapshot?.data ?? first
    this.#tail = snapshot && first ? [first, ...rest] : rest
    this.#tailBytes = this.#tail.reduce((sum, { length }) => sum + length, 0)
  }

  /** These were committed, and the Y.Doc, where there is one, has or gets them too. */
  add(update: Uint8Array): void {
    this.#tailFrame = undefined
    this.#question = undefined
    this.#answers.clear()
    if (!this.#base) return
    this.#tail.push(update)
    this.#tailBytes += update.length
    const long = this.#tailBytes > TAIL_BYTES && this.#tailBytes > this.#share
    if (this.#doc && (long || this.#tail.length > TAIL_ROWS)) this.#letGo()
  }

  /** A new Y.Doc with all of it; from now on it is asked. It must follow what is added. */
  open(doc: Y.Doc, origin: unknown): void {
    fill(doc, this.#parts, origin)
    this.#doc = doc
  }

  get stateVector(): Uint8Array {
    if (this.#doc) return Y.encodeStateVector(this.#doc)
    const clocks = new Map<number, number>()
    for (const part of this.#parts) {
      for (const [client, clock] of updateClocks(part)) {
        clocks.set(client, Math.max(clock, clocks.get(client) ?? 0))
      }
    }
    return Y.encodeStateVector(clocks)
  }

  /** The frame that asks a peer for what it has and we lack. */
  question(): Uint8Array {
    this.#question ??= encodeFrame({ kind: 'sync-step-1', stateVector: this.stateVector })
    return this.#question
  }

  /**
   * The frames that bring a peer with this state vector up to date, to be sent one after the
   * other. Where there is a Y.Doc, it must hold nothing uncommitted.
   */
  answer(stateVector: Uint8Array): Uint8Array[] {
    if (stateVector.length === 1 && stateVector[0] === 0) return this.#fromNothing()
    const key = Buffer.from(stateVector).toString('base64')
    let frame = this.#answers.get(key)
    if (!frame) {
      frame = encodeFrame({ kind: 'sync-step-2', update: this.#since(stateVector) })
      if (this.#answers.size < KEPT_ANSWERS) this.#answers.set(key, frame)
    }
    return [frame]
  }

  #since(stateVector: Uint8Array): Uint8Array {
    if (this.#doc) return Y.encodeStateAsUpdate(this.#doc, stateVector)
    if (this.#tail.length > 0 || !this.#base) this.#fold()
    return Y.diffUpdate(this.#base ?? this.#whole(), stateVector)
  }

  /** As if it had asked when the snapshot was new, and then heard all that was committed since. */
  #fromNothing(): Uint8Array[] {
    if (!this.#doc && this.#tail.length > TAIL_ROWS) this.#fold()
    this.#baseFrame ??= this.#frameBase()
    if (this.#tail.length === 0) return [this.#baseFrame]
    this.#tailFrame ??= encodeFrame({ kind: 'update', update: Y.mergeUpdates(this.#tail) })
    return [this.#baseFrame, this.#tailFrame]
  }

  #frameBase(): Uint8Array {
    const update = this.#base ?? this.#whole()
    const frame = encodeFrame({ kind: 'sync-step-2', update })
    // The update is the frame's end: one copy of it is enough.
    this.#base = frame.subarray(frame.length - update.length)
    return frame
  }

  get #parts(): Uint8Array[] {
    return this.#base ? [this.#base, ...this.#tail] : []
  }

  /** Everything as one update. */
  #whole(): Uint8Array {
    if (this.#doc) return Y.encodeStateAsUpdate(this.#doc)
    const parts = this.#parts
    if (parts.length <= TAIL_ROWS) return Y.mergeUpdates(parts)
    const doc = new Y.Doc()
    fill(doc, parts, undefined)
    const update = Y.encodeStateAsUpdate(doc)
    doc.destroy()
    return update
  }

  #fold(): void {
    const whole = this.#whole()
    this.#letGo()
    this.#base = whole
  }

  get #share(): number {
    return (this.#base?.length ?? 0) / TAIL_SHARE
  }

  #letGo(): void {
    this.#base = undefined
    this.#baseFrame = undefined
    this.#tail = []
    this.#tailBytes = 0
  }
}

/** In one transaction: each of its own would cost more than most updates do. */
function fill(doc: Y.Doc, parts: readonly Uint8Array[], origin: unknown): void {
  const apply = () => {
    for (const part of parts) Y.applyUpdate(doc, part, origin)
  }
  Y.transact(doc, apply, origin, false)
}
