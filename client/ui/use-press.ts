/**
 * Press acts when the pointer is let go where it was pressed, also where the button has moved away
 * in between. Above a line of a card others come and go by themselves, and the card goes with its
 * text: between press and release the browser then sees no click, and a decision was swallowed.
 */
import { type MouseEvent, type PointerEvent, useRef } from 'react'

/** Whoever moves further has thought better of it, unless it is still the button. */
const STAYS_PX = 8

/** What a button needs for it. */
export function usePress(act: () => void) {
  const pressed = useRef<{ x: number; y: number } | null>(null)
  const acted = useRef(false)
  return {
    onPointerDown: (event: PointerEvent<HTMLButtonElement>) => {
      acted.current = false
      if (!event.isPrimary || event.button !== 0) return
      pressed.current = { x: event.clientX, y: event.clientY }
      // The release is told to this button, wherever it is by then.
      event.currentTarget.setPointerCapture(event.pointerId)
    },
    onPointerUp: ({ clientX, clientY }: PointerEvent<HTMLButtonElement>) => {
      const from = pressed.current
      pressed.current = null
      if (!from || Math.hypot(clientX - from.x, clientY - from.y) > STAYS_PX) return
      acted.current = true
      act()
    },
    onPointerCancel: () => {
      pressed.current = null
    },
    /** By keyboard, by a screen reader, or the click of a press that has acted already. */
    onClick: ({ detail }: MouseEvent<HTMLButtonElement>) => {
      if (detail === 0 || !acted.current) act()
    },
  }
}
