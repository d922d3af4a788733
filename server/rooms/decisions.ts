/**
 * Decisions settles what people have decided. A decision is one key in the document that anybody may
 * set, offline too, or by HTTP; here it becomes final, once, with an event that says who was first.
 * The winner may take it back for a while, after a restart too, and the chunk is open again. In the
 * same turn, chunks that the text has left behind become stale.
 */
import type { Forgotten, Recall } from '#server/suggestions/recall.ts'
import type { Restorer } from '#server/suggestions/restorer.ts'
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import { decisionKey, decisionMap, suggestionOf } from '#shared/document/shape.ts'
import type { Names } from './names.ts'
import { decidedEvents, type Outcome } from './outcomes.ts'
import { type Extras, ORIGIN, type OwnWrite, type OwnWrites, ROOM } from './own-writes.ts'
import { staleEvents } from './stale-events.ts'

/**
 * How long that is left to another instance which was there first. Only one of them gets its turn
 * anyhow: this spares the other the asking.
 */
const ELSEWHERE_MS = 150

export interface DecisionsDeps {
  suggestions: Suggestions
  writes: OwnWrites
  /** False while the suggestion's run is written on another instance, which then settles it. */
  settlesHere(suggestion: string): boolean
  names: Names
  /** Finds in the log what decisions have taken away that nobody here remembers. */
  recollect(forgotten: readonly Forgotten[]): Promise<Recall>
  /** Acts while no other instance settles anything in this document. */
  alone<T>(act: () => Promise<T>): Promise<T>
}

