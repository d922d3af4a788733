/** What a screen reader hears of the co-pilot: a run began, a run ended; never token by token. */
import { useEffect, useRef, useState } from 'react'
import type { DocumentSession } from '#client/session/document-session.ts'
import type { SuggestionView } from '#client/session/views.ts'
import { staleWords } from './meet/stale-words.ts'
import { isRunning, runWords, wroteWords } from './run-words.ts'
import { useStore } from './use-store.ts'

export function LiveRegion({ session }: { session: DocumentSession }) {
  const cards = useStore(session.suggestions)
  const seen = useRef(new Map<string, boolean>())
  const seenStale = useRef<ReadonlySet<string>>(new Set())
  const [news, setNews] = useState('')
  useEffect(() => {
    for (const card of cards) {
      const running = isRunning(card.run)
      const before = seen.current.get(card.id)
      seen.current.set(card.id, running)
      if (before === undefined && running)
        setNews(`${card.run.requester.name} asked: ${card.run.title}`)
      else if (before === true && !running) setNews(endWords(card))
    }
    const stale = cards.flatMap(({ chunks }) => chunks.filter((chunk) => chunk.stale))
    const fresh = stale.find(({ id }) => !seenStale.current.has(id))
    seenStale.current = new Set(stale.map(({ id }) => id))
    if (fresh?.stale) setNews(`A suggestion is out of date. ${staleWords(fresh.stale)}`)
  }, [cards])
  return (
    <p className="unseen" aria-live="polite">
      {news}
    </p>
  )
}

const endWords = (card: SuggestionView): string =>
  [wroteWords(card.chunks.length), runWords(card.run, card.chunks.length > 0)]
    .filter(Boolean)
    .join('. ')
