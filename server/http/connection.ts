/**
 * One client in one room: it turns bytes into frames and a wire into a Peer, and keeps the
 * connection's rates and its heartbeat. What frames mean is the room's business, and how they
 * travel the wire's.
 */
import { randomUUID } from 'node:crypto'
import { TokenBucket } from '#server/limits/token-bucket.ts'
import type { Log } from '#server/log.ts'
import type { Peer } from '#server/rooms/peer.ts'
import type { Room } from '#server/rooms/room.ts'
import type { RoomHold } from '#server/rooms/room-registry.ts'
import type { UserRow } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import { CLOSE, type CloseCode } from '#shared/protocol/close-codes.ts'
import { type ClientFrame, decodeClientFrame } from '#shared/protocol/frame.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { closeCodeOf } from './errors.ts'
import { SendBuffer } from './send-buffer.ts'
import type { Ear, Wire } from './wire.ts'

export interface Caller {
  user: UserRow
  document: string
  canWrite: boolean
  /** What the client holds is from before the document was restored to an older state. */
  restored: boolean
}

export interface ConnectionDeps {
  wire: Wire
  caller: Caller
  limits: Limits
  log: Log
}

export class Connection implements Ear {
  readonly peer: Peer
  readonly #wire: Wire
  readonly #limits: Limits
  readonly #log: Log
  readonly #document: string
  readonly #out: SendBuffer
  readonly #messages: TokenBucket
  readonly #bytes: TokenBucket
  readonly #awareness: TokenBucket
  readonly #requests: TokenBucket
  /** What came before the room was open. */
  #early: Uint8Array[] | undefined = []
  #earlyBytes = 0
  #room: Room | undefined
  #release: (() => void) | undefined
  #heldAwareness: ClientFrame | undefined
  /** A sync step 1 that waits until the answer to the one before is read. */
  #heldStep1: ClientFrame | undefined
  #replying = false
  #pauses = 0
  #draining = false
  #lastHeard = performance.now()
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor({ wire, caller: { user, canWrite, document }, limits, log }: ConnectionDeps) {
    this.#wire = wire
    this.#document = document
    this.#limits = limits
    this.#log = log
    this.#messages = bucket(limits.messagesPerSecond, limits.messagesBurst)
    this.#bytes = bucket(limits.bytesPerSecond, limits.bytesBurst)
    this.#awareness = bucket(limits.awarenessPerSecond, limits.awarenessPerSecond)
    this.#requests = bucket(limits.syncStep1PerMinute / 60, limits.syncStep1PerMinute)
    const out = new SendBuffer({
      wire,
      limits,
      caughtUp: () => this.#room?.resync(this.peer),
      replied: () => this.#replied(),
      tooSlow: () => this.#drop(),
    })
    this.#out = out
    const { id, name, color } = user
    this.peer = {
      id: randomUUID(),
      user: { id, name, color },
      canWrite,
      get behind() {
        return out.behind
      },
      send: (frame) => out.send(frame),
      close: (code, reason) => this.#close(code, reason),
    }
    wire.listen(this)
    this.#timers.add(setInterval(() => this.#ping(), limits.pingMs))
  }

  /** From here on frames reach the room, those that came while it opened first. */
  enter({ room, release }: RoomHold): void {
    if (!this.#wire.open) return release()
    this.#room = room
    this.#release = release
    room.join(this.peer)
    const early = this.#early ?? []
    this.#early = undefined
    for (const bytes of early) this.#receive(bytes)
  }

  message(frame: Uint8Array): void {
    this.#lastHeard = performance.now()
    if (!this.#messages.take()) return this.#close(CLOSE.tooMany, 'too many messages')
    const debtMs = this.#bytes.spend(frame.length)
    if (debtMs > 0) this.#pauseFor(debtMs)
    if (!this.#early) return this.#receive(frame)
    this.#earlyBytes += frame.length
    if (this.#earlyBytes > this.#limits.bytesBurst) return this.#close(CLOSE.later, 'still opening')
    this.#early.push(frame)
  }

  /** Signs of life count as messages. */
  heard(): void {
    this.#lastHeard = performance.now()
    if (!this.#messages.take()) this.#close(CLOSE.tooMany, 'too many messages')
  }

  progress(): void {
    this.#out.progress()
  }

  failed(error: Error): void {
    this.#log.warn({ document: this.#document, peer: this.peer.id, error }, 'a wire failed')
  }

  closed(): void {
    this.#out.close()
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    this.#room?.leave(this.peer)
    this.#release?.()
  }

  #receive(bytes: Uint8Array): void {
    this.#carefully(() => {
      const frame = decodeClientFrame(bytes)
      switch (frame.kind) {
        case 'awareness':
          return this.#hearAwareness(frame)
        case 'sync-step-1':
        case 'query-awareness':
          if (this.#requests.take()) return this.#request(frame)
          return this.#close(CLOSE.tooMany, 'too many requests')
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
      this.#log.warn({ document: this.#document, peer: this.peer.id, error }, 'a frame was refused')
      this.#close(closeCodeOf(error), 'the message was refused')
    }
  }

  #pass(frame: ClientFrame): void {
    const room = this.#room
    if (!room) return
    room.receive(this.peer, frame)
    if (room.full) this.#pauseUntil(room.drained())
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

  #replied(): void {
    this.#replying = false
    const held = this.#heldStep1
    this.#heldStep1 = undefined
    if (held) this.#carefully(() => this.#request(held))
  }

  /** Of presence only the latest counts: what comes too fast waits, the rest is forgotten. */
  #hearAwareness(frame: Extract<ClientFrame, { kind: 'awareness' }>): void {
    if (frame.update.length > this.#limits.awarenessBytes) {
      throw new GlossError('too-large', 'an awareness update')
    }
    const waiting = this.#heldAwareness !== undefined
    if (!waiting && this.#awareness.take()) return this.#pass(frame)
    this.#heldAwareness = frame
    if (waiting) return
    this.#after(this.#awareness.spend(), () => {
      const held = this.#heldAwareness
      this.#heldAwareness = undefined
      if (held) this.#carefully(() => this.#pass(held))
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

  #ping(): void {
    // Whom we do not read we cannot hear.
    if (this.#pauses > 0) this.#lastHeard = performance.now()
    if (performance.now() - this.#lastHeard > this.#limits.deadMs) return this.#wire.terminate()
    this.#wire.ping()
  }

  #close(code: CloseCode, reason: string): void {
    this.#wire.close(code, reason)
  }

  /** Too far behind to catch up by queueing: a reconnect fetches just what is missing. */
  #drop(): void {
    this.#out.close()
    this.#wire.drop(CLOSE.later, 'too slow')
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms)
    this.#timers.add(timer)
  }
}

const bucket = (ratePerSecond: number, burst: number): TokenBucket =>
  new TokenBucket({ ratePerSecond, burst })
