/** The others are told where this person's caret is, whenever typing or others' changes moved it. */
import type { BindingV2, ProviderAwareness, UserState } from '@lexical/yjs'
import { $getSelection, $isRangeSelection, type PointType } from 'lexical'
import * as Y from 'yjs'
import { $positionOf } from './places.ts'

type Told = UserState['anchorPos']

/** Tells the place of the present selection, if it is another than was told last. */
export function $publishCaret(binding: BindingV2, awareness: ProviderAwareness): void {
  const local = awareness.getLocalState()
  if (!local) return
  const { anchorPos, focusPos } = $tellable(binding)
  if (isSame(local.anchorPos, anchorPos) && isSame(local.focusPos, focusPos)) return
  awareness.setLocalState({ ...local, anchorPos, focusPos })
}

/** Each end of a range holds on to the selected character beside it: what others type there stays outside. */
function $tellable(binding: BindingV2): { anchorPos: Told; focusPos: Told } {
  const selection = $getSelection()
  if (!$isRangeSelection(selection)) return { anchorPos: null, focusPos: null }
  const { anchor, focus } = selection
  const isRange = !selection.isCollapsed()
  const isBackward = isRange && selection.isBackward()
  return {
    anchorPos: $relative(binding, anchor, isBackward ? -1 : 0),
    focusPos: $relative(binding, focus, isRange && !isBackward ? -1 : 0),
  }
}

function $relative(binding: BindingV2, point: PointType, assoc: number): Told {
  const position = $positionOf(binding, point)
  return position
    ? Y.createRelativePositionFromTypeIndex(position.type, position.index, assoc)
    : null
}

const isSame = (a: Told | undefined, b: Told): boolean =>
  a && b ? Y.compareRelativePositions(a, b) : (a ?? null) === b
