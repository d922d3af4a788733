/**
 * The committed document as bytes: a snapshot, and what was committed after it. It answers those
 * who join, mostly with bytes that it has, framed once for all of them. It needs no Y.Doc; where
 * a room has one, it asks that for what it would otherwise have to put together.
 */
import * as Y from 'yjs'
import type { LoadedDocument } from '#server/store/document-store.ts'
import { encodeFrame } from '#shared/protocol/frame.ts'

/** Less than this after the snapshot is always kept; more, as long as the snapshot is larger. */
const TAIL_BYTES = 16 * 1024
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
    if (this.#doc && this.#tailBytes > TAIL_BYTES && this.#tailBytes > this.#share) this.#letGo()
  }

  /** A new Y.Doc with all of it; from now on it is asked. It must follow what is added. */
  open(doc: Y.Doc, origin: unknown): void {
    const parts = this.#base ? [this.#base, ...this.#tail] : []
    Y.transact(
      doc,
      () => {
        for (const part of parts) Y.applyUpdate(doc, part, origin)
      },
      origin,
      false,
    )
    this.#doc = doc
  }

  /** Everything as one update. Where there is a Y.Doc, it must hold nothing uncommitted. */
  get whole(): Uint8Array {
    if (this.#doc) return Y.encodeStateAsUpdate(this.#doc)
    return Y.mergeUpdates(this.#base ? [this.#base, ...this.#tail] : [])
  }

  get stateVector(): Uint8Array {
    if (this.#doc) return Y.encodeStateVector(this.#doc)
    const clocks = new Map<number, number>()
    for (const part of this.#base ? [this.#base, ...this.#tail] : []) {
      for (const [client, clock] of Y.parseUpdateMeta(part).to) {
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
      const update = this.#doc
        ? Y.encodeStateAsUpdate(this.#doc, stateVector)
        : Y.diffUpdate(this.whole, stateVector)
      frame = encodeFrame({ kind: 'sync-step-2', update })
      if (this.#answers.size < KEPT_ANSWERS) this.#answers.set(key, frame)
    }
    return [frame]
  }

  /** As if it had asked when the snapshot was new, and then heard all that was committed since. */
  #fromNothing(): Uint8Array[] {
    this.#baseFrame ??= this.#frameBase()
    if (this.#tail.length === 0) return [this.#baseFrame]
    this.#tailFrame ??= encodeFrame({ kind: 'update', update: Y.mergeUpdates(this.#tail) })
    return [this.#baseFrame, this.#tailFrame]
  }

  #frameBase(): Uint8Array {
    const update = this.#base ?? this.whole
    const frame = encodeFrame({ kind: 'sync-step-2', update })
    // The update is the frame's end: one copy of it is enough.
    this.#base = frame.subarray(frame.length - update.length)
    return frame
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
