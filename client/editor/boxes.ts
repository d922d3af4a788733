/** Where the browser's selection is on screen. */
import type { Box } from './handle.ts'

const boxOf = ({ top, left, width, height }: DOMRect): Box => ({ top, left, width, height })

function nativeRange(): Range | undefined {
  const selection = window.getSelection()
  return selection && selection.rangeCount > 0 ? selection.getRangeAt(0) : undefined
}

export function rangeBox(): Box | null {
  const rect = nativeRange()?.getBoundingClientRect()
  return rect && rect.height > 0 ? boxOf(rect) : null
}

/** In an empty block a caret has no rectangle of its own: the block's stands for it. */
export function caretBox(): Box | null {
  const range = nativeRange()
  if (!range) return null
  const rect = range.getClientRects()[0]
  if (rect && rect.height > 0) return boxOf(rect)
  const { startContainer } = range
  const element = startContainer instanceof Element ? startContainer : startContainer.parentElement
  return element ? { ...boxOf(element.getBoundingClientRect()), width: 0 } : null
}
