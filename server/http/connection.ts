/**
 * One client in one room: it turns bytes into frames and a wire into a Peer, and keeps the
 * connection's rates and its heartbeat. What frames mean is the room's business, and how they
 * travel the wire's.
 */
import { randomUUID } from 'node:crypto'
import { TokenBucket } from '#server/limits/token-bucket.ts'
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import type { Backlog } from '#server/rooms/backlog.ts'
import type { Peer } from '#server/rooms/peer.ts'
import type { Room } from '#server/rooms/room.ts'
import type { RoomHold } from '#server/rooms/room-registry.ts'
import type { UserRow } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import { CLOSE, type CloseCode } from '#shared/protocol/close-codes.ts'
import { type ClientFrame, decodeClientFrame } from '#shared/protocol/frame.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { Caller } from './caller.ts'
import { EarlyFrames } from './early-frames.ts'
import { closeCodeOf } from './errors.ts'
import type { Beating, Heartbeat } from './heartbeat.ts'
import { type AwarenessFrame, HeldPresence } from './held-presence.ts'
import type { Rates } from './rates.ts'
import { type Reader, SendBuffer } from './send-buffer.ts'
import type { Ear, Wire } from './wire.ts'

export interface ConnectionDeps {
  wire: Wire
  caller: Caller
  limits: Limits
  rates: Rates
  heartbeat: Heartbeat
  backlog: Pick<Backlog, 'countHeld'>
  /** What the person is called now. */
  lookUp?: (user: string) => Promise<UserRow | undefined>
  log: Log
  metrics: Pick<Metrics, 'limitRefused'>
}

/** There are thousands of these: what few of them need is made when they do. */
export class Connection implements Ear, Peer, Beating, Reader {
  #id: string | undefined
  user: UserRow
  canWrite: boolean
  readonly #wire: Wire
  readonly #lookUp: ConnectionDeps['lookUp']
  readonly #limits: Limits
  readonly #rates: Rates
  readonly #heartbeat: Heartbeat
  readonly #backlog: Pick<Backlog, 'countHeld'>
  readonly #log: Log
  readonly #metrics: Pick<Metrics, 'limitRefused'>
  readonly #document: string
  readonly #out: SendBuffer
  readonly #messages: TokenBucket
  readonly #bytes: TokenBucket
  #awareness: TokenBucket | undefined
  #requests: TokenBucket | undefined
  /** What came before the room was open. */
  #early: EarlyFrames | undefined
  #room: Room | undefined
  #release: (() => void) | undefined
  #heldPresence: HeldPresence | undefined
  /** A sync step 1 that waits until the answer to the one before is read. */
  #heldStep1: ClientFrame | undefined
  #replying = false
  #pauses = 0
  #draining = false
  #lastHeard = performance.now()
  #timers: Set<NodeJS.Timeout> | undefined

  constructor(deps: ConnectionDeps) {
    const { wire, caller, limits, rates, heartbeat, backlog, log, metrics } = deps
    const { user, canWrite, document } = caller
    this.user = user
    this.canWrite = canWrite
    this.#wire = wire
    this.#lookUp = deps.lookUp
    this.#document = document
    this.#limits = limits
    this.#rates = rates
    this.#heartbeat = heartbeat
    this.#backlog = backlog
    this.#log = log
    this.#metrics = metrics
    this.#messages = new TokenBucket(rates.messages)
    this.#bytes = new TokenBucket(rates.bytes)
    this.#out = new SendBuffer(wire, limits, this)
    wire.listen(this)
    heartbeat.add(this)
  }

