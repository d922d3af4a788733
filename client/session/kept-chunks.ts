/**
 * KeptChunks gives back the same object for a chunk that has not changed since: a run of a hundred
 * sentences changes one of them with each word, and React draws only what is another object.
 */
import type { ChunkView } from './views.ts'

export class KeptChunks {
  #before = new Map<string, { print: string; view: ChunkView }>()
  #now = new Map<string, { print: string; view: ChunkView }>()

  keep(chunk: ChunkView): ChunkView {
    const print = JSON.stringify(chunk)
    const known = this.#before.get(chunk.id)
    const view = known?.print === print ? known.view : chunk
    this.#now.set(chunk.id, { print, view })
    return view
  }

  /** To be called when all have been kept: the others are forgotten. */
  turn(): void {
    this.#before = this.#now
    this.#now = new Map()
  }
}
