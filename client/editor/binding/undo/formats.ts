/**
 * Formats of what undo takes, for redo to give back. Where all characters between two markers are
 * gone, the room tidies the markers away, also those that others set: a word came back plain.
 */
import * as Y from 'yjs'
import type { Moves } from '#shared/document/moves.ts'
import { attributesIn, indexOf } from './texts.ts'
import { type Ids, trace, visit } from './trace.ts'

type Attributes = Readonly<Record<string, unknown>>

/** Characters with consecutive ids that have the same formats. */
export interface Formatted {
  id: Y.ID
  length: number
  attributes: Attributes
}

/** What the characters look like that are about to go. */
export function formatsOf(transaction: Y.Transaction, going: Ids): Formatted[] {
  const texts = new Map<Y.XmlText, Map<Y.Item, Attributes>>()
  const found: Formatted[] = []
  visit(transaction, going, (struct) => {
    if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) return
    const { parent, id, length } = struct
    if (!(parent instanceof Y.XmlText)) return
    const formats = texts.get(parent) ?? attributesIn(parent)
    texts.set(parent, formats)
    found.push({ id, length, attributes: formats.get(struct) ?? {} })
  })
  return found
}

/** Gives those that are back the formats that they had. */
export function giveFormats(
  { doc }: Y.Transaction,
  formats: readonly Formatted[],
  moves: Moves,
): void {
  for (const { id, length, attributes } of formats) {
    for (let done = 0; done < length; ) {
      const from = Y.createID(id.client, id.clock + done)
      const now = trace(doc, moves, from, length - done)
      if (now.alive) give(doc, now.id, now.length, attributes)
      done += now.length
    }
  }
}

function give(doc: Y.Doc, id: Y.ID, length: number, attributes: Attributes): void {
  const item = Y.getItem(doc.store, id)
  const text = item instanceof Y.Item ? item.parent : undefined
  if (!(text instanceof Y.XmlText)) return
  const present = attributesIn(text).get(item as Y.Item) ?? {}
  const change: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(present), ...Object.keys(attributes)])) {
    const wanted = attributes[key] ?? null
    if (JSON.stringify(present[key] ?? null) !== JSON.stringify(wanted)) change[key] = wanted
  }
  if (Object.keys(change).length > 0) text.format(indexOf(text, id), length, change)
}
