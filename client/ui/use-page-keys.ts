/** The keys that work wherever the focus is. */
import { useEffect } from 'react'
import type { OpenDocument } from './open-document.ts'
import { hasMod, isTyping } from './shortcuts.ts'

export function usePageKeys(open: OpenDocument): void {
  useEffect(() => {
    function handleKeyDown(event: KeyboardEvent) {
      if (event.defaultPrevented || event.isComposing) return
      const act = actionFor(event, open)
      if (!act) return
      event.preventDefault()
      event.stopPropagation()
      act()
    }
    // Ahead of the text, which has meanings of its own for some of these.
    window.addEventListener('keydown', handleKeyDown, { capture: true })
    return () => window.removeEventListener('keydown', handleKeyDown, { capture: true })
  }, [open])
}

function actionFor(event: KeyboardEvent, open: OpenDocument): (() => void) | undefined {
  const { copilot, mayEdit, dialog, openDialog, focusAsk } = open
  const key = event.key.toLowerCase()
  if (hasMod(event) && !event.shiftKey && key === 'k') {
    return () => openDialog(dialog === 'palette' ? null : 'palette')
  }
  if (dialog !== null) return undefined
  if (hasMod(event) && !event.shiftKey && key === 'j' && copilot && mayEdit) return focusAsk
  if (event.key === 'F6') return () => nextZone(open, event.shiftKey ? -1 : 1)
  if (event.key === '?' && !isTyping(event.target)) return () => openDialog('shortcuts')
  return undefined
}

/** Text, cards, ask bar, and round again; a zone that has nothing to focus is passed over. */
function nextZone({ handle, focusAsk }: OpenDocument, step: 1 | -1): void {
  const zones = [
    { element: document.querySelector('.editor-surface'), enter: () => handle?.focus() },
    { element: document.querySelector('.margin'), enter: focusFirstChunk },
    { element: document.querySelector('.ask'), enter: focusAsk },
  ].filter(({ element }) => element && (!element.matches('.margin') || firstChunk()))
  const here = zones.findIndex(({ element }) => element?.contains(document.activeElement))
  const from = here < 0 && step < 0 ? 0 : here
  zones[(from + step + zones.length) % zones.length]?.enter()
}

const firstChunk = () => document.querySelector<HTMLElement>('.margin [data-chunk]')
const focusFirstChunk = () => firstChunk()?.focus()
