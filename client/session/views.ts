/** Views are the plain values that the page shows of people, runs and suggestions. */
import type { ChunkState, RunStatus, Target } from '#shared/protocol/api.ts'
import type { Person as Who } from '#shared/protocol/event.ts'
import type { ChangePart } from './changes/change-parts.ts'

/** Somebody who is here now; a run that writes is one too. */
export interface Participant {
  /** The awareness client: one for each tab and each run. */
  client: number
  /** User id; of a run, its id. */
  id: string
  name: string
  color: string
  copilot: boolean
  /** This tab. */
  me: boolean
}

export interface RunView {
  id: string
  /** The suggestion that it writes: its own, unless it goes on with another run's. */
  suggestion: string
  command: string
  title: string
  instruction: string
  requester: Who
  model: string
  /** Where it was asked for; null where that is not known any more. */
  target: Target | null
  status: RunStatus
  queue: number
  tokens: number
  /** A sentence for a person where it ended badly. */
  problem: string | null
  continuable: boolean
  stoppedBy: string | null
  /** How far an edit of several blocks has come: `done` of `of`, and those it passed over. */
  progress: { done: number; of: number; missed: number } | null
  startedAt: number
}

export interface ChunkView {
  id: string
  n: number
  state: ChunkState
  /** What is written and what is struck, in the order of the document. */
  parts: readonly ChangePart[]
  /** Who decided it, for as long as that is shown. */
  decidedBy: string | null
  /** One's own say that the server has not settled yet. */
  deciding: 'accepted' | 'rejected' | null
  /** Set while it is stale. */
  stale?: StaleView
  /** Open chunks for the same words; absent where there is none. */
  rivals?: readonly RivalView[]
}

/** Why a chunk is stale: what it was made for is not the text any more. */
export interface StaleView {
  /** `changed`: somebody changed the text. `accepted`: another suggestion for it was accepted. */
  kind: 'changed' | 'accepted'
  /** A name; empty where it is not known. */
  by: string
  original: string
  proposal: string
  /** What stands there now; empty where nothing is left. */
  present: string
}

/** Another chunk for the same words. */
export interface RivalView {
  chunk: string
  title: string
  /** Who asked. */
  by: string
}

/** A suggestion and the run that makes it: one card. */
export interface SuggestionView {
  id: string
  run: RunView
  chunks: ChunkView[]
}
