// @vitest-environment jsdom
import { beforeEach, expect, test } from 'vitest'
import { focusAfterDecision, neighbourChunk } from './cards-keyboard.ts'

let margin: HTMLElement

beforeEach(() => {
  document.body.innerHTML = `<aside>
    <ul><li data-chunk="a.0" tabindex="0"></li><li data-chunk="a.1" tabindex="0"></li></ul>
    <ul><li data-chunk="b.0" tabindex="0"></li></ul>
  </aside>`
  margin = document.querySelector('aside')!
})
const focus = (chunk: string) =>
  margin.querySelector<HTMLElement>(`[data-chunk="${chunk}"]`)?.focus()

test('[V70] the arrows go from chunk to chunk, also into the next card, and stop at the ends', () => {
  focus('a.1')
  expect(neighbourChunk(margin, 1)?.dataset.chunk).toBe('b.0')
  expect(neighbourChunk(margin, -1)?.dataset.chunk).toBe('a.0')

  focus('b.0')
  expect(neighbourChunk(margin, 1)).toBeNull()
})

test('[V71] after a decision the focus goes on to the next chunk, at the end to the one before', () => {
  focus('a.0')
  focusAfterDecision(margin)
  expect(document.activeElement?.getAttribute('data-chunk')).toBe('a.1')

  focus('b.0')
  focusAfterDecision(margin)
  expect(document.activeElement?.getAttribute('data-chunk')).toBe('a.1')
})
