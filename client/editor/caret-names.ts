/**
 * The names at others' carets: shown when a caret moves, out of the way of the text once it rests,
 * and always within the page. A mark stays at the caret; pointing at it brings the name back.
 */
const SHOWN_MS = 3_000
/** From a name to the edge of the page, at least. */
const EDGE_PX = 8

export class CaretNames {
  /** Where each caret was when its name was last shown. */
  readonly #places = new WeakMap<HTMLElement, string>()
  readonly #timers = new Map<HTMLElement, ReturnType<typeof setTimeout>>()
  readonly #layer: HTMLElement

  constructor(layer: HTMLElement) {
    this.#layer = layer
    layer.addEventListener('mousedown', keepFocus)
  }

  /** To be told of each caret whenever they are drawn; `place` changes when its owner moves it. */
  drawn(caret: HTMLElement, place: string): void {
    const here = `${place} ${caret.style.left}`
    if (this.#places.get(caret) === here) return
    this.#places.set(caret, here)
    this.show(caret)
  }

  show(caret: HTMLElement): void {
    turnInwards(caret)
    delete caret.dataset.resting
    clearTimeout(this.#timers.get(caret))
    const rest = () => {
      this.#timers.delete(caret)
      caret.dataset.resting = ''
    }
    this.#timers.set(caret, setTimeout(rest, SHOWN_MS))
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

function turnInwards(caret: HTMLElement): void {
  const name = caret.querySelector<HTMLElement>('.caret-name')
  if (!name) return
  const right = caret.getBoundingClientRect().left + name.offsetWidth
  caret.toggleAttribute('data-inwards', right > document.documentElement.clientWidth - EDGE_PX)
}
