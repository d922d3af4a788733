/**
 * CaretLayer draws the others' carets and selections over the text, once a frame at most, after
 * whatever changed it: their moves, their text, one's own text, or the width of the page. Lexical
 * draws them too, inside each change that it carries, and measures the page for it: here it is
 * given nothing to draw on, and a view of the binding with cursors of its own does the drawing.
 */
import { type BindingV2, type Provider, syncCursorPositions } from '@lexical/yjs'
import { mergeRegister } from 'lexical'
import type { Frames } from '#client/editor/page/frames.ts'
import { type SharedAwareness, vouched } from '#client/editor/presence.ts'
import { CaretNames } from './caret-names.ts'

export interface CaretLayerDeps {
  binding: BindingV2
  awareness: SharedAwareness
  /** Presence as Lexical takes it; see presence.ts. */
  presence: Provider
  frames: Frames
  /** The text: carets move with its size and with what scrolls in it. */
  root: HTMLElement
  /** Where carets are drawn. */
  layer: HTMLElement
  /** Who is here now, after each drawing. */
  onDrawn: (here: ReadonlySet<number>) => void
}

export class CaretLayer {
  readonly #deps: CaretLayerDeps
  readonly #binding: BindingV2
  readonly #names: CaretNames
  readonly #stop: () => void

  constructor(deps: CaretLayerDeps) {
    const { binding, awareness, frames, root, layer } = deps
    this.#deps = deps
    this.#binding = Object.create(binding, {
      cursors: { value: new Map() },
      cursorsContainer: { value: layer },
    }) as BindingV2
    this.#names = new CaretNames(layer)
    const soon = frames.measured(
      () => this.#draw(),
      () => this.#mark(),
    )
    awareness.on('update', soon)
    const resizes = new ResizeObserver(soon)
    resizes.observe(root)
    // A long line of code is scrolled by itself; such events do not rise.
    root.addEventListener('scroll', soon, { capture: true, passive: true })
    document.fonts?.addEventListener('loadingdone', soon)
    this.#stop = mergeRegister(
      binding.editor.registerUpdateListener(soon),
      () => awareness.off('update', soon),
      () => resizes.disconnect(),
      () => root.removeEventListener('scroll', soon, { capture: true }),
      () => document.fonts?.removeEventListener('loadingdone', soon),
    )
    soon()
  }

  /** The caret of an awareness client, where it has one on the page. */
  of(client: number): HTMLElement | undefined {
    return this.#binding.cursors.get(client)?.selection?.caret
  }

  /** Shows the name at somebody's caret as if it had moved. */
  showName(client: number): void {
    const caret = this.of(client)
    if (caret) this.#names.show([caret])
  }

  close(): void {
    this.#stop()
    this.#names.close()
    this.#binding.cursors.clear()
    this.#deps.layer.replaceChildren()
  }

  #draw(): void {
    const { awareness, presence } = this.#deps
    const isAlone = awareness.getStates().size <= 1 && this.#binding.cursors.size === 0
    if (!isAlone) syncCursorPositions(this.#binding, presence)
  }

  /** Styles tell people's carets from the co-pilot's, and find that of one participant. */
  #mark(): void {
    const { awareness, onDrawn } = this.#deps
    const states = awareness.getStates()
    const drawn = []
    for (const [client, { selection }] of this.#binding.cursors) {
      if (!selection) continue
      const { caret } = selection
      const state = states.get(client) ?? {}
      caret.dataset.client = String(client)
      caret.classList.toggle('copilot', vouched(state)?.copilot === true)
      drawn.push({ caret, place: JSON.stringify(state.focusPos) })
    }
    this.#names.drawn(drawn)
    onDrawn(new Set(states.keys()))
  }
}
