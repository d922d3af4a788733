/**
 * Where a run writes: a target of the contract, resolved against the document once, when the run
 * gets its turn. Holds identities only, so people may go on editing around it.
 */

import * as Y from 'yjs'
import { body } from '#shared/document/shape.ts'
import type { Target } from '#shared/protocol/api.ts'

export type Place =
  /** Within a line: at a caret, or in an empty block, which then holds the first line. */
  | { kind: 'inline'; position: Y.RelativePosition }
  /** New blocks after the top-level block that this one is (in). */
  | { kind: 'after-block'; block: Y.ID }
  /** After everything; an empty last paragraph holds the first line. */
  | { kind: 'end' }
  /** Wherever the run's `strike` and `after` pieces say. */
  | { kind: 'edit' }

/**
 * The place of an insertion at `target`: a range's end, after a block. Undefined where the target
 * does not parse or is not in the document (any more).
 */
export function placeOf(doc: Y.Doc, target: Target): Place | undefined {
  if ('document' in target) return { kind: 'end' }
  if ('block' in target) {
    const id = parseBlockId(target.block)
    return id && elementOf(doc, id) ? { kind: 'after-block', block: id } : undefined
  }
  const position = decodePosition('at' in target ? target.at : target.range.to)
  return position && resolve(doc, position) ? { kind: 'inline', position } : undefined
}

/** A block's id, `<client>-<clock>`, as Block.id has it. */
export function parseBlockId(text: string): Y.ID | undefined {
  const [, client, clock] = /^(\d{1,16})-(\d{1,16})$/.exec(text) ?? []
  return client && clock ? Y.createID(Number(client), Number(clock)) : undefined
}

/** The element with this id, unless it is gone. */
export function elementOf(doc: Y.Doc, id: Y.ID): Y.XmlElement | undefined {
  if (Y.getState(doc.store, id.client) <= id.clock) return undefined
  const item = Y.getItem(doc.store, id) as Y.Item | Y.GC
  if (!(item instanceof Y.Item) || item.deleted) return undefined
  const type = (item.content as Partial<Y.ContentType>).type
  return type instanceof Y.XmlElement ? type : undefined
}

function decodePosition(text: string): Y.RelativePosition | undefined {
  try {
    return Y.decodeRelativePosition(Buffer.from(text, 'base64url'))
  } catch {
    return undefined
  }
}

/** The text or element of the document's body that a relative position points into, and where. */
export function resolve(
  doc: Y.Doc,
  position: Y.RelativePosition,
): { type: Y.XmlText | Y.XmlElement; index: number } | undefined {
  const unknown = [position.item, position.type].some(
    (id) => id && Y.getState(doc.store, id.client) <= id.clock,
  )
  if (unknown) return undefined
  const absolute = Y.createAbsolutePositionFromRelativePosition(position, doc)
  if (!absolute) return undefined
  const { type, index } = absolute
  if (type === body(doc)) return { type: body(doc), index }
  const inBody = type instanceof Y.XmlText || type instanceof Y.XmlElement
  return inBody && type._item && !type._item.deleted ? { type, index } : undefined
}
