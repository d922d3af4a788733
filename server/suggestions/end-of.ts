/** Where a suggestion's text ends: the place of a run that goes on with it. */
import * as Y from 'yjs'
import { itemsIn } from '#shared/document/item-order.ts'
import { isUndecided } from './chunk-book.ts'
import { stringOf } from './items.ts'
import type { Place } from './place.ts'
import type { Suggestions } from './suggestions.ts'

/**
 * Behind the last living character of the suggestion's undecided or accepted text; undefined where
 * none is left. `position` stays glued to that character. `except` is an
 * undecided chunk that does not count, since it is to be taken back.
 */
export function endOf(
  suggestions: Suggestions,
  suggestion: string,
  except: string | null = null,
): Extract<Place, { kind: 'inline' }> | undefined {
  const { doc, book } = suggestions
  for (const chunk of book.of(suggestion).toReversed()) {
    if (chunk.id === except && isUndecided(chunk)) continue
    const { ins } = chunk
    const item = [...itemsIn(doc, ins)].findLast((one) => stringOf(one) !== undefined)
    if (!item) continue
    const { client, clock } = item.id
    // An item may reach beyond the range: what a person typed behind it is not the suggestion's.
    const range = ins.find((one) => one.client === client && one.from < clock + item.length)
    const last = Math.min(clock + item.length, range?.to ?? Number.MAX_SAFE_INTEGER) - 1
    const id = Y.createID(client, last)
    return { kind: 'inline', position: new Y.RelativePosition(null, null, id, -1) }
  }
  return undefined
}
