/** GoneRuns finds the deleted characters that stood together, and what they stood between. */
import * as Y from 'yjs'
import { FLAG } from '#shared/document/shape.ts'
import { note } from './late/spots.ts'
import type { GoneRun } from './restorer.ts'

interface Found {
  run: GoneRun
  /** The items that hold its characters. */
  of: Y.Item[]
}

/**
 * The runs that some deleted items of texts make up, in the order of each text. `deletions`: what went
 * with them; `isKnown` tells of characters that stand somewhere.
 */
export function runsAmong(
  items: readonly Y.Item[],
  deletions: Parameters<typeof Y.isDeleted>[0],
  isKnown: (id: Y.ID) => boolean,
): Found[] {
  const wanted = new Set(items)
  const texts = new Set<Y.XmlText>()
  for (const { parent, content } of items) {
    if (parent instanceof Y.XmlText && content instanceof Y.ContentString) texts.add(parent)
  }
  return [...texts].flatMap((text) => runsIn(text, wanted, deletions, isKnown))
}

function runsIn(
  text: Y.XmlText,
  wanted: ReadonlySet<Y.Item>,
  deletions: Parameters<typeof Y.isDeleted>[0],
  isKnown: (id: Y.ID) => boolean,
): Found[] {
  const all: Found[] = []
  const attributes: Record<string, unknown> = {}
  let open: Found | undefined
  let before: Y.ID | undefined
  for (let item = text._start; item; item = item.right) {
    const { id, content } = item
    if (!item.deleted || text._item?.deleted || Y.isDeleted(deletions, id)) note(attributes, item)
    if (wanted.has(item) && content instanceof Y.ContentString) {
      if (!open) {
        open = { run: { text, parts: [], before, behind: undefined }, of: [] }
        all.push(open)
      }
      const { [FLAG]: _, ...looks } = attributes
      open.run.parts.push({ id, words: content.str, attributes: looks })
      open.of.push(item)
      continue
    }
    if (!(content instanceof Y.ContentString || content instanceof Y.ContentDeleted)) continue
    const known = knownIn(item, isKnown)
    if (known.length === 0) continue
    if (open) open.run.behind = known[0]
    open = undefined
    before = known.at(-1)
  }
  return all
}

function knownIn({ id, length }: Y.Item, isKnown: (id: Y.ID) => boolean): Y.ID[] {
  const known: Y.ID[] = []
  for (let n = 0; n < length; n++) {
    const one = Y.createID(id.client, id.clock + n)
    if (isKnown(one)) known.push(one)
  }
  return known
}
