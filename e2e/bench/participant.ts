/** One who is in a room: joins, answers the server's sync, hears updates and acks. */
import { type Dialect, EMPTY_STATE, EMPTY_UPDATE } from './wire/dialect.ts'
import { type Address, WebSocketClient } from './wire/web-socket.ts'

export interface Place {
  address: Address
  room: string
  dialect: Dialect
}

export interface ParticipantOptions {
  place: Place
  /** What it has already, as a state vector. */
  has?: Uint8Array
  /** What the server lacks: the sync step 2. */
  brings?: Uint8Array
  /** A view, valid during the call alone; also for the sync step 2. */
  onUpdate?: (update: Uint8Array) => void
  onClosed?: (code: number) => void
}

export class Participant {
  readonly #dialect: Dialect
  readonly #room: string
  readonly #brings: Uint8Array
  readonly #onUpdate: ((update: Uint8Array) => void) | undefined
  #socket: WebSocketClient | undefined
  #synced: (() => void) | undefined
  #failed: ((error: Error) => void) | undefined
  /** How many messages the server has acknowledged. */
  acked = 0
  /** 0 while it is in; then the close code. */
  closed = 0

  /** Resolves when the sync step 2 has come. */
  static async join(options: ParticipantOptions): Promise<Participant> {
    const participant = new Participant(options)
    const { place, has = EMPTY_STATE, onClosed } = options
    const synced = new Promise<void>((resolve, reject) => {
      participant.#synced = resolve
      participant.#failed = reject
    })
    // Whoever is refused before the sync hears it from the opening below.
    synced.catch(() => undefined)
    participant.#socket = await WebSocketClient.open(place.address, {
      // The server's first words may come before the opening has resolved.
      message: (bytes, socket) => participant.#hear(bytes, socket),
      closed: (code) => {
        participant.closed = code
        participant.#failed?.(new Error(`closed with ${code} before the sync`))
        onClosed?.(code)
      },
    })
    const greeting = place.dialect.greeting(place.room)
    const step1 = place.dialect.step1(place.room, has)
    participant.#socket.sendAll(greeting ? [greeting, step1] : [step1])
    await synced
    return participant
  }

  private constructor({ place, brings, onUpdate }: ParticipantOptions) {
    this.#dialect = place.dialect
    this.#room = place.room
    this.#brings = brings ?? EMPTY_UPDATE
    this.#onUpdate = onUpdate
  }

  get socket(): WebSocketClient {
    if (!this.#socket) throw new Error('not in a room yet')
    return this.#socket
  }

  send(update: Uint8Array): void {
    this.socket.send(this.#dialect.update(this.#room, update))
  }

  /** Several updates, a message each, in one write. */
  sendAll(updates: readonly Uint8Array[]): void {
    this.socket.sendAll(updates.map((update) => this.#dialect.update(this.#room, update)))
  }

  leave(): void {
    this.#socket?.destroy()
  }

  #hear(bytes: Uint8Array, socket: WebSocketClient): void {
    const heard = this.#dialect.read(bytes)
    switch (heard.kind) {
      case 'step-1':
        socket.send(this.#dialect.step2(this.#room, this.#brings))
        break
      case 'step-2':
        this.#onUpdate?.(heard.update)
        this.#synced?.()
        break
      case 'update':
        this.#onUpdate?.(heard.update)
        break
      case 'ack':
        this.acked = heard.count ?? this.acked + 1
        break
      case 'other':
        break
    }
  }
}
