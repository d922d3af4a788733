/** Which pending chunks items belong to, as readers of blocks ask it. */
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import type { Owns } from '#shared/document/read-blocks.ts'

/** Clients that pending chunks have nothing of are passed over in one step. */
export function ownsBy({ book }: Suggestions): Owns {
  const clients = new Set(
    book.undecided().flatMap(({ ins, del }) => [...ins, ...del].map(({ client }) => client)),
  )
  return (client, clock) =>
    clients.has(client)
      ? {
          ins: book.ownership.owner('ins', client, clock)?.id,
          del: book.ownership.owner('del', client, clock)?.id,
        }
      : { until: Number.POSITIVE_INFINITY }
}
