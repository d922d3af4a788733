/** Finding characters in a text by their ids. */
import * as Y from 'yjs'

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

export function indexOf(text: Y.XmlText, { client, clock }: Y.ID): number {
  let index = 0
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || !item.countable) continue
    const { id, length } = item
    if (id.client === client && id.clock <= clock && clock < id.clock + length) {
      return index + clock - id.clock
    }
    index += length
  }
  throw new Error('a character that is not in its text')
}

export function idAt(text: Y.XmlText, index: number): Y.ID {
  let left = index
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || !item.countable) continue
    if (left < item.length) return Y.createID(item.id.client, item.id.clock + left)
    left -= item.length
  }
  throw new Error('a text ends before this character')
}
