/**
 * The protocol of the log in a world of bad luck, without sockets, databases or time: four
 * browsers, two instances, one run; connections break, processes die before and after their
 * commit, hints come late, twice, out of order or never. Everything follows from the seed.
 *
 * With a `bug`, one rule of the protocol is broken on purpose: a simulation that does not find
 * these would prove nothing about the rest.
 */
import { Random } from './random.ts'
import { type Edit, SimulatedClient } from './simulated-client.ts'
import { type Hint, SimulatedInstance } from './simulated-instance.ts'
import { SimulatedRun } from './simulated-run.ts'
import { provisionalTokens, SimulatedLog, textOf, tokensOf } from './simulated-text.ts'

export const BUGS = [
  /** Saved is what a state vector covers; deletions do not change one. */
  'ack-by-state-vector',
  'ack-before-commit',
  /** An ack of a former connection counts for the present one. */
  'ack-of-any-connection',
  /** Updates travel in hints alone; nobody reads the log behind a lost one. */
  'hints-without-log',
  /** A reject finds the run's text by how it looks. */
  'reject-by-mark',
  /** Neither the run's writes nor its decisions look at the run's row. */
  'run-without-fence',
] as const
export type Bug = (typeof BUGS)[number]

export type Broken =
  | 'a saved insertion is lost'
  | 'a saved deletion is lost'
  | 'a token is there twice'
  | 'an edit is never saved'
  | 'a client has another text'
  | 'an instance has another text'
  | 'the log has something pending'
  | 'rejected text is there'
  | 'accepted text is provisional'
  | 'accepted text is lost'

export interface Outcome {
  broken: Broken[]
  rows: number
  promises: number
  run: string | undefined
  interrupted: boolean
}

/** One world, from its first edit until all is quiet; the same for the same seed. */
export function simulate(seed: number, bug?: Bug): Outcome {
  const simulation = new Simulation(seed, bug)
  for (let step = 0; step < STEPS; step++) simulation.step(step)
  simulation.calmDown()
  return simulation.outcome()
}

const STEPS = 1_500
const DECISIONS = ['accepted', 'rejected'] as const

export class Simulation {
  readonly dice: Random
  readonly bug: Bug | undefined
  readonly log = new SimulatedLog()
  readonly promised: Edit[] = []
  /** Tokens that somebody has deleted. */
  readonly deleted = new Set<number>()
  hints: Hint[] = []
  readonly #instances: [SimulatedInstance, SimulatedInstance]
  readonly #clients: SimulatedClient[] = []
  #run: SimulatedRun | undefined
  #tokens = 0
  #calm = false

