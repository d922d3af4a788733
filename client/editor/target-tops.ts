/**
 * Where targets stand on the page, so that what speaks of a place can stand beside it before there
 * is anything to see there. Follows what others write above; knows nothing of runs.
 */
import type { BindingV2 } from '@lexical/yjs'
import type { LexicalEditor } from 'lexical'
import { createStore, type Store } from '#client/session/store.ts'
import type { Target } from '#shared/protocol/api.ts'
import type { Measured } from './page/frames.ts'
import { $spotOf, type Spot } from './targets.ts'

export interface TargetTops {
  /** Pixels from the top of the surface, by the name that the target was given. */
  readonly tops: Store<ReadonlyMap<string, number>>
  /** These instead of those before. */
  watch(targets: ReadonlyMap<string, Target>): void
  close(): void
}

export function watchTargets(binding: BindingV2, { root, surface, frames }: Measured): TargetTops {
  const { editor } = binding
  const tops = createStore<ReadonlyMap<string, number>>(new Map())
  let watched: ReadonlyMap<string, Target> = new Map()

  const measure = () => {
    const origin = surface.getBoundingClientRect().top
    const known = tops.get()
    const next = new Map<string, number>()
    const find = () => {
      for (const [name, target] of watched) {
        const spot = $spotOf(binding, target)
        const top = spot && topOf(editor, spot)
        // A place that was deleted is last seen where it was.
        const at = top === undefined ? known.get(name) : Math.round(top - origin)
        if (at !== undefined) next.set(name, at)
      }
    }
    editor.getEditorState().read(find, { editor })
    return next
  }
  const again = frames.measured(measure, (next) => {
    if (!sameTops(tops.get(), next)) tops.set(next)
  })
  const soon = () => {
    if (watched.size > 0) again()
  }
  const stopListening = editor.registerUpdateListener(soon)
  const resizes = new ResizeObserver(soon)
  resizes.observe(root)

  return {
    tops,
    watch: (targets) => {
      watched = targets
      if (targets.size === 0 && tops.get().size > 0) tops.set(new Map())
      soon()
    },
    close: () => {
      stopListening()
      resizes.disconnect()
    },
  }
}

const sameTops = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean =>
  a.size === b.size && [...a].every(([name, top]) => b.get(name) === top)

/** In the viewport's pixels; undefined where the node is not drawn. */
function topOf(editor: LexicalEditor, spot: Spot): number | undefined {
  if ('start' in spot) return editor.getElementByKey(spot.start)?.getBoundingClientRect().top
  if ('end' in spot) return editor.getElementByKey(spot.end)?.getBoundingClientRect().bottom
  const element = editor.getElementByKey(spot.text)
  const words = element && document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode()
  if (!(words instanceof Text)) return element?.getBoundingClientRect().top
  const range = document.createRange()
  range.setStart(words, Math.min(spot.offset, words.length))
  return range.getBoundingClientRect().top
}
