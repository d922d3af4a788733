/** Finding one's way in people's lists: what is around an item, and where its neighbour may stand. */

import * as Y from 'yjs'
import type { BlockSpec } from '#shared/document/piece.ts'
import { DEFAULTS } from '#shared/document/shape.ts'
import type { ChunkBook } from './chunk-book.ts'

/** A list that can grow, behind `item`. */
export interface OpenList {
  element: Y.XmlElement
  kind: Extract<BlockSpec, { type: 'listitem' }>['list']
  item: Y.XmlElement
}

/** The lists that an item is in, the outermost first, each with its item on the way down. */
export function listsAround(item: Y.XmlElement): OpenList[] {
  const lists: OpenList[] = []
  let inner: unknown = item
  while (inner instanceof Y.XmlElement && inner.nodeName === 'listitem') {
    const element: unknown = inner.parent
    if (!(element instanceof Y.XmlElement) || element.nodeName !== 'list') break
    lists.unshift({ element, kind: kindOf(element), item: inner })
    inner = element.parent
  }
  return lists
}

function kindOf(list: Y.XmlElement): OpenList['kind'] {
  const kind: unknown = list.getAttribute('__listType') ?? DEFAULTS.listType
  return kind === 'bullet' || kind === 'check' ? kind : 'number'
}

/**
 * Where a block that is no item of the list can stand in an item's stead: outside, if all of the
 * list on that side is struck.
 */
export function placeBeside(
  book: ChunkBook,
  list: Y.XmlElement,
  item: Y.XmlElement,
): 'before' | 'behind' | 'within' {
  const items = list.toArray().filter((child) => child instanceof Y.XmlElement)
  const at = items.indexOf(item)
  if (items.slice(0, at + 1).every((one) => isStruck(book, one))) return 'before'
  return items.slice(at + 1).every((one) => isStruck(book, one)) ? 'behind' : 'within'
}

/** Struck as a block, or a mere wrapper of lists in which all is struck. */
function isStruck(book: ChunkBook, element: Y.XmlElement): boolean {
  const { client, clock } = element._item!.id
  if (book.ownership.owner('del', client, clock)) return true
  const children = element.toArray().filter((child) => child instanceof Y.XmlElement)
  const isWrapper = element.nodeName === 'list' || children.some((one) => one.nodeName === 'list')
  return (
    isWrapper && element.length === children.length && children.every((one) => isStruck(book, one))
  )
}
