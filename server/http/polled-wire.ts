/**
 * A wire over plain requests: what the client sends comes in pieces, what it is sent it asks for.
 * Each way is one stream of bytes with numbered places, so that a request may be repeated, and an
 * answer lost, without anything being heard twice or never. It knows nothing of HTTP.
 */
import { GlossError } from '#shared/errors.ts'
import type { CloseCode } from '#shared/protocol/close-codes.ts'
import { DOWN_BYTES, FrameReader, lengthOf } from '#shared/protocol/frame-stream.ts'
import { closeCodeOf } from './errors.ts'
import type { Ear, Wire } from './wire.ts'

/** The answer to a question: more of the stream, nothing yet, or the end. */
export type Answer =
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'nothing' }
  | { kind: 'closed'; code: number; reason: string }

/** A piece of what is sent; lengths do not count as frames' bytes. */
interface Part {
  bytes: Uint8Array
  ofFrame: boolean
}

const ALIVE_MS = 1_000
const NOTHING: Answer = { kind: 'nothing' }

export class PolledWire implements Wire {
  readonly #reader: FrameReader
  readonly #ended: () => void
  #ear: Ear | undefined
  #open = true
  #end: { code: CloseCode; reason: string } | undefined
  #told = false
  #heardAt = 0
  /** How much of the client's stream is here. */
  #received = 0
  #paused = false
  #waitingForRoom: (() => void) | undefined
  /** What the client has not confirmed, and the places where that begins and ends. */
  #parts: Part[] = []
  #from = 0
  #to = 0
  #waiting = 0
  #forgotten = false
  /** The question that waits for an answer, if one does. */
  #question: (() => void) | undefined

  /** `ended` is called once, when nothing is sent or heard any more. */
  constructor({ maxFrameBytes, ended }: { maxFrameBytes: number; ended: () => void }) {
    this.#reader = new FrameReader(maxFrameBytes)
    this.#ended = ended
  }

  get open(): boolean {
    return this.#open
  }

  get waiting(): number {
    return this.#waiting
  }

  /** The client knows of the end, or shall not know: it has nothing more to ask. */
  get over(): boolean {
    return !this.#open && (this.#end === undefined || this.#told)
  }

  listen(ear: Ear): void {
    this.#ear = ear
  }

  send(frame: Uint8Array): void {
    if (!this.#open) return
    const length = lengthOf(frame)
    this.#parts.push({ bytes: length, ofFrame: false }, { bytes: frame, ofFrame: true })
    this.#to += length.length + frame.length
    this.#waiting += frame.length
    this.#question?.()
  }

  ping(): void {
    // A client that is there asks again by itself, and every question is a sign of life.
  }

  close(code: CloseCode, reason: string): void {
    this.#shut({ code, reason })
  }

  drop(code: CloseCode, reason: string): void {
    this.#forget()
    this.#shut({ code, reason })
  }

  terminate(): void {
    this.#forget()
    this.#shut(undefined)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#hear()
    if (!this.#paused) this.#waitingForRoom?.()
  }

  /**
   * Takes a piece of the client's stream that begins at the place `at`, and answers how much of
   * the stream is here. What was here before is skipped. While reading is paused it waits, at most
   * `waitMs`, and takes nothing: the client sends it again. Throws `bad-request` on a gap.
   */
  async take(at: number, bytes: Uint8Array, waitMs: number): Promise<number> {
    if (at + bytes.length <= this.#received) this.#alive(false)
    if (this.#paused) await this.#room(waitMs)
    if (at > this.#received) throw new GlossError('bad-request', `a gap before ${at}`)
    const fresh = bytes.subarray(this.#received - at)
    if (!this.#open || this.#paused || fresh.length === 0) return this.#received
    this.#received += fresh.length
    this.#reader.push(fresh)
    this.#hear()
    return this.#received
  }

  /**
   * What follows the place `after`, up to which the client has everything. Waits for it at most
   * `waitMs`; a later question ends the wait of an earlier one. Throws `bad-request` where the
   * place is not one that may be asked for.
   */
  async ask(after: number, waitMs: number): Promise<Answer> {
    this.#alive(after > this.#from)
    if (!this.#forgotten) {
      if (after < this.#from || after > this.#to) {
        throw new GlossError('bad-request', `after ${after}, not ${this.#from} to ${this.#to}`)
      }
      this.#confirm(after)
    }
    this.#question?.()
    if (this.#open && this.#to === after && waitMs > 0) await this.#more(waitMs)
    if (this.#to > after && this.#from <= after) return { kind: 'bytes', bytes: this.#read(after) }
    if (this.#open) return NOTHING
    this.#told = true
    return { kind: 'closed', ...(this.#end ?? { code: 1006, reason: '' }) }
  }

  /** What carries news is no burden; of the rest the listener hears each time, and may object. */
  #alive(hasNews: boolean): void {
    const now = performance.now()
    if (!this.#open || (hasNews && now - this.#heardAt < ALIVE_MS)) return
    this.#heardAt = now
    this.#ear?.heard()
  }

  /** Tells the listener of all frames that are whole, until it wants no more. */
  #hear(): void {
    try {
      while (this.#open && !this.#paused) {
        const frame = this.#reader.next()
        if (!frame) return
        this.#ear?.message(frame)
      }
    } catch (error) {
      // What follows a length that is wrong cannot be read any more.
      if (!(error instanceof GlossError)) throw error
      this.close(closeCodeOf(error), 'the message was refused')
    }
  }

  #room(waitMs: number): Promise<void> {
    this.#waitingForRoom?.()
    return new Promise((resolve) => {
      const timer = setTimeout(() => go(), waitMs)
      const go = () => {
        clearTimeout(timer)
        if (this.#waitingForRoom === go) this.#waitingForRoom = undefined
        resolve()
      }
      this.#waitingForRoom = go
    })
  }

  #more(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => answer(), waitMs)
      const answer = () => {
        clearTimeout(timer)
        if (this.#question === answer) this.#question = undefined
        // What is sent in the same moment goes with the same answer.
        setImmediate(resolve)
      }
      this.#question = answer
    })
  }

  #confirm(after: number): void {
    if (after === this.#from) return
    let read = 0
    while (this.#from < after) {
      const part = this.#parts[read]!
      const count = Math.min(part.bytes.length, after - this.#from)
      this.#from += count
      if (part.ofFrame) this.#waiting -= count
      if (count === part.bytes.length) read++
      else part.bytes = part.bytes.subarray(count)
    }
    this.#parts.splice(0, read)
    if (this.#open) this.#ear?.progress()
  }

  #read(after: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(DOWN_BYTES, this.#to - after))
    let skip = after - this.#from
    let at = 0
    for (const part of this.#parts) {
      const rest = part.bytes.subarray(Math.min(skip, part.bytes.length))
      skip -= part.bytes.length - rest.length
      const fits = rest.subarray(0, bytes.length - at)
      bytes.set(fits, at)
      at += fits.length
      if (at === bytes.length) break
    }
    return bytes
  }

  #forget(): void {
    this.#parts = []
    this.#from = this.#to
    this.#waiting = 0
    this.#forgotten = true
  }

  #shut(end: { code: CloseCode; reason: string } | undefined): void {
    if (!this.#open) return
    this.#open = false
    this.#end = end
    this.#waitingForRoom?.()
    this.#question?.()
    // Whoever closes it may be in the middle of something.
    queueMicrotask(() => {
      this.#ear?.closed()
      this.#ended()
    })
  }
}
