/**
 * Decisions: people decide, the room settles. A decision is one key in the document that anybody
 * may set, offline too, or by HTTP; here it becomes final, once, with an event that says who was
 * first. The winner may take it back for a while, and the chunk is open again.
 */
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import type { Decision, StoredChunk } from '#server/suggestions/types.ts'
import {
  chunkId,
  chunkNumber,
  decisionKey,
  decisionMap,
  suggestionMap,
  suggestionOf,
} from '#shared/document/shape.ts'
import { GlossError } from '#shared/errors.ts'
import type { ChunkState } from '#shared/protocol/api.ts'
import type { Person } from '#shared/protocol/event.ts'
import { DecisionConflict } from './decision-conflict.ts'
import { eventOf, type NewEvent } from './lane-events.ts'
import { ORIGIN, type OwnWrite, type OwnWrites, ROOM } from './own-writes.ts'

/**
 * How long that is left to another instance which was there first. Only one of them gets its turn
 * anyhow: this spares the other the asking.
 */
const ELSEWHERE_MS = 150

export interface Decide {
  suggestion: string
  /** All that are open, or for `reopen` all that are decided, where absent. */
  chunks?: readonly number[]
  decision: 'accept' | 'reject' | 'reopen'
  by: Person
}

export interface DecidedChunk {
  n: number
  state: ChunkState
}

export interface DecisionsDeps {
  suggestions: Suggestions
  writes: OwnWrites
  /** False while the suggestion's run is written on another instance, which then settles it. */
  settlesHere(suggestion: string): boolean
  nameOf(user: string): Promise<string>
  /** Acts while no other instance settles anything in this document. */
  alone<T>(act: () => Promise<T>): Promise<T>
}

interface Outcome {
  chunk: string
  decision: 'accepted' | 'rejected' | 'reopened'
  by: string
}

export class Decisions {
  readonly #deps: DecisionsDeps
  readonly #names = new Map<string, string>()
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
    if (!this.#hasWork()) return Promise.resolve()
    const { alone, writes } = this.#deps
    this.#looking ??= this.#learnNames()
      .then(() =>
        alone(() =>
          writes.write(() => {
            // What comes from now on is looked at anew.
            this.#looking = undefined
            return this.#hasWork() ? this.#writeOf(this.#tend()) : undefined
          }),
        ),
      )
      .then(() => undefined)
      .finally(() => {
        this.#looking = undefined
      })
    return this.#looking
  }

