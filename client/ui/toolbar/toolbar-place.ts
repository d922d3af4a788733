/** ToolbarPlace puts what floats at a selection where it is seen and covers nothing that stays. */
import type { Box } from '#client/editor/handle.ts'

export interface Room {
  width: number
  /** What is above belongs to the top bar. */
  top: number
  /** Where the bars at the foot of the page begin, which on a phone take a third of it. */
  bottom: number
}

const GAP = 10
const EDGE = 8

/** Above the selection, below it where there is no room, and never over the edge or a bar. */
export function placeToolbar(
  box: Box,
  size: { width: number; height: number },
  room: Room,
): { top: number; left: number } {
  const middle = box.left + box.width / 2 - size.width / 2
  const above = box.top - size.height - GAP
  const wished = above < room.top ? box.top + box.height + GAP : above
  const lowest = room.bottom - size.height - EDGE
  return {
    top: Math.max(EDGE, Math.min(wished, lowest)),
    left: Math.max(EDGE, Math.min(middle, room.width - size.width - EDGE)),
  }
}
