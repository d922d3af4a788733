// @vitest-environment jsdom
import { act, render } from '@testing-library/react'
import { createElement } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { hideFromReact } from './hide-from-react.ts'

afterEach(() => {
  vi.restoreAllMocks()
  document.body.replaceChildren()
})

/** How many elements of the focused text React visits for one of its commits. */
function visited(text: HTMLElement): number {
  const view = render(createElement('p', null, 'before'))
  const first = Object.getOwnPropertyDescriptor(Node.prototype, 'firstChild')!
  let count = 0
  vi.spyOn(Node.prototype, 'firstChild', 'get').mockImplementation(function (this: Node) {
    if (text.contains(this)) count++
    return first.get!.call(this) as ChildNode | null
  })
  act(() => view.rerender(createElement('p', null, 'after')))
  vi.restoreAllMocks()
  return count
}

function focusedText(blocks: number): HTMLElement {
  const text = document.createElement('div')
  text.setAttribute('contenteditable', 'true')
  text.tabIndex = 0
  for (let n = 0; n < blocks; n++) text.append(document.createElement('p'))
  document.body.append(text)
  // As in browsers; jsdom has no such property.
  Object.defineProperty(text, 'contentEditable', {
    configurable: true,
    get: () => text.getAttribute('contenteditable'),
  })
  text.focus()
  getSelection()?.collapse(text.firstElementChild, 0)
  return text
}

test('[Y4] what React draws anew costs nothing in the text, however long that is and who writes in it', () => {
  const seen = focusedText(1_000)
  expect(visited(seen)).toBeGreaterThan(1_000)

  const hidden = focusedText(1_000)
  hideFromReact(hidden)
  expect(visited(hidden)).toBe(0)
  expect(hidden.getAttribute('contenteditable')).toBe('true')
})
