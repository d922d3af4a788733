/**
 * What a room knows of ids, as the inspector asks it: the committed document, and behind it the
 * updates that were let in and wait for their commit. It owns the second part; the document and
 * the owners are the room's, and are only read.
 */
import { Item, XmlElement, XmlText, type AbstractType, type Doc } from 'yjs'
import { DECISIONS, ROOT, SUGGESTIONS } from '#shared/document/shape.ts'

/** A shared type that holds items, as far as the rules need to tell one from another. */
export type Holder =
  | { kind: 'body'; depth: 0 }
  | { kind: 'decisions' | 'suggestions'; depth: 0 }
  | { kind: 'element'; type: string; depth: number }
  | { kind: 'text'; depth: number }
  /** A shape that this version does not know. */
  | { kind: 'other'; depth: number }

/** Where an item stands: in the sequence of its holder, or (`key`) under one of its keys. */
export interface Place {
  holder: Holder
  key: string | null
}

/** One item or part of one, `…end` excluded. */
export interface KnownItem {
  end: number
  deleted: boolean
  /** Undefined when it was collected: nothing beside it can be seen again. */
  place: Place | undefined
  /** What it is to the items inside it, where it is a shared type. */
  opens: Holder | undefined
}

/** What the inspector may ask. */
export interface Known {
  /** The next clock of a Yjs client, 0 where it has written nothing. */
  clock(client: number): number
  /** The user or run that a Yjs client id belongs to, undefined where it is new. */
  owner(client: number): string | undefined
  /** The item at an id below `clock(client)`. */
  item(client: number, clock: number): KnownItem
}

/** An item that an inspected update brings. */
export interface NewItem extends KnownItem {
  client: number
  clock: number
}

/**
 * The inspector's view of a room. Call `admit` with each update that was let in, in order, and
 * `forget` whenever nothing waits for its commit any more (all of it applied, or refused).
 */
export class Frontier implements Known {
  readonly #doc: Doc
  readonly #owners: ReadonlyMap<number, string>
  readonly #admitted = new Map<number, NewItem[]>()
  readonly #claimed = new Map<number, string>()

  constructor({ doc, owners }: { doc: Doc; owners: ReadonlyMap<number, string> }) {
    this.#doc = doc
    this.#owners = owners
  }

  clock(client: number): number {
    return this.#admitted.get(client)?.at(-1)?.end ?? this.#committed(client)
  }

  owner(client: number): string | undefined {
    return this.#owners.get(client) ?? this.#claimed.get(client)
  }

  item(client: number, clock: number): KnownItem {
    throw new Error('being written')
  }

  /** Remembers what an update brings, until `forget`. */
  admit(user: string, inspected: { newClients: readonly number[]; items: readonly NewItem[] }) {
    throw new Error('being written')
  }

  forget(): void {
    this.#admitted.clear()
    this.#claimed.clear()
  }
}
