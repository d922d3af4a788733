import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CardWish, layoutCards } from './cards-layout.ts'

const wishes = fc.uniqueArray(
  fc.record({
    id: fc.uuid(),
    top: fc.integer({ min: -200, max: 4_000 }),
    height: fc.integer({ min: 1, max: 600 }),
  }),
  { selector: (card) => card.id, maxLength: 30 },
)
const byText = (cards: readonly CardWish[]) =>
  cards
    .map((card, index) => ({ card, index }))
    .sort((a, b) => a.card.top - b.card.top || a.index - b.index)

test('[V50] cards never overlap, keep the order of their text and stay on the page', () => {
  fc.assert(
    fc.property(wishes, fc.nat({ max: 40 }), fc.nat(), (cards, gap, pick) => {
      const focus = cards.length > 0 && pick % 2 === 0 ? cards[pick % cards.length]!.id : null

      const tops = layoutCards(cards, { gap, focus })

      let end = Number.NEGATIVE_INFINITY
      for (const { card } of byText(cards)) {
        const top = tops.get(card.id)!
        expect(top).toBeGreaterThanOrEqual(end - 1e-6)
        expect(top).toBeGreaterThanOrEqual(-1e-6)
        end = top + card.height + gap
      }
    }),
    { numRuns: 500 },
  )
})

test('[V51] a card that nobody is in the way of stands exactly at its text', () => {
  const tops = layoutCards([
    { id: 'a', top: 100, height: 80 },
    { id: 'b', top: 400, height: 80 },
  ])

  expect([tops.get('a'), tops.get('b')]).toEqual([100, 400])
})

test('[V52] the focused card stands at its text and its neighbours make room', () => {
  const cards = [
    { id: 'a', top: 300, height: 100 },
    { id: 'b', top: 310, height: 100 },
    { id: 'c', top: 320, height: 100 },
  ]

  const tops = layoutCards(cards, { gap: 10, focus: 'b' })

  expect([tops.get('a'), tops.get('b'), tops.get('c')]).toEqual([200, 310, 420])
})
