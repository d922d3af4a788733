/**
 * What a room knows, as far as one update asks: the questions are found where the update is read,
 * answered where the room lives, and the answers judged with where the update is. So that a large
 * one can be inspected in another thread than the room's.
 */
import type { DecodedUpdate, ItemId } from '#shared/document/update-reader.ts'
import type { Known, KnownItem, Living } from './frontier.ts'

/** Each with its answers, in the same order. */
export type Questions =
  | { about: 'clients'; clients: number[] }
  | { about: 'items'; items: ItemId[] }
  | { about: 'ranges'; ranges: Range[] }
export type Answers =
  | { about: 'clients'; clients: { clock: number; owner: string | undefined }[] }
  | { about: 'items'; items: KnownItem[] }
  | { about: 'ranges'; ranges: Living[] }

interface Range {
  client: number
  from: number
  to: number
}

/** So many questions are answered at a time: about a millisecond of the room's thread. */
const BATCH = 1_000

/** Answers for a room. */
export function answer(known: Known, questions: Questions): Answers {
  switch (questions.about) {
    case 'clients': {
      const tell = (client: number) => ({ clock: known.clock(client), owner: known.owner(client) })
      return { about: 'clients', clients: questions.clients.map(tell) }
    }
    case 'items': {
      const items = questions.items.map(({ client, clock }) => known.item(client, clock))
      return { about: 'items', items }
    }
    case 'ranges': {
      const ranges = questions.ranges.map(({ client, from, to }) => known.living(client, from, to))
      return { about: 'ranges', ranges }
    }
  }
}

/** Asks all that judging `update` can need to know, one batch at a time. */
export function* ask(update: DecodedUpdate): Generator<Questions, Known, Answers> {
  const told = new ToldKnown()
  for (const clients of batches(clientsIn(update))) {
    const questions: Questions = { about: 'clients', clients }
    told.hear(questions, yield questions)
  }
  for (const items of batches(itemsIn(update, told))) {
    const questions: Questions = { about: 'items', items }
    told.hear(questions, yield questions)
  }
  for (const ranges of batches(rangesIn(update, told))) {
    const questions: Questions = { about: 'ranges', ranges }
    told.hear(questions, yield questions)
  }
  return told
}

class ToldKnown implements Known {
  readonly #clients = new Map<number, { clock: number; owner: string | undefined }>()
  readonly #items = new Map<string, KnownItem>()
  readonly #ranges = new Map<string, Living>()

  hear(questions: Questions, answers: Answers): void {
    if (questions.about === 'clients' && answers.about === 'clients') {
      zip(questions.clients, answers.clients, (client, it) => this.#clients.set(client, it))
    } else if (questions.about === 'items' && answers.about === 'items') {
      zip(questions.items, answers.items, (id, it) => this.#items.set(itemKey(id), it))
    } else if (questions.about === 'ranges' && answers.about === 'ranges') {
      zip(questions.ranges, answers.ranges, (range, it) => this.#ranges.set(rangeKey(range), it))
    }
  }

  clock(client: number): number {
    return this.#clients.get(client)?.clock ?? 0
  }

  owner(client: number): string | undefined {
    return this.#clients.get(client)?.owner
  }

  item(client: number, clock: number): KnownItem {
    return asked(this.#items.get(itemKey({ client, clock })))
  }

  living(client: number, from: number, to: number): Living {
    return asked(this.#ranges.get(rangeKey({ client, from, to })))
  }
}

/** Throws where the questions were too few, which is a mistake of ours and no verdict. */
function asked<T>(answer: T | undefined): T {
  if (answer === undefined) throw new Error('judged by what was not asked')
  return answer
}

function clientsIn({ clients, deletes }: DecodedUpdate): Set<number> {
  const found = new Set(deletes.map(({ client }) => client))
  for (const { client, structs } of clients) {
    found.add(client)
    for (const { origin, rightOrigin, parent } of structs) {
      if (origin) found.add(origin.client)
      if (rightOrigin) found.add(rightOrigin.client)
      if (parent !== null && typeof parent !== 'string') found.add(parent.client)
    }
  }
  return found
}

/** The items in the room that new structs stand beside, in, or go on from. */
function itemsIn({ clients }: DecodedUpdate, known: Known): Iterable<ItemId> {
  const found = new Map<string, ItemId>()
  const add = (id: ItemId | null) => {
    if (id && id.clock < known.clock(id.client)) found.set(itemKey(id), id)
  }
  for (const { client, structs } of clients) {
    const start = known.clock(client)
    for (const { clock, length, origin, rightOrigin, parent } of structs) {
      if (clock + length <= start) continue
      if (clock < start) add({ client, clock: start - 1 })
      add(origin ?? rightOrigin)
      if (parent !== null && typeof parent !== 'string') add(parent)
    }
  }
  return found.values()
}

function* rangesIn({ deletes }: DecodedUpdate, known: Known): Iterable<Range> {
  for (const { client, ranges } of deletes) {
    const end = known.clock(client)
    for (const { clock, length } of ranges) {
      if (clock < end) yield { client, from: clock, to: Math.min(clock + length, end) }
    }
  }
}

function* batches<T>(all: Iterable<T>): Iterable<T[]> {
  let batch: T[] = []
  for (const one of all) {
    batch.push(one)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function zip<A, B>(some: readonly A[], others: readonly B[], each: (a: A, b: B) => void): void {
  for (const [n, one] of some.entries()) each(one, others[n] as B)
}

const itemKey = ({ client, clock }: ItemId): string => `${client}.${clock}`
const rangeKey = ({ client, from, to }: Range): string => `${client}.${from}.${to}`
