/** A simulated run: its owner writes token by token until it is done, decided, stopped or dead. */
import * as Y from 'yjs'
import type { SimulatedInstance } from './simulated-instance.ts'
import {
  clearMarks,
  insertToken,
  provisionalTokens,
  textOf,
  tokensOf,
  updateOf,
} from './simulated-text.ts'
import type { Simulation } from './simulation.ts'

const LENGTH = 12
const LEASE = 6

export class SimulatedRun {
  status: 'streaming' | 'done' | 'interrupted' | 'accepted' | 'rejected' = 'streaming'
  wasInterrupted = false
  /** Every token it has written, whatever became of it. */
  readonly tokens: number[] = []
  readonly owner: SimulatedInstance
  readonly #simulation: Simulation
  readonly #decidedOn = new Set<SimulatedInstance>()
  #fence = 1
  readonly #ownFence = 1
  #lease = LEASE

  constructor(simulation: Simulation, owner: SimulatedInstance) {
    this.#simulation = simulation
    this.owner = owner
  }

  /** The owner has a moment, and then the sweeper. */
  turn(): void {
    this.#write()
    this.#sweep()
  }

  /** The owner writes the next token, in one transaction with a look at the fence. */
  #write(): void {
    if (!this.owner.up || !this.#mayWrite()) return
    if (this.#simulation.happens(0.05)) return this.owner.crash()
    const doc = this.#simulation.log.load()
    doc.clientID = 500_000 + this.tokens.length
    const token = this.#simulation.newToken()
    const last = this.tokens.at(-1)
    const before = tokensOf(doc).find(({ n }) => n === last)
    const at = before ? before.at + before.length : textOf(doc).length
    const update = updateOf(doc, () => insertToken(doc, at, token, { provisional: true }))
    this.tokens.push(token)
    this.#lease = LEASE
    if (this.tokens.length >= LENGTH && this.status === 'streaming') this.status = 'done'
    if (update) this.owner.commit(update, 0.03)
  }

  /** The sweeper: a lease that nobody renews ends the run, and raises the fence. */
  #sweep(): void {
    if (this.status !== 'streaming' || this.owner.up) return
    if (--this.#lease > 0) return
    this.#fence++
    this.status = 'interrupted'
    this.wasInterrupted = true
  }

  decide(instance: SimulatedInstance, decision: 'accepted' | 'rejected'): void {
    if (!instance.up || !this.#mayDecide(instance)) return
    const doc = this.#unfenced() ? copyOf(instance.doc) : this.#simulation.log.load()
    const update = updateOf(doc, () => this.#settle(doc, decision))
    this.status = decision
    if (update) instance.commit(update)
  }

  #mayWrite(): boolean {
    if (this.#unfenced()) return !this.#decidedOn.has(this.owner)
    return this.status === 'streaming' && this.#fence === this.#ownFence
  }

  /** The first decision wins: it takes the same row lock as the writes. */
  #mayDecide(instance: SimulatedInstance): boolean {
    if (!this.#unfenced()) return this.status !== 'accepted' && this.status !== 'rejected'
    if (this.#decidedOn.has(instance)) return false
    this.#decidedOn.add(instance)
    return true
  }

  #unfenced(): boolean {
    return this.#simulation.bug === 'run-without-fence'
  }

  #settle(doc: Y.Doc, decision: 'accepted' | 'rejected'): void {
    if (decision === 'accepted') return clearMarks(doc)
    const marked = provisionalTokens(doc)
    for (const { n, at, length } of tokensOf(doc).reverse()) {
      const byMark = this.#simulation.bug === 'reject-by-mark'
      if (this.tokens.includes(n) && (!byMark || marked.has(n))) textOf(doc).delete(at, length)
    }
  }
}

function copyOf(doc: Y.Doc): Y.Doc {
  const copy = new Y.Doc()
  copy.clientID = doc.clientID + 100_000
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  return copy
}
