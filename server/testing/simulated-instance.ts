/** A simulated server process and its side of the protocol: commit, apply, broadcast, ack, hint. */
import * as Y from 'yjs'
import type { SimulatedClient } from './simulated-client.ts'
import type { Simulation } from './simulation.ts'

interface Queued {
  update: Uint8Array
  client: SimulatedClient
  message: number
  session: number
}

export interface Hint {
  from: number
  to: number
  updates: Uint8Array[]
  source: SimulatedInstance
}

export class SimulatedInstance {
  doc = new Y.Doc()
  up = false
  readonly clients = new Set<SimulatedClient>()
  readonly #simulation: Simulation
  #cursor = 0
  #queue: Queued[] = []

  constructor(simulation: Simulation) {
    this.#simulation = simulation
    this.start()
  }

  /** Reads all from the log: an instance keeps nothing of its former life. */
  start(): void {
    if (this.up) return
    this.up = true
    this.doc = this.#simulation.log.load()
    this.#cursor = this.#simulation.log.head
  }

  crash(): void {
    this.up = false
    this.#queue = []
    for (const client of [...this.clients]) client.disconnect()
  }

  receive(queued: Queued): void {
    if (this.#simulation.bug === 'ack-before-commit') {
      Y.applyUpdate(this.doc, queued.update)
      this.#broadcast(queued.update, queued.client)
      this.#ack(queued)
    }
    this.#queue.push(queued)
  }

  /** One turn of the group commit. The process may die before it, or straight after it. */
  flush(): void {
    const { simulation, batch } = { simulation: this.#simulation, batch: this.#queue }
    if (!this.up || batch.length === 0) return
    if (simulation.happens(0.04)) return this.crash()
    this.#queue = []
    const updates = batch.map(({ update }) => update)
    const from = simulation.log.append(updates)
    if (simulation.happens(0.02)) return this.crash()
    const early = simulation.bug === 'ack-before-commit'
    if (from === this.#cursor + 1) {
      for (const { update, client } of batch) {
        Y.applyUpdate(this.doc, update)
        this.#cursor++
        if (!early) this.#broadcast(update, client)
      }
    } else this.catchUp()
    if (!early) for (const queued of batch) this.#ack(queued)
    simulation.hints.push({ from, to: simulation.log.head, updates, source: this })
  }

  /** Commits what a run or a decision wrote, and tells everybody. */
  commit(update: Uint8Array, crashAfter = 0): void {
    const from = this.#simulation.log.append([update])
    if (this.#simulation.happens(crashAfter)) return this.crash()
    if (from === this.#cursor + 1) this.#take(update, from)
    else this.catchUp()
    this.#simulation.hints.push({ from, to: from, updates: [update], source: this })
  }

  hear(hint: Hint): void {
    if (!this.up || hint.to <= this.#cursor) return
    if (this.#simulation.bug === 'hints-without-log') {
      for (const update of hint.updates) this.#take(update, this.#cursor)
    } else if (hint.from === this.#cursor + 1) {
      for (const update of hint.updates) this.#take(update, this.#cursor + 1)
    } else this.catchUp()
  }

  /** Reads the log behind the cursor; all of it where that part was compacted. */
  catchUp(): void {
    const rows = this.#simulation.log.after(this.#cursor)
    if (rows) {
      for (const { seq, update } of rows) this.#take(update, seq)
      return
    }
    const before = Y.encodeStateVector(this.doc)
    const truth = this.#simulation.log.load()
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(truth))
    this.#broadcast(Y.encodeStateAsUpdate(truth, before))
    this.#cursor = this.#simulation.log.head
  }

  #take(update: Uint8Array, cursor: number): void {
    Y.applyUpdate(this.doc, update)
    this.#broadcast(update)
    this.#cursor = cursor
  }

  #broadcast(update: Uint8Array, except?: SimulatedClient): void {
    for (const client of this.clients) if (client !== except) client.sendUpdate(update)
  }

  #ack({ client, message, session }: Queued): void {
    if (!this.clients.has(client)) return
    const bound = client.session === session || this.#simulation.bug === 'ack-of-any-connection'
    if (bound) client.sendAck(message, Y.encodeStateVector(this.doc))
  }
}
