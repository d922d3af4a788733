/**
 * Account keeps, apart from the product, what became of every character: who wrote it, and who
 * took it away knowingly. It learns from each person's own document before and after each act of
 * theirs; where the acts of two meet, nobody's word but the final document counts.
 */
import type { ItemRange, StoredChunk } from '#server/suggestions/types.ts'
import { suggestionOf } from '#shared/document/shape.ts'
import { keptOf, sourcesOf, spelling } from './alignment.ts'
import { charactersIn, type Glyph, show } from './glyphs.ts'
import type { Mark } from './marks.ts'
import { isThere, Recognition } from './recognition.ts'

export interface Act {
  who: string
  before: readonly Glyph[]
  after: readonly Glyph[]
  /** What the act was to write. */
  writes: string
  /** What it was allowed to take away: the selected text. */
  takes: string
  /** The ids of what was selected. */
  selected?: ReadonlySet<string>
  isUndo: boolean
}

export interface Fault {
  kind: FaultKind
  what: string
}

export type FaultKind =
  | 'threw'
  | 'gesture threw'
  | 'refused'
  | 'room lost'
  | 'apart'
  | 'echo'
  | 'identity'
  | 'took others'
  | 'undo took others'
  | 'undo brought back'
  | 'doubled at once'
  | 'lost'
  | 'doubled'
  | 'came back'
  | 'clash lost'
  | 'clash doubled'
  | 'clash came back'
  | 'run text stays'
  | 'run text lost'
  | 'leak'
  | 'foreign'
  | 'without differs'
  | 'accepted differs'
  | 'struck unread'
  | 'both accepted'
  | 'never quiet'

export class Account {
  readonly marks: Mark[] = []
  /** Chunks by what the database says they have come to. */
  readonly accepted = new Set<string>()
  readonly rejected = new Set<string>()
  readonly #recognition = new Recognition()
  readonly #runs = new Map<number, string>()
  readonly #askedAt = new Map<string, number>()
  #acts = 0

  begin(glyphs: readonly Glyph[]): void {
    for (const glyph of glyphs) this.#write(glyph, 'first', false)
  }

  /** A run is asked for that writes with this Yjs client. */
  asked(run: string, client: number): void {
    this.#runs.set(client, run)
    this.#askedAt.set(run, this.#acts)
  }

  /** The chunk is a person's words whose place was gone: whoever rejects it has them dropped. */
  isRescued(chunk: string): boolean {
    return !this.#askedAt.has(suggestionOf(chunk))
  }

  /** A run has written this, says the log: it may be moved on before any page shows it. */
  wrote(glyph: Glyph): void {
    const run = this.#runs.get(glyph.client)
    if (run === undefined || this.markOf(glyph)) return
    this.#write(glyph, run, true).isUnseen = true
  }

  /** The log shows it as proposed, whether or not a page ever did. */
  proposed(glyph: Glyph): void {
    if (glyph.flag?.startsWith('ins:')) this.markOf(glyph)?.proposedBy.add(glyph.flag.slice(4))
  }

  /**
   * A chunk is accepted, as its row says. What no state of the log shows as proposed was written and
   * accepted in one update: the row alone tells that by its ids. So it does of words that two chunks
   * strike, since they show one of both.
   */
  acceptedAs({ id, ins, del }: Pick<StoredChunk, 'id' | 'ins' | 'del'>): void {
    this.accepted.add(id)
    for (const mark of this.marks) {
      const isIn = (ranges: readonly ItemRange[]) =>
        [...mark.ids].some((one) => ranges.some((range) => isWithin(range, one)))
      if (mark.isRun && mark.proposedBy.size === 0 && isIn(ins)) mark.proposedBy.add(id)
      if (mark.struckBy.size > 0 && isIn(del)) mark.struckBy.add(id)
    }
  }