  /** From here on frames reach the room, those that came while it opened first. */
  enter({ room, release }: RoomHold): void {
    if (!this.#wire.open) return release()
    this.#room = room
    this.#release = release
    room.join(this)
    const early = this.#early
    this.#early = undefined
    const paused = early?.enough
    for (const frame of early?.take() ?? []) this.#receive(frame)
    if (paused) this.#resume()
  }

  /** For the log. It is half a kilobyte, and most connections are never spoken of. */
  get id(): string {
    this.#id ??= randomUUID()
    return this.#id
  }

  get behind(): boolean {
    return this.#out.behind
  }

  send(frame: Uint8Array): void {
    this.#out.send(frame)
  }

  close(code: CloseCode, reason: string): void {
    this.#wire.close(code, reason)
  }

  async lookAgain(): Promise<void> {
    this.user = (await this.#lookUp?.(this.user.id)) ?? this.user
  }

  /** What was kept from the reader comes now, in one piece. */
  caughtUp(): void {
    this.#room?.resync(this)
  }

  /** The answer to a sync step 1 has gone out whole. */
  replied(): void {
    this.#replying = false
    const held = this.#heldStep1
    this.#heldStep1 = undefined
    if (held) this.#carefully(() => this.#request(held))
  }

  /** Too far behind to catch up by queueing: a reconnect fetches just what is missing. */
  tooSlow(): void {
    this.#out.close()
    this.#wire.drop(CLOSE.later, 'too slow')
  }

  beat(): void {
    // Whom we do not read we cannot hear.
    if (this.#pauses > 0) this.#lastHeard = performance.now()
    if (performance.now() - this.#lastHeard > this.#limits.deadMs) return this.#wire.terminate()
    this.#wire.ping()
  }

  message(frame: Uint8Array): void {
    this.#lastHeard = performance.now()
    if (!this.#messages.take()) return this.#tooMany('messages')
    const debtMs = this.#bytes.spend(frame.length)
    if (debtMs > 0) this.#pauseFor(debtMs)
    if (this.#room) return this.#receive(frame)
    if (!this.#wire.open) return
    this.#early ??= new EarlyFrames(this.#backlog)
    const read = !this.#early.enough
    this.#early.keep(frame)
    if (read && this.#early.enough) this.#pause()
    if (this.#early.bytes > this.#limits.bytesBurst) this.close(CLOSE.later, 'still opening')
  }

  /** Signs of life count as messages. */
  heard(): void {
    this.#lastHeard = performance.now()
    if (!this.#messages.take()) this.#tooMany('messages')
  }

  progress(): void {
    this.#out.progress()
  }

  failed(error: Error): void {
    this.#log.warn({ document: this.#document, peer: this.id, error }, 'a wire failed')
  }

  closed(): void {
    this.#out.close()
    this.#heartbeat.delete(this)
    for (const timer of this.#timers ?? []) clearTimeout(timer)
    this.#timers = undefined
    this.#early?.take()
    this.#room?.leave(this)
    this.#release?.()
  }

  #tooMany(kind: 'messages' | 'requests'): void {
    this.#metrics.limitRefused.inc({ scope: 'ws', kind })
    this.close(CLOSE.tooMany, `too many ${kind}`)
  }

  #receive(bytes: Uint8Array): void {
    this.#carefully(() => {
      const frame = decodeClientFrame(bytes)
      switch (frame.kind) {
        case 'awareness':
          return this.#hearAwareness(frame)
        case 'sync-step-1':
        case 'query-awareness':
          this.#requests ??= new TokenBucket(this.#rates.requests)
          if (this.#requests.take()) return this.#request(frame)
          return this.#tooMany('requests')
        default:
          return this.#pass(frame)
      }
    })
  }

  /** A frame that is none costs its sender the connection, and nobody else anything. */
  #carefully(act: () => void): void {
    if (!this.#wire.open) return
    try {
      act()
    } catch (error) {
      this.#log.warn({ document: this.#document, peer: this.id, error }, 'a frame was refused')
      this.close(closeCodeOf(error), 'the message was refused')
    }
  }

  #pass(frame: ClientFrame): void {
    const room = this.#room
    if (!room) return
    room.receive(this, frame)
    const drained = room.backPressure(this)
    if (drained) this.#pauseUntil(drained)
  }

  /** One whole answer under way is enough: of more requests the latest waits for its end. */
  #request(frame: ClientFrame): void {
    if (frame.kind === 'sync-step-1') {
      if (this.#replying) {
        this.#heldStep1 = frame
        return
      }
      this.#replying = true
    }
    this.#pass(frame)
  }

  /** Of presence only the latest counts: what comes too fast waits, the rest is forgotten. */
  #hearAwareness(frame: AwarenessFrame): void {
    const { awarenessBytes, connectionsPerDocument } = this.#limits
    if (frame.update.length > awarenessBytes) {
      // y-websocket echoes in one what it hears of many others; its own state it sends alone.
      const isEcho = frame.update[0]! > 1
      if (isEcho && frame.update.length <= awarenessBytes * connectionsPerDocument) return
      throw new GlossError('too-large', 'an awareness update')
    }
    if (this.#heldPresence) return this.#heldPresence.hold(frame)
    this.#awareness ??= new TokenBucket(this.#rates.awareness)
    if (this.#awareness.take()) return this.#pass(frame)
    const held = new HeldPresence()
    held.hold(frame)
    this.#heldPresence = held
    this.#after(this.#awareness.spend(), () => {
      this.#heldPresence = undefined
      for (const one of held.frames) this.#carefully(() => this.#pass(one))
    })
  }

  #pauseFor(ms: number): void {
    this.#pause()
    this.#after(ms, () => this.#resume())
  }

  /** The commit queue is full: what is not read yet waits at the client, where it is safe. */
  #pauseUntil(drained: Promise<void>): void {
    if (this.#draining) return
    this.#draining = true
    this.#pause()
    drained
      .finally(() => {
        this.#draining = false
        this.#resume()
      })
      .catch(() => this.#wire.terminate())
  }

  /** There are several reasons to pause; reading goes on when none is left. */
  #pause(): void {
    if (this.#pauses++ === 0) this.#wire.pause()
  }

  #resume(): void {
    if (--this.#pauses === 0) this.#wire.resume()
  }

  #after(ms: number, act: () => void): void {
    this.#timers ??= new Set()
    const timer = setTimeout(() => {
      this.#timers?.delete(timer)
      act()
    }, ms)
    this.#timers.add(timer)
  }
}