  /** See Room.decide. */
  async decide({ suggestion, chunks, decision, by }: Decide): Promise<DecidedChunk[]> {
    const { suggestions, alone, writes } = this.#deps
    this.#names.set(by.id, by.name)
    let ids: string[] | undefined
    while (!ids) {
      for (const work of this.#due.keys()) this.#due.set(work, 0)
      await this.look() // who came before goes before
      await this.#learnNames()
      const write = () => {
        if (this.#hasWork()) return undefined
        ids = this.#chosen(suggestion, chunks, decision)
        return this.#writeOf(
          decision === 'reopen' ? this.#reopen(ids, by) : this.#decide(ids, SAYS[decision], by),
        )
      }
      await alone(() => writes.write(write))
    }
    return ids.map((id) => ({
      n: chunkNumber(id),
      state: suggestions.book.get(id)?.state ?? 'rejected',
    }))
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

  #hasWork(): boolean {
    return this.#open().length + this.#late().length + this.#withdrawn().length > 0
  }

  /** Everything that the document asks for, in the order of the log. */
  #tend(): Outcome[] {
    const { suggestions } = this.#deps
    const outcomes: Outcome[] = []
    for (const chunk of this.#withdrawn()) {
      const by = suggestions.book.get(chunk)?.decidedBy ?? ''
      if (suggestions.reopen(chunk, ORIGIN)) outcomes.push({ chunk, decision: 'reopened', by })
    }
    for (const { chunk, user, decision } of this.#open()) {
      suggestions.settle([chunk], decision, user, ORIGIN)
      outcomes.push({ chunk, decision, by: user })
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

  /** The chunks meant. Throws before anything is changed. */
  #chosen(
    suggestion: string,
    numbers: readonly number[] | undefined,
    decision: Decide['decision'],
  ): string[] {
    const { book } = this.#deps.suggestions
    const all = book.of(suggestion)
    if (all.length === 0 && !suggestionMap(this.#deps.suggestions.doc).has(suggestion)) {
      throw new GlossError('not-found', 'no such suggestion')
    }
    const asked = numbers?.map((n) => {
      const chunk = book.get(chunkId(suggestion, n))
      if (!chunk) throw new GlossError('not-found', 'no such chunk')
      return chunk
    })
    const isDecided = ({ state }: StoredChunk) => state === 'accepted' || state === 'rejected'
    const chosen = asked ?? all.filter((chunk) => isDecided(chunk) === (decision === 'reopen'))
    const contested = (chosen.length > 0 ? chosen : all).filter(
      (chunk) => isDecided(chunk) && decision !== 'reopen' && chunk.state !== SAYS[decision],
    )
    if (contested.length > 0) throw new DecisionConflict(contested.map((row) => this.#winner(row)))
    return (chosen.length > 0 ? chosen : all).map(({ id }) => id)
  }

  #decide(ids: readonly string[], decision: Decision, by: Person): Outcome[] {
    const { suggestions } = this.#deps
    const keys = decisionMap(suggestions.doc)
    const undecided = ids.filter((id) => {
      const state = suggestions.book.get(id)?.state
      return state === 'open' || state === 'writing'
    })
    if (undecided.length === 0) return []
    suggestions.doc.transact(() => {
      // Under the caller's name, so that taking it back works for them as for an editor's own.
      for (const id of undecided) keys.set(decisionKey(id, by.id), { decision, at: Date.now() })
    }, ORIGIN)
    const open = undecided.filter((id) => suggestions.book.get(id)?.state === 'open')
    suggestions.settle(open, decision, by.id, ORIGIN)
    return open.map((chunk) => ({ chunk, decision, by: by.id }))
  }

  #reopen(ids: readonly string[], by: Person): Outcome[] {
    const { suggestions } = this.#deps
    const keys = decisionMap(suggestions.doc)
    const outcomes: Outcome[] = []
    for (const chunk of ids) {
      const winner = suggestions.book.get(chunk)?.decidedBy
      if (!suggestions.reopen(chunk, ORIGIN)) continue
      if (winner) {
        suggestions.doc.transact(() => keys.delete(decisionKey(chunk, winner)), ORIGIN)
      }
      outcomes.push({ chunk, decision: 'reopened', by: by.id })
    }
    if (outcomes.length === 0) throw new GlossError('conflict', 'it cannot be reopened any more')
    return outcomes
  }

  #writeOf(outcomes: readonly Outcome[]): OwnWrite {
    const { suggestions } = this.#deps
    const settled = outcomes.filter(({ decision }) => decision !== 'reopened')
    const events = this.#events(outcomes)
    return {
      actor: ROOM,
      extras: () => ({
        chunks: suggestions.takeChanges(),
        events,
        undecided: settled.map(({ chunk }) => chunk),
      }),
    }
  }

  /** One event for all chunks of a suggestion that one person decided alike. */
  #events(outcomes: readonly Outcome[]): NewEvent[] {
    const groups = Map.groupBy(
      outcomes,
      ({ chunk, decision, by }) => `${suggestionOf(chunk)} ${decision} ${by}`,
    )
    return [...groups.values()].map((group) => {
      const { chunk, decision, by } = group[0]!
      const suggestion = suggestionOf(chunk)
      return eventOf('suggestion.decided', {
        run: suggestionMap(this.#deps.suggestions.doc).get(suggestion)?.run ?? suggestion,
        at: Date.now(),
        suggestion,
        chunks: group.map((outcome) => chunkNumber(outcome.chunk)),
        decision,
        by: { id: by, name: this.#names.get(by) ?? '' },
      })
    })
  }

  #winner({ id, state, decidedBy }: StoredChunk) {
    return {
      n: chunkNumber(id),
      state: state === 'accepted' ? ('accepted' as const) : ('rejected' as const),
      by: decidedBy ? { id: decidedBy, name: this.#names.get(decidedBy) ?? '' } : null,
    }
  }

  async #learnNames(): Promise<void> {
    const { suggestions, nameOf } = this.#deps
    const users = [
      ...this.#open().map(({ user }) => user),
      ...this.#withdrawn().flatMap((chunk) => suggestions.book.get(chunk)?.decidedBy ?? []),
    ]
    for (const user of new Set(users)) {
      if (!this.#names.has(user)) this.#names.set(user, await nameOf(user))
    }
  }
}

const SAYS = { accept: 'accepted', reject: 'rejected' } as const
