/**
 * What a room knows of ids, as the inspector asks it: the committed document, and behind it the
 * updates that were let in and wait for their commit. It owns the second part; the document and
 * the owners are the room's, and are only read.
 */
import { AbstractType, ContentType, type Doc, findIndexSS, Item, XmlElement, XmlText } from 'yjs'
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
  /** What is not deleted yet of the ids from…to, all of them below `clock(client)`. */
  living(client: number, from: number, to: number): Living
}

/** What of a range of ids could still be deleted. */
export interface Living {
  any: boolean
  /** Where those of them stand whose deletion is not everybody's. */
  guarded: Place[]
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
    return Math.max(this.#admitted.get(client)?.at(-1)?.end ?? 0, this.#committed(client))
  }

  owner(client: number): string | undefined {
    return this.#owners.get(client) ?? this.#claimed.get(client)
  }

  item(client: number, clock: number): KnownItem {
    if (clock >= this.#committed(client)) {
      const admitted = findItem(this.#admitted.get(client), clock)
      if (admitted) return admitted
    }
    const structs = this.#doc.store.clients.get(client)
    const struct = structs?.[findIndexSS(structs, clock)]
    if (!struct) throw new Error('asked for an item beyond the clock')
    const end = struct.id.clock + struct.length
    if (!(struct instanceof Item)) return { ...COLLECTED, end }
    return {
      end,
      deleted: struct.deleted,
      place: this.#place(struct),
      opens: struct.content instanceof ContentType ? this.#holder(struct.content.type) : undefined,
    }
  }

  /** One pass without an object per item: a few bytes can delete all that a document has. */
  living(client: number, from: number, to: number): Living {
    const guarded: Place[] = []
    let any = false
    const structs = this.#doc.store.clients.get(client) ?? []
    const committed = this.#committed(client)
    const last = Math.min(to, committed)
    for (
      let n = from < last ? findIndexSS(structs, from) : structs.length;
      n < structs.length;
      n++
    ) {
      const struct = structs[n]
      if (!struct || struct.id.clock >= last) break
      if (struct.deleted || !(struct instanceof Item)) continue
      any = true
      if (!(struct.parent instanceof AbstractType) || struct.parent._item !== null) continue
      const holder = this.#holder(struct.parent)
      if (isGuarded(holder)) guarded.push({ holder, key: struct.parentSub })
    }
    const admitted = this.#admitted.get(client) ?? []
    for (let n = indexAfter(admitted, Math.max(from, committed)); n < admitted.length; n++) {
      const item = admitted[n]
      if (!item || item.clock >= to) break
      if (item.deleted) continue
      any = true
      if (item.place && isGuarded(item.place.holder)) guarded.push(item.place)
    }
    return { any, guarded }
  }

  /** Remembers what an update brings, until `forget`. */
  admit(
    user: string,
    inspected: { newClients: readonly number[]; items: readonly NewItem[] },
  ): void {
    for (const client of inspected.newClients) this.#claimed.set(client, user)
    for (const item of inspected.items) {
      const items = this.#admitted.get(item.client)
      if (items) items.push(item)
      else this.#admitted.set(item.client, [item])
    }
  }

  forget(): void {
    this.#admitted.clear()
    this.#claimed.clear()
  }

  #committed(client: number): number {
    const last = this.#doc.store.clients.get(client)?.at(-1)
    return last ? last.id.clock + last.length : 0
  }

  #place(item: Item): Place | undefined {
    return item.parent instanceof AbstractType
      ? { holder: this.#holder(item.parent), key: item.parentSub }
      : undefined
  }

  #holder(type: AbstractType<unknown>): Holder {
    const item = type._item
    if (item === null) {
      if (type === this.#doc.share.get(ROOT)) return BODY
      if (type === this.#doc.share.get(DECISIONS)) return DECISION_MAP
      if (type === this.#doc.share.get(SUGGESTIONS)) return SUGGESTION_MAP
      return { kind: 'other', depth: 0 }
    }
    const depth = depthOf(item)
    if (type instanceof XmlText) return { kind: 'text', depth }
    if (type instanceof XmlElement) return { kind: 'element', type: type.nodeName, depth }
    return { kind: 'other', depth }
  }
}

/** The holder that a root's name stands for, undefined where documents have no such root. */
export function rootHolder(name: string): Holder | undefined {
  return ROOTS.get(name)
}

/** The item at `clock` among items in ascending order. */
export function findItem(items: readonly NewItem[] | undefined, clock: number) {
  const item = items?.[indexAfter(items, clock)]
  return item && item.clock <= clock ? item : undefined
}

/** Index of the first item that ends behind `clock`. */
function indexAfter(items: readonly NewItem[], clock: number): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((items[middle] as NewItem).end <= clock) low = middle + 1
    else high = middle
  }
  return low
}

const BODY: Holder = { kind: 'body', depth: 0 }
const DECISION_MAP: Holder = { kind: 'decisions', depth: 0 }
const SUGGESTION_MAP: Holder = { kind: 'suggestions', depth: 0 }
const ROOTS = new Map<string, Holder>([
  [ROOT, BODY],
  [DECISIONS, DECISION_MAP],
  [SUGGESTIONS, SUGGESTION_MAP],
])
const COLLECTED = { deleted: true, place: undefined, opens: undefined }

const isGuarded = ({ kind }: Holder): boolean => kind === 'decisions' || kind === 'suggestions'

function depthOf(item: Item): number {
  let depth = 1
  let parent = item.parent
  while (parent instanceof AbstractType && parent._item) {
    depth++
    parent = parent._item.parent
  }
  return depth
}
