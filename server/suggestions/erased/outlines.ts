/**
 * Outlines keep in which order the characters of a deleted text stood, and in which blocks. Undo makes
 * a block anew and brings its text back part by part, what went last first: no item says of which one
 * it is the copy then, but each part fits into that order, and the block stands where the other did.
 */
import * as Y from 'yjs'
import { formatFlag } from '#shared/document/shape.ts'
import type { ChunkBook } from '../chunk-book.ts'
import { type Run, runsOf } from '../items.ts'
import type { Lost, LostCharacter } from './lost.ts'
import { shownBy } from './written-anew.ts'

/** A deleted text. */
export interface TextOutline {
  /** The blocks around it that went, too. */
  within: string[]
  /** What the blocks around it were put in front of: undo puts a copy there. */
  before: string[]
  /** Its characters in order, also those that went earlier. */
  characters: { client: number; clock: number; length: number }[]
}

/** Fewer characters may have been typed again. */
const LEAST = 2

export class Outlines {
  readonly #book: ChunkBook
  readonly #lost: Lost
  readonly #byText = new Map<string, TextOutline>()
  /** The deleted texts of each deleted block. */
  readonly #byBlock = new Map<string, TextOutline[]>()

  constructor(book: ChunkBook, lost: Lost) {
    this.#book = book
    this.#lost = lost
  }

  /** A deleted text held provisional characters. */
  add(text: Y.ID, outline: TextOutline): void {
    if (this.#byText.has(keyOf(text))) return
    this.#byText.set(keyOf(text), outline)
    for (const block of outline.within) {
      const texts = this.#byBlock.get(block)
      if (texts) texts.push(outline)
      else this.#byBlock.set(block, [outline])
    }
  }

  /** Drops those of which no chunk has lost anything any more. */
  prune(): void {
    for (const [text, outline] of this.#byText) {
      if (this.#charactersOf(outline).length > 0) continue
      this.#byText.delete(text)
      for (const block of outline.within) {
        const left = this.#byBlock.get(block)!.filter((one) => one !== outline)
        if (left.length > 0) this.#byBlock.set(block, left)
        else this.#byBlock.delete(block)
      }
    }
  }

  /**
   * What a text shows of pending chunks without being theirs, each character with what it was: all that
   * it shows of them fits into a text that stood in its place.
   */
  *fitting(text: Y.XmlText): Generator<{ lost: LostCharacter; client: number; clock: number }> {
    if (this.#byText.size === 0) return
    const flagged = [...runsOf(text)].filter(({ flag }) => flag !== null)
    const anew = new Set(flagged.filter((run) => shownBy(this.#book, run)))
    if (anew.size === 0) return
    for (const outline of this.#stoodAt(outlineOf(text).before)) {
      const lost = this.#charactersOf(outline)
      const found = this.#fit(flagged, lost)
      if (!found || !isEvidence(flagged, anew, lost)) continue
      for (const { run, n, original } of found) {
        if (anew.has(run)) yield { lost: original, client: run.client, clock: run.clock + n }
      }
      return
    }
  }

  /** The texts that stood there, and those that they were copies of. */
  #stoodAt(before: readonly string[]): Set<TextOutline> {
    const found = new Set<TextOutline>()
    const visit = (blocks: readonly string[]) => {
      for (const outline of blocks.flatMap((block) => this.#byBlock.get(block) ?? [])) {
        if (found.has(outline)) continue
        found.add(outline)
        visit(outline.before)
      }
    }
    visit(before)
    return found
  }

  #charactersOf({ characters }: TextOutline): LostCharacter[] {
    return characters.flatMap(({ client, clock, length }) => {
      const lost = this.#lost.of(client)
      return lost ? Array.from({ length }, (_, n) => lost.get(clock + n) ?? []).flat() : []
    })
  }

  /** Each character of the runs with the lost one that it is like, in order; undefined unless all are. */
  #fit(runs: readonly Run[], lost: readonly LostCharacter[]) {
    const found: { run: Run; n: number; original: LostCharacter }[] = []
    let at = 0
    for (const run of runs) {
      for (let n = 0; n < run.length; n++) {
        while (at < lost.length && !isLike(lost[at]!, run, n)) at++
        const original = lost[at++]
        if (!original) return undefined
        found.push({ run, n, original })
      }
    }
    return found
  }
}

/** All of a text that was made anew, several characters, or all that was missing. */
function isEvidence(
  flagged: readonly Run[],
  anew: ReadonlySet<Run>,
  lost: readonly LostCharacter[],
): boolean {
  const length = (runs: Iterable<Run>) => [...runs].reduce((sum, run) => sum + run.length, 0)
  return anew.size === flagged.length || length(anew) >= LEAST || length(flagged) === lost.length
}

const isLike = (lost: LostCharacter, { text, flag }: Run, n: number): boolean => {
  if (lost.character !== text[n]) return false
  const [striker] = lost.dels
  const chunk = striker ?? lost.ins
  return (
    chunk !== undefined && flag === formatFlag({ op: striker ? 'del' : 'ins', chunk: chunk.id })
  )
}

const keyOf = ({ client, clock }: Y.ID): string => `${client}:${clock}`

/** Reads it off a text, deleted or not; of a deleted one while its content can be read. */
export function outlineOf(text: Y.XmlText): TextOutline {
  const outline: TextOutline = { within: [], before: [], characters: [] }
  for (let item = text._start; item; item = item.right) {
    if (item.content instanceof Y.ContentFormat) continue
    outline.characters.push({ ...item.id, length: item.length })
  }
  for (let around = text.parent?._item; around; around = parentOf(around)) {
    if (around.deleted) outline.within.push(keyOf(around.id))
    if (around.rightOrigin) outline.before.push(keyOf(around.rightOrigin))
  }
  return outline
}

const parentOf = ({ parent }: Y.Item): Y.Item | null =>
  parent instanceof Y.AbstractType ? parent._item : null
