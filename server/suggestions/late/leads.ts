/**
 * Leads tells how far from the beginning of its line a copy was written. Of two copies of the same
 * text the one nearer to a beginning counts: a split that is nearer in front of a character decides
 * in which line it stands, and a merge gives way to a split.
 */
import * as Y from 'yjs'
import { isAlive } from '#shared/document/characters.ts'
import { type IdRange, RangeMap } from '#shared/document/moves/range-map.ts'
import { leadOf } from './spots.ts'

interface LeadRange extends IdRange {
  /** How many characters of its line stood in front of the first one. */
  lead: number
}

const MOST_LEADS = 5_000

export class Leads {
  readonly #doc: Y.Doc
  readonly #ranges = new RangeMap<LeadRange>({
    cut: (range, offset, length) => ({
      ...range,
      clock: range.clock + offset,
      length,
      lead: range.lead + offset,
    }),
    continues: (last, next) => last.lead + last.length === next.lead,
  })

  constructor(doc: Y.Doc) {
    this.#doc = doc
  }

  /** As it was when the copy was written; of what is no copy, as it is now. */
  of(id: Y.ID): number {
    const range = this.#ranges.get(id.client, id.clock)
    return range ? range.lead + id.clock - range.clock : leadOf(this.#doc, id)
  }

  /** Takes over what was known before. */
  addOlder(older: Leads): void {
    this.#ranges.setOlder(older.#ranges)
    this.#ranges.keep(MOST_LEADS)
  }

  /** Notes where living copies stand now that were not known. */
  note(copies: readonly IdRange[]): void {
    for (const { client, clock, length } of copies) {
      const id = Y.createID(client, clock)
      if (!isAlive(this.#doc, id) || this.#ranges.get(client, clock)) continue
      this.#ranges.set({ client, clock, length, lead: leadOf(this.#doc, id) })
    }
    this.#ranges.keep(MOST_LEADS)
  }
}
