/** How tall each card is right now, so that the layout can keep them apart. */
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { SuggestionView } from '#client/session/views.ts'

export function useCardHeights(
  margin: RefObject<HTMLElement | null>,
  cards: readonly SuggestionView[],
): ReadonlyMap<string, number> {
  const [heights, setHeights] = useState<ReadonlyMap<string, number>>(new Map())
  const observer = useRef<ResizeObserver | null>(null)

  useEffect(() => {
    const measure = () =>
      setHeights((before) => {
        const places = margin.current?.querySelectorAll<HTMLElement>('[data-place]') ?? []
        const now = new Map([...places].map((place) => [place.dataset.place!, place.offsetHeight]))
        const same = now.size === before.size && [...now].every(([id, h]) => before.get(id) === h)
        return same ? before : now
      })
    observer.current = new ResizeObserver(measure)
    return () => observer.current?.disconnect()
  }, [margin])

  const ids = cards.map(({ id }) => id).join(' ')
  useLayoutEffect(() => {
    observer.current?.disconnect()
    for (const place of margin.current?.querySelectorAll('[data-place]') ?? []) {
      observer.current?.observe(place)
    }
  }, [ids, margin, observer.current])
  return heights
}
