/** The keys that work everywhere on a document's page. */
import { type RefObject, useEffect } from 'react'
import type { EditorHandle } from '#client/editor/handle.ts'
import type { AskBarHandle } from './AskBar.tsx'

interface ShortcutDeps {
  handle: EditorHandle | null
  askBar: RefObject<AskBarHandle | null>
  openPalette: () => void
  openShortcuts: () => void
}

export function useShortcuts({ handle, askBar, openPalette, openShortcuts }: ShortcutDeps): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.isComposing) return
      const command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey
      const key = event.key.toLowerCase()
      if (command && key === 'k') openPalette()
      else if (command && key === 'j') askBar.current?.open()
      else if (event.key === 'F6') cycle(handle, askBar.current, event.shiftKey ? -1 : 1)
      else if (event.key === '?' && !isTyping(event.target)) openShortcuts()
      else return
      event.preventDefault()
      event.stopPropagation()
    }
    // Before the editor, which would take some of them for itself.
    window.addEventListener('keydown', onKeyDown, { capture: true })
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true })
  }, [handle, askBar, openPalette, openShortcuts])
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select'))
  )
}

/** F6: the text, then the first card, then the ask bar, and round again. */
function cycle(handle: EditorHandle | null, askBar: AskBarHandle | null, step: 1 | -1): void {
  const card = document.querySelector<HTMLElement>('.margin [data-chunk], .margin button')
  const stops = [
    { has: '.editor-surface', go: () => handle?.focus() },
    ...(card?.offsetParent ? [{ has: '.margin', go: () => card.focus() }] : []),
    ...(askBar ? [{ has: '.dock', go: () => askBar.open() }] : []),
  ]
  const here = stops.findIndex(({ has }) => document.activeElement?.closest(has))
  stops[(here + step + stops.length) % stops.length]?.go()
}
