/** What rooms and provisional text say to each other. */
import type {
  ChunkOriginal,
  ChunkStaleness,
  ItemId,
  ItemRange,
  StoredChunk,
} from '#server/store/document-store.ts'

export type { ChunkOriginal, ChunkStaleness, ItemId, ItemRange, StoredChunk }

export type Decision = 'accepted' | 'rejected'

/** A say of a person that the room has not settled yet, in the order the log has them. */
export interface OpenDecision {
  chunk: string
  user: string
  decision: Decision
}

export interface CompleteChunk {
  id: string
  text: string
  kind: StoredChunk['kind'] | 'none'
  state: 'open' | 'stale'
}

/** What one batch of a run came to. */
export interface Written {
  /** The new characters, in order. */
  text: string
  /** Chunks that became complete. `none`: people have taken away all of it. */
  complete: CompleteChunk[]
  /** The place is gone, or every chunk so far was rejected: write no more. */
  gone: boolean
}

/** A suggestion with what is left of it to decide. */
export interface ListedSuggestion {
  suggestion: string
  chunks: {
    id: string
    n: number
    state: StoredChunk['state']
    inserted: string
    /** Of a stale chunk nothing. */
    deleted: string
  }[]
}

export interface SuggestionsOptions {
  /** How long a decision can be taken back. Ten minutes unless said otherwise. */
  reopenMs?: number
  /** Which person a Yjs client belongs to. */
  ownerOf?: (client: number) => string | undefined
  /** What a person is called; empty where that is not known. */
  nameOf?: (user: string) => string
  /** False while the suggestion's run is written on another instance: its entry is that one's then. */
  writesHere?: (suggestion: string) => boolean
}
