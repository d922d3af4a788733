/**
 * Decisions that somebody asks for by HTTP: all of a suggestion or some chunks, answered when they
 * are committed. Whoever asks again with the same key is told the same.
 */
import type { DocumentStore } from '#server/store/document-store.ts'
import { isUndecided } from '#server/suggestions/chunk-book.ts'
import type { Forgotten, Recall } from '#server/suggestions/recall.ts'
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import type { Decision, StoredChunk } from '#server/suggestions/types.ts'
import {
  chunkId,
  chunkNumber,
  decisionKey,
  decisionMap,
  suggestionMap,
} from '#shared/document/shape.ts'
import { GlossError } from '#shared/errors.ts'
import type { ChunkState } from '#shared/protocol/api.ts'
import type { Person } from '#shared/protocol/event.ts'
import { answeredBefore, keptAnswer } from './decision-answers.ts'
import { DecisionConflict } from './decision-conflict.ts'
import type { Decisions } from './decisions.ts'
import type { Names } from './names.ts'
import type { Outcome } from './outcomes.ts'
import { ORIGIN, type OwnWrites, ROOM } from './own-writes.ts'

export interface Decide {
  suggestion: string
  /** All that are open, or for `reopen` all that are decided, where absent. */
  chunks?: readonly number[]
  decision: 'accept' | 'reject' | 'reopen'
  by: Person
  /** Whoever asks again with it is told the same. */
  key?: string
}

export interface DecidedChunk {
  n: number
  state: ChunkState
}

export interface AskedDecisionsDeps {
  document: string
  store: Pick<DocumentStore, 'answerTo'>
  suggestions: Suggestions
  writes: OwnWrites
  settling: Pick<Decisions, 'hurry' | 'hasWork' | 'writeOf'>
  names: Names
  /** Finds in the log what decisions have taken away that nobody here remembers. */
  recollect(forgotten: readonly Forgotten[]): Promise<Recall>
  /** Acts while no other instance settles anything in this document. */
  alone<T>(act: () => Promise<T>): Promise<T>
}

export class AskedDecisions {
  readonly #deps: AskedDecisionsDeps

  constructor(deps: AskedDecisionsDeps) {
    this.#deps = deps
  }

  /** See Room.decide. */
  async decide(asked: Decide): Promise<DecidedChunk[]> {
    const { store, document, alone, settling, names } = this.#deps
    names.know(asked.by)
    let decided = await answeredBefore(store, document, asked)
    while (!decided) {
      await settling.hurry()
      decided = await alone(
        async () => (await answeredBefore(store, document, asked)) ?? this.#decideNow(asked),
      )
    }
    return decided
  }

  /** Undefined where there is something to be done first. */
  async #decideNow(asked: Decide): Promise<DecidedChunk[] | undefined> {
    const { writes, settling } = this.#deps
    const recollection = asked.decision === 'reopen' ? await this.#recollect(asked) : undefined
    let decided: DecidedChunk[] | undefined
    try {
      await writes.write(() => {
        if (settling.hasWork()) return undefined
        const ids = this.#chosen(asked)
        const outcomes =
          asked.decision === 'reopen'
            ? this.#reopen(ids, asked.by, recollection)
            : this.#decide(ids, SAYS[asked.decision], asked.by)
        decided = ids.map((id) => this.#stateOf(id))
        const answer = keptAnswer(asked, { chunks: decided })
        const clients = recollection && [{ client: recollection.client, owner: ROOM }]
        return settling.writeOf(outcomes, {
          ...(answer && { answer }),
          ...(clients && { clients }),
        })
      })
    } catch (error) {
      if (error instanceof DecisionConflict) await this.#keepConflict(asked, error)
      throw error
    } finally {
      recollection?.close()
    }
    return decided
  }

  /** Undefined where all of it is remembered here, or nothing can come back. */
  async #recollect(asked: Decide): Promise<Recall | undefined> {
    const { writes, suggestions, recollect } = this.#deps
    let lost: Forgotten[] = []
    // At the turn of a write the chunks are as the database has them.
    await writes.write(() => {
      lost = suggestions.forgotten(this.#chosen(asked))
      return undefined
    })
    return lost.length > 0 ? recollect(lost) : undefined
  }

  async #keepConflict(asked: Decide, { winners }: DecisionConflict): Promise<void> {
    const answer = keptAnswer(asked, { winners })
    if (!answer) return
    await this.#deps.writes.write(() => ({ actor: ROOM, extras: () => ({ answer }) }))
  }

  #stateOf(id: string): DecidedChunk {
    const state = this.#deps.suggestions.book.get(id)?.state ?? 'rejected'
    return { n: chunkNumber(id), state }
  }

  /** The chunks meant. Throws before anything is changed. */
  #chosen({ suggestion, chunks: numbers, decision }: Decide): string[] {
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
    if (decision === 'accept' && chosen.length > 0 && chosen.every(isStale)) throw staleConflict()
    return (chosen.length > 0 ? chosen : all).map(({ id }) => id)
  }

  #decide(ids: readonly string[], decision: Decision, by: Person): Outcome[] {
    const { suggestions } = this.#deps
    const keys = decisionMap(suggestions.doc)
    const undecided = ids.flatMap((id) => {
      const chunk = suggestions.book.get(id)
      if (!chunk || !isUndecided(chunk)) return []
      return decision === 'accepted' && chunk.state === 'stale' ? [] : [chunk]
    })
    if (undecided.length === 0) return []
    suggestions.doc.transact(() => {
      // Under the caller's name, so that taking it back works for them as for an editor's own.
      for (const { id } of undecided) keys.set(decisionKey(id, by.id), { decision, at: Date.now() })
    }, ORIGIN)
    const complete = undecided.filter(({ state }) => state !== 'writing').map(({ id }) => id)
    const settled = suggestions.settle(complete, decision, by.id, ORIGIN)
    return settled.map((chunk) => ({ chunk, decision, by: by.id }))
  }

  #reopen(ids: readonly string[], by: Person, recollection?: Recall): Outcome[] {
    const { suggestions } = this.#deps
    const keys = decisionMap(suggestions.doc)
    const outcomes: Outcome[] = []
    const forgotten = new Set(suggestions.forgotten(ids).map(({ chunk }) => chunk))
    for (const chunk of ids) {
      const winner = suggestions.book.get(chunk)?.decidedBy
      const recalled = forgotten.has(chunk) ? recollection?.restorerOf(chunk) : undefined
      if (!suggestions.reopen(chunk, ORIGIN, recalled)) continue
      if (winner) {
        suggestions.doc.transact(() => keys.delete(decisionKey(chunk, winner)), ORIGIN)
      }
      outcomes.push({ chunk, decision: 'reopened', by: by.id })
    }
    if (outcomes.length === 0) {
      const error = new GlossError('conflict', 'it cannot be reopened any more')
      error.public = 'There is no decision here that can still be taken back.'
      throw error
    }
    return outcomes
  }

  #winner({ id, state, decidedBy }: StoredChunk) {
    return {
      n: chunkNumber(id),
      state: state === 'accepted' ? ('accepted' as const) : ('rejected' as const),
      by: decidedBy ? { id: decidedBy, name: this.#deps.names.nameOf(decidedBy) } : null,
    }
  }
}

const isStale = ({ state }: StoredChunk): boolean => state === 'stale'

function staleConflict(): GlossError {
  const error = new GlossError('conflict', 'the chunk is stale')
  error.public =
    'The text that this was written for has changed. Ask again on the present text, or reject it.'
  return error
}

const SAYS = { accept: 'accepted', reject: 'rejected' } as const
