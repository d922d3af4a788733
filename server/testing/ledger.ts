/**
 * Ledger keeps for a story what became of each character, by whose hand, and so where it must and
 * must not be in the end. The only exceptions are those that the design page names, each tied to
 * the very characters that it can concern.
 */

import * as Y from 'yjs'
import { isGone, textsUnder } from '#server/suggestions/items.ts'
import { parseBlockId } from '#server/suggestions/place.ts'
import type { StoredChunk } from '#server/suggestions/types.ts'
import { body } from '#shared/document/shape.ts'
import { charactersOf, check, homesOf, idOf, idsOf, show } from './characters.ts'
import type { Person } from './editors.ts'
import { type Action, Alphabet, redo, undo } from './typing.ts'

export class Ledger {
  readonly original = new Alphabet(0xf000, 0xf8ff)
  readonly human = new Alphabet(0xe000, 0xefff)
  readonly model = new Alphabet(0x4e00, 0x9fff)
  readonly runClients = new Set<number>()
  /** Each character of a run with the chunk it was written in. */
  readonly chunkOf = new Map<string, string>()
  /** Struck characters that went with an accepted edit. */
  readonly struck = new Set<string>()
  /** Texts of blocks that went with an accepted edit: what was typed there unseen went too. */
  readonly struckHomes = new Set<string>()
  readonly #moves: boolean
  /** What was there from the beginning, and what people typed. */
  readonly #peoples = new Set<string>()
  /** What people did to characters in their own editors. */
  readonly #erased = new Set<string>()
  readonly #revived = new Set<string>()
  readonly #moved = new Set<string>()
  /** Where each character was written, and which of these places somebody's merge took away. */
  readonly #home = new Map<string, string>()
  readonly #mergedAway = new Set<string>()
  /** People's characters that were, in somebody's editor, in a block that a run had proposed. */
  readonly #inProposed = new Set<string>()

  constructor(moves: boolean) {
    this.#moves = moves
  }

  firstText(length: number): string {
    const text = this.original.take(length)
    for (const character of text) this.#peoples.add(character)
    return text
  }

  /** Lets a person act, and writes down what that did to which characters. */
  act(person: Person, action: Action, act: () => void): void {
    const before = idsOf(person.doc)
    const texts = [...textsUnder(body(person.doc))]
    act()
    const after = idsOf(person.doc)
    const homes = homesOf(person.doc)
    for (const text of texts) if (isGone(text)) this.#mergedAway.add(idOf(text))
    for (const [character, id] of before) {
      if (!after.has(character)) this.#erased.add(character)
      else if (after.get(character) !== id) this.#moved.add(character)
    }
    for (const character of after.keys()) {
      if (before.has(character)) continue
      if (action === undo || action === redo) this.#revived.add(character)
      else this.#peoples.add(character)
      this.#home.set(character, homes.get(character)!)
    }
    for (const block of body(person.doc).toArray()) {
      if (!(block instanceof Y.XmlElement) || !this.runClients.has(block._item!.id.client)) continue
      for (const character of charactersOf([block])) {
        if (!this.model.has(character)) this.#inProposed.add(character)
      }
    }
  }

  /** A run wrote this into the document. */
  wrote(doc: Y.Doc, text: string, chunk: string): void {
    const homes = homesOf(doc)
    for (const line of textsUnder(body(doc))) {
      // An empty paragraph of people's gets its first text from the run; that it is in is theirs.
      const { parent } = line
      if (!this.#isRuns(line) || !(parent instanceof Y.XmlElement) || this.#isRuns(parent)) continue
      for (const character of charactersOf([line])) homes.set(character, idOf(parent))
    }
    for (const character of text) {
      if (!this.model.has(character)) continue
      this.chunkOf.set(character, chunk)
      this.#home.set(character, homes.get(character)!)
    }
  }

  #isRuns(type: Y.XmlElement | Y.XmlText): boolean {
    return type._item !== null && this.runClients.has(type._item.id.client)
  }

  /** When everything is decided: each character is where it has to be, once. */
  check(doc: Y.Doc, rows: ReadonlyMap<string, StoredChunk>): void {
    const all = charactersOf([body(doc)])
    const present = new Map<string, number>()
    for (const character of all) present.set(character, (present.get(character) ?? 0) + 1)
    for (const [character, count] of present) {
      check(count === 1 || this.#displaced(character), `${show(character)} is there ${count} times`)
    }
    for (const character of this.#peoples) {
      const mayLack =
        this.#mayLack(doc, character) ||
        this.#inProposed.has(character) ||
        this.struckHomes.has(this.#home.get(character) ?? '')
      check(mayLack || present.has(character), `${show(character)} of a person is lost`)
    }
    for (const [character, id] of this.chunkOf) {
      const state = rows.get(id)?.state
      const isThere = present.has(character)
      if (state === 'accepted' && !isThere) {
        const mayLack = this.#mayLack(doc, character) || this.#revived.has(character)
        check(mayLack, `${show(character)} of accepted ${id} is lost`)
      }
      if (state === 'rejected' && isThere) {
        check(this.#displaced(character), `${show(character)} of rejected ${id} is left`)
      }
    }
    this.#checkOrder(all, rows)
  }

  /** What one run wrote in a line stands in the order in which it wrote it; edits jump about. */
  #checkOrder(all: readonly string[], rows: ReadonlyMap<string, StoredChunk>): void {
    const steady = all.filter((character) => !this.#displaced(character))
    for (const client of this.runClients) {
      const run = `run-${client}.`
      if ([...rows.values()].some(({ id, kind }) => kind === 'edit' && id.startsWith(run))) continue
      const own = steady.filter((character) => this.chunkOf.get(character)?.startsWith(run))
      check(own.join() === [...own].sort().join(), `run ${client} is out of order`)
    }
  }

  #mayLack(doc: Y.Doc, character: string): boolean {
    return (
      this.#erased.has(character) ||
      this.#moved.has(character) ||
      this.struck.has(character) ||
      this.#lostItsHome(doc, character)
    )
  }

  /** Written into a paragraph of people's while somebody joined that to another one. */
  #lostItsHome(doc: Y.Doc, character: string): boolean {
    const home = this.#home.get(character) ?? ''
    if (this.#mergedAway.has(home)) return true
    const id = parseBlockId(home)
    if (!this.#moves || !id || this.runClients.has(id.client)) return false
    const item = Y.getItem(doc.store, id) as Y.Item | Y.GC
    return item.deleted
  }

  /** Made anew by Enter, a merge or undo: two people may have done so, and a copy may be plain. */
  #displaced(character: string): boolean {
    return this.#moved.has(character) || this.#revived.has(character)
  }
}
