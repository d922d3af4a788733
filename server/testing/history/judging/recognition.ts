/**
 * Recognition tells which mark a character is that the room wrote anew. Equal characters are told
 * apart by those beside them: who writes words again writes them side by side. So what only one mark
 * can be is named first, and its neighbours after it (`Alpha` of the first content and `ha be` of ada,
 * moved at once: each `h` is known by the `p` or the `b`).
 */
import type { Glyph } from './glyphs.ts'
import { beside, type Mark, mayBeCopied } from './marks.ts'

/** Units of a character, by which ids are counted. */
const isTwoUnits = ({ character }: { character: string }): boolean => character.length > 1

export class Recognition {
  readonly #byId = new Map<string, Mark>()
  readonly #byCharacter = new Map<string, Mark[]>()
  /** Which marks a glyph that the room wrote anew may as well be. */
  readonly #guesses = new Map<string, readonly Mark[]>()
  /** Glyphs that are named after what was deleted, since all else was there: one may be there twice. */
  readonly #doubtful = new Set<string>()

  add(mark: Mark): void {
    const alike = this.#byCharacter.get(mark.character)
    if (alike) alike.push(mark)
    else this.#byCharacter.set(mark.character, [mark])
  }

  name({ id }: Glyph, mark: Mark): void {
    this.#byId.set(id, mark)
    mark.ids.add(id)
  }

  markOf({ id }: Glyph): Mark | undefined {
    return this.#byId.get(id)
  }

  /** Those with the same character. */
  alike(character: string): readonly Mark[] {
    return this.#byCharacter.get(character) ?? []
  }

  /** What somebody has taken away or copied is what it was taken for. */
  settle({ id }: Glyph): void {
    this.#doubtful.delete(id)
  }

  /** Whether nothing but their order tells which of two is which, that the room wrote anew. */
  mayBeEachOther(one: Glyph, other: Glyph): boolean {
    const [ofOne, ofOther] = [this.#guesses.get(one.id), this.#guesses.get(other.id)]
    if (!ofOne || !ofOther) return false
    return ofOne.includes(this.markOf(other)!) || ofOther.includes(this.markOf(one)!)
  }

  /** Names unknown glyphs, those first that are the surest; `foreign` takes one that none can be. */
  recognise(
    glyphs: readonly Glyph[],
    present: ReadonlySet<string>,
    foreign: (glyph: Glyph) => void,
  ): void {
    for (const { id } of glyphs) if (this.#doubtful.delete(id)) this.#forget(id)
    let unknown = glyphs.filter((glyph) => !this.markOf(glyph))
    while (unknown.length > 0) {
      const unsure = unknown.filter((glyph) => {
        const likeliest = this.#likeliest(glyph, present)
        if (likeliest.length > 1) return true
        this.#take(glyph, likeliest, present, foreign)
        return false
      })
      if (unsure.length === unknown.length) {
        const [first] = unsure.splice(0, 1)
        this.#take(first!, this.#likeliest(first!, present), present, foreign)
      }
      unknown = unsure
    }
  }

  #take(
    glyph: Glyph,
    likeliest: readonly Mark[],
    present: ReadonlySet<string>,
    foreign: (glyph: Glyph) => void,
  ): void {
    const alike = this.alike(glyph.character)
    const mark = likeliest[0] ?? alike[0]
    if (!mark) return foreign(glyph)
    const others = alike.filter(
      (one) => !likeliest.includes(one) && !isThere(one, present) && this.#mightStand(one, glyph),
    )
    this.#guesses.set(glyph.id, [...likeliest, ...others])
    this.name(glyph, mark)
    if (likeliest.length === 0 || mark.deleters.size > 0) this.#doubtful.add(glyph.id)
  }

  #forget(id: string): void {
    this.#byId.get(id)?.ids.delete(id)
    this.#byId.delete(id)
  }

  #likeliest(glyph: Glyph, present: ReadonlySet<string>): readonly Mark[] {
    const missing = this.alike(glyph.character).filter((mark) => !isThere(mark, present))
    const unlikelihoods = missing.map((mark) => this.#unlikelihood(mark, glyph))
    const least = Math.min(...unlikelihoods)
    return missing.filter((_, n) => unlikelihoods[n] === least)
  }

  #unlikelihood(mark: Mark, glyph: Glyph): number {
    const [front, behind] = [this.#front(glyph.id), this.#behind(glyph)]
    return (
      (mark.deleters.size > 0 ? 8 : 0) +
      (mayBeCopied(mark, glyph) ? 0 : 4) +
      (front && this.#stoodInFront(front, mark) ? 0 : 1) +
      (behind && this.#stoodInFront(mark, behind) ? 0 : 1)
    )
  }

  /** Whether it would be known by a neighbour, were the neighbour what it may as well be. */
  #mightStand(mark: Mark, glyph: Glyph): boolean {
    const guesses = (one: Mark | undefined, id: string | undefined) =>
      (id !== undefined && this.#guesses.get(id)) || (one ? [one] : [])
    const front = this.#frontId(glyph.id)
    const behind = this.#behindId(glyph)
    return (
      guesses(this.#front(glyph.id), front).some((one) => this.#stoodInFront(one, mark)) ||
      guesses(this.#behind(glyph), behind).some((one) => this.#stoodInFront(mark, one))
    )
  }

  /** Whether one was written right in front of the other, or of a copy of it. */
  #stoodInFront(one: Mark, other: Mark): boolean {
    const length = isTwoUnits(one) ? 2 : 1
    return [...one.ids].some((id) => other.ids.has(beside(id, length)))
  }

  #front(id: string): Mark | undefined {
    const front = this.#frontId(id)
    return front === undefined ? undefined : this.#byId.get(front)
  }

  #behind(glyph: Glyph): Mark | undefined {
    return this.#byId.get(this.#behindId(glyph))
  }

  /** The id of the character that its client wrote before it. */
  #frontId(id: string): string | undefined {
    for (const length of [1, 2]) {
      const front = beside(id, -length)
      const mark = this.#byId.get(front)
      if (mark && isTwoUnits(mark) === (length === 2)) return front
    }
    return undefined
  }

  #behindId(glyph: Glyph): string {
    return beside(glyph.id, isTwoUnits(glyph) ? 2 : 1)
  }
}

/** Whether a document that holds these ids shows it. */
export function isThere({ ids }: Mark, present: ReadonlySet<string>): boolean {
  for (const id of ids) if (present.has(id)) return true
  return false
}
