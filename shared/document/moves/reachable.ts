/**
 * Reachable keeps what Yjs restores between neighbours that stand in one row. Yjs looks for the left
 * and the right one apart, each by what it was restored as; where others have written it again in
 * another order the right one stands in front of the left one, and each document that reads that
 * orders it otherwise (yjs #794: one of 554 histories of undo, `is丁tjklmno` for `ijklmnos丁t`).
 */
import * as Y from 'yjs'

/** What `act` restores stands beside its right neighbour, or where that cannot be, behind the left. */
export function betweenReachable<T>(act: () => T): T {
  const { integrate } = Y.Item.prototype
  Y.Item.prototype.integrate = function (transaction, offset) {
    const { left, right, parent, parentSub } = this
    if (right && parentSub === null && parent instanceof Y.AbstractType) {
      const next = left ? left.right : parent._start
      if (!isReachable(next, right)) {
        this.right = next
        this.rightOrigin = next?.id ?? null
      }
    }
    integrate.call(this, transaction, offset)
  }
  try {
    return act()
  } finally {
    Y.Item.prototype.integrate = integrate
  }
}

function isReachable(from: Y.Item | null, wanted: Y.Item): boolean {
  for (let item = from; item; item = item.right) if (item === wanted) return true
  return false
}
