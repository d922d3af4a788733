/** Reading an open document, for export, prompts and the watchdog, without handing out its Y.Doc. */
import * as Y from 'yjs'
import { endOf } from '#server/suggestions/end-of.ts'
import { ownsBy } from '#server/suggestions/owns.ts'
import { placeOf } from '#server/suggestions/place.ts'
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import type { Block } from '#shared/document/blocks.ts'
import { exportBlocks } from '#shared/document/export.ts'
import { documentHash } from '#shared/document/hash.ts'
import { presentText } from '#shared/document/present-text.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'
import { noteOf } from '#shared/document/shape.ts'
import type { ContentFormat, ContentView, SuggestionInfo, Target } from '#shared/protocol/api.ts'
import { listSuggestions } from './list-suggestions.ts'
import { type Located, locate, targetOf } from './locate.ts'

export interface ReadingDeps {
  suggestions: Suggestions
  /** True while another instance may have chunks that are not known here. */
  chunksAreOld(): boolean
  /** Resolves when nothing in the document waits for its commit. */
  committed(): Promise<void>
}

export class Reading {
  readonly #deps: ReadingDeps
  readonly #doc: Y.Doc

  constructor(deps: ReadingDeps) {
    this.#deps = deps
    this.#doc = deps.suggestions.doc
  }

  blocks(view: ContentView): Block[] {
    const { suggestions, chunksAreOld } = this.#deps
    // Ownership by id is the truth, but for chunks of another instance only their flags are here.
    if (chunksAreOld()) return readBlocks(this.#doc, view)
    return readBlocks(this.#doc, view, ownsBy(suggestions, view))
  }

  /** Committed state only. */
  async content(format: ContentFormat, view: ContentView): Promise<string> {
    await this.#deps.committed()
    return exportBlocks(this.blocks(view), format)
  }

  /** For the client's watchdog: equal state vectors must mean equal hashes. Committed state only. */
  async hash(): Promise<{ hash: string; stateVector: Uint8Array }> {
    await this.#deps.committed()
    return { hash: documentHash(this.#doc), stateVector: Y.encodeStateVector(this.#doc) }
  }

  /** Resolves a target; undefined where it is not in the document (any more). */
  locate(target: Target): Located | undefined {
    return locate(this.#doc, this.blocks('without'), target)
  }

  /**
   * Where a suggestion's text ends, but for a chunk `except`, for a run that goes on with it;
   * undefined where none of it is left.
   * The selection counts in the view `accepted`, in which that text is part of the document.
   */
  locateEnd(suggestion: string, except: string | null): Located | undefined {
    const place = endOf(this.#deps.suggestions, suggestion, except)
    const at = place && Buffer.from(Y.encodeRelativePosition(place.position)).toString('base64url')
    return at === undefined ? undefined : locate(this.#doc, this.blocks('accepted'), { at })
  }

  /** What stands now where a stale chunk's original stood; undefined where nothing is left of that. */
  locatePresent(chunk: string): Located | undefined {
    const note = noteOf(this.#doc, chunk)?.stale
    const owns = ownsBy(this.#deps.suggestions, 'without')
    const selection = note ? presentText(this.#doc, note, owns) : []
    const [first] = selection
    const place = first && placeOf(this.#doc, { block: first.block })
    return place && { place, selection }
  }

  /** The same as a target; undefined where nothing is left, or where it is not one piece of text. */
  presentTarget(chunk: string): Target | undefined {
    const selection = this.locatePresent(chunk)?.selection ?? []
    return targetOf(this.blocks('without'), selection)
  }

  /** Those with something left to decide, oldest first. */
  suggestions(): SuggestionInfo[] {
    return listSuggestions(this.#deps.suggestions)
  }
}
