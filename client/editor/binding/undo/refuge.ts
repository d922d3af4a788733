/**
 * Refuge finds a place for words that undo is to bring back into a text that is gone: somebody has
 * taken the rest of its line along meanwhile, by Enter, a merge or a change of type. They are written
 * where the word beside them went.
 */
import * as Y from 'yjs'
import { idAt } from '#shared/document/characters.ts'
import type { Moves } from '#shared/document/moves.ts'
import { INLINE_TYPES } from '#shared/document/shape.ts'
import { attributesIn, indexAt } from './texts.ts'
import { addIds, type Ids, inOrder, noIds, trace, visit } from './trace.ts'

type Attributes = Readonly<Record<string, unknown>>

/** Words of one place, in their order, and the living character beside which they are to stand. */
export interface Refuge {
  beside: Y.ID
  behind: boolean
  parts: { id: Y.ID; characters: string; attributes: Attributes | undefined }[]
}

/** Where the homeless characters can stand; `lost` are those that have no place. */
export function findRefuge(
  transaction: Y.Transaction,
  homeless: Ids,
  going: Ids,
  moves: Moves,
): { refuges: Refuge[]; lost: Ids } {
  const { doc } = transaction
  const lost = noIds()
  const found = new Map<string, Refuge>()
  for (const item of inTextOrder(transaction, homeless)) {
    const place = beside(doc, moves, item, going)
    if (!place) {
      addIds(lost, item.id, item.length)
      continue
    }
    const key = `${place.id.client}.${place.id.clock}.${place.behind}`
    const refuge = found.get(key) ?? { beside: place.id, behind: place.behind, parts: [] }
    found.set(key, refuge)
    const characters = (item.content as Y.ContentString).str
    const now = trace(doc, moves, item.id, 1)
    const copy = now.alive ? Y.getItem(doc.store, now.id) : undefined
    const attributes =
      copy instanceof Y.Item && copy.parent instanceof Y.XmlText
        ? attributesIn(copy.parent).get(copy)
        : undefined
    refuge.parts.push({ id: item.id, characters, attributes })
  }
  return { refuges: [...found.values()], lost: inOrder(lost) }
}

/** Writes them; to be called when what goes is gone. */
export function takeRefuge({ doc }: Y.Transaction, refuges: readonly Refuge[], moves: Moves): void {
  for (const { beside, behind, parts } of refuges) {
    const text = (Y.getItem(doc.store, beside) as Y.Item).parent as Y.XmlText
    let index = indexAt(doc, beside) + (behind ? 1 : 0)
    for (const { id, characters, attributes } of parts) {
      text.insert(index, characters, attributes)
      const { client, clock } = idAt(text, index)!
      const { length } = characters
      moves.add([{ ...plain(id), length, toClient: client, toClock: clock }])
      index += length
    }
  }
}

const plain = ({ client, clock }: Y.ID) => ({ client, clock })

/** The items of these ids, cut to them, in the order in which they stood in their texts. */
function inTextOrder(transaction: Y.Transaction, ids: Ids): Y.Item[] {
  const texts = new Set<Y.AbstractType<unknown>>()
  visit(transaction, ids, (struct) => {
    if (struct instanceof Y.Item && struct.parent instanceof Y.AbstractType)
      texts.add(struct.parent)
  })
  const items: Y.Item[] = []
  for (const text of texts) {
    for (let item = text._start; item; item = item.right) {
      if (item.content instanceof Y.ContentString && Y.isDeleted(ids, item.id)) items.push(item)
    }
  }
  return items
}

/** The living character that the next one in the same line has become, on the left or else right. */
function beside(doc: Y.Doc, moves: Moves, item: Y.Item, going: Ids) {
  for (const behind of [true, false]) {
    for (const id of neighbours(item, behind)) {
      const now = trace(doc, moves, id, 1)
      if (now.alive && !Y.isDeleted(going, now.id)) return { id: now.id, behind }
    }
  }
  return undefined
}

/** The characters that stood in the same line, from here to its start or to its end. */
function* neighbours(from: Y.Item, leftwards: boolean): Generator<Y.ID> {
  let item = leftwards ? from.left : from.right
  for (; item; item = leftwards ? item.left : item.right) yield* charactersOf(item, leftwards)
  const { parent } = from
  if (!(parent instanceof Y.XmlText) && !isInline(parent)) return
  if ((parent as Y.XmlText)._item) yield* neighbours((parent as Y.XmlText)._item!, leftwards)
}

const isInline = (type: unknown): boolean =>
  type instanceof Y.XmlElement && INLINE_TYPES.has(type.nodeName)

function* charactersOf({ id, content, length }: Y.Item, backwards: boolean): Generator<Y.ID> {
  // What others deleted, taking it along, is collected, and has kept its ids alone.
  if (content instanceof Y.ContentString || content instanceof Y.ContentDeleted) {
    for (let n = 0; n < length; n++) {
      yield Y.createID(id.client, id.clock + (backwards ? length - 1 - n : n))
    }
  }
  const type = content instanceof Y.ContentType ? content.type : undefined
  if (!(type instanceof Y.XmlText) && !isInline(type)) return
  const inner: Y.Item[] = []
  for (let item = (type as Y.XmlText)._start; item; item = item.right) inner.push(item)
  for (const item of backwards ? inner.reverse() : inner) yield* charactersOf(item, backwards)
}