  constructor(seed: number, bug: Bug | undefined) {
    this.dice = new Random(seed)
    this.bug = bug
    this.#instances = [new SimulatedInstance(this), new SimulatedInstance(this)]
    for (let n = 0; n < 4; n++) {
      const client = this.#newClient()
      client.connect(this.#anyInstance())
    }
  }

  /** Misfortune, which ends when the world calms down. */
  happens(share: number): boolean {
    return !this.#calm && this.dice.chance(share)
  }

  newToken(): number {
    return ++this.#tokens
  }

  /** One thing happens somewhere. */
  step(step: number): void {
    const client = this.dice.pick(this.#living())
    const instance = this.#anyInstance()
    const run = this.#run
    const happenings: [parts: number, happen: () => void][] = [
      [160, () => client?.edit()],
      [180, () => client?.deliverUp()],
      [200, () => client?.deliverDown()],
      [80, () => instance.flush()],
      [60, () => this.#deliverHint()],
      [10, () => (client?.instance ? client.disconnect() : client?.connect(instance))],
      [100, () => this.#unconnected()?.connect(instance)],
      [6, () => instance.crash()],
      [54, () => instance.start()],
      [5, () => this.log.compact(this.log.head - this.dice.below(4))],
      [30, () => this.#replace(client)],
      [5, () => this.#poll(instance)],
      [10, () => this.#startRun(instance, step)],
      [70, () => run?.turn()],
      [5, () => step > 400 && run?.decide(instance, this.dice.pick(DECISIONS))],
    ]
    let left = this.dice.next() * 1_000
    for (const [parts, happen] of happenings) {
      left -= parts
      if (left < 0) return void happen()
    }
  }

  /** No more misfortune: everybody is up, connected and heard. */
  calmDown(): void {
    this.#calm = true
    for (let round = 0; round < 25; round++) {
      for (const instance of this.#instances) instance.start()
      for (const client of this.#living()) {
        if (!client.instance) client.connect(this.#anyInstance())
        for (let n = 0; n < 40; n++) {
          client.deliverUp()
          client.deliverDown()
        }
      }
      for (const instance of this.#instances) {
        instance.flush()
        this.#poll(instance)
      }
      for (const hint of this.hints.splice(0)) this.#other(hint.source).hear(hint)
    }
  }

  outcome(): Outcome {
    const truth = this.log.load()
    const text = textOf(truth).toString()
    const broken = new Set<Broken>()
    const counts = new Map<number, number>()
    for (const { n } of tokensOf(truth)) counts.set(n, (counts.get(n) ?? 0) + 1)
    for (const { inserted, deleted } of this.promised) {
      if (inserted !== undefined && !counts.has(inserted) && !this.deleted.has(inserted)) {
        broken.add('a saved insertion is lost')
      }
      if (deleted !== undefined && counts.has(deleted)) broken.add('a saved deletion is lost')
    }
    for (const count of counts.values()) if (count > 1) broken.add('a token is there twice')
    for (const client of this.#living()) {
      if (client.unsaved.length > 0) broken.add('an edit is never saved')
      if (textOf(client.doc).toString() !== text) broken.add('a client has another text')
    }
    for (const { doc } of this.#instances) {
      if (textOf(doc).toString() !== text) broken.add('an instance has another text')
    }
    if (truth.store.pendingStructs || truth.store.pendingDs) {
      broken.add('the log has something pending')
    }
    const provisional = provisionalTokens(truth)
    for (const n of this.#run?.tokens ?? []) {
      const status = this.#run?.status
      if (status === 'rejected' && counts.has(n)) broken.add('rejected text is there')
      if (status !== 'accepted') continue
      if (counts.has(n) && provisional.has(n)) broken.add('accepted text is provisional')
      if (!counts.has(n) && !this.deleted.has(n)) broken.add('accepted text is lost')
    }
    return {
      broken: [...broken],
      rows: this.log.head,
      promises: this.promised.length,
      run: this.#run?.status,
      interrupted: this.#run?.wasInterrupted ?? false,
    }
  }

  #newClient(): SimulatedClient {
    const client = new SimulatedClient(this)
    this.#clients.push(client)
    return client
  }

  #living(): SimulatedClient[] {
    return this.#clients.filter((client) => client.alive)
  }

  #unconnected(): SimulatedClient | undefined {
    return this.#living().find((client) => !client.instance)
  }

  #anyInstance(): SimulatedInstance {
    return this.#instances[this.dice.below(2)] as SimulatedInstance
  }

  #other(instance: SimulatedInstance): SimulatedInstance {
    return this.#instances[instance === this.#instances[0] ? 1 : 0]
  }

  /** In order or not; lost now and then, and now and then delivered twice. */
  #deliverHint(): void {
    const at = this.dice.chance(0.3) ? this.dice.below(this.hints.length) : 0
    const [hint] = this.hints.splice(at, 1)
    if (!hint || this.dice.chance(0.2)) return
    this.#other(hint.source).hear(hint)
    if (this.dice.chance(0.15)) this.hints.push(hint)
  }

  #startRun(instance: SimulatedInstance, step: number): void {
    if (!this.#run && step > 100 && instance.up) this.#run = new SimulatedRun(this, instance)
  }

  #poll(instance: SimulatedInstance): void {
    if (instance.up && this.bug !== 'hints-without-log') instance.catchUp()
  }

  /** A tab whose edits are all saved is closed for ever, and another one opened. */
  #replace(client: SimulatedClient | undefined): void {
    if (!client?.hasEdited || client.unsaved.length > 0 || this.#clients.length >= 14) return
    client.disconnect()
    client.alive = false
    this.#newClient()
  }
}
