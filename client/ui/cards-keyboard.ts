/** The keys inside the margin: arrows between chunks, over the borders of cards. */

const chunksIn = (margin: Element): HTMLElement[] => [
  ...margin.querySelectorAll<HTMLElement>('[data-chunk]'),
]

/** The neighbour of the focused chunk; the first one where none is. Null at either end. */
export function neighbourChunk(margin: Element, step: 1 | -1): HTMLElement | null {
  const chunks = chunksIn(margin)
  const here = chunks.findIndex((chunk) => chunk.contains(document.activeElement))
  if (here < 0) return (step === 1 ? chunks[0] : chunks.at(-1)) ?? null
  return chunks[here + step] ?? null
}

/** Puts the focus where it can go on, before the focused chunk goes. */
export function focusAfterDecision(margin: Element): HTMLElement | null {
  const next = neighbourChunk(margin, 1) ?? neighbourChunk(margin, -1)
  next?.focus()
  return next
}