export class Decisions {
  readonly #deps: DecisionsDeps
  #looking: Promise<void> | undefined
  /** What there is to do, and from when it is for us to do. */
  readonly #due = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(deps: DecisionsDeps) {
    this.#deps = deps
  }

  /**
   * Settles what people have decided in the document. To be called after every change of it;
   * `foreign` where another instance made it, which then settles what came with it.
   */
  look(foreign = false): Promise<void> {
    this.#note(foreign)
    if (!this.hasWork()) return Promise.resolve()
    const { alone } = this.#deps
    this.#looking ??= this.#learnNames()
      .then(() => alone(() => this.#settleAll()))
      .finally(() => {
        this.#looking = undefined
      })
    return this.#looking
  }

  /** Settles at once all that there is to settle: who came before goes before. */
  async hurry(): Promise<void> {
    for (const work of this.#due.keys()) this.#due.set(work, 0)
    await this.look()
    await this.#learnNames()
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#timer)
  }

  /** Marks what is new as ours, or as ours only when nobody else has done it for a while. */
  #note(foreign: boolean): void {
    const { suggestions } = this.#deps
    const work = new Set([
      ...this.#undecided().map(({ chunk, user }) => decisionKey(chunk, user)),
      ...suggestions.lateKeys(),
      ...suggestions.withdrawn(),
      ...this.#allOutdated(),
    ])
    for (const done of this.#due.keys()) if (!work.has(done)) this.#due.delete(done)
    const later = performance.now() + ELSEWHERE_MS * (1 + Math.random())
    for (const one of work) if (!this.#due.has(one)) this.#due.set(one, foreign ? later : 0)
    if ([...this.#due.values()].every((at) => at <= performance.now())) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.look().catch(() => undefined) // the next change looks again
    }, 2 * ELSEWHERE_MS)
  }

  readonly #isDue = (work: string): boolean => (this.#due.get(work) ?? 0) <= performance.now()

  #undecided() {
    const { suggestions, settlesHere } = this.#deps
    return suggestions.openDecisions().filter(({ chunk }) => settlesHere(suggestionOf(chunk)))
  }

  #open() {
    return this.#undecided().filter(({ chunk, user }) => this.#isDue(decisionKey(chunk, user)))
  }

  #late(): string[] {
    return this.#deps.suggestions.lateKeys().filter(this.#isDue)
  }

  #withdrawn(): string[] {
    return this.#deps.suggestions.withdrawn().filter(this.#isDue)
  }

  /** Chunks that the text has left behind, or fits again. */
  #allOutdated(): string[] {
    const { suggestions, settlesHere } = this.#deps
    return [...suggestions.outdated().keys()]
      .map(({ id }) => id)
      .filter((id) => settlesHere(suggestionOf(id)))
  }

  #outdated(): string[] {
    return this.#allOutdated().filter(this.#isDue)
  }

  /** There is something in the document to be settled here and now. */
  hasWork(): boolean {
    const { length } = [...this.#open(), ...this.#late(), ...this.#withdrawn(), ...this.#outdated()]
    return length > 0
  }

  async #settleAll(): Promise<void> {
    const { suggestions, writes, recollect } = this.#deps
    const forgotten = suggestions.forgotten(this.#withdrawn())
    const recall = forgotten.length > 0 ? await recollect(forgotten) : undefined
    try {
      await writes.write(() => {
        // What comes from now on is looked at anew.
        this.#looking = undefined
        if (!this.hasWork()) return undefined
        const clients = recall && [{ client: recall.client, owner: ROOM }]
        const recalled = new Map(
          forgotten.flatMap(({ chunk }) => (recall ? [[chunk, recall.restorerOf(chunk)]] : [])),
        )
        return this.writeOf(this.#tend(recalled), { ...(clients && { clients }) })
      })
    } finally {
      recall?.close()
    }
  }

  /** Everything that the document asks for, in the order of the log. */
  #tend(recalled: ReadonlyMap<string, Restorer>): Outcome[] {
    const { suggestions } = this.#deps
    const outcomes: Outcome[] = []
    for (const chunk of this.#withdrawn()) {
      const by = suggestions.book.get(chunk)?.decidedBy ?? ''
      const isBack = suggestions.reopen(chunk, ORIGIN, recalled.get(chunk))
      if (isBack) outcomes.push({ chunk, decision: 'reopened', by })
    }
    const outdated = this.#outdated()
    if (outdated.length > 0) suggestions.renew(outdated, ORIGIN)
    for (const { chunk, user, decision } of this.#open()) {
      const [settled] = suggestions.settle([chunk], decision, user, ORIGIN)
      if (settled) outcomes.push({ chunk, decision, by: user })
    }
    const late = this.#late()
    const keys = decisionMap(suggestions.doc)
    if (late.length > 0) {
      suggestions.doc.transact(() => {
        for (const key of late) keys.delete(key)
      }, ORIGIN)
    }
    return outcomes
  }

  /** What is committed with a change that came to these outcomes. */
  writeOf(outcomes: readonly Outcome[], more: Extras = {}): OwnWrite {
    const { suggestions } = this.#deps
    const settled = outcomes.filter(({ decision }) => decision !== 'reopened')
    // Who decides twice before they hear of it takes the first decision back with the second one.
    const reopened = new Set(
      outcomes.flatMap(({ chunk, decision }) => (decision === 'reopened' ? [chunk] : [])),
    )
    const { names } = this.#deps
    const events = [
      ...decidedEvents(suggestions.doc, outcomes, (user) => names.nameOf(user)),
      ...staleEvents(suggestions, names),
    ]
    return {
      actor: ROOM,
      extras: () => ({
        ...more,
        chunks: suggestions.takeChanges(),
        events,
        undecided: settled.flatMap(({ chunk }) => (reopened.has(chunk) ? [] : [chunk])),
      }),
    }
  }

  #learnNames(): Promise<void> {
    const { suggestions, names } = this.#deps
    const changes = [...suggestions.outdated().values()]
    return names.learn([
      ...this.#open().map(({ user }) => user),
      ...this.#withdrawn().flatMap((chunk) => suggestions.book.get(chunk)?.decidedBy ?? []),
      ...changes.flatMap((change) => change?.by ?? []),
    ])
  }
}
