/** The right margin: a card for each run, at the height of its text, lit together with it. */
import {
  type KeyboardEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import type { EditorHandle } from '#client/editor/handle.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import type { Participant, SuggestionView } from '#client/session/views.ts'
import { focusAfterDecision, neighbourChunk } from './cards-keyboard.ts'
import { type CardWish, layoutCards } from './cards-layout.ts'
import { SuggestionCard } from './SuggestionCard.tsx'
import { tellProblem } from './toasts.tsx'
import { useCardHeights } from './use-card-heights.ts'
import { useStore } from './use-store.ts'

interface MarginProps {
  session: DocumentSession
  handle: EditorHandle
  mayEdit: boolean
  onContinue: (run: string) => void
  onStop: (run: string) => void
}

export function Margin({ session, handle, mayEdit, onContinue, onStop }: MarginProps) {
  const suggestions = useStore(session.suggestions)
  const people = useStore(session.participants)
  const cards = useMemo(() => byPresentNames(suggestions, people), [suggestions, people])
  const boxes = useStore(handle.chunks)
  const litInText = useStore(handle.activeChunk)
  const [litHere, setLitHere] = useState<string | null>(null)
  const margin = useRef<HTMLElement>(null)
  const heights = useCardHeights(margin, cards)
  const offset = useSurfaceOffset(margin)
  const lit = litHere ?? litInText

  const light = useCallback(
    (chunk: string | null) => {
      setLitHere(chunk)
      handle.showChunk(chunk)
    },
    [handle],
  )

  /** A card whose last chunk is decided stays where that was, until it goes. */
  const remembered = useRef(new Map<string, number>())
  const places = usePlaces(handle, cards)
  const tops = useMemo(() => {
    const at = new Map(boxes.map((box) => [box.id, box.top]))
    let last = 0
    const wishes: CardWish[] = cards.map((card) => {
      const known = card.chunks.flatMap(({ id }) => at.get(id) ?? [])
      if (known.length > 0) remembered.current.set(card.id, Math.min(...known) + offset)
      const place = places.get(card.id)
      last = remembered.current.get(card.id) ?? (place === undefined ? last : place + offset)
      return { id: card.id, top: last, height: heights.get(card.id) ?? 120 }
    })
    const focus = cards.find(({ chunks }) => chunks.some(({ id }) => id === litInText))?.id ?? null
    return layoutCards(wishes, { focus })
  }, [boxes, cards, heights, litInText, offset, places])

  function handleKeyDown(event: KeyboardEvent<HTMLElement>) {
    const here = margin.current
    if (!here) return
    if (event.key === 'Escape') {
      event.preventDefault()
      light(null)
      handle.focus()
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      const next = neighbourChunk(here, event.key === 'ArrowDown' ? 1 : -1)
      next?.focus({ preventScroll: true })
      if (next?.dataset.chunk) handle.revealChunk(next.dataset.chunk)
    }
  }

  const decide = useCallback(
    (chunks: readonly string[], decision: 'accepted' | 'rejected') => {
      if (margin.current?.contains(document.activeElement)) {
        if (!focusAfterDecision(margin.current)) handle.focus()
      }
      session.decide(chunks, decision)
    },
    [handle, session],
  )

  const again = useCallback(
    (chunk: string) => void session.askAgain(chunk).catch(tellProblem),
    [session],
  )

  const end = Math.max(0, ...cards.map(({ id }) => (tops.get(id) ?? 0) + (heights.get(id) ?? 0)))
  return (
    <aside
      ref={margin}
      className="margin"
      aria-label="Suggestions"
      onKeyDown={handleKeyDown}
      style={{ minHeight: end + 120 }}
    >
      {cards.map((card) => (
        <div
          key={card.id}
          className="card-place"
          data-place={card.id}
          style={{ transform: `translateY(${tops.get(card.id) ?? 0}px)` }}
        >
          <SuggestionCard
            card={card}
            mayEdit={mayEdit}
            lit={lit}
            onLight={light}
            onDecide={decide}
            onStop={onStop}
            onContinue={onContinue}
            onDismiss={(suggestion) => session.dismiss(suggestion)}
            onAgain={again}
          />
        </div>
      ))}
    </aside>
  )
}

/** Who is here is called as they are called now, whatever they were when they asked. */
function byPresentNames(
  cards: readonly SuggestionView[],
  people: readonly Participant[],
): readonly SuggestionView[] {
  const names = new Map(people.filter((who) => !who.copilot).map(({ id, name }) => [id, name]))
  return cards.map((card) => {
    const { requester } = card.run
    const name = names.get(requester.id)
    if (name === undefined || name === requester.name) return card
    return { ...card, run: { ...card.run, requester: { ...requester, name } } }
  })
}

/** Before it has written a word, a card stands where the run was asked to write. */
function usePlaces(handle: EditorHandle, cards: readonly SuggestionView[]) {
  useEffect(() => {
    const wordless = cards.flatMap(({ id, run, chunks }) =>
      run.target && chunks.length === 0 ? [[id, run.target] as const] : [],
    )
    handle.watchTargets(new Map(wordless))
  }, [handle, cards])
  return useStore(handle.targetTops)
}

/** How far below the margin's top the editor's surface begins. */
function useSurfaceOffset(margin: { current: HTMLElement | null }): number {
  const [offset, setOffset] = useState(0)
  useLayoutEffect(() => {
    const surface = document.querySelector('.editor-surface')
    if (!surface || !margin.current) return
    setOffset(surface.getBoundingClientRect().top - margin.current.getBoundingClientRect().top)
  }, [margin])
  return offset
}
