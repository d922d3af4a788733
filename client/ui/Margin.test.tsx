// @vitest-environment jsdom
import { act, cleanup, render } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ChunkBox, EditorHandle } from '#client/editor/handle.ts'
import type { DocumentSession } from '#client/session/document-session.ts'
import { createStore } from '#client/session/store.ts'
import type { ChunkView, Participant, SuggestionView } from '#client/session/views.ts'
import { Margin } from './Margin.tsx'
import { runViewOf } from './testing/run-view.ts'

beforeEach(() => void vi.stubGlobal('ResizeObserver', Unmeasured))
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

/** There is no layout here. */
class Unmeasured {
  readonly observe = () => undefined
  readonly disconnect = () => undefined
}

const target = { at: 'AAA' }
const card = (...chunks: ChunkView[]): SuggestionView => ({
  id: 'r1',
  run: runViewOf({ command: 'ask', title: 'Ask', target, status: 'streaming' }),
  chunks,
})
const chunk: ChunkView = {
  id: 'r1.0',
  n: 0,
  state: 'writing',
  parts: [{ op: 'ins', text: 'More.', apart: false }],
  decidedBy: null,
  deciding: null,
}

test('[V210] a card stands at the place its run was asked for and follows it, until its first words are there', () => {
  const suggestions = createStore<readonly SuggestionView[]>([card()])
  const participants = createStore<readonly Participant[]>([])
  const chunks = createStore<readonly ChunkBox[]>([])
  const targetTops = createStore<ReadonlyMap<string, number>>(new Map())
  const watchTargets = vi.fn()
  const handle: Partial<EditorHandle> = {
    chunks,
    targetTops,
    watchTargets,
    activeChunk: createStore<string | null>(null),
    showChunk: () => undefined,
  }
  const ignore = () => undefined
  const { container } = render(
    <Margin
      session={{ suggestions, participants } as unknown as DocumentSession}
      handle={handle as EditorHandle}
      mayEdit
      onContinue={ignore}
      onStop={ignore}
    />,
  )
  const place = () => container.querySelector<HTMLElement>('.card-place')?.style.transform
  expect(watchTargets).toHaveBeenLastCalledWith(new Map([['r1', target]]))
  expect(place()).toBe('translateY(0px)')

  // It comes later, and others write above it.
  for (const top of [320, 344]) {
    act(() => targetTops.set(new Map([['r1', top]])))
    expect(place()).toBe(`translateY(${top}px)`)
  }

  act(() => suggestions.set([card(chunk)]))
  expect(watchTargets).toHaveBeenLastCalledWith(new Map())
  act(() => chunks.set([{ id: 'r1.0', top: 360, height: 24 }]))
  expect(place()).toBe('translateY(360px)')
  // What is decided leaves the text; the card goes from where it was.
  act(() => chunks.set([]))
  expect(place()).toBe('translateY(360px)')
})
