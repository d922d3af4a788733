/**
 * Turns a target of the contract into what the co-pilot works from: where to write, and which
 * characters of which blocks are meant. Positions are Yjs's; what comes out is offsets in the text
 * of blocks, as people see them without pending suggestions.
 */
import * as Y from 'yjs'
import { type Place, parseBlockId, placeOf, resolve } from '#server/suggestions/place.ts'
import { type Block, blockText } from '#shared/document/blocks.ts'
import { FLAG, parseFlag } from '#shared/document/shape.ts'
import type { Target } from '#shared/protocol/api.ts'

/** Characters `from..to` of a block's text. */
export interface Selected {
  block: string
  from: number
  to: number
}

/** `place` is opaque to the co-pilot. An empty selection is a caret. */
export interface Located {
  place: Place
  selection: Selected[]
}

interface Point {
  /** Index into the blocks, and characters of it before the point. */
  block: number
  offset: number
}

/** Undefined where the target does not parse, or is not in the document any more. */
export function locate(doc: Y.Doc, blocks: readonly Block[], target: Target): Located | undefined {
  const place = placeOf(doc, target)
  if (!place) return undefined
  if ('document' in target) return { place, selection: blocks.map(whole) }
  if ('block' in target) {
    const id = parseBlockId(target.block)
    const block = blocks.find((one) => id && one.id === `${id.client}-${id.clock}`)
    return { place, selection: block ? [whole(block)] : [] }
  }
  const [from, to] = 'at' in target ? [target.at, target.at] : [target.range.from, target.range.to]
  const order = new Order(doc, blocks)
  const a = order.point(from)
  const b = order.point(to)
  if (!a || !b) return { place, selection: [] }
  const backwards = a.block > b.block || (a.block === b.block && a.offset > b.offset)
  return { place, selection: backwards ? between(blocks, b, a) : between(blocks, a, b) }
}

const whole = (block: Block): Selected => ({
  block: block.id,
  from: 0,
  to: blockText(block).length,
})

function between(blocks: readonly Block[], from: Point, to: Point): Selected[] {
  const selection: Selected[] = []
  for (let n = from.block; n <= to.block; n++) {
    const block = blocks[n]
    if (!block) continue
    const all = whole(block)
    if (n === from.block) all.from = from.offset
    if (n === to.block) all.to = to.offset
    // Of a block at the edge of a longer selection, nothing may be selected.
    const isEdge = from.block !== to.block && (n === from.block || n === to.block)
    if (!isEdge || all.from < all.to) selection.push(all)
  }
  return selection
}

/** The target that is these characters; undefined where there is none. */
export function targetOf(
  blocks: readonly Block[],
  selection: readonly Selected[],
): Target | undefined {
  const ids = selection.flatMap((part) => {
    const block = blocks.find(({ id }) => id === part.block)
    return block ? characterIds(block).slice(part.from, part.to) : []
  })
  const [from, to] = [ids.find((id) => id !== null), ids.findLast((id) => id !== null)]
  if (!from || !to) return undefined
  // Each end is glued to a character of the text: what people write beside it is not meant.
  return { range: { from: encode(from, 0), to: encode(to, -1) } }
}

/** A line break has none. */
function characterIds({ inlines }: Block): (Y.ID | null)[] {
  return inlines.flatMap((inline) =>
    inline.kind === 'break'
      ? [null]
      : inline.spans.flatMap(({ client, clock, length }) =>
          Array.from({ length }, (_, n) => Y.createID(client, clock + n)),
        ),
  )
}

function encode(id: Y.ID, assoc: 0 | -1): string {
  const position = new Y.RelativePosition(null, null, id, assoc)
  return Buffer.from(Y.encodeRelativePosition(position)).toString('base64url')
}

/** Where positions stand among the characters that the blocks show. */
class Order {
  readonly #doc: Y.Doc
  readonly #blocks: readonly Block[]
  /** By block element. */
  readonly #numbers = new Map<string, number>()

