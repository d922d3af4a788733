/** Texts reads which formats are in force in a text, and where in it a character stands. */
import * as Y from 'yjs'
import { indexOf, itemAt } from '#shared/document/characters.ts'

/** The formats in force at each living item of a text. */
export function attributesIn(text: Y.XmlText): Map<Y.Item, Readonly<Record<string, unknown>>> {
  const formats = new Map<Y.Item, Readonly<Record<string, unknown>>>()
  let attributes: Readonly<Record<string, unknown>> = {}
  for (let item = text._start; item; item = item.right) {
    if (item.deleted) continue
    if (item.content instanceof Y.ContentFormat) {
      const { key, value } = item.content as unknown as { key: string; value: unknown }
      attributes = { ...attributes, [key]: value }
    } else formats.set(item, attributes)
  }
  return formats
}

/** How many living characters of its text stand in front of a character that lives. */
export function indexAt(doc: Y.Doc, id: Y.ID): number {
  const item = itemAt(doc, id)
  if (!item) throw new Error('a character that is in no text')
  return indexOf(item) + id.clock - item.id.clock
}