  /** Of a run's text: some chunk that showed it was accepted. */
  mayStay({ proposedBy }: Mark): boolean {
    return [...proposedBy].some((chunk) => this.accepted.has(chunk))
  }

  /** Words that a run has struck although they were written after it was asked for. */
  struckUnread(glyphs: readonly Glyph[]): Fault[] {
    return glyphs.flatMap((glyph): Fault[] => {
      const mark = this.markOf(glyph)
      if (!glyph.flag?.startsWith('del:') || !mark || mark.isRun) return []
      const chunk = glyph.flag.slice(4)
      const askedAt = this.#askedAt.get(chunk.slice(0, chunk.lastIndexOf('.'))) ?? mark.born
      if (mark.born <= askedAt) return []
      return [
        { kind: 'struck unread', what: `${show(mark.character)} of ${mark.writer} by ${chunk}` },
      ]
    })
  }

  /** Words of which two rewrites were accepted. */
  twiceAccepted(): Fault[] {
    const faults: Fault[] = []
    for (const { struckBy, character } of this.marks) {
      const accepted = [...struckBy].filter((chunk) => this.accepted.has(chunk))
      if (accepted.length > 1) {
        faults.push({
          kind: 'both accepted',
          what: `${show(character)}: ${accepted.join(' and ')}`,
        })
      }
    }
    return faults
  }

  markOf(glyph: Glyph): Mark | undefined {
    return this.#recognition.markOf(glyph)
  }

  /** Whether nothing but their order tells which of two is which, that the room wrote anew. */
  mayBeEachOther(one: Glyph, other: Glyph): boolean {
    return this.#recognition.mayBeEachOther(one, other)
  }

  /** Enters what one act did in its own editor; tells what it should not have done. */
  enter({ who, before, after, writes, takes, selected = new Set(), isUndo }: Act): Fault[] {
    const faults: Fault[] = []
    this.#acts++
    const was = new Set(before.map(({ id }) => id))
    const is = new Set(after.map(({ id }) => id))
    const gone = before.filter(({ id }) => !is.has(id))
    for (const glyph of gone) this.#recognition.settle(glyph)
    let fresh = after.filter(({ id }) => !was.has(id))

    const kept = keptOf({ before, after, gone, fresh }, selected)
    const written = spelling(fresh, writes, kept)
    fresh = fresh.filter((glyph) => !written.includes(glyph))
    for (const glyph of written) this.#write(glyph, who, false)

    const sources = sourcesOf(gone, fresh, takes, selected)
    if (isUndo) this.#preferOthers(sources, gone, who)
    for (const glyph of fresh) {
      const source = sources.get(glyph)
      if (source) {
        gone.splice(gone.indexOf(source), 1)
        this.#copy(source, glyph, who)
      } else if (!(isUndo && this.#revive(glyph, who, is))) {
        const mark = this.#resolve(glyph, is)
        const isBack = isUndo && mark.deleters.size > 0
        const kind = isBack ? 'undo brought back' : 'doubled at once'
        faults.push({ kind, what: `${who}: ${show(glyph.character)} of ${mark.writer}` })
      }
    }
    const allowed = charactersIn(takes)
    for (const glyph of gone) {
      const mark = this.#resolve(glyph, was)
      // What was there twice is there still: undo has taken one of two copies away (seed 3313).
      if (isUndo && isThere(mark, is)) continue
      const at = allowed.indexOf(glyph.character)
      if (at >= 0) allowed.splice(at, 1)
      else if (isUndo ? !this.#mayTakeBack(mark, who) : true) {
        const kind = isUndo ? 'undo took others' : 'took others'
        faults.push({ kind, what: `${who}: ${show(glyph.character)} of ${mark.writer}` })
      }
      mark.deleters.add(who)
      mark.takers.add(who)
    }
    return faults
  }

  /** Takes notice of what a document shows: runs' text, the room's copies, flags. */
  see(glyphs: readonly Glyph[]): void {
    this.#recognise(glyphs, new Set(glyphs.map(({ id }) => id)))
    for (const glyph of glyphs) {
      const mark = this.#markHere(glyph)
      if (glyph.flag === null) continue
      const chunk = glyph.flag.slice(4)
      if (glyph.flag.startsWith('ins:')) mark.proposedBy.add(chunk)
      else mark.struckBy.add(chunk)
    }
  }

  #write(glyph: Glyph, writer: string, isRun: boolean): Mark {
    const mark: Mark = {
      character: glyph.character,
      writer,
      isRun,
      ids: new Set(),
      deleters: new Set(),
      takers: new Set(),
      copiers: new Set(),
      copies: [],
      proposedBy: new Set(),
      struckBy: new Set(),
      born: this.#acts,
      isDoubtful: false,
      isUnseen: false,
    }
    this.marks.push(mark)
    this.#recognition.add(mark)
    this.#recognition.name(glyph, mark)
    return mark
  }

