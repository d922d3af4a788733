/** The co-pilot's runs on one document: asked for, stopped, followed by the lane, shown as cards. */
import { fromBase64 } from 'lib0/buffer'
import { uuidv4 } from 'lib0/random'
import type * as Y from 'yjs'
import type { NewRun, RunInfo } from '#shared/protocol/api.ts'
import { api } from './api.ts'
import { Cards } from './cards.ts'
import type { Gate } from './gate.ts'
import { type Lane, openLane } from './lane.ts'
import { LostDecisions } from './meet/lost-decisions.ts'
import { nameIn } from './participants.ts'
import type { Store } from './store.ts'
import type { Participant, SuggestionView } from './views.ts'

interface Deps {
  /** Of the document. */
  id: string
  doc: Y.Doc
  me: () => string
  participants: Store<readonly Participant[]>
  gate: Pick<Gate, 'apply'>
}

export class Runs {
  readonly cards: Store<readonly SuggestionView[]>
  readonly lostDecisions: LostDecisions
  readonly #deps: Deps
  readonly #cards: Cards
  #lane: Lane | undefined

  constructor(deps: Deps) {
    this.#deps = deps
    this.#cards = new Cards(deps.doc, deps.me)
    this.cards = this.#cards.store
    const { doc, me, participants } = deps
    this.lostDecisions = new LostDecisions(doc, me, (user) => nameIn(participants.get(), user))
  }

  /** From now on: what runs write comes into the document, and news of them onto their cards. */
  follow(): void {
    this.#lane = openLane(`/api/documents/${this.#deps.id}/events`, {
      reset: () => this.#load(),
      event: (event) => {
        if (event.type === 'run.delta') this.#deps.gate.apply(fromBase64(event.update))
        this.#cards.hear(event)
      },
    })
    this.#load()
  }
  /** The cards stay. Idempotent. */
  unfollow(): void {
    this.#lane?.close()
  }
  close(): void {
    this.unfollow()
    this.lostDecisions.close()
    this.#cards.close()
  }

  /** Throws ApiProblem, like those that follow. */
  async start(ask: Omit<NewRun, 'key'>): Promise<RunInfo> {
    const run = await api.startRun(this.#deps.id, { ...ask, key: uuidv4() })
    this.#cards.load([run])
    return run
  }
  async stop(run: string): Promise<void> {
    this.#cards.load([await api.stopRun(this.#deps.id, run)])
  }
  async continue(run: string): Promise<void> {
    // The server knows where the text of that run ends, and goes on in the same suggestion.
    const target = this.#cards.targetOf(run) ?? { document: true }
    await this.start({ command: 'continue', continues: run, target })
  }
  /** Throws ApiProblem. The server takes the command and the place from the chunk. */
  async askAgain(chunk: string): Promise<void> {
    const run = this.#cards.runOf(chunk)
    await this.start({
      command: run?.command ?? 'edit',
      target: run?.target ?? { document: true },
      again: chunk,
    })
  }
  dismiss(suggestion: string): void {
    this.#cards.dismiss(suggestion)
  }

  #load(): void {
    api.runs(this.#deps.id).then(
      (runs) => this.#cards.load(runs),
      () => undefined, // the co-pilot is off, or the lane will say
    )
  }
}
