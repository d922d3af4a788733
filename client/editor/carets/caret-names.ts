/**
 * CaretNames shows the names at others' carets: when a caret moves, out of the way of the text once
 * it rests, and always within the page. A mark stays at the caret; pointing at it brings the name back.
 */
const SHOWN_MS = 3_000
/** From a name to the edge of the page, at least. */
const EDGE_PX = 8

export interface DrawnCaret {
  caret: HTMLElement
  /** Another one whenever its owner moves it. */
  place: string
}

export class CaretNames {
  /** Where each caret was when its name was last shown. */
  readonly #places = new WeakMap<HTMLElement, string>()
  readonly #timers = new Map<HTMLElement, ReturnType<typeof setTimeout>>()
  readonly #layer: HTMLElement

  constructor(layer: HTMLElement) {
    this.#layer = layer
    layer.addEventListener('mousedown', keepFocus)
  }

  /** To be told of all carets whenever they are drawn. */
  drawn(carets: readonly DrawnCaret[]): void {
    const moved: HTMLElement[] = []
    for (const { caret, place } of carets) {
      const here = `${place} ${caret.style.left}`
      if (this.#places.get(caret) === here) continue
      this.#places.set(caret, here)
      moved.push(caret)
    }
    this.show(moved)
  }

  show(carets: readonly HTMLElement[]): void {
    // All are measured before one is changed: each change in between would lay out the page again.
    const inwards = carets.map(reachesOut)
    for (const [n, caret] of carets.entries()) {
      caret.toggleAttribute('data-inwards', inwards[n])
      delete caret.dataset.resting
      clearTimeout(this.#timers.get(caret))
      const rest = () => {
        this.#timers.delete(caret)
        caret.dataset.resting = ''
      }
      this.#timers.set(caret, setTimeout(rest, SHOWN_MS))
    }
  }

  close(): void {
    this.#layer.removeEventListener('mousedown', keepFocus)
    for (const timer of this.#timers.values()) clearTimeout(timer)
  }
}

/** A press on the mark at a caret must not take the focus from the text. */
function keepFocus(event: Event): void {
  event.preventDefault()
}

/** Whether the name would stand beyond the edge of the page. */
function reachesOut(caret: HTMLElement): boolean {
  const name = caret.querySelector<HTMLElement>('.caret-name')
  if (!name) return false
  const right = caret.getBoundingClientRect().left + name.offsetWidth
  return right > document.documentElement.clientWidth - EDGE_PX
}
