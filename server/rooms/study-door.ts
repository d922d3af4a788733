/**
 * The way into a room's study. It opens for the first who needs the Y.Doc, or a moment after the
 * log has left something to do that nobody here has asked for: decisions to settle, flags to
 * repair. Until then the room has none.
 */
import type { StoredChunk } from '#server/store/document-store.ts'
import { isUndecided } from '#server/suggestions/chunk-book.ts'
import { GlossError } from '#shared/errors.ts'
import { Study, type StudyDeps } from './study.ts'

/** How long what others have left to do in a document may wait for somebody to open it. */
const SOON_MS = 1_000

export interface StudyDoorDeps extends Omit<StudyDeps, 'chunks' | 'chunksAreOld'> {
  /** As they were loaded. */
  chunks: readonly StoredChunk[]
}

export class StudyDoor {
  readonly #deps: StudyDoorDeps
  #chunks: readonly StoredChunk[]
  #chunksAreOld = false
  #study: Study | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(deps: StudyDoorDeps) {
    this.#deps = deps
    this.#chunks = deps.chunks
    if (deps.chunks.some(isUndecided)) this.#openSoon()
  }

  /** The study if it is open. */
  get study(): Study | undefined {
    return this.#study
  }

  /** Opens it where it is not. Throws `unavailable` where the room is closed or now lost. */
  open(): Study {
    if (this.#study) return this.#study
    if (this.#closed) throw new GlossError('unavailable', 'the room is closed')
    clearTimeout(this.#timer)
    const chunks = this.#chunks
    this.#chunks = []
    try {
      this.#study = new Study({ ...this.#deps, chunks, chunksAreOld: this.#chunksAreOld })
      return this.#study
    } catch (cause) {
      const error = new GlossError('unavailable', 'the document cannot be put together', cause)
      this.#deps.lost(error)
      throw error
    }
  }

  /**
   * To be called after each change that was committed; `foreign` where another instance wrote it.
   * True where the room has an answer to it.
   */
  applied(foreign: boolean): boolean {
    if (this.#closed) return false
    if (this.#study) return this.#study.applied(foreign)
    this.#chunksAreOld ||= foreign
    this.#openSoon()
    return false
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#study?.close()
  }

  #openSoon(): void {
    this.#timer ??= setTimeout(() => {
      try {
        this.open()
      } catch (error) {
        const { log, replica } = this.#deps
        log.warn({ document: replica.id, error }, 'the study was not opened')
      }
    }, SOON_MS)
  }
}
