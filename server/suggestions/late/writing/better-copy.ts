/** IsBetterCopy tells which of two copies stays, that people made who did not know of each other. */
import type * as Y from 'yjs'
import type { Leads } from '../leads.ts'
import { blockOf, spotAt } from '../spots.ts'

/**
 * That which stands nearer behind the beginning of its line. In one line, where two people linked
 * words of it at once, that which stands in a link, else nearer behind one: the other is what the
 * first link left of the line (case 33.5: else the second link lost its words).
 */
export function isBetterCopy(doc: Y.Doc, leads: Leads, second: Y.ID, first: Y.ID): boolean {
  const [a, b] = [spotAt(doc, first, 'before'), spotAt(doc, second, 'before')]
  const block = a && blockOf(a.text)
  if (!a || !b || block !== blockOf(b.text)) return leads.of(second) < leads.of(first)
  const isLinked = ({ text }: typeof a) => text.parent !== block
  if (isLinked(a) !== isLinked(b)) return isLinked(b)
  return isLinked(a) || a.text === b.text ? leads.of(second) < leads.of(first) : b.index < a.index
}
