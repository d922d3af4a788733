// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EditorHandle } from '#client/editor/handle.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import { createStore } from '#client/session/store.ts'
import type { ChunkView, RivalView, SuggestionView } from '#client/session/views.ts'
import { PhoneBar } from '../PhoneBar.tsx'
import { runViewOf } from '../testing/run-view.ts'

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({
    matches: true,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }))
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

const card = (id: string, by: string, rivals: readonly RivalView[]): SuggestionView => {
  const chunk: ChunkView = {
    id: `${id}.1`,
    n: 1,
    state: 'open',
    parts: [{ op: 'ins', text: 'Other words.', apart: false }],
    decidedBy: null,
    deciding: null,
    ...(rivals.length > 0 && { rivals }),
  }
  const run = runViewOf({ id, suggestion: id, requester: { id: by, name: by } })
  return { id, run, chunks: [chunk] }
}

function show(cards: readonly SuggestionView[]) {
  const decide = vi.fn()
  const session: Partial<DocumentSession> = { suggestions: createStore(cards), decide }
  const handle: Partial<EditorHandle> = { showChunk: vi.fn(), revealChunk: vi.fn() }
  render(
    <PhoneBar
      session={session as DocumentSession}
      handle={handle as EditorHandle}
      mayEdit={true}
    />,
  )
  return decide
}

test('[Y24] on a phone the suggestion that is decided next names those that it would set aside', () => {
  const rival = (chunk: string, by: string) => ({ chunk, title: 'Make shorter', by })
  const decide = show([
    card('a', 'Ada', [rival('b.1', 'Ben')]),
    card('b', 'Ben', [rival('a.1', 'Ada')]),
    card('c', 'Cleo', []),
  ])
  const named = () => /asked by (\w+)/.exec(screen.getByRole('region').textContent ?? '')?.[1]
  const next = () => fireEvent.click(screen.getByRole('button', { name: 'Next suggestion' }))

  expect(named()).toBe('Ben')
  next()
  expect(named()).toBe('Ben')
  next()
  expect(named()).toBe('Ada')
  fireEvent.click(screen.getByRole('button', { name: 'Accept' }))
  expect(decide).toHaveBeenCalledExactlyOnceWith(['b.1'], 'accepted')
  expect(named()).toBeUndefined()
})
