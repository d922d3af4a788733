/**
 * A simulated browser: it edits, connects to whichever instance is up, loses its connection, sends
 * again what it was not told is saved, and believes what it is told.
 */
import * as Y from 'yjs'
import type { SimulatedInstance } from './simulated-instance.ts'
import { insertToken, textOf, tokensOf, updateOf } from './simulated-text.ts'
import type { Simulation } from './simulation.ts'

/** One edit of a person, and the message that carried it on the present connection. */
export interface Edit {
  inserted?: number
  deleted?: number
  message: number | undefined
  /** Own clock after the edit. */
  clock: number
}

type Up =
  | { kind: 'hello'; stateVector: Uint8Array }
  | { kind: 'update'; update: Uint8Array; message: number }
type Down =
  | { kind: 'sync'; update: Uint8Array; stateVector: Uint8Array }
  | { kind: 'update'; update: Uint8Array }
  | { kind: 'ack'; message: number; stateVector: Uint8Array }

export class SimulatedClient {
  readonly doc: Y.Doc
  instance: SimulatedInstance | undefined
  session = 0
  alive = true
  hasEdited = false
  /** Edits that the page does not call saved yet. */
  unsaved: Edit[] = []
  readonly #simulation: Simulation
  #up: Up[] = []
  #down: Down[] = []
  #greeted = false
  #synced = false
  #sent = 0

  constructor(simulation: Simulation) {
    this.#simulation = simulation
    this.doc = simulation.log.newDoc()
  }

  connect(instance: SimulatedInstance): void {
    if (!instance.up) return
    this.instance = instance
    instance.clients.add(this)
    this.session++
    this.#sent = 0
    this.#up = [{ kind: 'hello', stateVector: Y.encodeStateVector(this.doc) }]
  }

  disconnect(): void {
    this.instance?.clients.delete(this)
    this.instance = undefined
    this.#up = []
    this.#down = []
    this.#greeted = false
    this.#synced = false
    for (const edit of this.unsaved) edit.message = undefined
  }

  edit(): void {
    const { dice } = this.#simulation
    const tokens = tokensOf(this.doc)
    const token = dice.pick(tokens)
    const inserts = dice.chance(0.65) || tokens.length < 4 || !token
    const edit: Edit = { message: undefined, clock: 0 }
    const update = updateOf(this.doc, () => {
      if (inserts) {
        edit.inserted = this.#simulation.newToken()
        const at = token ? token.at + (dice.chance(0.5) ? 0 : token.length) : 0
        insertToken(this.doc, at, edit.inserted)
      } else {
        edit.deleted = token.n
        textOf(this.doc).delete(token.at, token.length)
        this.#simulation.deleted.add(token.n)
      }
    })
    if (!update) return
    edit.clock = Y.getState(this.doc.store, this.doc.clientID)
    this.hasEdited = true
    this.unsaved.push(edit)
    if (this.#synced) edit.message = this.#send(update)
  }

  sendUpdate(update: Uint8Array): void {
    if (this.#greeted) this.#down.push({ kind: 'update', update })
  }

  sendAck(message: number, stateVector: Uint8Array): void {
    this.#down.push({ kind: 'ack', message, stateVector })
  }

  /** The instance gets the next message of this client. */
  deliverUp(): void {
    const message = this.instance && this.#up.shift()
    if (!message || !this.instance) return
    if (message.kind === 'hello') {
      const { doc } = this.instance
      this.#greeted = true
      const update = Y.encodeStateAsUpdate(doc, message.stateVector)
      this.#down.push({ kind: 'sync', update, stateVector: Y.encodeStateVector(doc) })
    } else this.instance.receive({ ...message, client: this, session: this.session })
  }

  /** This client gets the next message of the instance. */
  deliverDown(): void {
    const message = this.#down.shift()
    if (message?.kind === 'update') Y.applyUpdate(this.doc, message.update)
    else if (message?.kind === 'ack') this.#believe(message.message, message.stateVector)
    else if (message?.kind === 'sync') {
      Y.applyUpdate(this.doc, message.update)
      this.#synced = true
      const all = this.#send(Y.encodeStateAsUpdate(this.doc, message.stateVector))
      for (const edit of this.unsaved) edit.message = all
    }
  }

  #send(update: Uint8Array): number {
    this.#up.push({ kind: 'update', update, message: ++this.#sent })
    return this.#sent
  }

  /** From here on the page says of these edits: saved. */
  #believe(message: number, stateVector: Uint8Array): void {
    const clock = Y.decodeStateVector(stateVector).get(this.doc.clientID) ?? 0
    const saved = (edit: Edit) =>
      this.#simulation.bug === 'ack-by-state-vector'
        ? edit.clock <= clock
        : edit.message !== undefined && edit.message <= message
    this.#simulation.promised.push(...this.unsaved.filter(saved))
    this.unsaved = this.unsaved.filter((edit) => !saved(edit))
  }
}
