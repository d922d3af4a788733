/** Decisions of one's own that were lost to others who decided first: the room has removed them. */
import * as Y from 'yjs'
import { decisionMap, parseDecisionKey } from '#shared/document/shape.ts'
import type { Step } from './prepare.ts'
import { visit } from './trace.ts'

/** The chunks that a step decided in vain; none where anything of the step is left to take back. */
export function lostDecisions(transaction: Y.Transaction, step: Step): string[] {
  const decisions = decisionMap(transaction.doc)
  const lost: string[] = []
  let isInVain = true
  visit(transaction, step.insertions, (struct) => {
    const key = struct instanceof Y.Item ? struct.parentSub : null
    if (!(struct instanceof Y.Item) || struct.parent !== decisions || key === null) {
      isInVain = false
      return
    }
    const chunk = parseDecisionKey(key)?.chunk
    if (decisions.has(key)) isInVain = false
    else if (chunk !== undefined) lost.push(chunk)
  })
  return isInVain ? lost : []
}
