// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import type { ChunkView, StaleView, SuggestionView } from '#client/session/views.ts'
import { SuggestionCard } from '../SuggestionCard.tsx'
import { runViewOf } from '../testing/run-view.ts'
import { differenceOf } from './stale-words.ts'

afterEach(cleanup)

const run = runViewOf()
const stale: StaleView = {
  kind: 'changed',
  by: 'Ben',
  original: 'The budget is 100 euros.',
  proposal: 'The budget amounts to 100 euros.',
  present: 'The budget is 10000 euros.',
}
const chunk = (more: Partial<ChunkView>): ChunkView => ({
  id: 'r1.1',
  n: 1,
  state: 'stale',
  parts: [{ op: 'ins', text: 'amounts to 100 euros.', apart: false }],
  decidedBy: null,
  deciding: null,
  ...more,
})

function show(chunks: ChunkView[], mayEdit = true) {
  const does = {
    onLight: vi.fn(),
    onDecide: vi.fn(),
    onStop: vi.fn(),
    onContinue: vi.fn(),
    onDismiss: vi.fn(),
    onAgain: vi.fn(),
  }
  const card: SuggestionView = { id: 'r1', run, chunks }
  render(<SuggestionCard card={card} mayEdit={mayEdit} lit={null} {...does} />)
  return does
}

test('[G7] a stale card says whose change it was, the difference, the present text and what was proposed', () => {
  show([chunk({ stale })])
  const line = screen.getByRole('listitem')
  expect(line.textContent).toContain('Out of date. Ben changed the text')
  expect(line.querySelector('del')?.textContent.trim()).toBe('100')
  expect(line.querySelector('mark')?.textContent.trim()).toBe('10000')
  expect(line.textContent).toContain('The budget amounts to 100 euros.')
  expect(line.getAttribute('aria-label')).toBe(
    'Out of date. Ben changed the text that this was written for. Now: “100” became “10000”. ' +
      'Proposed was: The budget amounts to 100 euros. ' +
      'Enter asks again on the present text, Backspace drops it',
  )
})

test('[G7] it is asked again or dropped, by mouse and by key, and never accepted', () => {
  const { onDecide, onAgain } = show([chunk({ stale })])
  expect(screen.queryByRole('button', { name: /accept/i })).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: 'Again on the present text' }))
  fireEvent.keyDown(screen.getByRole('listitem'), { key: 'Enter' })
  expect(onAgain.mock.calls).toEqual([['r1.1'], ['r1.1']])
  fireEvent.click(screen.getByRole('button', { name: 'Drop' }))
  fireEvent.keyDown(screen.getByRole('listitem'), { key: 'Backspace' })
  expect(onDecide.mock.calls).toEqual(Array(2).fill([['r1.1'], 'rejected']))
})

test('[G7] where nothing is left of the text it can only be dropped, and a viewer can do neither', () => {
  show([chunk({ stale: { ...stale, present: '' } })])
  expect(screen.getByRole('listitem').textContent).toContain('Ben removed the text')
  expect(screen.queryByRole('button', { name: /Again/ })).toBeNull()
  cleanup()
  show([chunk({ stale: { ...stale, kind: 'accepted', by: '' } })], false)
  expect(screen.getByRole('listitem').textContent).toContain(
    'Somebody accepted another suggestion for these words.',
  )
  expect(screen.queryAllByRole('button')).toEqual([])
})

test('[G7] “Accept all” and “Reject all” leave the stale ones of a card alone', () => {
  const { onDecide } = show([chunk({ stale }), chunk({ id: 'r1.2', n: 2, state: 'open' })])
  fireEvent.click(screen.getByRole('button', { name: 'Accept all' }))
  expect(onDecide.mock.calls).toEqual([[['r1.2'], 'accepted']])
})

test('[G7] a chunk with rivals says which they are, also to a screen reader', () => {
  const rivals = [{ chunk: 'r2.1', title: 'Proofread', by: 'Ben' }]
  show([chunk({ state: 'open', rivals })])
  const line = screen.getByRole('listitem')
  expect(line.textContent).toContain(
    'For the same words: Proofread, asked by Ben. Accepting this sets that aside.',
  )
  expect(line.getAttribute('aria-label')).toContain(
    'Another suggestion is for the same words: Proofread, asked by Ben',
  )
})

test('[G7] a difference leaves out what both texts begin and end with, and loses no character', () => {
  const words = fc.array(fc.constantFrom('a', 'b', 'c', '😀', 'ü.'), { maxLength: 6 })
  fc.assert(
    fc.property(words, words, (old, now) => {
      const [original, present] = [old.join(' '), now.join(' ')]
      const { before, deleted, inserted, behind } = differenceOf(original, present)
      expect(before + deleted + behind).toBe(original)
      expect(before + inserted + behind).toBe(present)
    }),
  )
})
