/**
 * A room full of people, some of whom type. It counts what arrives where: one delivery is one edit
 * that one other participant has, however many of them came in one message.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Histogram } from './histogram.ts'
import { inTurns } from './in-turns.ts'
import { Participant, type Place } from './participant.ts'
import { Typist } from './typist.ts'
import { Cursor, stateVector } from './wire/bytes.ts'
import { readClocks } from './wire/update-clocks.ts'

/** Edits whose time of sending is kept; more can never be under way. */
const RING = 1 << 16
const CLIENT_IDS = 0x4000_0000

export interface CrowdOptions {
  place: (n: number) => Promise<Place>
  size: number
  typists: number
  /** What one edit inserts; ASCII. */
  text?: string
  /** The first typist's Yjs client id: another for each room. */
  firstClient?: number
}

export class Crowd {
  readonly participants: Participant[] = []
  readonly typists: Typist[] = []
  readonly latency = new Histogram()
  sent = 0
  delivered = 0
  readonly #options: CrowdOptions
  readonly #text: string
  readonly #cursor = new Cursor()
  readonly #indexOf = new Map<number, number>()
  /** When each typist's edits were sent, by their number. */
  readonly #sentAt: Float64Array[] = []
  /** The clock at which each typist's edits begin. */
  readonly #base: number[] = []
  /** Per receiver and typist: the clock up to which it has everything. */
  readonly #seen: Float64Array
  readonly #left: Set<number> = new Set()
  #receiver = 0
  #now = 0
  #onDelivery: (() => void) | undefined

  /** Everybody is in, and every typist's paragraph is with everybody. */
  static async gather(options: CrowdOptions): Promise<Crowd> {
    const crowd = new Crowd(options)
    await crowd.#enter()
    return crowd
  }

  private constructor(options: CrowdOptions) {
    this.#options = options
    this.#text = options.text ?? 'x'
    const first = options.firstClient ?? CLIENT_IDS
    for (let n = 0; n < options.typists; n++) {
      const typist = new Typist(first + n * 7_919)
      this.typists.push(typist)
      this.#indexOf.set(typist.client, n)
      this.#sentAt.push(new Float64Array(RING))
    }
    this.#seen = new Float64Array(options.size * options.typists)
  }

  get frames(): number {
    return this.participants.reduce((sum, { socket }) => sum + socket.frames, 0)
  }

  /** Deliveries that are still to come. */
  get missing(): number {
    return this.sent * this.#others - this.delivered
  }

  /** Sends `count` edits of one typist, each a message, in one write. */
  type(index: number, count = 1): void {
    const typist = this.typists[index] as Typist
    const sentAt = this.#sentAt[index] as Float64Array
    const updates: Uint8Array[] = []
    const now = performance.now()
    for (let n = 0; n < count; n++) {
      sentAt[this.#number(index, typist.clock) % RING] = now
      updates.push(typist.type(this.#text))
    }
    this.sent += count
    this.participants[index]?.sendAll(updates)
  }

  /** Types for `ms` at a rate (edits a second, of all typists), in turn and evenly. */
  async pace(rate: number, ms: number): Promise<void> {
    const begin = performance.now()
    const step = 1000 / rate
    for (let n = 0; ; n++) {
      const due = n * step
      if (due >= ms) break
      const wait = begin + due - performance.now()
      if (wait > 0.3) await sleep(wait)
      this.type(n % this.typists.length)
    }
    const rest = begin + ms - performance.now()
    if (rest > 0) await sleep(rest)
  }

  /** For `ms`: as soon as an edit is with everybody another is sent, `inFlight` at a time. */
  async saturate(inFlight: number, ms: number): Promise<void> {
    let next = 0
    let over = false
    let planned = false
    const fill = () => {
      planned = false
      if (over) return
      let free = Math.floor(inFlight - this.missing / this.#others)
      for (let left = this.typists.length; free > 0 && left > 0; left--) {
        const share = Math.ceil(free / left)
        this.type(next++ % this.typists.length, share)
        free -= share
      }
    }
    this.#onDelivery = () => {
      if (planned) return
      planned = true
      setImmediate(fill)
    }
    fill()
    await sleep(ms)
    over = true
    this.#onDelivery = undefined
  }

  /** Resolves when everything sent has arrived; deliveries that are missing by then otherwise. */
  async settle(ms: number): Promise<number> {
    const end = performance.now() + ms
    while (this.missing > 0 && performance.now() < end) await sleep(5)
    return this.missing
  }

  /** Whether one participant has all that was typed. */
  hasAll(participant: number): boolean {
    return this.typists.every(
      ({ clock }, typist) => typist === participant || this.#at(participant, typist) >= clock,
    )
  }

  /** Begins a count of its own. */
  reset(): void {
    this.latency.clear()
    this.sent = 0
    this.delivered = 0
    for (const { socket } of this.participants) socket.frames = 0
  }

  /** One whose deliveries count no more: it does not read. */
  setAside(participant: number): void {
    this.#left.add(participant)
  }

  /** Comes back under the same number with what it has. */
  async rejoin(participant: number): Promise<void> {
    this.participants[participant]?.leave()
    const clocks = this.typists.map(
      ({ client }, typist) => [client, this.#at(participant, typist)] as const,
    )
    this.participants[participant] = await this.#join(participant, stateVector(clocks))
  }

  leave(): void {
    for (const participant of this.participants) participant.leave()
  }

  get #others(): number {
    return this.#options.size - 1 - this.#left.size
  }

  async #enter(): Promise<void> {
    const { size } = this.#options
    const slots = Array.from({ length: size }, (_, n) => n)
    await inTurns(slots, 50, async (n) => {
      this.participants[n] = await this.#join(n)
    })
    for (const [n, typist] of this.typists.entries()) {
      this.participants[n]?.send(typist.begin())
      this.#base[n] = typist.clock
    }
    const end = performance.now() + 5_000
    while (!slots.every((n) => this.hasAll(n))) {
      if (performance.now() > end) throw new Error('the first paragraphs did not arrive')
      await sleep(5)
    }
    this.reset()
  }

  async #join(n: number, has?: Uint8Array): Promise<Participant> {
    return Participant.join({
      place: await this.#options.place(n),
      ...(has && { has }),
      onUpdate: (update) => {
        this.#receiver = n
        this.#now = performance.now()
        readClocks(update, this.#visit, this.#cursor)
        this.#onDelivery?.()
      },
    })
  }

  readonly #visit = (client: number, end: number): void => {
    const typist = this.#indexOf.get(client)
    if (typist === undefined || typist === this.#receiver) return
    const place = this.#receiver * this.typists.length + typist
    const had = this.#seen[place] as number
    if (end <= had) return
    this.#seen[place] = end
    const base = this.#base[typist]
    if (base === undefined || had < base || this.#left.has(this.#receiver)) return
    const sentAt = this.#sentAt[typist] as Float64Array
    const last = this.#number(typist, end)
    for (let n = this.#number(typist, had); n < last; n++) {
      this.latency.add(this.#now - (sentAt[n % RING] as number))
      this.delivered++
    }
  }

  #at(participant: number, typist: number): number {
    return this.#seen[participant * this.typists.length + typist] as number
  }

  #number(typist: number, clock: number): number {
    return (clock - (this.#base[typist] as number)) / this.#text.length
  }
}
