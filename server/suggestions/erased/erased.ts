/**
 * Erased finds again, in a document's log, what people had erased of pending chunks before a server
 * began: whoever brings that back by undo is recognised by its place and its characters.
 */
import * as Y from 'yjs'
import { docAsWritten } from '#shared/document/as-written.ts'
import { isGone, stringOf, typeOf } from '../items.ts'
import type { Past } from '../recall.ts'
import type { ItemRange, StoredChunk } from '../types.ts'
import { outlineOf, type TextOutline } from './outlines.ts'

/** Characters that were erased, an element with its name, or a text that had some of them. */
export type ErasedItem = { client: number; clock: number } & (
  | { text: string }
  | { name: string }
  | { outline: TextOutline }
)

/** What of these chunks is not alive any more. */
export function erasedOf(doc: Y.Doc, chunks: Iterable<StoredChunk>): ItemRange[] {
  const erased: ItemRange[] = []
  for (const { ins, del } of chunks) {
    for (const range of [...ins, ...del]) {
      for (const { struct, from, to } of structsIn(doc, range)) {
        if (struct.deleted) erased.push({ client: range.client, from, to })
      }
    }
  }
  return erased
}

export interface Reading {
  found: ErasedItem[]
  /** What that part of the past does not hold. */
  missing: ItemRange[]
}

/** Reads a part of the past that reaches up to now. */
export function readErased({ snapshot, updates }: Past, ranges: readonly ItemRange[]): Reading {
  const copy = docAsWritten({ gc: false })
  if (snapshot) Y.applyUpdate(copy, snapshot.data)
  for (const { data } of updates) Y.applyUpdate(copy, data)
  const reading: Reading = { found: [], missing: [] }
  const texts = new Set<Y.XmlText>()
  for (const range of ranges) {
    for (const { struct, from, to } of structsIn(copy, range)) {
      const item = struct instanceof Y.Item ? contentOf(struct, from, to) : undefined
      if (struct instanceof Y.Item && isGoneText(struct.parent)) texts.add(struct.parent)
      if (item) reading.found.push({ client: range.client, clock: from, ...item })
      else if (!isMarker(struct)) reading.missing.push({ client: range.client, from, to })
    }
  }
  for (const text of texts) reading.found.push({ ...text._item!.id, outline: outlineOf(text) })
  copy.destroy()
  return reading
}

const isGoneText = (parent: unknown): parent is Y.XmlText =>
  parent instanceof Y.XmlText && isGone(parent)

function contentOf(item: Y.Item, from: number, to: number) {
  const text = stringOf(item)
  if (text !== undefined) return { text: text.slice(from - item.id.clock, to - item.id.clock) }
  const type = typeOf(item)
  return type instanceof Y.XmlElement ? { name: type.nodeName } : undefined
}

/** Formats, attributes and texts are nothing that anybody would miss. */
const isMarker = (struct: Y.Item | Y.GC): boolean =>
  struct instanceof Y.Item && !(struct.content instanceof Y.ContentDeleted)

function* structsIn(doc: Y.Doc, { client, from, to }: ItemRange) {
  const structs = doc.store.clients.get(client)
  if (!structs || from >= to || Y.getState(doc.store, client) <= from) return
  for (let n = Y.findIndexSS(structs, from); n < structs.length; n++) {
    const struct = structs[n] as Y.Item | Y.GC
    const { clock } = struct.id
    if (clock >= to) return
    yield { struct, from: Math.max(from, clock), to: Math.min(to, clock + struct.length) }
  }
}
