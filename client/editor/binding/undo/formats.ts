/**
 * Formats keep what characters look like around undo. In Yjs a format is a pair of markers, and the
 * room tidies markers away where everything between them is gone, also those that others set: a word
 * came back plain, and the word behind it in italics.
 */
import * as Y from 'yjs'
import type { Moves } from '#shared/document/moves.ts'
import { FLAG } from '#shared/document/shape.ts'
import { childrenOf, type SharedType } from '../mapping.ts'
import { attributesIn, indexAt } from './texts.ts'
import { type Ids, trace, visit } from './trace.ts'

type Attributes = Readonly<Record<string, unknown>>

/** Characters with consecutive ids that have the same formats. */
export interface Look {
  id: Y.ID
  length: number
  attributes: Attributes
}

/** What taking a step has made of characters; `after` is undefined of those that went. */
export interface ChangedLook {
  id: Y.ID
  length: number
  before: Attributes
  after: Attributes | undefined
}

/** What all characters look like in the texts that the parts of a step stand in, or are. */
export function looksAround(transaction: Y.Transaction, ...parts: Ids[]): Look[] {
  const texts = new Set<Y.XmlText>()
  for (const ids of parts) {
    visit(transaction, ids, (struct) => {
      if (!(struct instanceof Y.Item)) return
      if (struct.parent instanceof Y.XmlText) texts.add(struct.parent)
      if (struct.content instanceof Y.ContentType && !struct.deleted) {
        for (const text of textsIn(struct.content.type as SharedType)) texts.add(text)
      }
    })
  }
  const looks: Look[] = []
  for (const text of texts) {
    for (const [{ id, length, content }, attributes] of attributesIn(text)) {
      if (content instanceof Y.ContentString) looks.push({ id, length, attributes })
    }
  }
  return looks
}

function* textsIn(type: SharedType): Generator<Y.XmlText> {
  if (type instanceof Y.XmlText) yield type
  if (type instanceof Y.XmlElement) for (const child of childrenOf(type)) yield* textsIn(child)
}

/** What has become of these looks, for the step that reverts this one. */
export function changesOf(doc: Y.Doc, looks: readonly Look[], moves: Moves): ChangedLook[] {
  const formats = new Formats()
  return looks.flatMap((look) =>
    placesOf(doc, look, moves).map(({ id, length, now }) => ({
      id,
      length,
      before: look.attributes,
      after: now && formats.of(now),
    })),
  )
}

/**
 * What the characters are to look like when the changes are reverted. A format that others have
 * changed since, and one that the step left alone, stays as it is.
 */
export function looksBefore(doc: Y.Doc, changes: readonly ChangedLook[], moves: Moves): Look[] {
  const formats = new Formats()
  return changes.flatMap((change) =>
    placesOf(doc, change, moves).map(({ id, length, now }) => ({
      id,
      length,
      attributes: revert(change, now && formats.of(now)),
    })),
  )
}

function revert({ before, after }: ChangedLook, present: Attributes | undefined): Attributes {
  if (!present || !after) return before
  const attributes: Record<string, unknown> = { ...present }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!same(before[key], after[key]) && same(present[key], after[key])) {
      attributes[key] = before[key]
    }
  }
  return attributes
}

export function giveLooks(doc: Y.Doc, looks: readonly Look[], moves: Moves): void {
  const formats = new Formats()
  const changes: { place: Y.Item; id: Y.ID; length: number; change: Attributes }[] = []
  for (const look of looks) {
    for (const { length, now, nowId } of placesOf(doc, look, moves)) {
      if (!now) continue
      const change = difference(formats.of(now), look.attributes)
      if (change) changes.push({ place: now, id: nowId, length, change })
    }
  }
  for (const { place, id, length, change } of changes) {
    const text = place.parent as Y.XmlText
    text.format(indexAt(doc, id), length, change)
  }
}

/** What is to be set where characters look like this and are to look like that. */
function difference(present: Attributes, wanted: Attributes): Attributes | undefined {
  const change: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(present), ...Object.keys(wanted)])) {
    if (!same(present[key], wanted[key])) change[key] = wanted[key] ?? null
  }
  return Object.keys(change).length > 0 ? change : undefined
}

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one ?? null) === JSON.stringify(other ?? null)

/**
 * Gives characters that stayed, or were taken along, the flags that they had: those are the room's,
 * though an edit that took a run's words along has written them again.
 */
export function keepFlags(doc: Y.Doc, looks: readonly Look[], moves: Moves): void {
  const formats = new Formats()
  const kept: Look[] = []
  for (const look of looks) {
    for (const { id, length, now } of placesOf(doc, look, moves)) {
      if (!now || same(formats.of(now)[FLAG], look.attributes[FLAG])) continue
      kept.push({ id, length, attributes: { ...formats.of(now), [FLAG]: look.attributes[FLAG] } })
    }
  }
  giveLooks(doc, kept, moves)
}

/** Looks that can be found by a character. */
export class LookBook {
  readonly #looks = new Map<number, Look[]>()

  constructor(looks: readonly Look[]) {
    for (const look of looks) {
      const ofClient = this.#looks.get(look.id.client)
      if (ofClient) ofClient.push(look)
      else this.#looks.set(look.id.client, [look])
    }
    for (const ofClient of this.#looks.values()) ofClient.sort((a, b) => a.id.clock - b.id.clock)
  }

  of({ client, clock }: Y.ID): Attributes | undefined {
    const looks = this.#looks.get(client) ?? []
    let low = 0
    let high = looks.length
    while (low < high) {
      const middle = (low + high) >> 1
      const { id, length } = looks[middle]!
      if (id.clock + length > clock) high = middle
      else low = middle + 1
    }
    const look = looks[low]
    return look && look.id.clock <= clock ? look.attributes : undefined
  }
}

/** The formats in force at items, each text read once. */
class Formats {
  readonly #texts = new Map<Y.XmlText, Map<Y.Item, Attributes>>()

  of(item: Y.Item): Attributes {
    const text = item.parent as Y.XmlText
    const formats = this.#texts.get(text) ?? attributesIn(text)
    this.#texts.set(text, formats)
    return formats.get(item) ?? {}
  }
}

/** Where the characters are now, part by part; `now` is undefined of those that are gone. */
function placesOf(doc: Y.Doc, { id, length }: { id: Y.ID; length: number }, moves: Moves) {
  const places: { id: Y.ID; length: number; now: Y.Item | undefined; nowId: Y.ID }[] = []
  for (let done = 0; done < length; ) {
    const from = Y.createID(id.client, id.clock + done)
    const traced = trace(doc, moves, from, length - done)
    const item = traced.alive ? Y.getItem(doc.store, traced.id) : undefined
    const isInText = item instanceof Y.Item && item.parent instanceof Y.XmlText
    places.push({
      id: from,
      length: traced.length,
      now: isInText ? item : undefined,
      nowId: traced.id,
    })
    done += traced.length
  }
  return places
}
