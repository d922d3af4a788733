/**
 * Chunks as they stand on the page: where each is, so that its card can stand beside it, which one
 * is looked at, and lighting one up. Paints them too, by paint-flags.ts.
 */
import {
  $getNodeByKey,
  $getRoot,
  $getSelection,
  $isElementNode,
  $isRangeSelection,
  $isTextNode,
  COMMAND_PRIORITY_LOW,
  KEY_DOWN_COMMAND,
  type LexicalEditor,
  type LexicalNode,
  mergeRegister,
} from 'lexical'
import { createStore, type Store } from '#client/session/store.ts'
import { $flagAround, $flagOf } from './flag-state.ts'
import type { ChunkBox } from './handle.ts'
import type { Measured } from './page/frames.ts'
import { chunkAt, type Painted, paintFlags } from './paint-flags.ts'
import { markStale, type StaleChunks } from './stale-marks.ts'

const LIT = 'chunk-lit'

export interface ChunkMarks {
  readonly boxes: Store<readonly ChunkBox[]>
  /** Under the pointer, or around the caret. */
  readonly active: Store<string | null>
  show(chunk: string | null): void
  reveal(chunk: string): void
  close(): void
}

export interface ChunkDeps extends Measured {
  editor: LexicalEditor
  /** What a screen reader says of a chunk: whose suggestion it is. */
  describe: (chunk: string) => string
  /** Which chunks are out of date. */
  stale: StaleChunks
}

export function watchChunks(deps: ChunkDeps): ChunkMarks {
  const { editor, root, surface, frames, describe, stale } = deps
  const boxes = createStore<readonly ChunkBox[]>([])
  const active = createStore<string | null>(null)
  let hovered: string | null = null
  let around: string | null = null
  let lit: string | null = null

  const soon = frames.measured(
    () => measureChunks(paint.painted(), surface),
    (next) => {
      if (JSON.stringify(next) !== JSON.stringify(boxes.get())) boxes.set(next)
      for (const { element, chunk } of paint.painted()) {
        element.classList.toggle(LIT, chunk === lit)
        markStale(element, stale.has(chunk))
      }
    },
  )
  const paint = paintFlags({ editor, describe, onPaint: soon })
  const tellActive = () => active.set(hovered ?? around)
  const hover = ({ target }: PointerEvent) => {
    hovered = target instanceof Element ? chunkAt(target) : null
    tellActive()
  }
  const leave = () => {
    hovered = null
    tellActive()
  }
  const reveal = (chunk: string) => {
    firstOf(paint.painted(), chunk)?.scrollIntoView({ block: 'center', behavior: motion() })
  }

  const stop = mergeRegister(
    stale.watch(() => soon()),
    editor.registerUpdateListener(({ editorState }) => {
      editorState.read(() => {
        const selection = $getSelection()
        const isCaret = $isRangeSelection(selection) && selection.isCollapsed()
        around = isCaret ? ($flagAround(selection.anchor.key)?.chunk ?? null) : null
      })
      tellActive()
      if (boxes.get().length > 0) soon()
    }),
    editor.registerCommand(
      KEY_DOWN_COMMAND,
      (event) => {
        const step = event.altKey ? { BracketRight: 1, BracketLeft: -1 }[event.code] : undefined
        if (step === undefined) return false
        const chunk = $goToChunk(step)
        if (chunk === undefined) return false
        event.preventDefault()
        reveal(chunk)
        return true
      },
      COMMAND_PRIORITY_LOW,
    ),
  )
  root.addEventListener('pointerover', hover)
  root.addEventListener('pointerleave', leave)
  const resizes = new ResizeObserver(soon)
  resizes.observe(root)

  return {
    boxes,
    active,
    show: (chunk) => {
      lit = chunk
      soon()
    },
    reveal,
    close: () => {
      stop()
      paint.close()
      resizes.disconnect()
      root.removeEventListener('pointerover', hover)
      root.removeEventListener('pointerleave', leave)
    },
  }
}

export const motion = (): ScrollBehavior =>
  matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth'

/** The one that comes first in the text. */
function firstOf(painted: Iterable<Painted>, chunk: string): HTMLElement | undefined {
  let first: HTMLElement | undefined
  for (const one of painted) {
    if (one.chunk !== chunk) continue
    const isBefore =
      first && first.compareDocumentPosition(one.element) & Node.DOCUMENT_POSITION_PRECEDING
    if (!first || isBefore) first = one.element
  }
  return first
}

function measureChunks(painted: Iterable<Painted>, surface: HTMLElement): ChunkBox[] {
  const origin = surface.getBoundingClientRect().top
  const found = new Map<string, { top: number; bottom: number }>()
  for (const { element, chunk } of painted) {
    const { top, bottom } = element.getBoundingClientRect()
    const known = found.get(chunk)
    found.set(chunk, {
      top: Math.min(known?.top ?? top, top),
      bottom: Math.max(known?.bottom ?? bottom, bottom),
    })
  }
  return [...found].map(([id, { top, bottom }]) => ({
    id,
    top: Math.round(top - origin),
    height: Math.round(bottom - top),
  }))
}

/** Puts the caret at the start of the next chunk, or the one before; round at the ends. */
function $goToChunk(step: number): string | undefined {
  const starts: { chunk: string; node: LexicalNode }[] = []
  const walk = (node: LexicalNode) => {
    const chunk = $flagOf(node)?.chunk
    if (chunk && !starts.some((start) => start.chunk === chunk)) starts.push({ chunk, node })
    if ($isElementNode(node)) node.getChildren().forEach(walk)
  }
  walk($getRoot())
  if (starts.length === 0) return undefined
  const next = starts[($indexOfCaret(starts, step) + step + starts.length) % starts.length]
  const node = next && $getNodeByKey(next.node.getKey())
  if ($isTextNode(node)) node.select(0, 0)
  else if ($isElementNode(node)) node.selectStart()
  else node?.selectNext()
  return next?.chunk
}

/** The chunk at the caret, or the last one before it; going back, the first one behind it. */
function $indexOfCaret(starts: { chunk: string; node: LexicalNode }[], step: number): number {
  const selection = $getSelection()
  if (!$isRangeSelection(selection)) return step > 0 ? -1 : 0
  const caret = selection.anchor.getNode()
  const own = $flagAround(caret.getKey())?.chunk
  const at = starts.findIndex(({ chunk }) => chunk === own)
  if (at >= 0) return at
  const before = starts.findLastIndex(({ node }) => node.isBefore(caret))
  return step > 0 ? before : before + 1
}
