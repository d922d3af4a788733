/**
 * ChunkNotes tells the cards what the server has noted of chunks: which are stale and why, with the
 * text as it is now, and which are for the same words as others.
 */
import type * as Y from 'yjs'
import { presentText, textOfParts } from '#shared/document/present-text.ts'
import {
  body,
  type ChunkNote,
  chunkId,
  type SuggestionEntry,
  suggestionMap,
  suggestionOf,
} from '#shared/document/shape.ts'
import type { ChangePart } from '../changes/change-parts.ts'
import type { ChunkView, RivalView, StaleView } from '../views.ts'

export class ChunkNotes {
  readonly #doc: Y.Doc
  readonly #onChange: () => void
  #hasStale = false

  /** `onChange` is called whenever the text changes of which a stale chunk shows what it is now. */
  constructor(doc: Y.Doc, onChange: () => void) {
    this.#doc = doc
    this.#onChange = onChange
    body(doc).observeDeep(this.#observe)
  }

  /** All notes in the document, by chunk. */
  read(): Map<string, ChunkNote> {
    const notes = new Map<string, ChunkNote>()
    for (const [suggestion, entry] of suggestionMap(this.#doc)) {
      for (const [n, note] of Object.entries(entry.notes ?? {})) {
        notes.set(chunkId(suggestion, Number(n)), note)
      }
    }
    this.#hasStale = [...notes.values()].some(({ stale }) => stale !== undefined)
    return notes
  }

  /** What a card shows of a chunk beside its changes. */
  viewOf(note: ChunkNote | undefined): Pick<ChunkView, 'stale' | 'rivals'> {
    return {
      ...(note?.stale && { stale: this.#staleView(note.stale) }),
      ...(note?.rivals && { rivals: note.rivals.flatMap((rival) => this.#rivalView(rival) ?? []) }),
    }
  }

  close(): void {
    body(this.#doc).unobserveDeep(this.#observe)
  }

  readonly #observe = (): void => {
    if (this.#hasStale) this.#onChange()
  }

  #staleView(stale: NonNullable<ChunkNote['stale']>): StaleView {
    const { kind, by, original, proposal } = stale
    const present = textOfParts(presentText(this.#doc, stale))
    return { kind, by: by?.name ?? '', original, proposal, present }
  }

  #rivalView(chunk: string): RivalView | undefined {
    const entry: SuggestionEntry | undefined = suggestionMap(this.#doc).get(suggestionOf(chunk))
    return entry && { chunk, title: entry.title, by: entry.authorName }
  }
}

/** A chunk's changes, with a strike that the text shows as another chunk's. */
export function withStrike(
  parts: readonly ChangePart[],
  note: ChunkNote | undefined,
): readonly ChangePart[] {
  const { strikes } = note ?? {}
  if (!strikes || parts.some(({ op }) => op === 'del')) return parts
  const written: ChangePart[] = []
  for (const part of parts) {
    const last = written.at(-1)
    // What seems to stay between two written words is what this chunk strikes as well.
    if (last && part.kept !== undefined && strikes.includes(part.kept.trim())) {
      last.text = `${last.text.trimEnd()} ${part.text.trimStart()}`
    } else written.push({ ...part })
  }
  return [{ op: 'del', text: strikes, apart: false }, ...written]
}
