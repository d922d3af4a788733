/** Owns tells readers of blocks which pending chunks an item belongs to, as a view counts them. */
import type { Owns } from '#shared/document/read-blocks.ts'
import type { ContentView } from '#shared/protocol/api.ts'
import { beatenBy, rivalsIn, spoiledIn } from './meet/rivals.ts'
import type { Suggestions } from './suggestions.ts'
import type { StoredChunk } from './types.ts'

/**
 * In the view `accepted`, of chunks for the same words only the first is accepted: the others are as
 * stale then. A chunk that the text has left is stale before that is written down.
 */
export function ownsBy(suggestions: Suggestions, view: ContentView = 'without'): Owns {
  const { book } = suggestions
  const undecided = book.undecided()
  // Clients that pending chunks have nothing of are passed over in one step.
  const clients = new Set(
    undecided.flatMap(({ ins, del }) => [...ins, ...del].map(({ client }) => client)),
  )
  const stale = new Set<StoredChunk>(book.stale())
  for (const [chunk, change] of suggestions.outdated()) if (change) stale.add(chunk)
  if (view === 'accepted') {
    const inOrder = undecided
      .filter((chunk) => !stale.has(chunk))
      .sort((a, b) => book.compare(a, b))
    for (const loser of beatenBy(inOrder, rivalsIn(book), spoiledIn(book)).keys()) stale.add(loser)
  }
  const { ownership } = book
  return (client, clock) => {
    if (!clients.has(client)) return { until: Number.POSITIVE_INFINITY }
    const ins = ownership.owner('ins', client, clock)
    const del = ownership.owners('del', client, clock).find((chunk) => !stale.has(chunk))
    return { ins: ins?.id, del: del?.id, ...(ins && stale.has(ins) && { stale: true }) }
  }
}