  constructor(doc: Y.Doc, blocks: readonly Block[]) {
    this.#doc = doc
    this.#blocks = blocks
    for (const [n, { id }] of blocks.entries()) this.#numbers.set(id, n)
  }

  point(encoded: string): Point | undefined {
    const position = decode(encoded)
    const found = position && resolve(this.#doc, position)
    if (!found) return undefined
    let element: Y.XmlElement | Y.XmlText | undefined = found.type
    while (element) {
      const block = this.#numbers.get(idOf(element))
      if (block !== undefined) return { block, offset: this.#offset(block, element, found) }
      element = parentOf(element)
    }
    return this.#between(found.type, found.index)
  }

  #offset(block: number, element: Y.XmlElement | Y.XmlText, stop: Stop): number {
    const shown = new Set<string>()
    for (const inline of this.#blocks[block]?.inlines ?? []) {
      if (inline.kind === 'break') continue
      for (const { client, clock, length } of inline.spans) {
        for (let n = 0; n < length; n++) shown.add(`${client}-${clock + n}`)
      }
    }
    return count(element, stop, shown).shown
  }

  /** A position in the body itself, between two blocks: the start of the block behind it. */
  #between(type: Y.XmlElement | Y.XmlText, index: number): Point | undefined {
    const behind: unknown = type instanceof Y.XmlElement ? type.toArray()[index] : undefined
    const isElement = behind instanceof Y.XmlElement || behind instanceof Y.XmlText
    const block = isElement ? this.#numbers.get(idOf(behind)) : undefined
    if (block !== undefined) return { block, offset: 0 }
    const last = this.#blocks.at(-1)
    return last && { block: this.#blocks.length - 1, offset: whole(last).to }
  }
}

/** Undefined where the bytes are no position. */
function decode(encoded: string): Y.RelativePosition | undefined {
  try {
    return Y.decodeRelativePosition(Buffer.from(encoded, 'base64url'))
  } catch {
    return undefined
  }
}

interface Stop {
  type: Y.XmlElement | Y.XmlText
  index: number
}

/** How many shown characters and breaks stand in `parent` before the stop. */
function count(
  parent: Y.XmlElement | Y.XmlText,
  stop: Stop,
  shown: ReadonlySet<string>,
): { shown: number; stopped: boolean } {
  let total = 0
  let at = 0
  for (let item = parent._start; item !== null; item = item.right) {
    if (item.deleted || !item.countable) continue
    const left = parent === stop.type ? stop.index - at : item.length
    if (left <= 0) return { shown: total, stopped: true }
    at += item.length
    if (item.content instanceof Y.ContentString) {
      const { client, clock } = item.id
      for (let n = 0; n < Math.min(left, item.length); n++) {
        if (shown.has(`${client}-${clock + n}`)) total++
      }
    } else if (item.content instanceof Y.ContentType) {
      const child: unknown = item.content.type
      if (child instanceof Y.XmlElement && child.nodeName === 'linebreak') {
        const isProposed = parseFlag(child.getAttribute(FLAG))?.op === 'ins'
        if (!isProposed) total++
      } else if (child instanceof Y.XmlElement && child.nodeName !== 'list') {
        const inner = count(child, stop, shown)
        total += inner.shown
        if (inner.stopped) return { shown: total, stopped: true }
      } else if (child instanceof Y.XmlText) {
        const inner = count(child, stop, shown)
        total += inner.shown
        if (inner.stopped) return { shown: total, stopped: true }
      }
    }
  }
  return { shown: total, stopped: parent === stop.type }
}

function idOf(type: Y.XmlElement | Y.XmlText): string {
  const id = type._item?.id
  return id ? `${id.client}-${id.clock}` : ''
}

function parentOf(type: Y.XmlElement | Y.XmlText): Y.XmlElement | Y.XmlText | undefined {
  const parent: unknown = type._item?.parent
  return parent instanceof Y.XmlElement || parent instanceof Y.XmlText ? parent : undefined
}
