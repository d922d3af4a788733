/**
 * Going along with somebody: their caret stays in view until one scrolls, types or presses
 * something oneself, or they leave.
 */
import { createStore, type Store } from '#client/session/store.ts'

/** What one's own hands do; anything of it means that one looks for oneself again. */
const OWN_HANDS = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const
/** Of the window's height, above and below: what is further out is scrolled to. */
const EDGE = 0.2

export class Following {
  readonly who: Store<number | null>
  readonly #who = createStore<number | null>(null)
  readonly #reveal: (client: number) => void
  readonly #caretOf: (client: number) => HTMLElement | undefined

  constructor(
    caretOf: (client: number) => HTMLElement | undefined,
    reveal: (client: number) => void,
  ) {
    this.who = this.#who
    this.#caretOf = caretOf
    this.#reveal = reveal
  }

  follow(client: number): void {
    this.stop()
    this.#who.set(client)
    // Not the press that began it.
    setTimeout(() => {
      if (this.#who.get() !== client) return
      for (const type of OWN_HANDS) addEventListener(type, this.stop, LISTEN)
    })
    this.#reveal(client)
  }

  readonly stop = (): void => {
    for (const type of OWN_HANDS) removeEventListener(type, this.stop, LISTEN)
    if (this.#who.get() !== null) this.#who.set(null)
  }

  /** To be called whenever carets are drawn; `here` are those who are in the document. */
  drawn(here: ReadonlySet<number>): void {
    const client = this.#who.get()
    if (client === null) return
    if (!here.has(client)) return this.stop()
    const box = this.#caretOf(client)?.getBoundingClientRect()
    if (!box) return
    const edge = innerHeight * EDGE
    if (box.top < edge || box.bottom > innerHeight - edge) this.#reveal(client)
  }
}

const LISTEN = { capture: true, passive: true } as const
