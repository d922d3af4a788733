/**
 * Where the cards of the margin stand: each as near to its text as it can without touching
 * another, in the order of the text. Pure arithmetic in pixels; knows nothing of the page.
 */

export interface CardWish {
  id: string
  /** The height of the text it speaks of. */
  top: number
  height: number
}

interface Cluster {
  cards: CardWish[]
  top: number
  height: number
}

/**
 * Cards that would collide become a cluster, which stands where its members on average want to
 * be. With `focus`, that card stands exactly at its text and the others make room.
 */
export function layoutCards(
  wishes: readonly CardWish[],
  { gap = 12, focus = null }: { gap?: number; focus?: string | null } = {},
): Map<string, number> {
  const cards = wishes
    .map((wish, index) => ({ wish, index }))
    .sort((a, b) => a.wish.top - b.wish.top || a.index - b.index)
    .map(({ wish }) => wish)
  const clusters: Cluster[] = []
  for (const card of cards) {
    let cluster: Cluster = { cards: [card], top: Math.max(0, card.top), height: card.height }
    for (let above = clusters.at(-1); above; above = clusters.at(-1)) {
      if (above.top + above.height + gap <= cluster.top) break
      clusters.pop()
      cluster = merge(above, cluster, gap)
    }
    clusters.push(cluster)
  }
  const tops = new Map<string, number>()
  for (const cluster of clusters) {
    let top = cluster.top
    for (const card of cluster.cards) {
      tops.set(card.id, top)
      top += card.height + gap
    }
  }
  makeRoom(cards, tops, gap, focus)
  return tops
}

function merge(above: Cluster, below: Cluster, gap: number): Cluster {
  const cards = [...above.cards, ...below.cards]
  let offset = 0
  let wished = 0
  for (const card of cards) {
    wished += card.top - offset
    offset += card.height + gap
  }
  return { cards, top: Math.max(0, wished / cards.length), height: offset - gap }
}

/** Moves the focused card to its text, those above it up and those below it down. */
function makeRoom(cards: CardWish[], tops: Map<string, number>, gap: number, focus: string | null) {
  const at = cards.findIndex((card) => card.id === focus)
  const focused = cards[at]
  if (!focused) return
  const roomAbove = cards.slice(0, at).reduce((sum, card) => sum + card.height + gap, 0)
  tops.set(focused.id, Math.max(focused.top, roomAbove))
  for (let index = at - 1; index >= 0; index -= 1) {
    const card = cards[index]!
    const limit = tops.get(cards[index + 1]!.id)! - gap - card.height
    tops.set(card.id, Math.min(tops.get(card.id)!, limit))
  }
  for (let index = at + 1; index < cards.length; index += 1) {
    const before = cards[index - 1]!
    const limit = tops.get(before.id)! + before.height + gap
    tops.set(cards[index]!.id, Math.max(tops.get(cards[index]!.id)!, limit))
  }
}