  /** Those with the same character. */
  alike(character: string): readonly Mark[] {
    return this.#recognition.alike(character)
  }

  #copy(source: Glyph, copy: Glyph, who: string): void {
    const mark = this.#resolve(source, new Set())
    this.#recognition.name(copy, mark)
    mark.copies.push({ from: source.id, by: who })
    if (who !== mark.writer) mark.copiers.add(who)
  }

  /**
   * Undo has made it anew: of what this person took away, the last. Somebody's copy of it may be there
   * until the room has deleted that too (seed 11): in the end it is to be there once all the same.
   */
  #revive(glyph: Glyph, who: string, present: ReadonlySet<string>): boolean {
    const taken = this.alike(glyph.character).filter(({ deleters }) => deleters.has(who))
    const mark = taken.findLast((one) => !isThere(one, present)) ?? taken.at(-1)
    if (!mark) return false
    mark.deleters.delete(who)
    // Yjs makes anew what undo brings back: it is by whoever brought it back, as a copy is.
    if (who !== mark.writer) mark.copiers.add(who)
    if (mark.deleters.size > 0) mark.isDoubtful = true
    this.#recognition.name(glyph, mark)
    return true
  }

  /** Of equal characters, one of which undo wrote again: it may have taken away the person's own. */
  #preferOthers(sources: Map<Glyph, Glyph>, gone: readonly Glyph[], who: string): void {
    const mayGo = (glyph: Glyph) => this.#mayTakeBack(this.#resolve(glyph, new Set()), who)
    const written = new Set(sources.values())
    for (const lost of gone) {
      if (written.has(lost) || mayGo(lost)) continue
      const found = [...sources].find(
        ([, source]) => source.character === lost.character && mayGo(source),
      )
      if (found) sources.set(found[0], lost)
    }
  }

  #mayTakeBack({ writer, takers }: Mark, who: string): boolean {
    return writer === who || takers.has(who)
  }

  /** The mark of a glyph that nobody may have told of: a run's, or what the room wrote anew. */
  #resolve(glyph: Glyph, present: ReadonlySet<string>): Mark {
    this.#recognise([glyph], present)
    return this.#markHere(glyph)
  }

  #recognise(glyphs: readonly Glyph[], present: ReadonlySet<string>): void {
    for (const glyph of glyphs) {
      const run = this.#runs.get(glyph.client)
      if (run !== undefined && !this.markOf(glyph)) this.#write(glyph, run, true)
    }
    this.#recognition.recognise(glyphs, present, (glyph) => this.#write(glyph, 'nobody', false))
  }

  /** The mark of a glyph that a document shows. */
  #markHere(glyph: Glyph): Mark {
    const mark = this.markOf(glyph)!
    mark.isUnseen = false
    return mark
  }
}

/** Whether a range has the character with this id. */
function isWithin({ client, from, to }: ItemRange, id: string): boolean {
  const [of, clock] = id.split('-').map(Number) as [number, number]
  return of === client && clock >= from && clock < to
}
