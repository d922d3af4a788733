/** Alignment tells which new characters are what was typed, and which are copies of old ones. */
import { charactersIn, type Glyph, textOf } from './glyphs.ts'
import { beside } from './marks.ts'

/**
 * The first glyphs that spell a text without a gap; else each where it is first found. A line's end
 * is a character only where a text holds it, as code does that is pasted into code. Who types over a
 * letter with the same one has `kept` that.
 */
export function spelling(
  glyphs: readonly Glyph[],
  writes: string,
  kept: readonly Glyph[] = [],
): Glyph[] {
  const text = kept.reduce((rest, { character }) => rest.replace(character, ''), writes)
  const whole = spelledWhole(glyphs, text)
  if (whole.length > 0) return whole
  const found: Glyph[] = []
  for (const character of text) {
    const glyph = glyphs.find((one) => one.character === character && !found.includes(one))
    if (glyph) found.push(glyph)
  }
  return found
}

/** The first glyphs that spell a text without a gap, if any do. */
function spelledWhole(glyphs: readonly Glyph[], text: string): Glyph[] {
  for (const characters of [[...text], charactersIn(text)]) {
    if (characters.length === 0) return []
    for (let at = 0; at + characters.length <= glyphs.length; at++) {
      const part = glyphs.slice(at, at + characters.length)
      if (textOf(part) === characters.join('')) return part
    }
  }
  return []
}

/**
 * For each character that is new where old ones went, which it is a copy of. What was selected and
 * taken away is a copy's source only where nothing else is (seed 2799: of two full stops the one
 * behind the selection went along; 1703: of two equal lines).
 */
export function sourcesOf(
  gone: readonly Glyph[],
  fresh: readonly Glyph[],
  takes: string,
  selected: ReadonlySet<string> = new Set(),
): Map<Glyph, Glyph> {
  const isKnown = gone.some(({ id }) => selected.has(id))
  const taken = isKnown ? gone.filter(({ id }) => selected.has(id)) : spelledWhole(gone, takes)
  const along = gone.filter((glyph) => !taken.includes(glyph))
  const copies = copiesOf(along, fresh)
  const others = fresh.filter((glyph) => !copies.has(glyph))
  for (const [copy, source] of copiesOf(taken, others)) copies.set(copy, source)
  return copies
}

/**
 * For each character that is new where an old one went, which it is a copy of: those that keep
 * their order first, as long a sequence of them as there is. A copy is written with its original's
 * flag: of two such sequences the one that keeps more flags. An `e` that a person wrote and one that
 * a run proposes, both in what a deletion takes along, are told apart by that alone (seed 830). Of
 * those that are equal in this too, the one whose neighbours were written with it (seed 2750: of two
 * `a` that undo brings back, the copy is the one in `ail`, as it was).
 */
export function copiesOf(gone: readonly Glyph[], fresh: readonly Glyph[]): Map<Glyph, Glyph> {
  const copies = new Map<Glyph, Glyph>()
  const worth = worthOf(gone, fresh)
  const lengths = Array.from({ length: gone.length + 1 }, () => new Float64Array(fresh.length + 1))
  for (let a = gone.length - 1; a >= 0; a--) {
    for (let b = fresh.length - 1; b >= 0; b--) {
      lengths[a]![b] = Math.max(
        lengths[a + 1]![b + 1]! + worth(gone[a]!, fresh[b]!),
        lengths[a + 1]![b]!,
        lengths[a]![b + 1]!,
      )
    }
  }
  const left = new Set(gone)
  for (let a = 0, b = 0; a < gone.length && b < fresh.length; ) {
    const pair = worth(gone[a]!, fresh[b]!)
    if (pair > 0 && lengths[a]![b] === lengths[a + 1]![b + 1]! + pair) {
      copies.set(fresh[b]!, gone[a]!)
      left.delete(gone[a]!)
      a++
      b++
    } else if (lengths[a + 1]![b]! >= lengths[a]![b + 1]!) a++
    else b++
  }
  for (const glyph of fresh) {
    if (copies.has(glyph)) continue
    const alike = [...left].filter(({ character }) => character === glyph.character)
    const source = alike.find(({ flag }) => flag === glyph.flag) ?? alike[0]
    if (!source) continue
    copies.set(glyph, source)
    left.delete(source)
  }
  return copies
}

/** More than all flags together that two sequences could differ by. */
const A_CHARACTER = 1e10
/** More than all neighbours together. */
const A_FLAG = 1e5

/** What it is worth to take one for the copy of the other; nothing where they differ. */
function worthOf(
  gone: readonly Glyph[],
  fresh: readonly Glyph[],
): (one: Glyph, copy: Glyph) => number {
  const characters = new Map([...gone, ...fresh].map(({ id, character }) => [id, character]))
  const isAlike = (one: Glyph, copy: Glyph, distance: number) => {
    const character = characters.get(beside(one.id, distance))
    return character !== undefined && character === characters.get(beside(copy.id, distance))
  }
  return (one, copy) => {
    if (one.character !== copy.character) return 0
    const { length } = one.character
    const neighbours = Number(isAlike(one, copy, -1)) + Number(isAlike(one, copy, length))
    return A_CHARACTER + (one.flag === copy.flag ? A_FLAG : 0) + neighbours
  }
}

interface Change {
  before: readonly Glyph[]
  after: readonly Glyph[]
  gone: readonly Glyph[]
  fresh: readonly Glyph[]
}

/** The selected ones that stay in what was typed over them: there are no more new ones than copies. */
export function keptOf(
  { before, after, gone, fresh }: Change,
  selected: ReadonlySet<string>,
): Glyph[] {
  if (selected.size === 0) return []
  const stays = new Set(after.map(({ id }) => id))
  const count = (glyphs: readonly Glyph[], wanted: string) =>
    glyphs.filter(({ character, id }) => character === wanted && !selected.has(id)).length
  return before.filter(
    ({ id, character }) =>
      selected.has(id) && stays.has(id) && count(fresh, character) <= count(gone, character),
  )
}
